"""Whether each milestone was reached: by itself, whatever the status of its target."""

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
    """Every milestone by day, with None while it cannot be said.

    What was known of the span up to its day is held against the required edges that it names.
    A flow or an average must reach that very day; of everything else the latest value until then
    stands once anything is known from that day on.
    """
    by_day = sorted(terms.milestones, key=lambda milestone: milestone.date)
    return tuple((m, _reached(terms, code, book, m, covered)) for m in by_day)


def known_by(terms: TargetTerms, code: str, book: Book, milestone: Milestone, covered: date | None) -> Actual | None:
    """The value that a milestone is judged by; None while there is none."""
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
