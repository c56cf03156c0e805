"""What goes into a batch, and what comes out of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from indicators.domain.periods import Period
from indicators.domain.recording import Content, Outcome
from kpitracker.lib.errors import Item


class Row(NamedTuple):
    """One figure as posted, well-formed. `number` counts from 1; `area` "": the home area; `published` None: unknown.

    `value` is the shortest plain text of its number, "" for none: 50,000 texts compare in no time, decimals do not.
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

    @property
    def content(self) -> Content:
        return Content(Decimal(self.value) if self.value else None, *self[6:])


class Rejection(NamedTuple):
    """A row that was not taken, and the first thing that is wrong with it. Codes as they were given."""

    number: int
    item: Item
    indicator: str = ""
    period: str = ""


class Result(NamedTuple):
    """What became of one row: `figure` and `revision` tell which revision says it now, unless it was rejected."""

    outcome: Outcome
    figure: str | None  # its id; None: it would be made, were this no dry run
    revision: int
    warnings: Sequence[Item] = ()


@dataclass
class Report:
    """created + revised + unchanged + rejected = rows, always.

    Of an atomic batch with a rejected row nothing is stored: the other rows left everything unchanged.
    """

    rows: int = 0
    created: int = 0
    revised: int = 0
    unchanged: int = 0
    warnings: int = 0
    rejections: list[Rejection] = field(default_factory=list)
    results: dict[int, Result] = field(default_factory=dict)  # by number of row

    @property
    def rejected(self) -> int:
        return len(self.rejections)

    def counts(self) -> dict[str, int]:
        names = ("rows", "created", "revised", "unchanged", "rejected", "warnings")
        return {name: getattr(self, name) for name in names}
