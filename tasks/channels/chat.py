"""Alerts to places where people chat: Slack, Teams, Telegram, Zalo and whatever else Apprise speaks."""

import json
import subprocess
import sys

from django.conf import settings

from kpitracker.env import ROOT
from targets.models import Delivery
from tasks.channels.base import DeliveryError
from tasks.channels.composing import compose

_DEADLINE = 10  # seconds
_SPEAKER = ROOT / "kpitracker" / "lib" / "outbound" / "chatting.py"


def send(delivery: Delivery) -> str:
    """Hand one message to Apprise, in a process of its own: it knows a hundred services, and a deadline for none.

    The address goes by standard input: what stands on a command line can be read by everybody on the machine.
    Raises `DeliveryError`, which never holds the address.
    """
    url = settings.CHAT_PLACES.get(delivery.recipient)
    if url is None:
        raise DeliveryError(f"{delivery.recipient} is not in CHAT_PLACES any more.", gone=True)
    message = compose(delivery)
    letter = json.dumps({"url": url, "title": message.subject, "body": f"{message.short}\n\n{message.link}"})
    # By its path: as a module it would load the whole service first.
    command = [sys.executable, str(_SPEAKER)]
    try:
        done = subprocess.run(  # noqa: S603  # nosec B603
            command, input=letter.encode(), capture_output=True, timeout=_DEADLINE, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise DeliveryError(f"No answer within {_DEADLINE} s.", silent=True) from error
    if done.returncode != 0:
        # What it printed may hold the address.
        raise DeliveryError(f"Apprise could not deliver it ({done.returncode}).")
    return "accepted"
