"""Revisions of figures, and which of them are in force on a day (domain.md section 3)."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from .periods import Period


class Figure(NamedTuple):
    """One revision of the value of one indicator for one area and the span `start` to `end` (inclusive).

    `published` is None when that day is unknown; such a revision is known from `recorded_on`. `order` grows in the
    order of recording. `parts` are the posted figures that a sum over areas is made of; empty for a posted figure.
    """

    id: str
    revision: int
    start: date
    end: date
    value: Decimal | None
    qualifier: str
    stage: str
    published: date | None
    order: int
    recorded_on: date | None = None
    parts: tuple["SumPart", ...] = ()

    @property
    def period(self) -> Period:
        return Period(self.start, self.end)

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    @property
    def numeric_value(self) -> Decimal:
        """The value; raises ValueError when the figure has none."""
        if self.value is None:
            raise ValueError(f"figure {self.id} has no value")
        return self.value


class SumPart(NamedTuple):
    """A posted figure in a sum over areas, with the code of its area."""

    area: str
    figure: Figure


def precedence(published: date | None, order: int) -> tuple[date, int]:
    """Return the sort key of a revision: of the known revisions of a figure the one with the greatest key is in force.

    It was published last; of several, it was recorded last. An undated revision (None) never replaces a dated one.
    `RevisionQuerySet.in_force` is the same rule in SQL.
    """
    return published or date.min, order


def figure_precedence(figure: Figure) -> tuple[date, int]:
    return precedence(figure.published, figure.order)


def figures_in_force(revisions: Iterable[Figure], as_of: date) -> list[Figure]:
    """For each span the revision in force at the end of the day `as_of`, in order of span."""
    current_by_span: dict[tuple[date, date], Figure] = {}
    for revision in revisions:
        if not _is_known(revision, as_of):
            continue
        span = revision.start, revision.end
        current = current_by_span.get(span)
        if current is None or figure_precedence(current) < figure_precedence(revision):
            current_by_span[span] = revision
    return [current_by_span[span] for span in sorted(current_by_span)]


def _is_known(revision: Figure, as_of: date) -> bool:
    known_from = revision.published or revision.recorded_on
    return known_from is None or known_from <= as_of
