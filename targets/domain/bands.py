"""Which values at the end of the period miss, meet or exceed a target (domain.md section 6, the plain edges)."""

from decimal import Decimal
from typing import Final, NamedTuple

from indicators.domain.choices import IndicatorKind
from indicators.domain.rounding import exact_arithmetic
from indicators.domain.terms import IndicatorTerms

from .choices import Goal, Status
from .profiles import declared_profile
from .status import NEVER_EXCEEDED
from .terms import TargetTerms
from .variance import edge_tolerance

# Of a share, in percent.
_WHOLE: Final = 100


class StatusRange(NamedTuple):
    """The values from `low` to `high` with one status, in the unit of the indicator; None: no end on that side.

    `computed`: an end was derived from the tolerance, not entered, and is shown rounded.
    """

    status: Status
    low: Decimal | None = None
    includes_low: bool = False
    high: Decimal | None = None
    includes_high: bool = False
    computed: bool = False

    def contains(self, value: Decimal) -> bool:
        above_low = self.low is None or value > self.low or (self.includes_low and value == self.low)
        below_high = self.high is None or value < self.high or (self.includes_high and value == self.high)
        return above_low and below_high

    @property
    def is_empty(self) -> bool:
        """Whether no value lies in the range."""
        if self.low is None or self.high is None:
            return False
        return self.low > self.high or (self.low == self.high and not (self.includes_low and self.includes_high))


def status_ranges(terms: TargetTerms, indicator: IndicatorTerms) -> tuple[StatusRange, ...]:
    """Return the ranges from the least values to the greatest; none for incomplete terms and qualitative targets."""
    lower, upper = terms.lower, terms.upper
    if terms.goal == Goal.AT_LEAST and lower is not None:
        exceeded_edge, computed = _exceeded_edge(terms, indicator, lower, upper, 1)
        ranges = [
            StatusRange(Status.MISSED, high=lower, includes_high=terms.lower_open),
            StatusRange(Status.MET, lower, not terms.lower_open, exceeded_edge, True, computed),
            *([] if exceeded_edge is None else [StatusRange(Status.EXCEEDED, low=exceeded_edge, computed=computed)]),
        ]
    elif terms.goal == Goal.AT_MOST and upper is not None:
        exceeded_edge, computed = _exceeded_edge(terms, indicator, upper, lower, -1)
        ranges = [
            *([] if exceeded_edge is None else [StatusRange(Status.EXCEEDED, high=exceeded_edge, computed=computed)]),
            StatusRange(Status.MET, exceeded_edge, True, upper, not terms.upper_open, computed),
            StatusRange(Status.MISSED, low=upper, includes_low=terms.upper_open),
        ]
    elif terms.goal == Goal.WITHIN and lower is not None and upper is not None:
        ranges = [
            StatusRange(Status.MISSED, high=lower, includes_high=terms.lower_open),
            StatusRange(Status.MET, lower, not terms.lower_open, upper, not terms.upper_open),
            StatusRange(Status.MISSED, low=upper, includes_low=terms.upper_open),
        ]
    else:
        return ()
    return () if terms.qualitative else tuple(candidate for candidate in ranges if not candidate.is_empty)


def _exceeded_edge(
    terms: TargetTerms, indicator: IndicatorTerms, required: Decimal, ambition: Decimal | None, sign: int
) -> tuple[Decimal | None, bool]:
    """Return the value beyond which the target is exceeded (None: never), and whether it was computed."""
    with exact_arithmetic():
        if ambition is not None and sign * (ambition - required) > 0:
            return ambition, False
        if indicator.kind in NEVER_EXCEEDED:
            return None, False
        edge = required + sign * edge_tolerance(terms, declared_profile(terms, indicator), required)
    # No share is above 100 percent, or below 0.
    is_possible = indicator.kind != IndicatorKind.SHARE or (edge < _WHOLE if sign > 0 else edge > 0)
    return (edge, True) if is_possible else (None, False)
