"""Judgements of qualitative targets that are in force on a day."""

from collections.abc import Collection
from datetime import date, datetime

from targets.domain.choices import Status
from targets.domain.judgements import JudgementInForce
from targets.models import Judgement, Target


def load_judgements(
    targets: Collection[Target], as_of: date, recorded_by: datetime | None = None
) -> dict[int, JudgementInForce]:
    """The judgement in force on a day, by target id. One query; none when no target is qualitative."""
    qualitative_ids = [target.pk for target in targets if target.qualitative]
    if not qualitative_ids:
        return {}
    rows = Judgement.objects.filter(target__among=qualitative_ids).known_as_of(as_of, recorded_by)
    return {
        row.target_id: JudgementInForce(Status(row.status), row.day, row.reason, row.judged_by)
        for row in rows.oldest_first()
    }
