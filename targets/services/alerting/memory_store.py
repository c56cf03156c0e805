"""The memory of a replay as the store of the alert engine: nothing is read from alerts, nothing is written."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import NamedTuple
from uuid import UUID

from indicators.domain.calendars import Calendar
from indicators.models import Holiday
from kpitracker.lib import clock
from targets.domain.alerting import AlertEvent, AlertState, NotificationReason
from targets.domain.rules import RuleKind
from targets.models import Action, Alert, AlertRule, Delivery, Silence, Target, Webhook
from targets.services.alerting import revisions
from targets.services.alerting.conditions import DepartmentSubtrees
from targets.services.alerting.revisions import RevisedFigure, RevisionRecord
from targets.services.alerting.store import AlertChange, EvaluatedTarget
from targets.services.evaluation.comparison import NewAssessment, StoredAssessment
from targets.services.evaluation.evaluate import Evaluation
from targets.services.notifications.notify import NotificationContext
from targets.services.notifications.recipients import RecipientResolver


class SimulatedNotification(NamedTuple):
    """A notification of a replay: its reason and its deliveries, at least one."""

    reason: NotificationReason
    deliveries: list[Delivery]


class _ReplayResolver(RecipientResolver):
    def webhooks(self, target: Target, event: AlertEvent, rule: AlertRule) -> list[Webhook]:
        return []


class _ReplayContext(NotificationContext):
    """Recipients of a replay: "resolved" goes to those of its own earlier messages. Webhooks get nothing."""

    def __init__(self, now: datetime, targets: Sequence[Target]) -> None:
        super().__init__(now, targets)
        self.resolver = _ReplayResolver(targets, clock.local_day(now))
        self.destinations: dict[UUID, list[tuple[str, str]]] = defaultdict(list)

    def notified_destinations(self, alert: Alert) -> list[tuple[str, str]]:
        return self.destinations[alert.pk]


class MemoryStore:
    """Alerts, assessments and notifications of the days so far. `today` is the day that is replayed.

    Every rule counts as active. There are no silences: the replay assumes that no user responds.
    """

    silences: Sequence[Silence] = ()

    def __init__(self, rules: Iterable[AlertRule], targets: Sequence[Target], now: datetime) -> None:
        self.rules = sorted(rules, key=lambda rule: rule.pk)
        self.subtrees = DepartmentSubtrees()
        self.calendar: Calendar = Holiday.objects.calendar()
        self.context = _ReplayContext(now, targets)
        self.today = clock.local_day(now)
        self.evaluations: dict[int, Evaluation] = {}
        self.assessments: dict[int, StoredAssessment] = {}
        self.notifications: list[SimulatedNotification] = []
        self._target_ids = [target.pk for target in targets]
        self.open_alerts: dict[tuple[int, int], Alert] = {}
        self._alerts: dict[tuple[int, int], Alert] = {}
        self._notified_keys: dict[tuple[int, int], set[str]] = defaultdict(set)
        self._reasons: dict[UUID, NotificationReason] = {}
        self._records_by_figure: dict[str, list[RevisionRecord]] = {}

    def begin_day(self, now: datetime) -> None:
        """Let the next runs happen at this time."""
        self.context.now, self.today = now, clock.local_day(now)

    def begin_run(self, evaluated_targets: Iterable[EvaluatedTarget]) -> None:
        """Give the run copies of its open alerts: what it decides counts from its end, as in the database."""
        target_ids = {evaluated.evaluation.target.pk for evaluated in evaluated_targets}
        self.open_alerts = {key: copy(alert) for key, alert in self._alerts.items() if key[1] in target_ids}

    def unchanged_target(self, target_id: int, *, by_time: bool = False) -> EvaluatedTarget:
        """Return a target with its last evaluation, which is still valid today."""
        evaluation = replace(self.evaluations[target_id], as_of=self.today)
        return EvaluatedTarget(evaluation, evaluation.assessment.status.value, is_news=False, by_time=by_time)

    def save_assessment(self, new: NewAssessment) -> None:
        assessment = new.evaluation.assessment
        self.assessments[new.target] = StoredAssessment(
            new.target, new.status, assessment.overdue, new.since, new.valid_through, new.payload, new.not_notified
        )

    def notified_keys(self, rule: AlertRule, target: Target) -> Collection[str]:
        return self._notified_keys[rule.pk, target.pk]

    def revised_figures(self, evaluated: EvaluatedTarget) -> Sequence[RevisedFigure]:
        """Return the figures that were revised by a publication today."""
        if not evaluated.is_news:
            return ()
        figures = [
            item
            for item in revisions.iter_figures_with_revisions(evaluated.evaluation)
            if item[2].published == self.today
        ]
        unread_ids = {figure.id for _, _, figure in figures} - self._records_by_figure.keys()
        self._records_by_figure |= revisions.load_revision_records(unread_ids)
        changes = []
        for indicator, area, figure in figures:
            records = self._records_by_figure.get(figure.id, [])
            current = next((record for record in records if record.number == figure.revision), None)
            previous = revisions.record_in_force(
                [record for record in records if record.published is None or record.published < self.today]
            )
            if current and (change := revisions.to_revised_figure(indicator, area, figure, previous, current)):
                changes.append(change)
        return changes

    def overdue_actions(self, target: Target) -> Sequence[Action]:
        return [action for action in self._actions.get(target.pk, ()) if self._is_overdue(action)]

    def ids_with_overdue_actions(self) -> set[int]:
        """Return the ids of the targets with an action that is overdue today."""
        return {pk for pk, actions in self._actions.items() if any(map(self._is_overdue, actions))}

    def _is_overdue(self, action: Action) -> bool:
        is_written = clock.local_day(action.created_at) <= self.today
        is_open = action.closed_day is None or action.closed_day > self.today
        return is_written and is_open and action.due_day < self.today

    @cached_property
    def _actions(self) -> Mapping[int, Sequence[Action]]:
        by_target: dict[int, list[Action]] = defaultdict(list)
        for action in Action.objects.filter(target__among=self._target_ids).select_related("department"):
            by_target[action.target_id].append(action)
        return by_target

    def count_waiting(self, department_id: int) -> int:
        overdue_count = 0
        for pk, stored in self.assessments.items():
            evaluation = self.evaluations[pk]
            if not evaluation.is_ended and self._owes(department_id, evaluation.target):
                if not stored.overdue and self.evaluations[pk].assessment.expected_through is not None:
                    return 0
                overdue_count += stored.overdue
        return overdue_count

    def oldest_active_alert(self, rule: AlertRule, department_id: int) -> Alert | None:
        matches = [
            alert
            for alert in self._alerts.values()
            if alert.rule_id == rule.pk
            and AlertState(alert.state).is_active
            and alert.inhibited_by is None
            and self._owes(department_id, alert.target)
        ]
        return min(matches, key=lambda alert: (alert.opened_at, alert.pk), default=None)

    def save_changes(self, changes: Sequence[AlertChange]) -> None:
        self._reasons = {change.alert.pk: change.reason for change in changes}
        for change in changes:
            key = change.alert.rule_id, change.alert.target_id
            if change.alert.state != AlertState.RESOLVED:
                self._alerts[key] = change.alert
                continue
            self._alerts.pop(key, None)
            if change.alert.trigger_key and not change.never_notified:
                self._notified_keys[key].add(change.alert.trigger_key)

    def release_inhibited(
        self, news_targets: Sequence[Target], closed_alerts: Collection[Alert], now: datetime
    ) -> None:
        owing = self.context.resolver.owing_departments
        reported = {department.pk for target in news_targets for department in owing(target)}
        closed_ids = {alert.pk for alert in closed_alerts}
        for alert in self._alerts.values():
            if alert.inhibited_by_id is not None and (
                any(self._owes(pk, alert.target) for pk in reported) or alert.inhibited_by_id in closed_ids
            ):
                alert.inhibited_by, alert.next_check_at = None, now

    def save_deliveries(self, deliveries: Sequence[Delivery]) -> None:
        by_alert: dict[UUID, list[Delivery]] = defaultdict(list)
        for delivery in deliveries:
            by_alert[delivery.alert_id].append(delivery)
            if delivery.recipient:
                self.context.destinations[delivery.alert_id].append((delivery.channel, delivery.recipient))
        self.notifications += [SimulatedNotification(self._reasons[pk], rows) for pk, rows in by_alert.items()]

    def due_target_ids(self) -> set[int]:
        """Return the ids of the targets with an alert whose next check is due."""
        return {
            alert.target_id
            for alert in self._alerts.values()
            if alert.next_check_at is not None and alert.next_check_at <= self.context.now
        }

    def reschedule_after_closed_actions(self) -> None:
        """Let the alerts about overdue actions be checked now if an action was closed today."""
        closed = {pk for pk, actions in self._actions.items() if any(row.closed_day == self.today for row in actions)}
        for alert in self._alerts.values():
            if alert.target_id in closed and alert.rule.kind == RuleKind.ACTION_OVERDUE:
                alert.next_check_at = self.context.now

    def _owes(self, department_id: int, target: Target) -> bool:
        return any(row.pk == department_id for row in self.context.resolver.owing_departments(target))
