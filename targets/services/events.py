"""What programs are told: an event as Standard Webhooks has it, the same bytes in every copy."""

from typing import Any

from django.conf import settings
from django.utils.translation import override

from targets.models import Delivery
from targets.services import messages


def body(delivery: Delivery) -> dict[str, Any]:
    """Type, time of the event and its facts, from what was stored with the delivery."""
    facts = dict(delivery.facts)
    at = facts.pop("at")
    if delivery.alert is None:
        return {"type": "ping", "timestamp": at, "data": {}}
    links = {
        "page": f"{settings.PUBLIC_URL}/admin/targets/target/{delivery.alert.target_id}/change/",
        "target": f"{settings.PUBLIC_URL}/api/v1/targets/{facts['target']}/",
        "alert": f"{settings.PUBLIC_URL}/api/v1/alerts/{delivery.alert_id}/",
    }
    data = {"alert": str(delivery.alert_id), "event": delivery.event, **facts, "message": _message(facts)}
    return {"type": f"alert.{delivery.event}", "timestamp": at, "data": data | {"links": links}}


def _message(facts: dict[str, Any]) -> dict[str, str]:
    """In both languages: a program asks in none."""
    said = {}
    for language in ("en", "vi"):
        with override(language):
            said[language] = messages.sentence(facts)
    return said
