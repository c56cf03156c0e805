"""Locked periods of plans, and exceptions that allow changes in them."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from indicators.models import Indicator
from indicators.querysets import Pair
from indicators.services.doubts import Change
from indicators.services.regions import areas_above
from kpitracker.lib import writing
from kpitracker.lib.actor import Actor
from kpitracker.lib.database import hold
from kpitracker.lib.errors import Conflict, Invalid, Item
from kpitracker.lib.prepared import prepared
from kpitracker.lib.texts import text
from targets.models import LockException, Plan, Target
from targets.services import plans


def closed(*, changes: Sequence[Change], by: Actor, now: datetime) -> dict[int, Item]:
    """Refusals of those figures whose period is locked by a plan with a target that reads them, by position.

    Periods before the plan count too: growth and seasonal shares use earlier figures. So do figures of an area
    within the area of a target on a regional sum. Targets that the caller may not see do not count: a refusal
    would reveal them.
    """
    readers = Indicator.objects.readers_of({each.indicator.id for each in changes})
    read_by = {reader for each in readers.values() for reader in each}
    hidden = Indicator.objects.hidden_from(by)
    above = areas_above({each.area for each in changes if each.indicator.regional})
    areas = {each.area for each in changes}.union(*above.values())
    plans_of: dict[Pair, set[int]] = {}
    for indicator, area, plan in _plans_of(tuple(read_by - hidden), tuple(areas)):
        plans_of.setdefault((indicator, area), set()).add(plan)
    if not plans_of:
        return {}
    concerned = Plan.objects.filter(pk__in={pk for found in plans_of.values() for pk in found}).order_by("code")
    # A shared lock: a concurrent closing commits either before this check or after these figures.
    hold(concerned)
    locked = list(concerned.exclude(locked_through=None))
    leave = set(_granted(now).filter(plan__in=locked).values_list("plan", "indicator")) if locked else set()
    refused: dict[int, Item] = {}
    for position, (indicator, area, period, _) in enumerate(changes if locked else ()):
        places = [area, *(above.get(area, ()) if indicator.regional else ())]
        found = {pk for reader in readers[indicator.id] for each in places for pk in plans_of.get((reader, each), ())}
        for plan in locked:
            free = leave & {(plan.pk, None), (plan.pk, indicator.pk)}
            if plan.pk in found and plan.locked_through >= period.end and not free:
                refused.setdefault(position, _refusal(plan))
    return refused


@prepared
def _plans_of(indicators: tuple[int, ...], areas: tuple[int, ...]) -> QuerySet[Any]:
    return Target.objects.filter(indicator__in=indicators, area__in=areas).values_list("indicator", "area", "plan")


def check_meaning(*, indicator: Indicator, readers: Collection[int], now: datetime) -> None:
    """Raises `Conflict` (period-locked) when a plan with locked periods has targets on any of `reader_ids`.

    Called when an indicator (`indicator`) changes how its values are computed.
    `reader_ids` are the ids of the indicators that read it.
    """
    for plan in Plan.objects.filter(targets__indicator__in=readers).exclude(locked_through=None).distinct():
        _check(plan, indicator, now)


def check_terms(*, plan: Plan, indicator: Indicator, announced: date, now: datetime) -> None:
    """Raises `Conflict` (period-locked) for new terms or judgements announced in a locked period."""
    if plan.locked_through is not None and min(announced, plan.period_end) <= plan.locked_through:
        _check(plan, indicator, now)


def check_rest(*, plan: Plan, indicator: Indicator, now: datetime) -> None:
    """Raises `Conflict` (period-locked) for changes that hold on every day, once the whole plan is locked."""
    if plan.locked_through is not None and plan.locked_through >= plan.period_end:
        _check(plan, indicator, now)


def check_removal(*, plan: Plan, indicator: Indicator, now: datetime) -> None:
    """Raises `Conflict` (period-locked) when the plan has a locked period: the deletion would unlock its figures."""
    if plan.locked_through is not None:
        _check(plan, indicator, now)


def _check(plan: Plan, indicator: Indicator, now: datetime) -> None:
    if not _granted(now).filter(Q(indicator=None) | Q(indicator=indicator), plan=plan).exists():
        _, slug, detail = _refusal(plan)
        raise Conflict(slug, detail, pointer="")


def _granted(now: datetime) -> QuerySet[LockException]:
    """The exceptions that are valid at a moment."""
    return LockException.objects.filter(created_at__lte=now, until__gt=now)


def _refusal(plan: Plan) -> Item:
    return Item(
        "",
        "period-locked",
        text(
            f"{plan.code} is locked through {plan.locked_through}: ask for an exception.",
            f"{plan.code} đã khóa đến {plan.locked_through}: cần xin ngoại lệ.",
        ),
    )


@transaction.atomic
def grant(
    *, plan: Plan, by: Actor, now: datetime, reason: str, until: datetime, indicator: str | None = None
) -> LockException:
    """Allow changes in the locked periods of a plan until a moment.

    Raises `Invalid` (required) without a reason, (invalid-date) for an end that is past, `NotPermitted`.
    """
    plans.check_owner(plan.department, by)
    if not reason.strip():
        raise Invalid("required", text("Say why.", "Hãy nêu lý do."), pointer="/reason")
    if until <= now:
        raise Invalid("invalid-date", text("The end must be in the future.", "Đã hết hạn."), pointer="/until")
    row = LockException(
        plan=plan,
        indicator=Indicator.objects.visible_to(by).by_code_or_none(indicator, "/indicator"),
        reason=reason,
        until=until,
        created_at=now,
        created_by=by.name,
    )
    return writing.insert(row, by=by, pointer="")
