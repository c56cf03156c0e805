"""Webhooks: create and change them, derive their secrets, and pause those whose receiver fails."""

import hashlib
import hmac
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from indicators.models import Department
from indicators.services.access import peppers
from kpitracker.lib import crud
from kpitracker.lib.actor import Actor, Scope, refuse_scope, system_actor
from kpitracker.lib.errors import Conflict, Unprocessable, ValidationProblem
from kpitracker.lib.i18n.text import text
from kpitracker.lib.outbound import ssrf, webhook_signing
from targets import signals
from targets.domain.alerting import AlertEvent
from targets.models import Delivery, Webhook

SECRET_OVERLAP = timedelta(days=7)
_ACTOR = system_actor("delivery")
# Pause after attempts without response: it grows threefold with each failure in a row, from the first to the longest.
_FIRST_PAUSE, _MAX_PAUSE = 5, 900  # seconds


class SecretUnavailable(Exception):
    """The pepper of a secret is no longer in the settings."""


def signing_secrets(webhook: Webhook, now: datetime) -> list[bytes]:
    """Return the secrets to sign with: the current one, and during the overlap also the previous one.

    Raises `SecretUnavailable`.
    """
    signing_keys = [_derive_secret(webhook, webhook.secret_version, webhook.pepper)]
    if webhook.previous_until is not None and webhook.previous_until > now:
        signing_keys.append(_derive_secret(webhook, webhook.secret_version - 1, webhook.previous_pepper))
    return signing_keys


def display_secret(webhook: Webhook) -> str:
    """Return the current secret as a text. The receiver sees it only once. Raises `SecretUnavailable`."""
    return webhook_signing.format_secret(_derive_secret(webhook, webhook.secret_version, webhook.pepper))


def _derive_secret(webhook: Webhook, secret_version: int, pepper: str) -> bytes:
    stored_pepper = peppers.pepper_by_name(pepper)
    if stored_pepper.name != pepper:
        raise SecretUnavailable("The pepper of its secret is no longer in OLD_KEY_PEPPERS: rotate the webhook.")
    message = f"webhook:{webhook.pk}:{secret_version}"
    return hmac.digest(stored_pepper.value.encode(), message.encode(), hashlib.sha256)


@transaction.atomic
def create_webhook(
    *, by: Actor, now: datetime, url: str, department: Any = None, events: Sequence[str] = (), **values: Any
) -> Webhook:
    """Create a webhook of a department (row or code; None: the whole organisation). No `events` means all events.

    Raises `Unprocessable` (webhook-url-not-allowed, unknown-department), `ValidationProblem` (invalid-choice), `Forbidden`.
    """
    if isinstance(department, str):
        department = Department.objects.by_code(department, "/department")
    row = Webhook(url=url, department=department, events=_validate_events(events), created_at=now, **values)
    _check_rights(row, by)
    _check_url(url)
    row.pepper = peppers.current_pepper().name
    return crud.insert_row(row, by=by, pointer="")


@transaction.atomic
def change_webhook(*, webhook: Webhook, by: Actor, **values: Any) -> Webhook:
    """Change name, URL, events or `active`. Raises as `create_webhook`, and `ValidationProblem` (immutable) for the department."""
    if "department" in values:
        raise ValidationProblem(
            "immutable",
            text("The department of a webhook cannot change.", "Không đổi được đơn vị."),
            pointer="/department",
        )
    _check_rights(webhook, by)
    if "events" in values:
        values["events"] = _validate_events(values["events"])
    if "url" in values:
        _check_url(values["url"])
    if values.get("active", webhook.active) != webhook.active or "url" in values:
        # An administrator has attended to it: reset the failures.
        values |= {"disabled_reason": "", "consecutive_failures": 0, "paused_until": None}
    return crud.change_row(webhook, values, by=by)


@transaction.atomic
def delete_webhook(*, webhook: Webhook, by: Actor) -> None:
    """Delete a webhook. Raises `Forbidden`, and `Conflict` (in-use) if it has deliveries: deactivate it instead."""
    _check_rights(webhook, by)
    # A process that writes a delivery for it holds this lock: after the wait the delivery is visible.
    Webhook.objects.select_for_update(of=("self",)).get(pk=webhook.pk)
    if webhook.deliveries.exists():
        raise Conflict(
            "in-use", text("The webhook has been used: deactivate it instead.", "Đã được dùng: hãy ngừng sử dụng.")
        )
    crud.delete_row(webhook, by=by)


