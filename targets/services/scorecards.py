"""The one call a leadership app makes: how a plan stands (domain.md section 7)."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from indicators.domain.rounding import half_up, plain
from kpitracker.lib.actor import Actor
from targets.domain.vocabulary import Status
from targets.models import Assessment, Plan, StatusChange, Target
from targets.services import rows
from targets.services.judging import Judged, judge_many

_POINTS = {
    Status.MET: Decimal(1),
    Status.EXCEEDED: Decimal(1),
    Status.ON_TRACK: Decimal(1),
    Status.AT_RISK: Decimal("0.5"),
}
_UNKNOWN = (Status.NOT_DUE, Status.NO_DATA)


def totals(judged: Iterable[Judged]) -> dict[str, Any]:
    """Counts by status, stale ones apart, score and coverage in percent; null where there is no weight."""
    judged = list(judged)
    counts = Counter(each.assessment.status for each in judged)
    weights: dict[Status, Decimal] = defaultdict(Decimal)
    for each in judged:
        weights[each.assessment.status] += each.target.weight
    whole = sum(weights.values(), Decimal())
    known = whole - sum((weights[status] for status in _UNKNOWN), Decimal())
    won = sum((weight * _POINTS.get(status, 0) for status, weight in weights.items()), Decimal())
    return {
        "targets": len(judged),
        "counts": {status.value: counts[status] for status in Status},
        "stale": sum(each.assessment.overdue for each in judged),
        "score": percent(won, known),
        "coverage": percent(known, whole),
    }


def percent(part: Decimal | int, whole: Decimal | int) -> str | None:
    """To one decimal; None where there is no whole."""
    return None if whole <= 0 else plain(half_up(100 * Decimal(part) / whole, 1))


def scorecard(
    *, plan: Plan, as_of: date, today: date, by: Actor, recorded_by: datetime | None = None
) -> dict[str, Any]:
    """Totals, by department (lead; cooperating apart), by section, and each target that the asker may see.

    Targets not announced are left out.
    """
    targets = Target.objects.shown().visible_to(by).filter(plan=plan).order_by("section", "identifier")
    judged = judge_many(targets=targets, as_of=as_of, today=today, recorded_by=recorded_by)
    moments = _moments(plan, as_of, today)
    return {
        "as_of": as_of.isoformat(),
        "totals": totals(judged),
        "by_department": _by_department(judged),
        "by_section": [
            {"section": section, **totals(group)}
            for section, group in sorted(_grouped(judged, lambda each: each.target.section).items())
        ],
        "targets": [flat_row(each, **moments.get(each.target.pk, {})) for each in judged],
    }


def flat_row(
    each: Judged, since: date | None = None, changed_at: Any = None, change: int | None = None
) -> dict[str, Any]:
    return {
        **each.body,
        **rows.place(each.target),
        "as_of": each.as_of.isoformat(),
        "since": rows.day(since),
        "changed_at": changed_at,
        "change": None if change is None else str(change),
    }


def _moments(plan: Plan, as_of: date, today: date) -> dict[int, dict[str, Any]]:
    """Since when each target has its status; of a past day only what was recorded by then."""
    if as_of == today:
        stored = Assessment.objects.filter(target__plan=plan)
        return {
            row.target_id: {"since": row.since, "changed_at": row.changed_at, "change": row.change} for row in stored
        }
    changes = StatusChange.objects.filter(target__plan=plan, day__lte=as_of).order_by("pk")
    return {row.target_id: {"since": row.day, "changed_at": row.recorded_at} for row in changes}


def _grouped(judged: Iterable[Judged], key: Any) -> dict[Any, list[Judged]]:
    groups: dict[Any, list[Judged]] = defaultdict(list)
    for each in judged:
        groups[key(each)].append(each)
    return groups


def _by_department(judged: list[Judged]) -> list[dict[str, Any]]:
    lead = _grouped(judged, lambda each: each.target.answerable.code if each.target.answerable else None)
    helping: dict[str, list[Judged]] = defaultdict(list)
    for each in judged:
        for department in each.target.cooperating.all():
            helping[department.code].append(each)
    codes = sorted({*(code for code in lead if code), *helping}) + ([None] if None in lead else [])
    return [
        {
            "department": code,
            **totals(lead.get(code, [])),
            "cooperating": totals(helping.get(code, [])) if code else totals([]),
        }
        for code in codes
    ]
