"""Plausibility: figures that contradict others or are unusual are flagged, never refused (domain.md section 3)."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from itertools import accumulate
from typing import Final, NamedTuple

from .rounding import exact_arithmetic, round_for_comparison

_MIN_TOLERANCE: Final = Decimal("0.1")


class Contradiction(NamedTuple):
    """A figure with the same first day that contradicts the checked one; `earlier`: it ends before it."""

    end: date
    value: Decimal
    earlier: bool


class CumulativeValues:
    """Values of figures that share their first day, by their last days; for indicators with accumulation `sum`."""

    __slots__ = ("_ends", "_greatest_before", "_least_from", "_values")

    def __init__(self, values: Mapping[date, Decimal]) -> None:
        self._ends = sorted(values)
        self._values = [values[end] for end in self._ends]
        # For nearly every figure the question is only whether there is any contradiction: these answer it at once.
        self._greatest_before = list(accumulate(self._values, max))
        self._least_from = list(accumulate(reversed(self._values), min))[::-1]

    def contradictions(self, end: date, value: Decimal) -> list[Contradiction]:
        """The nearest figure that ends earlier and is greater, and the nearest that ends later and is less.

        A fall counts only from a value of at least 0: a sum of gains and losses below 0 may move both ways.
        """
        contradictions = []
        # If any earlier value is greater, the greatest is; if any later value is less, the least is.
        index = bisect_left(self._ends, end) - 1
        if index >= 0 and value < self._greatest_before[index] >= 0:
            while not value < self._values[index] >= 0:
                index -= 1
            contradictions.append(Contradiction(self._ends[index], self._values[index], earlier=True))
        index = bisect_right(self._ends, end)
        if index < len(self._ends) and self._least_from[index] < value >= 0:
            while self._values[index] >= value:
                index += 1
            contradictions.append(Contradiction(self._ends[index], self._values[index], earlier=False))
        return contradictions


def is_unusual(value: Decimal, low: Decimal | None, high: Decimal | None) -> bool:
    return (low is not None and value < low) or (high is not None and value > high)


def effective_tolerance(configured: Decimal | None, decimals: int) -> Decimal:
    """How far a figure may differ from its check formula, in the unit of the indicator.

    The default is one in the last decimal shown, at least 0.1: both numbers were rounded before they were
    published, and rates mostly to one decimal.
    """
    return max(_MIN_TOLERANCE, Decimal(1).scaleb(-decimals)) if configured is None else configured


def differs_from_computed(value: Decimal, computed: Decimal, tolerance: Decimal) -> bool:
    with exact_arithmetic():
        return abs(value - round_for_comparison(computed)) > tolerance
