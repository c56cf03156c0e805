"""Alerts to chat services: Slack, Teams, Telegram, Zalo and all others that Apprise supports."""

import json
import subprocess
import sys

from django.conf import settings

from kpitracker.env import ROOT
from targets.models import Delivery
from tasks.channels.base import DeliveryError
from tasks.channels.render import render_delivery

_DEADLINE = 10  # seconds
_APPRISE_WORKER = ROOT / "kpitracker" / "lib" / "outbound" / "apprise_worker.py"


def send(delivery: Delivery) -> str:
    """Send one message with Apprise, in its own process, because Apprise sets no deadline for its services.

    The URL goes to standard input: every user of the machine can read command lines. Raises `DeliveryError`, which
    never contains the URL.
    """
    url = settings.CHAT_PLACES.get(delivery.recipient)
    if url is None:
        raise DeliveryError(f"{delivery.recipient} is not in CHAT_PLACES any more.", permanent=True)
    message = render_delivery(delivery)
    request = json.dumps({"url": url, "title": message.subject, "body": f"{message.short}\n\n{message.link}"})
    # Run by path: as a module it would import the whole service first.
    command = [sys.executable, str(_APPRISE_WORKER)]
    try:
        process = subprocess.run(  # noqa: S603  # nosec B603
            command, input=request.encode(), capture_output=True, timeout=_DEADLINE, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise DeliveryError(f"No response within {_DEADLINE} s.", timed_out=True) from error
    if process.returncode != 0:
        # The output may contain the URL.
        raise DeliveryError(f"Apprise could not deliver it ({process.returncode}).")
    return "accepted"
