"""Conditions of rules that depend on a change or a date, not only on the current assessment."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from indicators.domain.calendars import Calendar
from indicators.domain.periods import Period
from indicators.domain.rounding import compared, exact

from .assessment import Assessment
from .vocabulary import RESULTS, WORRYING, Status

_GOOD = frozenset({Status.ON_TRACK, Status.MET, Status.EXCEEDED})
_REACHED = RESULTS - WORRYING


class Change(NamedTuple):
    """The value of a figure before and after a revision."""

    before: Decimal
    after: Decimal

    @property
    def amount(self) -> Decimal:
        with exact():
            return self.after - self.before

    @property
    def percent(self) -> Decimal | None:
        """In percent of the value before; None if that value is 0."""
        if not self.before:
            return None
        with exact():
            return self.amount * 100 / abs(self.before)


def has_recovered(before: Status | None, after: Status) -> bool:
    """Whether a status that needed attention became on track, met or exceeded."""
    return before in WORRYING and after in _GOOD


def is_early(before: Status | None, found: Assessment, ends: date, as_of: date) -> bool:
    """Whether the target has just been met before its period is over, or by figures of a part of the period."""
    by_a_part = not found.final and found.judgement is None
    return found.status in _REACHED and before not in _REACHED and (as_of < ends or by_a_part)


def is_beyond(change: Change, amount: Decimal, *, in_percent: bool) -> bool:
    """Whether a value changed by more than an amount, up or down. In percent every change from 0 does."""
    if not in_percent:
        return compared(abs(change.amount)) > amount
    percent = change.percent
    return bool(change.amount) if percent is None else compared(abs(percent)) > amount


def due_soon(
    dues: Sequence[tuple[Period, date]], found: Assessment, as_of: date, days: int, calendar: Calendar
) -> tuple[Period, date] | None:
    """Return the next period that is due and its due day, from `days` working days before that day.

    None before that, once its figure was reported, and while an earlier figure is overdue.
    """
    period, due = min(((p, d) for p, d in dues if d >= as_of), key=lambda each: each[1], default=(None, date.max))
    if period is None or found.overdue or _is_covered(period, found):
        return None
    return (period, due) if as_of >= worked_before(due, days, calendar) else None


def _is_covered(period: Period, found: Assessment) -> bool:
    if found.judgement is not None:
        return found.judgement.lasts or found.judgement.day >= period.start
    return found.covered_through is not None and found.covered_through >= period.start


def worked_before(day: date, days: int, calendar: Calendar) -> date:
    """Return the day that lies `days` working days earlier."""
    while days:
        day -= timedelta(days=1)
        days -= calendar.is_worked(day)
    return day
