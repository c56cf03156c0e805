"""Which values at the end of the period miss, meet or exceed a target (domain.md section 6, the plain edges)."""

from decimal import Decimal
from typing import NamedTuple

from indicators.domain.rounding import exact
from indicators.domain.terms import IndicatorTerms

from .profiles import declared_profile
from .status import NEVER_EXCEEDED
from .terms import TargetTerms
from .variance import tolerance_of
from .vocabulary import Goal, Status


class Zone(NamedTuple):
    """The values from `low` to `high` with one status, in the unit of the indicator; None: no end on that side.

    `computed`: an end was derived from the tolerance, not entered, and is shown rounded.
    """

    status: Status
    low: Decimal | None = None
    low_inside: bool = False
    high: Decimal | None = None
    high_inside: bool = False
    computed: bool = False

    def holds(self, value: Decimal) -> bool:
        above = self.low is None or value > self.low or (self.low_inside and value == self.low)
        below = self.high is None or value < self.high or (self.high_inside and value == self.high)
        return above and below

    @property
    def empty(self) -> bool:
        """Whether no value lies in the range."""
        if self.low is None or self.high is None:
            return False
        return self.low > self.high or (self.low == self.high and not (self.low_inside and self.high_inside))


def zones(terms: TargetTerms, indicator: IndicatorTerms) -> tuple[Zone, ...]:
    """Return the ranges from the least values to the greatest; none for incomplete terms and qualitative targets."""
    lower, upper = terms.lower, terms.upper
    if terms.goal == Goal.AT_LEAST and lower is not None:
        beyond, computed = _beyond(terms, indicator, lower, upper, 1)
        found = [
            Zone(Status.MISSED, high=lower, high_inside=terms.lower_open),
            Zone(Status.MET, lower, not terms.lower_open, beyond, True, computed),
            *([] if beyond is None else [Zone(Status.EXCEEDED, low=beyond, computed=computed)]),
        ]
    elif terms.goal == Goal.AT_MOST and upper is not None:
        beyond, computed = _beyond(terms, indicator, upper, lower, -1)
        found = [
            *([] if beyond is None else [Zone(Status.EXCEEDED, high=beyond, computed=computed)]),
            Zone(Status.MET, beyond, True, upper, not terms.upper_open, computed),
            Zone(Status.MISSED, low=upper, low_inside=terms.upper_open),
        ]
    elif terms.goal == Goal.WITHIN and lower is not None and upper is not None:
        found = [
            Zone(Status.MISSED, high=lower, high_inside=terms.lower_open),
            Zone(Status.MET, lower, not terms.lower_open, upper, not terms.upper_open),
            Zone(Status.MISSED, low=upper, low_inside=terms.upper_open),
        ]
    else:
        return ()
    return () if terms.qualitative else tuple(zone for zone in found if not zone.empty)


def _beyond(
    terms: TargetTerms, indicator: IndicatorTerms, required: Decimal, ambition: Decimal | None, sign: int
) -> tuple[Decimal | None, bool]:
    """Return the value beyond which the target is exceeded (None: never), and whether it was computed."""
    with exact():
        if ambition is not None and sign * (ambition - required) > 0:
            return ambition, False
        if indicator.kind in NEVER_EXCEEDED:
            return None, False
        return required + sign * tolerance_of(terms, declared_profile(terms, indicator), required), True
