"""Whether each milestone was reached, independently of the status of its target."""

from datetime import date

from indicators.domain.book import Book
from indicators.domain.vocabulary import Accumulation

from .actual import Actual, actual_of
from .terms import Milestone, TargetTerms
from .vocabulary import Goal

_TILED = (Accumulation.SUM, Accumulation.MEAN)


def milestones_reached(
    terms: TargetTerms, code: str, book: Book, covered: date | None
) -> tuple[tuple[Milestone, bool | None], ...]:
    """Return every milestone by day with whether it was reached; None while this is unknown.

    The value of the span up to the day of the milestone is compared with the required edges that the milestone names.
    Sums and means must be covered through that very day. Otherwise the latest value until that day counts, once any
    value covers that day or a later one.
    """
    by_day = sorted(terms.milestones, key=lambda milestone: milestone.date)
    return tuple((m, _reached(terms, code, book, m, covered)) for m in by_day)


def known_by(terms: TargetTerms, code: str, book: Book, milestone: Milestone, covered: date | None) -> Actual | None:
    """Return the value that is compared with a milestone; None while there is none."""
    if covered is None or covered < milestone.date:
        return None
    actual = actual_of(book, code, terms.period.until(milestone.date))
    if actual is None:
        return None
    tiled = book.terms(code).accumulation in _TILED
    return None if tiled and actual.through < milestone.date else actual


def _reached(terms: TargetTerms, code: str, book: Book, milestone: Milestone, covered: date | None) -> bool | None:
    actual = known_by(terms, code, book, milestone, covered)
    return None if actual is None else _holds(terms, milestone, actual)


def _holds(terms: TargetTerms, milestone: Milestone, actual: Actual) -> bool | None:
    holds = []
    if terms.goal != Goal.AT_MOST and milestone.lower is not None:
        holds.append(actual.side(milestone.lower) >= terms.lower_open)
    if terms.goal != Goal.AT_LEAST and milestone.upper is not None:
        holds.append(actual.side(milestone.upper) <= -terms.upper_open)
    return all(holds) if holds else None
