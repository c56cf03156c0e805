"""Record judgements of qualitative targets: a user gives a status and a reason."""

from collections.abc import Collection
from datetime import date, datetime

from django.db import transaction

from indicators.services import history
from kpitracker.lib import clock, writing
from kpitracker.lib.actor import Actor
from kpitracker.lib.errors import Invalid, Unfit
from kpitracker.lib.texts import text
from targets.domain import judgements as domain
from targets.domain.vocabulary import Status
from targets.models import Judgement, Target
from targets.services import locks, plans


@transaction.atomic
def record(*, target: Target, by: Actor, now: datetime, status: str, reason: str, day: date | None = None) -> Judgement:
    """Record a judgement and mark the series of the target for reassessment.

    Raises `NotPermitted` (not-your-plan), `Unfit` (not-qualitative), `Invalid` (required, invalid-date),
    `Conflict` (period-locked).
    """
    plans.check_owner(target.plan.department, by)
    if not target.qualitative:
        raise Unfit(
            "not-qualitative",
            text("It has a number and is assessed by its figures.", "Chỉ tiêu có con số: được đánh giá theo số liệu."),
        )
    today = clock.local_day(now)
    found = day or today
    if found > today:
        raise Invalid(
            "invalid-date", text(f"Not after today ({today}).", f"Không được sau hôm nay ({today})."), pointer="/day"
        )
    if not reason.strip():
        raise Invalid("required", text("Say why.", "Hãy nêu lý do."), pointer="/reason")
    locks.check_terms(plan=target.plan, indicator=target.indicator, announced=found, now=now)
    row = Judgement(target=target, status=status, reason=reason, day=found, recorded_at=now, recorded_by=by.name)
    written = writing.insert(row, by=by, pointer="")
    history.mark({(target.indicator_id, target.area_id)}, quiet=False, now=now)
    return written


def in_force(
    targets: Collection[Target], as_of: date, recorded_by: datetime | None = None
) -> dict[int, domain.Judgement]:
    """The judgement in force on a day, by target id. One query; none when no target is qualitative."""
    asked = [each.pk for each in targets if each.qualitative]
    if not asked:
        return {}
    known = Judgement.objects.filter(target__among=asked).known(as_of, recorded_by)
    return {
        row.target_id: domain.Judgement(Status(row.status), row.day, row.reason, row.recorded_by)
        for row in known.in_order()
    }
