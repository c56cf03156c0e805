"""Locked periods of plans, and exceptions that allow changes in them."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import Model, Q, QuerySet

from indicators.models import Indicator
from indicators.querysets import SeriesKey
from indicators.services.figures.figure_changes import FigureChange
from indicators.services.figures.series import ancestors_by_area
from kpitracker.lib import crud
from kpitracker.lib.actor import Actor
from kpitracker.lib.db.compiled_queries import compiled_query
from kpitracker.lib.db.locks_and_triggers import lock_for_reference
from kpitracker.lib.errors import Conflict, ProblemItem, ValidationProblem
from kpitracker.lib.i18n.text import text
from kpitracker.lib.text_validation import is_blank
from targets.models import LockException, Plan, Target
from targets.services.planning import plans


def find_locked_changes(*, changes: Sequence[FigureChange], by: Actor, now: datetime) -> dict[int, ProblemItem]:
    """Refusals of those figures whose period is locked by a plan with a target that reads them, by position.

    Periods before the plan count too: growth and seasonal shares use earlier figures. So do figures of an area
    within the area of a target on a regional sum. Targets that the caller may not see do not count: a refusal
    would reveal them.
    """
    reader_ids_by_indicator = Indicator.objects.readers_of({change.indicator.id for change in changes})
    reader_ids = {reader for group in reader_ids_by_indicator.values() for reader in group}
    hidden_ids = Indicator.objects.hidden_from(by)
    ancestors = ancestors_by_area({change.area for change in changes if change.indicator.regional})
    area_ids = {change.area for change in changes}.union(*ancestors.values())
    plan_ids_by_series: dict[SeriesKey, set[int]] = {}
    for indicator, area, plan in _plans_by_series(tuple(reader_ids - hidden_ids), tuple(area_ids)):
        plan_ids_by_series.setdefault((indicator, area), set()).add(plan)
    if not plan_ids_by_series:
        return {}
    affected_plans = Plan.objects.filter(
        pk__in={pk for plan_ids in plan_ids_by_series.values() for pk in plan_ids}
    ).order_by("code")
    # A shared lock: a concurrent closing commits either before this check or after these figures.
    lock_for_reference(affected_plans)
    locked_plans = list(affected_plans.exclude(locked_through=None))
    excepted = (
        set(_active_exceptions(now).filter(plan__in=locked_plans).values_list("plan", "indicator"))
        if locked_plans
        else set()
    )
    refusals: dict[int, ProblemItem] = {}
    for position, change in enumerate(changes if locked_plans else ()):
        indicator, area, period = change.indicator, change.area, change.period
        covering_areas = [area, *(ancestors.get(area, ()) if indicator.regional else ())]
        concerned_plan_ids = {
            pk
            for reader in reader_ids_by_indicator[indicator.id]
            for place in covering_areas
            for pk in plan_ids_by_series.get((reader, place), ())
        }
        for plan in locked_plans:
            exceptions = excepted & {(plan.pk, None), (plan.pk, indicator.pk)}
            is_locked = plan.locked_through is not None and plan.locked_through >= period.end
            if plan.pk in concerned_plan_ids and is_locked and not exceptions:
                refusals.setdefault(position, _build_refusal(plan))
    return refusals


@compiled_query
def _plans_by_series(indicators: tuple[int, ...], areas: tuple[int, ...]) -> QuerySet[Model, object]:
    return Target.objects.filter(indicator__in=indicators, area__in=areas).values_list("indicator", "area", "plan")


def check_indicator_change(*, indicator: Indicator, reader_ids: Collection[int], now: datetime) -> None:
    """Raises `Conflict` (period-locked) when a plan with locked periods has targets on any of `reader_ids`.

    Called when an indicator (`indicator`) changes how its values are computed.
    `reader_ids` are the ids of the indicators that read it.
    """
    for plan in Plan.objects.filter(targets__indicator__in=reader_ids).exclude(locked_through=None).distinct():
        _require_exception(plan, indicator, now)


def check_announcement(*, plan: Plan, indicator: Indicator, announced: date, now: datetime) -> None:
    """Raises `Conflict` (period-locked) for new terms or judgements announced in a locked period."""
    if plan.locked_through is not None and min(announced, plan.period_end) <= plan.locked_through:
        _require_exception(plan, indicator, now)


def check_attribute_change(*, plan: Plan, indicator: Indicator, now: datetime) -> None:
    """Raises `Conflict` (period-locked) for changes that hold on every day, once the whole plan is locked."""
    if plan.locked_through is not None and plan.locked_through >= plan.period_end:
        _require_exception(plan, indicator, now)


def check_deletion(*, plan: Plan, indicator: Indicator, now: datetime) -> None:
    """Raises `Conflict` (period-locked) when the plan has a locked period: the deletion would unlock its figures."""
    if plan.locked_through is not None:
        _require_exception(plan, indicator, now)


def _require_exception(plan: Plan, indicator: Indicator, now: datetime) -> None:
    if not _active_exceptions(now).filter(Q(indicator=None) | Q(indicator=indicator), plan=plan).exists():
        _, slug, detail = _build_refusal(plan)
        raise Conflict(slug, detail, pointer="")


def _active_exceptions(now: datetime) -> QuerySet[LockException]:
    """The exceptions that are valid at a moment."""
    return LockException.objects.filter(created_at__lte=now, until__gt=now)


def _build_refusal(plan: Plan) -> ProblemItem:
    return ProblemItem(
        "",
        "period-locked",
        text(
            f"{plan.code} is locked through {plan.locked_through}: ask for an exception.",
            f"{plan.code} đã khóa đến {plan.locked_through}: cần xin ngoại lệ.",
        ),
    )


@transaction.atomic
def grant_exception(
    *, plan: Plan, by: Actor, now: datetime, reason: str, until: datetime, indicator: str | None = None
) -> LockException:
    """Allow changes in the locked periods of a plan until a moment.

    Raises `ValidationProblem` (required) without a reason, (invalid-date) for an end that is past, `Forbidden`.
    """
    plans.check_owner(plan.department, by)
    if is_blank(reason):
        raise ValidationProblem("required", text("Give a reason.", "Hãy nêu lý do."), pointer="/reason")
    if until <= now:
        raise ValidationProblem("invalid-date", text("The end must be in the future.", "Đã hết hạn."), pointer="/until")
    exception = LockException(
        plan=plan,
        indicator=Indicator.objects.visible_to(by).by_code_or_none(indicator, "/indicator"),
        reason=reason,
        until=until,
        created_at=now,
        created_by=by.name,
    )
    return crud.insert_row(exception, by=by, pointer="")
