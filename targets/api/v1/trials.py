"""The trial of a rule on a past year. It is a POST request because it has a body; it writes nothing."""

from typing import Any

from rest_framework import serializers

from indicators.api.v1.fields import LinkField
from kpitracker.lib.serializers import DayField, StrictSerializer
from targets.domain.alerting import Reason
from targets.services import messages
from targets.services.replaying import Happening
from targets.services.trying import DAYS, ROWS, Trial


class TrialSerializer(StrictSerializer):
    plan = LinkField()
    # `from` is a keyword of Python, so it cannot be an attribute.
    locals()["from"] = DayField(
        source="first", default=None, allow_null=True, help_text="If omitted: the first day of the plan."
    )
    to = DayField(source="last", default=None, allow_null=True, help_text=f"If omitted: {DAYS} days later, or today.")


class TriedRowSerializer(StrictSerializer):
    """A message that the rule would have sent."""

    day = serializers.DateField(read_only=True)
    reason = serializers.ChoiceField(choices=[r.value for r in Reason if r is not Reason.NONE], read_only=True)
    target = serializers.CharField(read_only=True)
    status = serializers.CharField(read_only=True)
    recipient = serializers.CharField(read_only=True, help_text="Empty: there is no recipient.")
    message = serializers.CharField(read_only=True)


class TriedSerializer(StrictSerializer):
    rule = serializers.CharField(read_only=True)
    plan = serializers.CharField(read_only=True)
    locals()["from"] = serializers.DateField(read_only=True)
    to = serializers.DateField(read_only=True)
    opened = serializers.IntegerField(read_only=True, help_text="How many of the messages open an alert.")
    whole = serializers.BooleanField(read_only=True, help_text=f"False: only the first {ROWS} messages are listed.")
    messages = TriedRowSerializer(many=True, read_only=True)


def tried(rule: str, plan: str, found: Trial) -> dict[str, Any]:
    return {
        "rule": rule,
        "plan": plan,
        "from": found.first.isoformat(),
        "to": found.last.isoformat(),
        "opened": sum(each.reason is Reason.FIRST for each in found.happenings),
        "whole": found.whole,
        "messages": [_row(each) for each in found.happenings],
    }


def _row(each: Happening) -> dict[str, Any]:
    return {
        "day": each.day.isoformat(),
        "reason": each.reason.value,
        "target": each.facts["target"],
        "status": each.facts["status"],
        "recipient": each.recipient,
        "message": messages.sentence(each.facts),
    }
