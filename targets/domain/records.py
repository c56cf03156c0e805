"""The best pace ever, which decides whether a required pace is out of reach (domain.md section 6)."""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from functools import lru_cache, partial

from indicators.domain.book import Book
from indicators.domain.days import ONE_DAY, month_number, month_start
from indicators.domain.periods import Period, months_in
from indicators.domain.vocabulary import Accumulation

from .terms import TargetTerms
from .vocabulary import Goal


def best_ever(terms: TargetTerms, code: str, book: Book) -> Decimal | None:
    """Return the best value of one reporting period, among the periods aligned with those of the target.

    Of a stock the value is the change since the end of the period before. The best is the least for at_most, else the
    greatest.
    """
    months = months_in(book.terms(code).frequency)
    stock = book.terms(code).accumulation == Accumulation.LAST
    paces = _changes(terms, code, book, months) if stock else _values(terms, code, book, months)
    choose = min if terms.goal == Goal.AT_MOST else max
    return choose(paces, default=None)


def best_period(terms: TargetTerms, code: str, book: Book, best: Decimal) -> Period | None:
    """Return the first period with the best pace."""
    months = months_in(book.terms(code).frequency)
    if book.terms(code).accumulation == Accumulation.LAST:
        series = book.series(code)
        for period in sorted(_in_step(terms.period, [end + ONE_DAY for end in series.ends], months)):
            now, before = series.ending_on(period.end), series.ending_on(period.start - ONE_DAY)
            if now is not None and before is not None and now.amount - before.amount == best:
                return period
        return None
    firsts = {day for each in book.stored_inputs(code) for day in book.series(each).starts}
    found = sorted(_in_step(terms.period, firsts, months))
    return next((period for period in found if book.value(code, period) == best), None)


def _values(terms: TargetTerms, code: str, book: Book, months: int) -> Iterator[Decimal]:
    stored = book.stored_inputs(code)
    firsts = {day for each in stored for day in book.series(each).starts}
    value_over = book.series(code).value if stored == (code,) else partial(book.value, code)
    for period in _in_step(terms.period, firsts, months):
        value = value_over(period)
        if value is not None:
            yield value


def _changes(terms: TargetTerms, code: str, book: Book, months: int) -> Iterator[Decimal]:
    series = book.series(code)
    firsts = [end + ONE_DAY for end in series.ends]
    for period in _in_step(terms.period, firsts, months):
        now, before = series.ending_on(period.end), series.ending_on(period.start - ONE_DAY)
        if now is not None and before is not None:
            yield now.amount - before.amount


def _in_step(target: Period, firsts: Iterable[date], months: int) -> Iterator[Period]:
    """Yield the periods that begin on the given days and are aligned with the reporting periods of the target."""
    if not months:
        yield from (Period(first, first) for first in firsts)
        return
    phase = month_number(target.start) % months
    for first in firsts:
        period = _period_from(first, months, phase)
        if period is not None:
            yield period


@lru_cache(maxsize=4096)
def _period_from(first: date, months: int, phase: int) -> Period | None:
    number = month_number(first)
    if first.day != 1 or number % months != phase:
        return None
    return Period(first, month_start(number + months) - ONE_DAY)
