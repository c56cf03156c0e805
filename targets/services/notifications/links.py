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


def admin_url(kind: str, pk: object) -> str:
    """Return the admin page of an object."""
    return f"{settings.PUBLIC_URL}/admin/targets/{kind}/{pk}/change/"


def api_url(path: str, **params: str) -> str:
    return f"{settings.PUBLIC_URL}/api/v1/{path}/" + (f"?{urlencode(params)}" if params else "")


def batch_url(leader: Delivery) -> str:
    """Return the admin page that lists all alerts of one batch."""
    return f"{settings.PUBLIC_URL}/admin/targets/alert/?message={leader.pk}"


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
