"""The projected value at the end of the period (domain.md section 6)."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from indicators.domain.book import Book
from indicators.domain.figures import Figure
from indicators.domain.vocabulary import Accumulation

from .actual import Actual
from .profiles import Expected
from .terms import TargetTerms
from .vocabulary import Goal, Profile


class Projection(NamedTuple):
    """Values in the unit of the indicator. `origin` is the figure at which the line of a stock starts."""

    value: Decimal | None
    low: Decimal | None = None
    high: Decimal | None = None
    origin: Figure | None = None


def project(
    terms: TargetTerms, code: str, book: Book, actual: Actual, expected: Expected, *, final: bool
) -> Projection:
    """Project the value at the end of the period from the course until now."""
    if final:
        return Projection(actual.value, actual.value, actual.value)
    accumulation = book.terms(code).accumulation
    if accumulation == Accumulation.SUM:
        return _of_flow(terms, actual, expected)
    if accumulation == Accumulation.LAST:
        return _of_stock(terms, code, book, actual)
    return Projection(actual.value)


def _of_flow(terms: TargetTerms, actual: Actual, expected: Expected) -> Projection:
    if expected.profile == Profile.SEASONAL:
        wholes = [actual.value * share.whole / share.part for share in expected.shares]
        if len(wholes) > 1:
            return Projection(wholes[0], min(wholes), max(wholes))
        return Projection(wholes[0])
    if expected.profile == Profile.MILESTONES:
        return Projection(_by_milestones(terms, actual, expected))
    return Projection(actual.value * terms.period.days / actual.span.days)


def _by_milestones(terms: TargetTerms, actual: Actual, expected: Expected) -> Decimal | None:
    at_most = terms.goal == Goal.AT_MOST
    edge = terms.upper if at_most else terms.lower
    due = expected.upper if at_most else expected.lower
    if not edge or not due or (due > 0) != (edge > 0):
        return None
    return actual.value * edge / due


def _of_stock(terms: TargetTerms, code: str, book: Book, actual: Actual) -> Projection:
    if terms.baseline is not None:
        return Projection(_line(terms, terms.baseline_day, terms.baseline, actual))
    series = book.series(code)
    first = series.ending_on(series.ends_inside(terms.period)[0])
    if first is None or 4 * (actual.through - first.end).days < terms.period.days:
        return Projection(actual.value)
    return Projection(_line(terms, first.end, first.amount, actual), origin=first)


def _line(terms: TargetTerms, day: date, value: Decimal, actual: Actual) -> Decimal:
    """Extend the straight line from a value on a day through the actual to the end of the period."""
    if day >= actual.through:
        return actual.value
    left = (terms.period.end - actual.through).days
    return actual.value + (actual.value - value) * left / (actual.through - day).days
