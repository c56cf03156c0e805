"""Links in messages: to pages, to the API, and to the page where a recipient acknowledges without logging in."""

from datetime import timedelta
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.core import signing

from kpitracker.lib.actor import Actor, Scope
from targets.domain.alerting import AlertState
from targets.models import Delivery
from targets.services.notifications import batching

# Long enough for a holiday.
_TOKEN_LIFETIME = timedelta(days=30)
_signer = signing.TimestampSigner(sep=".", salt="targets.answer")


def target_url(identifier: str) -> str:
    """Return the page of a target, as of the day on which it is opened. It shows its alerts and actions."""
    return f"{settings.PUBLIC_URL}/targets/{identifier}/"


def api_url(path: str, **params: str) -> str:
    return f"{settings.PUBLIC_URL}/api/v1/{path}/" + (f"?{urlencode(params)}" if params else "")


def work_url() -> str:
    """Return the page of one's own work, which lists all open alerts."""
    return f"{settings.PUBLIC_URL}/my-work/"


def acknowledge_url(delivery: Delivery) -> str:
    """Return the link to acknowledge the alert. Every holder of the message may do so for 30 days."""
    return f"{settings.PUBLIC_URL}/answer/{_signer.sign(delivery.pk.hex)}/"


def delivery_for_token(token: str) -> Delivery | None:
    """Return the delivery that a token belongs to.

    None if the token is expired or forged, the alert is over, or the recipient may no longer see the indicator.
    """
    try:
        pk = UUID(_signer.unsign(token, max_age=_TOKEN_LIFETIME))
    except (signing.BadSignature, ValueError):
        return None
    rows = Delivery.objects.select_related("alert__rule", "alert__target", "contact")
    delivery = rows.filter(pk=pk, alert__isnull=False, webhook=None).first()
    if delivery is None or delivery.alert is None or not AlertState(delivery.alert.state).is_active:
        return None
    return delivery if batching.recipient_may_see(delivery) else None


def responder_actor(delivery: Delivery, address: str) -> Actor:
    """Return the actor for a response by link: the recipient of the message. `address` is the client's IP address."""
    return Actor(delivery.recipient, scopes=frozenset({Scope.ALERTS_WRITE}), address=address)
