"""Replay alert rules over past days, with what was known on each day. Nothing is stored and nothing is sent."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, NamedTuple

from indicators.models import Holiday, Revision
from indicators.querysets import SeriesKey
from indicators.services.figures.series import source_series
from kpitracker.lib.actor import Actor, system_actor
from kpitracker.lib.i18n.text import text
from targets.domain import alerting
from targets.domain.alerting import (
    AlertEvent,
    AlertProgress,
    AlertState,
    ConditionState,
    EvaluationTime,
    NotificationReason,
)
from targets.domain.rules import RuleKind
from targets.models import AlertRule, Plan, Target
from targets.services.alerting import engine, matching, store, triggers
from targets.services.alerting.matching import EvaluatedTarget
from targets.services.alerting.replay_source import HistoricalTriggers
from targets.services.alerting.triggers import Trigger, TriggerSource
from targets.services.assessment import assess
from targets.services.evaluation.evaluate import Evaluation, evaluate_targets
from targets.services.notifications import notify
from targets.services.notifications.recipients import RecipientResolver

_MORNING = timedelta(hours=8)
_OPERATOR = system_actor("replay")
REASON_NAMES = {
    NotificationReason.FIRST: text("opened", "mở"),
    NotificationReason.WORSE: text("worse", "xấu hơn"),
    NotificationReason.REMINDER: text("reminder", "nhắc lại"),
    NotificationReason.ESCALATION: text("escalated", "chuyển cấp trên"),
    NotificationReason.RECOVERED: text("over", "đã hết"),
    NotificationReason.SETTLED: text("closed", "đóng"),
}


class SimulatedNotification(NamedTuple):
    """A notification that would have been written.

    `addresses`: those of the recipients, joined by commas ("": there is no recipient). `snapshot`: the content of the message.
    """

    day: date
    rule: AlertRule
    reason: NotificationReason
    addresses: str
    snapshot: dict[str, Any]


def replay(
    *, plan: Plan, rules: Sequence[AlertRule], first: date, last: date, today: date, by: Actor = _OPERATOR
) -> Iterator[SimulatedNotification]:
    """Yield the notifications from the first day to the last, in order, as if no user had responded.

    Figures count from their day of publication, and target versions from the day on which they were in force.
    Departments, holidays and rules are those of today. Only targets that are visible to the actor are replayed.
    """
    candidates = Target.objects.visible_to(by).filter(plan=plan).order_by("identifier").for_assessment()
    subtrees = matching.department_subtrees(rules)
    targets = [target for target in candidates if any(matching.is_in_scope(rule, target, subtrees) for rule in rules)]
    yield from _RuleReplay(targets, rules, first, last, today).notifications()


class _RuleReplay:
    """The replay of rules for the targets of a plan: the state after the days so far."""

    def __init__(self, targets: list[Target], rules: Sequence[AlertRule], first: date, last: date, today: date) -> None:
        self._targets, self._rules = targets, rules
        self._first, self._last, self._today = first, last, today
        self._targets_by_day = _load_targets_by_day(targets, first, last)
        self._resolver = RecipientResolver(targets)
        self._subtrees = matching.department_subtrees(rules)
        self._calendar = Holiday.objects.calendar()
        self._historical_triggers = HistoricalTriggers(targets)
        self._trigger_source = TriggerSource(
            self._historical_triggers.revised_figures, self._historical_triggers.overdue_actions, lambda: self._calendar
        )
        self._evaluations: dict[int, Evaluation] = {}
        self._progress: dict[tuple[int, int], AlertProgress] = {}
        self._notified_keys: dict[tuple[int, int], set[str]] = defaultdict(set)
        self._findings: dict[tuple[int, int], dict[str, Any]] = {}
        self._notified_addresses: dict[tuple[int, int], dict[str, None]] = defaultdict(dict)

    def notifications(self) -> Iterator[SimulatedNotification]:
        day = self._first
        while day <= self._last:
            yield from self._process_day(day)
            day += timedelta(days=1)

    def _process_day(self, day: date) -> Iterator[SimulatedNotification]:
        posted_ids = self._targets_by_day.get(day, set())
        outdated = [
            candidate
            for candidate in self._targets
            if candidate.pk in posted_ids or not self._is_valid_on(candidate, day)
        ]
        evaluations_before = {candidate.pk: self._evaluations.get(candidate.pk) for candidate in outdated}
        if outdated:
            evaluations = evaluate_targets(targets=outdated, as_of=day, today=self._today)
            self._evaluations |= {result.target.pk: result for result in evaluations}
        for target in self._targets:
            evaluation = self._evaluations.get(target.pk)
            if evaluation is not None:
                evaluated = _to_evaluated_target(
                    evaluation, evaluations_before.get(target.pk, evaluation), target.pk in posted_ids
                )
                is_reevaluated = target.pk in evaluations_before
                for rule in self._rules:
                    # Skip the days on which nothing can change for this target and rule.
                    if is_reevaluated or (rule.pk, target.pk) in self._progress or RuleKind(rule.kind).is_time_based:
                        yield from self._apply_rule(rule, evaluated, day)

    def _is_valid_on(self, target: Target, day: date) -> bool:
        evaluation = self._evaluations.get(target.pk)
        return evaluation is not None and assess.last_valid_day(evaluation) >= day

    def _apply_rule(self, rule: AlertRule, evaluated: EvaluatedTarget, day: date) -> Iterator[SimulatedNotification]:
        target = evaluated.evaluation.target
        key = rule.pk, target.pk
        progress = self._progress.get(key)
        trigger, condition_state = self._condition_state(rule, evaluated, day, progress)
        if progress is not None and evaluated.is_news and condition_state.severity_rank:
            progress = progress._replace(figure_count=progress.figure_count + 1)
        now = EvaluationTime(engine.start_of_day(day) + _MORNING, day, calendar=self._calendar)
        decision = alerting.decide_alert(condition_state, progress, matching.to_timing(rule), now)
        if decision.state is None:
            return
        next_progress = alerting.next_progress(progress, condition_state, decision, now)
        self._progress[key] = next_progress
        if decision.state == AlertState.RESOLVED:
            del self._progress[key]
        if trigger is not None:
            self._notified_keys[key].add(trigger.key)
            self._findings[key] = trigger.finding
        if decision.reason is not NotificationReason.NONE:
            level = 0 if decision.reason is NotificationReason.FIRST else next_progress.escalation_level
            addresses = self._addresses_for(rule, evaluated.evaluation, decision.reason, level)
            yield SimulatedNotification(
                day,
                rule,
                decision.reason,
                addresses,
                store.build_alert_snapshot(decision.reason, evaluated, self._findings.get(key)),
            )

    def _condition_state(
        self, rule: AlertRule, evaluated: EvaluatedTarget, day: date, progress: AlertProgress | None
    ) -> tuple[Trigger | None, ConditionState]:
        if not matching.is_in_scope(rule, evaluated.evaluation.target, self._subtrees):
            return None, ConditionState(0)
        condition, may_open, trigger = matching.to_condition(rule), matching.may_open_alert(rule, evaluated), None
        if condition.kind.uses_trigger and (may_open or progress is not None):
            # The evaluation may be from an earlier day: triggers are detected as of today.
            trigger = triggers.detect_trigger(
                rule, evaluated._replace(evaluation=replace(evaluated.evaluation, as_of=day)), self._trigger_source
            )
            notified_keys = self._notified_keys[rule.pk, evaluated.evaluation.target.pk]
            if (
                trigger is not None
                and progress is None
                and triggers.is_key_notified(rule, trigger.key, notified_keys - {""})
            ):
                trigger = None
        trigger_grade = None if trigger is None else trigger.grade
        return trigger, matching.to_condition_state(
            condition, evaluated.evaluation.assessment, news=may_open, trigger_grade=trigger_grade
        )

    def _addresses_for(self, rule: AlertRule, evaluation: Evaluation, reason: NotificationReason, level: int) -> str:
        """Return the addresses of a notification, joined by commas."""
        event, severity = engine.EVENT_BY_REASON[reason], matching.alert_severity(rule, evaluation.assessment.status)
        earlier_addresses = self._notified_addresses[rule.pk, evaluation.target.pk]
        if reason is NotificationReason.FIRST:
            earlier_addresses.clear()
        if event is not AlertEvent.RESOLVED or not earlier_addresses:
            recipients = notify.recipients_for(event, evaluation.target, rule, level, severity, self._resolver)
            earlier_addresses |= dict.fromkeys(recipient.address for recipient in recipients)
            return ", ".join(recipient.address for recipient in recipients)
        return ", ".join(earlier_addresses)


def _to_evaluated_target(
    evaluation: Evaluation, evaluation_before: Evaluation | None, is_posted: bool
) -> EvaluatedTarget:
    if evaluation_before is None:
        return EvaluatedTarget(evaluation, "", is_posted, by_time=True)
    assessment_before = evaluation_before.assessment
    return EvaluatedTarget(
        evaluation,
        assessment_before.status.value,
        is_posted,
        assessment_before.overdue,
        evaluation_before.version.number,
        by_time=True,
    )


def _load_targets_by_day(targets: Sequence[Target], first: date, last: date) -> dict[date, set[int]]:
    """Return, by day, the ids of the targets for which a figure was published."""
    targets_by_series: dict[SeriesKey, set[int]] = defaultdict(set)
    for target in targets:
        for pair in source_series({(target.indicator_id, target.area_id)}):
            targets_by_series[pair].add(target.pk)
    targets_by_day: dict[date, set[int]] = defaultdict(set)
    rows = (
        Revision.objects.valid().for_series(targets_by_series, "measurement__").filter(published__range=(first, last))
    )
    for indicator, area, day in rows.values_list("measurement__indicator", "measurement__area", "published"):
        targets_by_day[day] |= targets_by_series.get((indicator, area), set())
    return targets_by_day
