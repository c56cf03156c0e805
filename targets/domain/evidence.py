"""The complete source figures of an assessment: computed from them alone, the assessment is the same."""

from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from indicators.domain.accounts import Account, Used, in_order
from indicators.domain.book import Book
from indicators.domain.days import ONE_DAY, day_years_before
from indicators.domain.periods import Period
from indicators.domain.vocabulary import Accumulation

from .actual import Actual, actual_of
from .explanation import Basis
from .profiles import declared_profile
from .records import best_ever, best_period
from .season import LONGEST, YEARS
from .terms import TargetTerms
from .vocabulary import Profile

_TILED = (Accumulation.SUM, Accumulation.MEAN)


def evidence(basis: Basis) -> list[Used]:
    """Return every figure that the assessment used or could have used, by span. Call inside `exact()`."""
    if basis.terms.qualitative:
        return []
    return in_order(set(_looked_at(basis)))


def inputs(basis: Basis) -> Account:
    """Return the values over spans that the actual was computed from. Call inside `exact()`."""
    account = Account(basis.book)
    if basis.actual is not None:
        account.known(basis.indicator, basis.actual.span)
    return account


def _looked_at(basis: Basis) -> Iterator[Used]:
    terms, code, book, actual = basis[:4]
    yield from _beyond(terms, code, book, actual)
    if actual is None:
        return
    yield from _behind(actual, code, book)
    for milestone in terms.milestones:
        if milestone.date <= actual.through:
            known = actual_of(book, code, terms.period.until(milestone.date))
            if known is not None:
                yield from _behind(known, code, book)
    yield from _of_season(terms, code, book, actual.through)
    yield from _of_growth(terms, code, book, actual)
    if book.terms(code).accumulation == Accumulation.LAST and terms.baseline is None:
        yield from _ending(book, code, book.series(code).ends_inside(terms.period)[0])
    yield from _of_best(terms, code, book)


def _behind(actual: Actual, code: str, book: Book) -> Iterator[Used]:
    """Return the figures of a value, and those that determine the day it is covered through."""
    yield from _over(book, (code, actual.span))
    for stored in book.stored_inputs(code) if book.terms(code).formula else ():
        yield from _ending(book, stored, actual.through)


def _beyond(terms: TargetTerms, code: str, book: Book, actual: Actual | None) -> Iterator[Used]:
    """Return the figures inside the period that do not count because they come after a gap."""
    if book.terms(code).accumulation not in _TILED:
        return
    for figure in book.series(code).inside(terms.period):
        if actual is None or figure.end > actual.through:
            yield Used(code, figure)


def _of_season(terms: TargetTerms, code: str, book: Book, through: date) -> Iterator[Used]:
    """Return the figures of earlier years, also of years without a share because their whole is not above 0."""
    if declared_profile(terms, book.terms(code)) != Profile.SEASONAL or terms.period.days > LONGEST:
        return
    for years in range(1, YEARS + 1):
        earlier, day = terms.period.years_before(years), day_years_before(through, years)
        reached = book.series(code).tilings(earlier)
        if earlier.end not in reached:
            continue
        days = [earlier.start - ONE_DAY, *sorted(each for each in reached if each <= earlier.end)]
        around = {day} if day in reached else next({a, b} for a, b in pairwise(days) if a < day < b)
        for end in (around | {earlier.end}) & reached.keys():
            yield from (Used(code, figure) for figure in reached[end].figures())


def _of_growth(terms: TargetTerms, code: str, book: Book, actual: Actual) -> Iterator[Used]:
    formula = book.formula(code)
    base = None if formula is None else formula.growth_of()
    if base is None or book.terms(base).accumulation != Accumulation.SUM:
        return
    year = terms.period.years_before(1)
    spans = year, year.until(day_years_before(actual.through, 1)), actual.span
    yield from _over(book, *((base, span) for span in spans if book.value(base, span) is not None))


def _of_best(terms: TargetTerms, code: str, book: Book) -> Iterator[Used]:
    """Return the figures of the best pace ever; of a stock those at both ends of its period."""
    best = best_ever(terms, code, book)
    period = None if best is None else best_period(terms, code, book, best)
    if period is None:
        return
    if book.terms(code).accumulation == Accumulation.LAST:
        yield from _ending(book, code, period.end)
        yield from _ending(book, code, period.start - ONE_DAY)
    else:
        yield from _over(book, (code, period))


def _over(book: Book, *spans: tuple[str, Period]) -> list[Used]:
    account = Account(book)
    for code, span in spans:
        account.known(code, span)
    return account.used()


def _ending(book: Book, code: str, day: date) -> Iterator[Used]:
    figure = book.series(code).ending_on(day)
    if figure is not None:
        yield Used(code, figure)
