"""Revisions of figures, and which of them were in force on a day (domain.md section 3)."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from .periods import Period


class Figure(NamedTuple):
    """One revision of one value of one indicator for one area and the span start to end.

    `published` is None when that day is unknown; such a revision is known from `recorded_on`.
    `order` grows with the order of recording. `parts`: of a sum over areas the posted figures it is made of.
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
    parts: tuple["Part", ...] = ()

    @property
    def period(self) -> Period:
        return Period(self.start, self.end)

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    @property
    def amount(self) -> Decimal:
        """The value of a figure that has one; raises ValueError for one that has none."""
        if self.value is None:
            raise ValueError(f"figure {self.id} has no value")
        return self.value


class Part(NamedTuple):
    """A posted figure that a sum over areas is made of, and the code of the area that it was posted for."""

    area: str
    figure: Figure


def precedence(figure: Figure) -> tuple[date, int]:
    """Greater for what was published later, then for what was recorded later; undated is least."""
    return figure.published or date.min, figure.order


def in_force(revisions: Iterable[Figure], as_of: date) -> list[Figure]:
    """Of each span the one revision in force at the end of a day, in the order of their spans.

    The latest published by then, ties: recorded last. An undated one only while no dated one is
    known.
    """
    standing: dict[tuple[date, date], Figure] = {}
    for revision in revisions:
        if not _known(revision, as_of):
            continue
        span = revision.start, revision.end
        held = standing.get(span)
        if held is None or precedence(held) < precedence(revision):
            standing[span] = revision
    return [standing[span] for span in sorted(standing)]


def _known(revision: Figure, as_of: date) -> bool:
    known_from = revision.published or revision.recorded_on
    return known_from is None or known_from <= as_of
