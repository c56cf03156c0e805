"""The trial of a rule on a past year. It is a POST request because it has a body; it writes nothing."""

from typing import Any

from rest_framework import serializers

from indicators.api.v1.fields import CodeReferenceField
from kpitracker.lib.rest.serializers import StrictDateField, StrictSerializer
from targets.domain.alerting import NotificationReason
from targets.services.alerting.replay import SimulatedNotification
from targets.services.alerting.trials import MAX_DAYS, MAX_ROWS, TrialResult
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


class RuleTrialMessageSerializer(StrictSerializer):
    """A message that the rule would have sent."""

    day = serializers.DateField(read_only=True)
    reason = serializers.ChoiceField(
        choices=[r.value for r in NotificationReason if r is not NotificationReason.NONE], read_only=True
    )
    target = serializers.CharField(read_only=True)
    status = serializers.CharField(read_only=True)
    recipient = serializers.CharField(read_only=True, help_text="Empty: there is no recipient.")
    message = serializers.CharField(read_only=True)


class RuleTrialResultSerializer(StrictSerializer):
    rule = serializers.CharField(read_only=True)
    plan = serializers.CharField(read_only=True)
    locals()["from"] = serializers.DateField(read_only=True)
    to = serializers.DateField(read_only=True)
    opened = serializers.IntegerField(read_only=True, help_text="How many of the messages open an alert.")
    whole = serializers.BooleanField(read_only=True, help_text=f"False: only the first {MAX_ROWS} messages are listed.")
    messages = RuleTrialMessageSerializer(many=True, read_only=True)


def trial_result(rule: str, plan: str, trial: TrialResult) -> dict[str, Any]:
    return {
        "rule": rule,
        "plan": plan,
        "from": trial.first.isoformat(),
        "to": trial.last.isoformat(),
        "opened": sum(notification.reason is NotificationReason.FIRST for notification in trial.notifications),
        "whole": trial.is_complete,
        "messages": [_message_row(notification) for notification in trial.notifications],
    }


def _message_row(notification: SimulatedNotification) -> dict[str, Any]:
    return {
        "day": notification.day.isoformat(),
        "reason": notification.reason.value,
        "target": notification.snapshot["target"],
        "status": notification.snapshot["status"],
        "recipient": notification.addresses,
        "message": alert_messages.summary_line(notification.snapshot),
    }
