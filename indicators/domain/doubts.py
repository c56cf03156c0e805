"""Plausibility: figures that contradict others or are unusual are flagged, never refused (domain.md section 3)."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from itertools import accumulate
from typing import Final, NamedTuple

from .rounding import compared, exact

_LEAST_TOLERANCE: Final = Decimal("0.1")


class Other(NamedTuple):
    """A figure with the same first day that contradicts the checked one; `earlier`: it ends before it."""

    end: date
    value: Decimal
    earlier: bool


class Cumulative:
    """Values of figures that share their first day, by their last days; for indicators with accumulation `sum`."""

    __slots__ = ("_ends", "_greatest_before", "_least_from", "_values")

    def __init__(self, values: Mapping[date, Decimal]) -> None:
        self._ends = sorted(values)
        self._values = [values[end] for end in self._ends]
        # For nearly every figure the question is only whether there is any contradiction: these answer it at once.
        self._greatest_before = list(accumulate(self._values, max))
        self._least_from = list(accumulate(reversed(self._values), min))[::-1]

    def contradicted(self, end: date, value: Decimal) -> list[Other]:
        """The nearest figure that ends earlier and is greater, and the nearest that ends later and is less.

        A fall counts only from a value of at least 0: a sum of gains and losses below 0 may move both ways.
        """
        found = [self._greater_before(end, value), self._less_after(end, value)]
        return [each for each in found if each is not None]

    def _greater_before(self, end: date, value: Decimal) -> Other | None:
        place = bisect_left(self._ends, end) - 1
        if place < 0 or not _falls(self._greatest_before[place], value):
            return None
        while not _falls(self._values[place], value):
            place -= 1
        return Other(self._ends[place], self._values[place], earlier=True)

    def _less_after(self, end: date, value: Decimal) -> Other | None:
        place = bisect_right(self._ends, end)
        if place == len(self._ends) or not _falls(value, self._least_from[place]):
            return None
        while not _falls(value, self._values[place]):
            place += 1
        return Other(self._ends[place], self._values[place], earlier=False)


def _falls(before: Decimal, after: Decimal) -> bool:
    """Monotone in both arguments, so it is enough to test the greatest value before and the least value after."""
    return before >= 0 and after < before


def is_unusual(value: Decimal, low: Decimal | None, high: Decimal | None) -> bool:
    return (low is not None and value < low) or (high is not None and value > high)


def tolerance(given: Decimal | None, decimals: int) -> Decimal:
    """How far a figure may differ from its check formula, in the unit of the indicator.

    The default is one in the last decimal shown, at least 0.1: both numbers were rounded before they were
    published, and rates mostly to one decimal.
    """
    return max(_LEAST_TOLERANCE, Decimal(1).scaleb(-decimals)) if given is None else given


def differs(value: Decimal, computed: Decimal, allowed: Decimal) -> bool:
    with exact():
        return abs(value - compared(computed)) > allowed
