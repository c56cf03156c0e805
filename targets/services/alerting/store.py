"""The values that pass through the alert engine, and the interface of the store that a run reads and writes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from indicators.domain.calendars import Calendar
from targets.domain.alerting import AlertState, ConditionState, NotificationReason
from targets.models import Action, Alert, AlertRule, Delivery, Silence, Target
from targets.payloads.alerts import Finding
from targets.services.alerting.revisions import RevisedFigure
from targets.services.evaluation.evaluate import Evaluation
from targets.services.notifications.notify import NotificationContext


class EvaluatedTarget(NamedTuple):
    """A target that was just evaluated.

    `status_before`: its status until then ("": never evaluated). `is_news`: the cause is a figure that is
    not quiet. `was_overdue`: its figures were overdue before. `version_before`: the number of the
    version of the last evaluation (None: unknown, or the same version). `by_time`: the daily scan evaluates it.
    `by_day_alone`: no figure and no amendment changed it. `was_not_notified`: its status until then was a problem that came quietly.
    """

    evaluation: Evaluation
    status_before: str
    is_news: bool
    was_overdue: bool = True
    version_before: int | None = None
    by_time: bool = False
    by_day_alone: bool = False
    was_not_notified: bool = False


class Trigger(NamedTuple):
    """What triggers a rule: its grade (greater is worse), the `finding` for the message, and its key.

    A rule notifies once per target and key. A trigger with the key "" has no such limit: it depends on a change of the
    status.
    """

    grade: int
    finding: Finding
    key: str = ""


class Candidate(NamedTuple):
    """A rule and a target whose alert may open or change. `alert`: the open alert (None: there is none)."""

    rule: AlertRule
    evaluated: EvaluatedTarget
    alert: Alert | None
    condition: ConditionState
    trigger: Trigger | None


@dataclass(slots=True)
class AlertChange:
    """The new state of an alert, the reason for a notification, the evaluation behind it, and the state before.

    `state_before` is "" for a new alert.
    """

    alert: Alert
    reason: NotificationReason
    evaluated: EvaluatedTarget
    state_before: str

    @property
    def never_notified(self) -> bool:
        """The alert was resolved before any notification about it was written."""
        return self.alert.state == AlertState.RESOLVED and self.reason is NotificationReason.NONE


class AlertStore(Protocol):
    """Where a run reads rules and alerts and writes its decisions: the database, or the memory of a replay.

    A run reads the state before the run; it writes at its end.
    """

    @property
    def rules(self) -> Sequence[AlertRule]:
        """All rules, the oldest first."""

    @property
    def open_alerts(self) -> Mapping[tuple[int, int], Alert]:
        """The alerts of the evaluated targets that are not resolved, by rule id and target id."""

    @property
    def silences(self) -> Sequence[Silence]:
        """The silences in force."""

    @property
    def subtrees(self) -> Mapping[int, Collection[int]]:
        """The ids of each department that a rule or a silence names, and of those below it."""

    @property
    def calendar(self) -> Calendar: ...

    @property
    def context(self) -> NotificationContext:
        """The recipients of the notifications."""

    def notified_keys(self, rule: AlertRule, target: Target) -> Collection[str]:
        """The keys of the triggers that the rule has already notified about."""

    def revised_figures(self, evaluated: EvaluatedTarget) -> Sequence[RevisedFigure]:
        """The figures that the posts behind this evaluation revised."""

    def overdue_actions(self, target: Target) -> Sequence[Action]: ...

    def count_waiting(self, department_id: int) -> int:
        """The number of targets that wait for figures of a department; 0 if any of its targets has its due figures."""

    def oldest_active_alert(self, rule: AlertRule, department_id: int) -> Alert | None:
        """The oldest alert of a rule and a department that was notified, is not resolved and not inhibited."""

    def save_changes(self, changes: Sequence[AlertChange]) -> None: ...

    def release_inhibited(
        self, news_targets: Sequence[Target], closed_alerts: Collection[Alert], now: datetime
    ) -> None:
        """Release inhibited alerts: of departments that owe figures of these targets, or of these inhibiting alerts.

        Their next check is due now.
        """

    def save_deliveries(self, deliveries: Sequence[Delivery]) -> None: ...
