"""Closed periods of a plan, and leave to change them after all."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Q

from indicators.domain.periods import Period
from indicators.models import Area, Indicator
from kpitracker.lib import writing
from kpitracker.lib.actor import Actor
from kpitracker.lib.errors import Conflict, Invalid
from kpitracker.lib.texts import text
from targets.models import LockException, Plan, Target
from targets.services import plans


def check_figure(*, indicator: Indicator, area: Area, period: Period, now: datetime) -> None:
    """Raises `Conflict` (period-locked) when a plan with a target on this series has closed the figure's period."""
    closed = Plan.objects.filter(locked_through__gte=period.end, period_start__lte=period.end, targets__area=area)
    plans_there = list(closed.distinct().order_by("code"))
    if not plans_there:
        return
    readers = Indicator.objects.readers_of({indicator.pk})[indicator.pk]
    concerned = set(
        Target.objects.filter(plan__in=plans_there, area=area, indicator__in=readers).values_list("plan", flat=True)
    )
    for plan in plans_there:
        if plan.pk in concerned:
            _check(plan, indicator, now)


def check_terms(*, plan: Plan, indicator: Indicator, announced: date, now: datetime) -> None:
    """Raises `Conflict` (period-locked) for what would be asked anew of a time that is closed."""
    if plan.locked_through is not None and announced <= plan.locked_through:
        _check(plan, indicator, now)


def check_rest(*, plan: Plan, indicator: Indicator, now: datetime) -> None:
    """Raises `Conflict` (period-locked) for changes that count on every day, once all of the plan is closed."""
    if plan.locked_through is not None and plan.locked_through >= plan.period_end:
        _check(plan, indicator, now)


def _check(plan: Plan, indicator: Indicator, now: datetime) -> None:
    leave = LockException.objects.filter(plan=plan, created_at__lte=now, until__gt=now)
    if not leave.filter(Q(indicator=None) | Q(indicator=indicator)).exists():
        raise Conflict(
            "period-locked",
            text(
                f"{plan.code} is closed through {plan.locked_through}: ask for an exception.",
                f"{plan.code} đã khóa đến {plan.locked_through}: cần xin ngoại lệ.",
            ),
            pointer="",
        )


@transaction.atomic
def grant(
    *, plan: Plan, by: Actor, now: datetime, reason: str, until: datetime, indicator: str | None = None
) -> LockException:
    """Leave to change what the plan has closed. Raises `Invalid` without a reason or an end, `NotPermitted`."""
    plans.check_owner(plan.department, by)
    if not reason.strip():
        raise Invalid("required", text("Say why.", "Hãy nêu lý do."), pointer="/reason")
    if until <= now:
        raise Invalid("invalid-date", text("It has ended already.", "Đã hết hạn."), pointer="/until")
    row = LockException(
        plan=plan,
        indicator=Indicator.objects.visible_to(by).by_code_or_none(indicator, "/indicator"),
        reason=reason,
        until=until,
        created_at=now,
        created_by=by.name,
    )
    return writing.insert(row, by=by, pointer="")
