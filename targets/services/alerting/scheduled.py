"""Daily scan for alerts that no posted figure triggers: figures that are due soon, and overdue actions."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta

from django.db import transaction

from kpitracker.lib import clock
from kpitracker.lib.job_slots import claim_slot
from targets.domain.rules import RuleKind
from targets.models import Action, AlertRule, Target
from targets.services.alerting import engine
from targets.services.alerting.store import EvaluatedTarget
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
    target_ids = set[int]()
    if (last := last_due_soon_day(rules, today)) is not None:
        due_soon = Target.objects.filter(assessment__valid_through__range=(today, last))
        target_ids |= set(due_soon.values_list("pk", flat=True))
    if any(rule.kind == RuleKind.ACTION_OVERDUE.value for rule in rules):
        target_ids |= set(Action.objects.overdue(today).values_list("target_id", flat=True))
    return target_ids


def last_due_soon_day(rules: Iterable[AlertRule], today: date) -> date | None:
    """Return the last day that may count as soon under these rules, or None if none of them is about due days.

    An assessment is valid through its next due day at most.
    """
    offsets = [rule.offset_days for rule in rules if rule.kind == RuleKind.DUE_SOON.value]
    return today + timedelta(days=2 * max(offsets)) + _HOLIDAY_MARGIN if offsets else None


@transaction.atomic
def _process_chunk(ids: Collection[int], now: datetime) -> int:
    locked_ids = list(
        Target.objects.filter(pk__among=ids).order_by("pk").select_for_update().values_list("pk", flat=True)
    )
    today = clock.local_day(now)
    evaluations = evaluate_targets(
        targets=Target.objects.filter(pk__among=locked_ids).order_by("pk").for_assessment(), as_of=today, today=today
    )
    evaluated_targets = [
        EvaluatedTarget(evaluation, evaluation.assessment.status.value, False, by_time=True)
        for evaluation in evaluations
    ]
    engine.process_evaluations(evaluated_targets=evaluated_targets, now=now)
    return len(evaluated_targets)
