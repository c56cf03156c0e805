"""The next step of an alert, if no figure is posted and no user responds."""

from indicators.models import Holiday
from kpitracker.lib import clock
from kpitracker.lib.i18n.text import text
from targets.domain import alerting
from targets.domain.alerting import ConditionState, DecisionContext, NotificationReason
from targets.domain.choices import RESULT_STATUSES, Status
from targets.domain.rules import TIME_BASED_KINDS, RuleKind
from targets.models import Alert
from targets.services.alerting import engine
from targets.services.alerting.conditions import to_timing

STEP_NAMES = {
    NotificationReason.NONE: text("nothing until a figure is posted", "chờ số liệu mới"),
    NotificationReason.FIRST: text("first notification", "báo lần đầu"),
    NotificationReason.REMINDER: text("a reminder", "nhắc lại"),
    NotificationReason.ESCALATION: text("escalation by one level", "chuyển lên cấp trên"),
    NotificationReason.RECOVERED: text(
        "the alert closes, if its condition stays over", "đóng cảnh báo nếu không tái diễn"
    ),
    NotificationReason.SETTLED: text("the alert closes with its result", "đóng cảnh báo với kết quả đã có"),
}


def next_reason(alert: Alert) -> NotificationReason:
    """Return the reason for the next notification, at the time of the next check.

    The decision uses only stored data: it assumes that the condition still holds, or is still over, as it is stored.
    """
    if alert.next_check_at is None or alert.state == "resolved":
        return NotificationReason.NONE
    is_result_known = Status(alert.status) in RESULT_STATUSES and RuleKind(alert.rule.kind) not in TIME_BASED_KINDS
    condition_state = ConditionState(
        0 if alert.cleared_since else max(alert.severity_rank, 1), is_new=False, is_result_known=is_result_known
    )
    now = DecisionContext(
        alert.next_check_at, clock.local_day(alert.next_check_at), calendar=Holiday.objects.calendar()
    )
    return alerting.decide_alert(condition_state, engine.alert_progress(alert), to_timing(alert.rule), now).reason


def describe_next_step(alert: Alert) -> str:
    reason = next_reason(alert)
    return str(STEP_NAMES.get(reason, reason))