@transaction.atomic
def rotate_secret(*, webhook: Webhook, by: Actor, now: datetime, overlap: timedelta = SECRET_OVERLAP) -> Webhook:
    """Make a new secret. The current one also signs until the overlap is over. An older one ends at once."""
    _check_rights(webhook, by)
    locked: Webhook = Webhook.objects.select_for_update(of=("self",)).get(pk=webhook.pk)
    values = {
        "secret_version": locked.secret_version + 1,
        "pepper": peppers.current_pepper().name,
        "previous_pepper": locked.pepper,
        "previous_until": now + overlap if overlap else None,
    }
    return crud.change_row(locked, values, by=by, verb="rotated")


@transaction.atomic
def ping_webhook(*, webhook: Webhook, by: Actor, now: datetime) -> Delivery:
    """Write a test message to be sent now. Raises `Conflict` (webhook-inactive), `Forbidden`."""
    _check_rights(webhook, by)
    check_active(webhook)
    Webhook.objects.filter(pk=webhook.pk).update(paused_until=None)
    row = Delivery(
        event="ping",
        channel="webhook",
        webhook=webhook,
        recipient=str(webhook.pk),
        due_at=now,
        snapshot={"at": now.isoformat()},
    )
    delivery = crud.insert_row(row, by=by, pointer="")
    signals.deliveries_ready.send(sender=Delivery)
    return delivery


def check_active(webhook: Webhook) -> None:
    if not webhook.active:
        raise Conflict(
            "webhook-inactive", text("The webhook is switched off.", "Webhook đã ngừng sử dụng."), pointer=""
        )


def _validate_events(events: Collection[str]) -> list[str]:
    choices = ", ".join(AlertEvent)
    if set(events) - set(AlertEvent):
        raise ValidationProblem(
            "invalid-choice", text(f"Events are: {choices}.", f"Các sự kiện: {choices}."), pointer="/events"
        )
    return [event.value for event in AlertEvent if event in events]


def _check_rights(webhook: Webhook, by: Actor) -> None:
    """As with keys: administrators of a department manage webhooks of their department and of those below it."""
    if not by.may(Scope.ADMIN):
        raise refuse_scope(by, Scope.ADMIN)
    webhook.check_own_part(by)


def _check_url(url: str) -> None:
    """Check the text of a URL. Host names are checked at each attempt, because their addresses may change."""
    try:
        ssrf.parse_destination(url, settings.WEBHOOK_ALLOWED_HOSTS)
    except ssrf.DestinationBlocked as error:
        raise Unprocessable("webhook-url-not-allowed", str(error), pointer="/url") from error


def record_response(*, webhook: Webhook) -> None:
    """Record a response of the receiver: end the pause and reset the failures."""
    Webhook.objects.filter(pk=webhook.pk).exclude(consecutive_failures=0, paused_until=None).update(
        consecutive_failures=0, paused_until=None
    )


def record_failure(*, webhook: Webhook, now: datetime, wait: timedelta | None, timed_out: bool) -> None:
    """Pause a webhook: for `wait`, or after a timeout for longer each time (15 minutes at most).

    An attempt without a response takes ten seconds: a receiver that is down would delay the messages of all others.
    """
    failures = min(webhook.consecutive_failures + 1, 20) if timed_out else 0
    pause = timedelta(seconds=min(_FIRST_PAUSE * 3 ** (failures - 1), _MAX_PAUSE)) if timed_out else wait
    Webhook.objects.filter(pk=webhook.pk).update(
        consecutive_failures=failures, paused_until=now + pause if pause else None
    )


@transaction.atomic
def disable_webhook(*, webhook: Webhook, reason: str) -> None:
    """Deactivate a webhook whose receiver wants no more messages.

    Its waiting deliveries fail at the next attempt. They can be resent when the webhook is active again.
    """
    locked: Webhook = Webhook.objects.select_for_update(of=("self",)).get(pk=webhook.pk)
    if locked.active:
        crud.change_row(locked, {"active": False, "disabled_reason": reason[:200]}, by=_ACTOR)
