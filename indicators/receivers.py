"""Receivers of the signals of kpitracker.lib."""

from django.dispatch import receiver

from indicators.services.access import api_keys
from indicators.services.batches import digests
from kpitracker.lib import clock
from kpitracker.lib.actor import Actor
from kpitracker.lib.signals import audit_verified, credential_exposed


@receiver(credential_exposed)
def record_key_exposure(token: str, **_: object) -> None:
    api_keys.record_exposure(token=token, by=Actor("unknown caller with the key in a URL"), now=clock.now())


@receiver(audit_verified)
def verify_batch_digests(**_: object) -> list[tuple[str, str]]:
    return [
        (str(entry.pk), f"batch {entry.object_id}: its revisions differ from the recorded digest")
        for entry in digests.find_broken_entries()
    ]
