"""Daily scan for alerts that no posted figure triggers: figures that are due soon, and overdue actions."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta

from django.db import transaction

from kpitracker.lib import clock
from kpitracker.lib.job_slots import claim_slot
from targets.domain.rules import RuleKind
from targets.models import Action, AlertRule, Target
from targets.services.alerting import engine
from targets.services.alerting.matching import EvaluatedTarget
from targets.services.evaluation.evaluate import evaluate_targets

JOB_NAME = "find-what-begins"
# Upper bound: n working days span at most 2n + 14 calendar days, long holidays included.
_HOLIDAY_MARGIN = timedelta(days=14)


def run_daily_scan(*, now: datetime) -> int:
    """Open the alerts for due figures and overdue actions, once a day. Return the number of targets processed.

    A run that was interrupted, or that happens twice, does not repeat notifications.
    """
    today = clock.local_day(now)
    with claim_slot(JOB_NAME, today.isoformat(), now) as acquired:
        if not acquired:
            return 0
        ids = sorted(_candidate_ids(today))
        return sum(
            _process_chunk(ids[start : start + engine.CHUNK_SIZE], now)
            for start in range(0, len(ids), engine.CHUNK_SIZE)
        )


def _candidate_ids(today: date) -> set[int]:
    """Return the ids of the targets for which such an alert may open today."""
    rules = list(AlertRule.objects.filter(active=True, kind__in=[RuleKind.DUE_SOON, RuleKind.ACTION_OVERDUE]))
    target_ids = _ids_due_within(today, [rule.days for rule in rules if rule.kind == RuleKind.DUE_SOON.value])
    if any(rule.kind == RuleKind.ACTION_OVERDUE.value for rule in rules):
        target_ids |= set(Action.objects.overdue(today).values_list("target_id", flat=True))
    return target_ids


def _ids_due_within(today: date, days: Sequence[int]) -> set[int]:
    """Return the ids of the targets that may have a due day soon.

    An assessment is valid through its next due day at most.
    """
    if not days:
        return set()
    date_range = today, today + timedelta(days=2 * max(days)) + _HOLIDAY_MARGIN
    return set(Target.objects.filter(assessment__holds_through__range=date_range).values_list("pk", flat=True))


@transaction.atomic
def _process_chunk(ids: Collection[int], now: datetime) -> int:
    locked_ids = list(
        Target.objects.filter(pk__among=ids).order_by("pk").select_for_update().values_list("pk", flat=True)
    )
    today = clock.local_day(now)
    evaluations = evaluate_targets(
        targets=Target.objects.filter(pk__among=locked_ids).for_assessment(), as_of=today, today=today
    )
    evaluated_targets = [
        EvaluatedTarget(evaluation, evaluation.assessment.status.value, False, by_time=True)
        for evaluation in evaluations
    ]
    engine.process_evaluations(evaluated_targets=evaluated_targets, now=now)
    return len(evaluated_targets)
