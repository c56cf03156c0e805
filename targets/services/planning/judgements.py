"""Record judgements of qualitative targets: a user gives a status and a reason."""

from datetime import date, datetime

from django.db import transaction
from django.utils.formats import date_format

from indicators.services.figures import revision_store
from kpitracker.lib import clock, crud
from kpitracker.lib.actor import Actor
from kpitracker.lib.errors import Unprocessable, ValidationProblem
from kpitracker.lib.i18n.text import text
from kpitracker.lib.text_validation import is_blank
from targets.models import Judgement, Target
from targets.services.planning import period_locks, plans


@transaction.atomic
def record_judgement(
    *, target: Target, by: Actor, now: datetime, status: str, reason: str, day: date | None = None
) -> Judgement:
    """Record a judgement and mark the series of the target for reassessment.

    Raises `Forbidden` (not-your-plan), `Unprocessable` (not-qualitative), `ValidationProblem` (required, invalid-date),
    `Conflict` (period-locked).
    """
    plans.check_owner(target.plan.department, by)
    if not target.qualitative:
        raise Unprocessable(
            "not-qualitative",
            text("It has a number and is assessed by its figures.", "Chỉ tiêu có con số: được đánh giá theo số liệu."),
        )
    today = clock.local_day(now)
    judged_on = day or today
    if judged_on > today:
        raise ValidationProblem(
            "invalid-date",
            text(f"Not after today ({date_format(today)}).", f"Không được sau hôm nay ({date_format(today)})."),
            pointer="/day",
        )
    if is_blank(reason):
        raise ValidationProblem("required", text("Give a reason.", "Hãy nêu lý do."), pointer="/reason")
    period_locks.check_announcement(plan=target.plan, indicator=target.indicator, announced=judged_on, now=now)
    judgement = Judgement(
        target=target, status=status, reason=reason, day=judged_on, recorded_at=now, judged_by=by.name
    )
    saved = crud.insert_row(judgement, by=by, pointer="")
    revision_store.mark_changed_series({(target.indicator_id, target.area_id)}, quiet=False, now=now)
    return saved
