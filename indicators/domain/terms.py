"""The properties of an indicator that computations need."""

from datetime import date
from typing import NamedTuple

from .choices import Accumulation, DueUnit, Frequency, IndicatorKind


class IndicatorTerms(NamedTuple):
    """Either `accumulation` or `formula` is set. `due_days` are counted in `due_unit` from the end of a period.

    `breaks`: the days on which the series began to be measured in another way, in order.
    """

    code: str
    kind: IndicatorKind
    frequency: Frequency
    accumulation: Accumulation | None
    formula: str = ""
    decimals: int = 2
    due_days: int = 10
    due_unit: DueUnit = DueUnit.DAYS
    breaks: tuple[date, ...] = ()
