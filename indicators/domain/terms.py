"""What the arithmetic must know of an indicator."""

from typing import NamedTuple

from .vocabulary import Accumulation, Frequency, Kind


class IndicatorTerms(NamedTuple):
    """Either `accumulation` or `formula` is set; `due_days` count from the end of a period."""

    code: str
    kind: Kind
    frequency: Frequency
    accumulation: Accumulation | None
    formula: str = ""
    decimals: int = 2
    due_days: int = 10
