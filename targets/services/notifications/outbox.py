"""The outbox of messages: a worker claims a delivery, sends it outside any transaction, and marks the result."""

import random
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from kpitracker.lib.actor import Actor
from kpitracker.lib.audit import log
from kpitracker.lib.errors import Conflict
from kpitracker.lib.i18n.text import text
from targets import signals
from targets.domain.actions import ActionState
from targets.models import Delivery, Webhook
from targets.services.notifications import batching, notify, webhooks

# An attempt has eight steps of at most 5 s each. After the lease the worker that claimed a delivery counts as dead.
LEASE = timedelta(seconds=60)
# Seconds until the next attempt, by the number of attempts made (Standard Webhooks: ten attempts over 75 hours).
_RETRY_DELAYS = [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]
# A receiver may ask us to wait, but not for longer than this.
_MAX_RETRY_DELAY = timedelta(days=1)
# A message whose worker died more often than this fails.
_MAX_INTERRUPTED = 3
_OPEN_STATES = ["pending", "sending"]


def next_deliveries(*, now: datetime, limit: int = 100, excluded_channels: Collection[str] = ()) -> list[Delivery]:
    """Return the deliveries to send now, oldest first: new ones, retries, and those whose lease has expired.

    `excluded_channels` are left out. The messages of one alert reach a recipient in order: a message waits until the
    earlier ones are sent or failed, so that "worse" never arrives before "opened". A paused webhook does not delay
    other recipients. Members of a batch are sent with the batch only.
    """
    webhook_ready = Q(webhook=None) | Q(webhook__paused_until=None) | Q(webhook__paused_until__lte=now)
    candidates = Delivery.objects.filter(
        ~Exists(_earlier_messages().filter(state__in=_OPEN_STATES)),
        webhook_ready,
        state__in=_OPEN_STATES,
        due_at__lte=now,
        merged_into=None,
    ).exclude(channel__in=excluded_channels)
    ready = batching.ready_to_send(candidates, now)
    return list(ready.select_related("alert__target", "action", "webhook", "contact").order_by("due_at", "pk")[:limit])


def _earlier_messages() -> QuerySet[Delivery]:
    """Subquery: earlier messages of the same alert to the same address.

    The sequence number decides which is earlier, since clocks of machines differ.
    """
    return Delivery.objects.filter(
        alert=OuterRef("alert"),
        channel=OuterRef("channel"),
        recipient=OuterRef("recipient"),
        sequence__lt=OuterRef("sequence"),
    )


def claim_delivery(*, delivery: Delivery, now: datetime) -> bool:
    """Try to claim a delivery. Return whether this worker owns it: the conditional update succeeds for one worker only.

    Other messages that are due to the same recipient become members of the same batch.

    Four dead workers: the delivery fails. Action closed meanwhile, or recipient may no longer see the indicator: the
    delivery is dropped. Webhook switched off: the delivery fails. Webhook paused: the delivery waits.
    """
    row = Delivery.objects.filter(
        state__in=_OPEN_STATES, pk=delivery.pk, due_at=delivery.due_at, attempts=delivery.attempts, merged_into=None
    )
    # It was claimed and no result was recorded: the worker is dead.
    delivery.interrupted_attempts += delivery.state == "sending"
    if delivery.interrupted_attempts > _MAX_INTERRUPTED or delivery.attempts > len(_RETRY_DELAYS):
        _split_batch(delivery)
        _record_result(
            row,
            delivery,
            "failed",
            f"Given up: {delivery.interrupted_attempts} of {delivery.attempts} tries never came to an end.",
        )
        return False
    if delivery.action is not None and ActionState(delivery.action.state).is_closed:
        row.update(state="dropped", response="The action was closed.")
        return False
    if reason := batching.drop_reason(delivery):
        with transaction.atomic():
            if row.update(state="dropped", response=reason):
                # The other members leave the batch: each is sent alone or in another batch.
                Delivery.objects.filter(merged_into=delivery.pk, state__in=_OPEN_STATES).update(merged_into=None)
        return False
    if delivery.webhook_id is not None:
        # Read again: this list may be minutes old, and an earlier delivery may have paused the webhook.
        delivery.webhook = webhook = Webhook.objects.get(pk=delivery.webhook_id)
        if not webhook.active:
            row.update(state="failed", response="The webhook is switched off.")
            return False
        if webhook.paused_until is not None and webhook.paused_until > now:
            return False
    return _claim_row(row, delivery, now)


