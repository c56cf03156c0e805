"""What the arithmetic must know of an indicator."""

from typing import NamedTuple

from .vocabulary import Accumulation, DueUnit, Frequency, Kind


class IndicatorTerms(NamedTuple):
    """Either `accumulation` or `formula` is set; `due_days` count `due_unit`s from the end of a period."""

    code: str
    kind: Kind
    frequency: Frequency
    accumulation: Accumulation | None
    formula: str = ""
    decimals: int = 2
    due_days: int = 10
    due_unit: DueUnit = DueUnit.DAYS
