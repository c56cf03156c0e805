"""The rows that go into a batch, and the report that comes out of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from indicators.domain.figures import RecordOutcome, RevisionContent
from indicators.domain.periods import Period
from kpitracker.lib.errors import ProblemItem


class FigureRow(NamedTuple):
    """One well-formed posted figure. `number` counts from 1. `area` "": the home area. `published` None: unknown.

    `value` is the shortest plain text of the number, "" for none: texts compare much faster than decimals.
    `written`: the value in the cell, if it was rounded or has another reading that fits the indicator better.
    """

    number: int
    indicator: str
    area: str
    period: Period
    published: date | None
    value: str
    missing_reason: str
    qualifier: str
    stage: str
    source: str
    note: str
    written: str = ""

    @property
    def content(self) -> RevisionContent:
        return RevisionContent(Decimal(self.value) if self.value else None, *self[6:11])


class Rejection(NamedTuple):
    """A row that was rejected, with its first error. The codes are those of the row, also invalid ones."""

    number: int
    item: ProblemItem
    indicator: str = ""
    period: str = ""


class RowWarning(NamedTuple):
    """A warning of a row that is stored, or would be."""

    row: FigureRow
    item: ProblemItem

    @property
    def number(self) -> int:
        return self.row.number

    @property
    def indicator(self) -> str:
        return self.row.indicator

    @property
    def period(self) -> str:
        return str(self.row.period)


class RowResult(NamedTuple):
    """The outcome of one row that was not rejected. `figure` and `revision`: the revision with its content."""

    outcome: RecordOutcome
    figure: str | None  # its id; None in a dry run that would create it
    revision: int
    warnings: Sequence[ProblemItem] = ()


@dataclass
class BatchReport:
    """The verdicts of the rows, also of a dry run and of a batch that is refused.

    The invariant is created + revised + unchanged + rejected = rows.
    """

    rows: int = 0
    created: int = 0
    revised: int = 0
    unchanged: int = 0
    warnings: int = 0
    rejections: list[Rejection] = field(default_factory=list)
    row_warnings: list[RowWarning] = field(default_factory=list)  # in order of the rows
    results: dict[int, RowResult] = field(default_factory=dict)  # by row number

    @property
    def rejected(self) -> int:
        return len(self.rejections)

    def stored(self, *, atomic: bool) -> int:
        """How many revisions were stored or, in a dry run, would be: none when one row keeps all others out."""
        return 0 if atomic and self.rejections else self.created + self.revised

    def counts(self) -> dict[str, int]:
        names = ("rows", "created", "revised", "unchanged", "rejected", "warnings")
        return {name: getattr(self, name) for name in names}