def _claim_row(row: QuerySet[Delivery], delivery: Delivery, now: datetime) -> bool:
    with transaction.atomic():
        if batching.is_batchable(delivery) and not batching.can_start_batch(delivery, now):
            return False
        claimed = row.update(
            state="sending",
            due_at=now + LEASE,
            attempts=delivery.attempts + 1,
            interrupted_attempts=delivery.interrupted_attempts,
        )
        # After the first attempt nothing is added: every copy must have the same content.
        if claimed and delivery.attempts == 0:
            batching.collect_batch(delivery, _earlier_messages(), now)
        if claimed:
            batching.drop_hidden_members(delivery)
    delivery.attempts += claimed
    return claimed == 1


def _split_batch(delivery: Delivery) -> None:
    """Split the batch: one of its members may be what kills the worker, so each is sent alone from now on."""
    Delivery.objects.filter(merged_into=delivery.pk, state__in=_OPEN_STATES).update(merged_into=None, attempts=1)


def mark_sent(*, delivery: Delivery, now: datetime, response: str = "") -> None:
    row = Delivery.objects.filter(pk=delivery.pk, state="sending")
    _record_result(row, delivery, "sent", response, sent_at=now)


def _record_result(row: QuerySet[Delivery], delivery: Delivery, state: str, response: str, **values: object) -> None:
    """Record the result of a delivery and of all members of its batch."""
    with transaction.atomic():
        if row.update(state=state, response=response[:1000], **values):
            members = Delivery.objects.filter(merged_into=delivery.pk, state__in=_OPEN_STATES)
            members.update(state=state, response=response[:1000], **values)


def mark_failed(
    *, delivery: Delivery, now: datetime, response: str, wait: timedelta | None = None, final: bool = False
) -> None:
    """Schedule the next attempt after a growing delay, at least `wait`. If `final`, or after ten attempts, fail."""
    row = Delivery.objects.filter(pk=delivery.pk, state="sending")
    if final or delivery.attempts > len(_RETRY_DELAYS):
        _record_result(row, delivery, "failed", response)
        return
    # Up to 10 % jitter: deliveries that failed together are not retried in the same second.
    delay = timedelta(seconds=_RETRY_DELAYS[delivery.attempts - 1] * random.uniform(0.9, 1.1))  # noqa: S311  # nosec B311
    requested_delay = min(wait or timedelta(0), _MAX_RETRY_DELAY)
    next_attempt = notify.next_allowed_time(delivery.contact, now + max(delay, requested_delay))
    row.update(state="pending", due_at=next_attempt, response=response[:1000])


@transaction.atomic
def replay(*, delivery: Delivery, by: Actor, now: datetime) -> Delivery:
    """Send a delivery again under the same id, with its batch. It gets ten attempts (nine by mail).

    Mail that was sent is not sent again. Raises `Conflict` (not-replayable, webhook-inactive).
    """
    locked: Delivery = Delivery.objects.select_for_update(of=("self",)).get(pk=delivery.merged_into_id or delivery.pk)
    if locked.state not in ("sent", "failed") or not locked.recipient or (locked.webhook is None and locked.sent_at):
        detail = text(
            "Only webhook messages and failed messages can be resent.",
            "Chỉ tin đã gửi qua webhook hoặc gửi không được.",
        )
        raise Conflict("not-replayable", detail, pointer="")
    if locked.webhook is not None:
        webhooks.check_active(locked.webhook)
        Webhook.objects.filter(pk=locked.webhook.pk).update(paused_until=None)
    before = {"state": locked.state, "attempts": locked.attempts}
    # Mail counts as attempted once, so that no new messages are added to the batch under its id.
    initial_attempts = 0 if locked.webhook else 1
    locked.state, locked.attempts, locked.due_at, locked.sent_at, locked.response = (
        "pending",
        initial_attempts,
        now,
        None,
        "",
    )
    locked.interrupted_attempts = 0
    locked.save(update_fields=["state", "attempts", "interrupted_attempts", "due_at", "sent_at", "response"])
    locked.merged_deliveries.filter(state="failed").update(state="pending", response="")
    log.write_entry(
        by=by, verb="changed", row=locked, before=before, after={"state": "pending", "attempts": initial_attempts}
    )
    signals.deliveries_ready.send(sender=Delivery)
    return locked
