"""Daily scan for alerts that no posted figure triggers: figures that are due soon, and overdue actions."""

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
# Upper bound: n working days span at most 2n + 14 calendar days, long holidays included.
_SPARE = timedelta(days=14)


def find(*, now: datetime) -> int:
    """Open the alerts for due figures and overdue actions, once a day. Return the number of targets processed.

    A run that was interrupted, or that happens twice, does not repeat notifications.
    """
    today = clock.local_day(now)
    with slot(JOB, today.isoformat(), now) as ours:
        if not ours:
            return 0
        ids = sorted(_candidates(today))
        return sum(_look(ids[start : start + alerts.SLICE], now) for start in range(0, len(ids), alerts.SLICE))


def _candidates(today: date) -> set[int]:
    """Return the ids of the targets for which such an alert may open today."""
    rules = list(AlertRule.objects.filter(active=True, kind__in=[RuleKind.DUE_SOON, RuleKind.ACTION_OVERDUE]))
    found = _due_by(today, [rule.days for rule in rules if rule.kind == RuleKind.DUE_SOON.value])
    if any(rule.kind == RuleKind.ACTION_OVERDUE.value for rule in rules):
        found |= set(Action.objects.overdue(today).values_list("target_id", flat=True))
    return found


def _due_by(today: date, days: Sequence[int]) -> set[int]:
    """Return the ids of the targets that may have a due day soon.

    An assessment is valid through its next due day at most.
    """
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
