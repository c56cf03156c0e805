"""Receivers of the signals of kpitracker.lib, and of failed logins."""

from collections.abc import Mapping

from django.contrib.auth.signals import user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from indicators.services.access import api_keys
from indicators.services.batches import digests
from kpitracker.lib import clock
from kpitracker.lib.actor import Actor
from kpitracker.lib.http import refusals
from kpitracker.lib.http.request_context import client_ip
from kpitracker.lib.signals import audit_verified, credential_exposed


@receiver(credential_exposed)
def record_key_exposure(token: str, **_: object) -> None:
    api_keys.record_exposure(token=token, by=Actor("unknown caller with the key in a URL"), now=clock.now())


@receiver(user_login_failed)
def record_failed_login(credentials: Mapping[str, object], request: HttpRequest | None = None, **_: object) -> None:
    if request is not None:
        name = str(credentials.get("username", ""))
        refusals.record_refusal(refusals.LOGIN_FAILED, request, client_ip(request), name=name, status=200)


@receiver(audit_verified)
def verify_batch_digests(**_: object) -> list[tuple[str, str]]:
    return [
        (str(entry.pk), f"batch {entry.object_id}: its revisions differ from the recorded digest")
        for entry in digests.find_broken_entries()
    ]
