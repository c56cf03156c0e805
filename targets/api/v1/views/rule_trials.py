"""The trial of a rule on a past year. It is a POST request because it has a body; it writes nothing."""

from kpitracker.lib.rest.serializers import CodeReferenceField, StrictDateField, StrictSerializer
from targets.domain.alerting import NotificationReason
from targets.payloads.alerts import RuleTrialMessagePayload, RuleTrialResultPayload
from targets.services.alerting.replay import ReplayedMessage
from targets.services.alerting.trials import MAX_DAYS, TrialResult
from targets.services.text import alert_messages


class RuleTrialSerializer(StrictSerializer):
    plan = CodeReferenceField()
    # `from` is a keyword of Python, so it cannot be an attribute.
    locals()["from"] = StrictDateField(
        source="first", default=None, allow_null=True, help_text="If omitted: the first day of the plan."
    )
    to = StrictDateField(
        source="last", default=None, allow_null=True, help_text=f"If omitted: {MAX_DAYS} days later, or today."
    )


def trial_result(rule: str, plan: str, trial: TrialResult) -> RuleTrialResultPayload:
    return {
        "rule": rule,
        "plan": plan,
        "from": trial.first.isoformat(),
        "to": trial.last.isoformat(),
        "opened": sum(notification.reason is NotificationReason.FIRST for notification in trial.notifications),
        "whole": trial.is_complete,
        "messages": [_message_row(notification) for notification in trial.notifications],
    }


def _message_row(notification: ReplayedMessage) -> RuleTrialMessagePayload:
    return {
        "day": notification.day.isoformat(),
        "reason": notification.reason.value,
        "target": notification.snapshot["target"],
        "status": notification.snapshot["status"],
        "recipient": notification.addresses,
        "message": alert_messages.summary_line(notification.snapshot),
    }
