"""The best pace ever seen, so that "out of reach" can be said (domain.md section 6)."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from indicators.domain.book import Book
from indicators.domain.days import ONE_DAY, month_number, month_start
from indicators.domain.periods import Period, months_in
from indicators.domain.vocabulary import Accumulation

from .terms import TargetTerms
from .vocabulary import Goal


def best_ever(terms: TargetTerms, code: str, book: Book) -> Decimal | None:
    """The best over one reporting period, among those in step with the target's own.

    Of a stock the change since the end of the period before, else the value. Best is the least
    for at_most, else the greatest.
    """
    stock = book.terms(code).accumulation is Accumulation.LAST
    paces = _changes(terms, code, book) if stock else _values(terms, code, book)
    choose = min if terms.goal is Goal.AT_MOST else max
    return choose(paces, default=None)


def _values(terms: TargetTerms, code: str, book: Book) -> Iterator[Decimal]:
    firsts = {day for each in book.stored_inputs(code) for day in book.series(each).starts}
    for first in firsts:
        period = _in_step(terms, code, book, first)
        value = None if period is None else book.value(code, period)
        if value is not None:
            yield value


def _changes(terms: TargetTerms, code: str, book: Book) -> Iterator[Decimal]:
    series = book.series(code)
    for end in series.ends:
        period = _in_step(terms, code, book, end + ONE_DAY)
        if period is None:
            continue
        now, before = series.ending_on(period.end), series.ending_on(end)
        if now is not None and before is not None:
            yield now.amount - before.amount


def _in_step(terms: TargetTerms, code: str, book: Book, first: date) -> Period | None:
    """The period that begins on a day, if the target's own run on in whole steps from there."""
    months = months_in(book.terms(code).frequency)
    if not months:
        return Period(first, first)
    number = month_number(first)
    if first.day != 1 or (number - month_number(terms.period.start)) % months:
        return None
    return Period(first, month_start(number + months) - ONE_DAY)
