"""Where a reader of a message finds what it is about, and where he answers it without logging in."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.core import signing

from kpitracker.lib.actor import Actor, Scope
from targets.domain.alerting import AlertState
from targets.models import Delivery
from targets.services import gathering

# As long as somebody may be on holiday.
_GOOD_FOR = timedelta(days=30)
_signer = signing.TimestampSigner(sep=".", salt="targets.answer")


def page(kind: str, pk: Any) -> str:
    """Its page in the admin."""
    return f"{settings.PUBLIC_URL}/admin/targets/{kind}/{pk}/change/"


def api(path: str, **asked: str) -> str:
    return f"{settings.PUBLIC_URL}/api/v1/{path}/" + (f"?{urlencode(asked)}" if asked else "")


def together(leader: Delivery) -> str:
    """All alerts that one message told of."""
    return f"{settings.PUBLIC_URL}/admin/targets/alert/?message={leader.pk}"


def answer(delivery: Delivery) -> str:
    """Where its reader says that he is at it: whoever has the message has the right, for a month, to no more than that."""
    return f"{settings.PUBLIC_URL}/answer/{_signer.sign(delivery.pk.hex)}/"


def invited(token: str) -> Delivery | None:
    """The message that such a link stands in; None where it is too old, forged, about what is over, or about what its
    reader may not see any more.
    """
    try:
        pk = UUID(_signer.unsign(token, max_age=_GOOD_FOR))
    except (signing.BadSignature, ValueError):
        return None
    rows = Delivery.objects.select_related("alert__rule", "alert__target", "contact")
    found = rows.filter(pk=pk, alert__isnull=False, webhook=None).first()
    if found is None or found.alert is None or not AlertState(found.alert.state).told:
        return None
    return found if gathering.may_see(found) else None


def reader(delivery: Delivery, address: str) -> Actor:
    """Who answers by a link: the address that the message went to."""
    return Actor(delivery.recipient, scopes=frozenset({Scope.ALERTS_WRITE}), address=address)
