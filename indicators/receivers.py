"""What this room does when the ground below notices something."""

from typing import Any

from django.dispatch import receiver

from indicators.services import keys
from kpitracker.lib import clock
from kpitracker.lib.actor import Actor
from kpitracker.lib.signals import credential_exposed


@receiver(credential_exposed)
def flag_the_key(token: str, **_: Any) -> None:
    keys.note_exposure(token=token, by=Actor("somebody with the key in an address"), now=clock.now())
