"""What begins because a day has come, without a figure: found by a query, once a day."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta

from django.db import transaction

from kpitracker.lib import clock
from kpitracker.lib.slots import slot
from targets.domain.rules import RuleKind
from targets.models import Action, AlertRule, Target
from targets.services import alerts
from targets.services.conditions import Looked
from targets.services.judging import judge_many

JOB = "find-what-begins"
# Of so many worked days no more than a week and twice as many are days of the calendar, long holidays included.
_SPARE = timedelta(days=14)


def find(*, now: datetime) -> int:
    """Open what is due soon, and what an overdue action says, once a day; the number of targets that were looked at.

    What was told stays told: a run that is cut off, or made twice, tells nothing again.
    """
    today = clock.local_day(now)
    with slot(JOB, today.isoformat(), now) as ours:
        if not ours:
            return 0
        ids = sorted(_candidates(today))
        return sum(_look(ids[start : start + alerts.SLICE], now) for start in range(0, len(ids), alerts.SLICE))


def _candidates(today: date) -> set[int]:
    """Ids of the targets of which something may begin today."""
    rules = list(AlertRule.objects.filter(active=True, kind__in=[RuleKind.DUE_SOON, RuleKind.ACTION_OVERDUE]))
    found = _due_by(today, [rule.days for rule in rules if rule.kind == RuleKind.DUE_SOON.value])
    if any(rule.kind == RuleKind.ACTION_OVERDUE.value for rule in rules):
        found |= set(Action.objects.overdue(today).values_list("target_id", flat=True))
    return found


def _due_by(today: date, days: Sequence[int]) -> set[int]:
    """An assessment holds through the next due day at most."""
    if not days:
        return set()
    span = today, today + timedelta(days=2 * max(days)) + _SPARE
    return set(Target.objects.filter(assessment__holds_through__range=span).values_list("pk", flat=True))


@transaction.atomic
def _look(ids: Collection[int], now: datetime) -> int:
    held = list(Target.objects.filter(pk__among=ids).order_by("pk").select_for_update().values_list("pk", flat=True))
    today = clock.local_day(now)
    judged = judge_many(targets=Target.objects.filter(pk__among=held).to_judge(), as_of=today, today=today)
    found = [Looked(each, each.assessment.status.value, False, by_time=True) for each in judged]
    alerts.decide(looked=found, now=now)
    return len(found)
