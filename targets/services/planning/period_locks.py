"""Locked periods of plans, and exceptions that allow changes in them."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from indicators.domain.periods import Period
from indicators.models import Indicator
from indicators.querysets import SeriesKey
from indicators.services.figures.figure_changes import FigureChange
from indicators.services.figures.posting_reads import Surroundings
from indicators.services.figures.series import ancestors_by_area
from kpitracker.lib import crud
from kpitracker.lib.actor import Actor
from kpitracker.lib.db.plain_sql import fetch_rows, to_date
from kpitracker.lib.errors import Conflict, ProblemItem, ValidationProblem
from kpitracker.lib.i18n.text import text
from kpitracker.lib.text_validation import is_blank
from targets.models import LockException, Plan
from targets.services.planning import plans


class SeriesTarget(NamedTuple):
    """A target that reads a series, with its plan. `indicator`, `area`, `plan`: ids."""

    indicator: int
    area: int
    identifier: str
    period: Period
    plan: int
    plan_code: str
    locked_through: date | None


def lock_targets_of_figure(change: FigureChange, surroundings: Surroundings) -> list[SeriesTarget]:
    """The targets that read the series of a single figure, as `lock_plans_of_series`; read once for all its checks."""
    return surroundings.once(_lock_targets_of_figure, change)


def _lock_targets_of_figure(change: FigureChange, surroundings: Surroundings) -> list[SeriesTarget]:
    formula_inputs = surroundings.pairs("formula")
    indicator_ids = Indicator.objects.readers_of({change.indicator.id}, formula_inputs)[change.indicator.id]
    return lock_plans_of_series(indicator_ids, {change.area, *_ancestors([change]).get(change.area, ())})


def lock_plans_of_series(indicator_ids: Collection[int], area_ids: Collection[int]) -> list[SeriesTarget]:
    """The targets on these indicators in these areas. Their plans stay locked against a closing.

    A shared lock: a concurrent closing commits either before this look, or after the figures that are about to be written.
    """
    if not indicator_ids or not area_ids:
        return []
    lock = "FOR KEY SHARE OF p" if connection.vendor == "postgresql" else ""
    sql = f"""
        SELECT t.indicator_id, t.area_id, t.identifier, t.period_start, t.period_end, p.id, p.code, p.locked_through
        FROM targets_target t JOIN targets_plan p ON p.id = t.plan_id
        WHERE t.indicator_id IN ({_placeholders(indicator_ids)}) AND t.area_id IN ({_placeholders(area_ids)})
        ORDER BY p.id, t.identifier {lock}
    """  # noqa: S608  # nosec B608
    rows = fetch_rows(sql, [*indicator_ids, *area_ids])
    return [
        SeriesTarget(
            indicator, area, identifier, Period(to_date(start), to_date(end)), plan, code, locked and to_date(locked)
        )
        for indicator, area, identifier, start, end, plan, code, locked in rows
    ]


def _placeholders(ids: Collection[int]) -> str:
    return ", ".join(["%s"] * len(ids))


def _ancestors(changes: Sequence[FigureChange]) -> dict[int, list[int]]:
    """By area of a regional sum, the areas above it, into whose sums its figures go."""
    return ancestors_by_area({change.area for change in changes if change.indicator.regional})


def find_locked_changes(
    *, changes: Sequence[FigureChange], by: Actor, now: datetime, surroundings: Surroundings | None = None
) -> dict[int, ProblemItem]:
    """Refusals of those figures whose period is locked by a plan with a target that reads them, by position.

    Periods before the plan count too: growth and seasonal shares use earlier figures. So do figures of an area
    within the area of a target on a regional sum. Targets that the caller may not see do not count: a refusal
    would reveal them. `surroundings`: of the only change.
    """
    formula_inputs, restricted = None, None
    if surroundings is not None:
        formula_inputs, restricted = surroundings.pairs("formula"), dict(surroundings.pairs("restricted"))
    reader_ids_by_indicator = Indicator.objects.readers_of({change.indicator.id for change in changes}, formula_inputs)
    hidden_ids = Indicator.objects.hidden_from(by, restricted)
    ancestors = _ancestors(changes)
    if surroundings is not None:
        targets = lock_targets_of_figure(changes[0], surroundings)
    else:
        reader_ids = {reader for group in reader_ids_by_indicator.values() for reader in group}
        area_ids = {change.area for change in changes}.union(*ancestors.values())
        targets = lock_plans_of_series(reader_ids - hidden_ids, area_ids)
    locked_plans: dict[int, SeriesTarget] = {}
    plan_ids_by_series: dict[SeriesKey, set[int]] = {}
    for target in sorted(targets, key=lambda target: target.plan_code):
        if target.locked_through is not None and target.indicator not in hidden_ids:
            locked_plans.setdefault(target.plan, target)
            plan_ids_by_series.setdefault((target.indicator, target.area), set()).add(target.plan)
    if not locked_plans:
        return {}
    excepted = set(_active_exceptions(now).filter(plan__in=locked_plans).values_list("plan", "indicator"))
    refusals: dict[int, ProblemItem] = {}
    for position, change in enumerate(changes):
        indicator, area, period = change.indicator, change.area, change.period
        covering_areas = [area, *(ancestors.get(area, ()) if indicator.regional else ())]
        concerned_plan_ids = {
            pk
            for reader in reader_ids_by_indicator[indicator.id]
            for place in covering_areas
            for pk in plan_ids_by_series.get((reader, place), ())
        }
        for plan, locked in locked_plans.items():
            exceptions = excepted & {(plan, None), (plan, indicator.pk)}
            is_locked = locked.locked_through is not None and locked.locked_through >= period.end
            if plan in concerned_plan_ids and is_locked and not exceptions:
                refusals.setdefault(position, _build_refusal(locked.plan_code, locked.locked_through))
    return refusals


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
        _, slug, detail = _build_refusal(plan.code, plan.locked_through)
        raise Conflict(slug, detail, pointer="")


def _active_exceptions(now: datetime) -> QuerySet[LockException]:
    """The exceptions that are valid at a moment."""
    return LockException.objects.filter(created_at__lte=now, until__gt=now)


def _build_refusal(plan_code: str, locked_through: date | None) -> ProblemItem:
    return ProblemItem(
        "",
        "period-locked",
        text(
            f"{plan_code} is locked through {locked_through}: ask for an exception.",
            f"{plan_code} đã khóa đến {locked_through}: cần xin ngoại lệ.",
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
