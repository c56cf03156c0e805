"""Closed periods of a plan, and leave to change them after all."""

from collections.abc import Collection
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q

from indicators.domain.periods import Period
from indicators.models import Area, Indicator
from kpitracker.lib import writing
from kpitracker.lib.actor import Actor
from kpitracker.lib.database import hold
from kpitracker.lib.errors import Conflict, Invalid
from kpitracker.lib.texts import text
from targets.models import LockException, Plan, Target
from targets.services import plans


def check_figure(*, indicator: Indicator, area: Area, period: Period, by: Actor, now: datetime) -> None:
    """Raises `Conflict` (period-locked) when a plan with a target on this series has closed the figure's period.

    Also of a period before the plan: growth, and shares of a season, are measured by earlier figures. Targets that
    the poster may not see do not count: the refusal would tell of them.
    """
    readers = Indicator.objects.readers_of({indicator.pk})[indicator.pk]
    seen = Target.objects.visible_to(by).filter(indicator__in=readers, area=area)
    concerned = Plan.objects.filter(pk__in=set(seen.values_list("plan", flat=True)))
    # Held, so that a plan which is being closed is either closed before this look or after this figure.
    hold(concerned)
    for plan in concerned.filter(locked_through__gte=period.end).order_by("code"):
        _check(plan, indicator, now)


def check_meaning(*, indicator: Indicator, readers: Collection[int], now: datetime) -> None:
    """Raises `Conflict` (period-locked) for a change of how an indicator is counted under targets of closed plans."""
    for plan in Plan.objects.filter(targets__indicator__in=readers).exclude(locked_through=None).distinct():
        _check(plan, indicator, now)


def check_terms(*, plan: Plan, indicator: Indicator, announced: date, now: datetime) -> None:
    """Raises `Conflict` (period-locked) for what would be asked anew of a time that is closed."""
    if plan.locked_through is not None and min(announced, plan.period_end) <= plan.locked_through:
        _check(plan, indicator, now)


def check_rest(*, plan: Plan, indicator: Indicator, now: datetime) -> None:
    """Raises `Conflict` (period-locked) for changes that count on every day, once all of the plan is closed."""
    if plan.locked_through is not None and plan.locked_through >= plan.period_end:
        _check(plan, indicator, now)


def check_removal(*, plan: Plan, indicator: Indicator, now: datetime) -> None:
    """Raises `Conflict` (period-locked) for a target of a plan with a closed period: its figures would be open."""
    if plan.locked_through is not None:
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
