"""The next step of an alert, if no figure is posted and no user responds."""

from indicators.models import Holiday
from kpitracker.lib import clock
from kpitracker.lib.texts import text
from targets.domain import alerting
from targets.domain.alerting import Now, Reason, Truth
from targets.domain.rules import RuleKind
from targets.domain.vocabulary import RESULTS, Status
from targets.models import Alert
from targets.services import alerts
from targets.services.conditions import patience_of

NAMES = {
    Reason.NONE: text("nothing until a figure is posted", "chờ số liệu mới"),
    Reason.FIRST: text("first notification", "báo lần đầu"),
    Reason.REMINDER: text("a reminder", "nhắc lại"),
    Reason.ESCALATION: text("escalation by one level", "chuyển lên cấp trên"),
    Reason.RECOVERED: text("the alert closes, if its condition stays over", "đóng cảnh báo nếu không tái diễn"),
    Reason.SETTLED: text("the alert closes with its result", "đóng cảnh báo với kết quả đã có"),
}


def of(alert: Alert) -> Reason:
    """Return the reason for the next notification, at the time of the next check.

    The decision uses only stored data: it assumes that the condition still holds, or is still over, as it is stored.
    """
    if alert.look_at is None or alert.state == "resolved":
        return Reason.NONE
    final = Status(alert.status) in RESULTS and not RuleKind(alert.rule.kind).by_time
    truth = Truth(0 if alert.over_since else max(alert.grade, 1), news=False, final=final)
    now = Now(alert.look_at, clock.local_day(alert.look_at), calendar=Holiday.objects.calendar())
    return alerting.decide(truth, alerts.told_of(alert), patience_of(alert.rule), now).reason


def in_words(alert: Alert) -> str:
    reason = of(alert)
    return str(NAMES.get(reason, reason))
