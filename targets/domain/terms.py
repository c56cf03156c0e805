"""The terms of a version of a target (domain.md section 5)."""

from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from indicators.domain.periods import UNLIMITED, Period, ValidityRange

from .choices import Goal, Profile


class Milestone(NamedTuple):
    """The edges that are expected by a day inside the period, in the unit of the indicator."""

    date: date
    lower: Decimal | None = None
    upper: Decimal | None = None


class TargetTerms(NamedTuple):
    """Numbers are in the unit of the indicator, `tolerance_percent` in percent.

    Omitted terms stay None; the assessment applies the defaults. A qualitative target has no band and may have no goal.
    `area`: the days on which the area of the target exists; outside them no figure is owed.
    """

    period: Period
    goal: Goal | None
    lower: Decimal | None = None
    upper: Decimal | None = None
    lower_open: bool = False
    upper_open: bool = False
    profile: Profile | None = None
    milestones: tuple[Milestone, ...] = ()
    baseline: Decimal | None = None
    baseline_date: date | None = None
    tolerance: Decimal | None = None
    tolerance_percent: Decimal | None = None
    result_due: date | None = None
    qualitative: bool = False
    area: ValidityRange = UNLIMITED

    @property
    def baseline_day(self) -> date:
        """The day of the baseline: `baseline_date`, else the day before the period."""
        return self.baseline_date or self.day_before

    @property
    def day_before(self) -> date:
        return self.period.start - timedelta(days=1)
