"""The payload of webhooks, by Standard Webhooks. Every copy of a delivery has the same bytes."""

from django.conf import settings
from django.utils.translation import override

from kpitracker.lib.json_types import JsonObject
from targets.models import Delivery
from targets.payloads.alerts import AlertSnapshot
from targets.services.notifications import links
from targets.services.text import alert_messages


def build_payload(delivery: Delivery) -> JsonObject:
    """Build type, timestamp and data of the event from the snapshot that is stored with the delivery."""
    snapshot: AlertSnapshot = delivery.snapshot
    occurred_at = snapshot["at"]
    if delivery.alert is None:
        return {"type": "ping", "timestamp": occurred_at, "data": {}}
    addresses = {
        "page": links.target_url(snapshot["target"]),
        "target": f"{settings.PUBLIC_URL}/api/v1/targets/{snapshot['target']}/",
        "alert": f"{settings.PUBLIC_URL}/api/v1/alerts/{delivery.alert_id}/",
    }
    data = {
        "alert": str(delivery.alert_id),
        "event": delivery.event,
        **{name: value for name, value in snapshot.items() if name != "at"},
        "message": _message_by_language(snapshot),
    }
    return {"type": f"alert.{delivery.event}", "timestamp": occurred_at, "data": data | {"links": addresses}}


def _message_by_language(snapshot: AlertSnapshot) -> dict[str, str]:
    """Return the summary line by language: a program states no language, so it gets both."""
    message = {}
    for language in ("en", "vi"):
        with override(language):
            message[language] = alert_messages.summary_line(snapshot)
    return message
