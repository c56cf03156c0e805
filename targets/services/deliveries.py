"""The record of what is to be sent: claimed, then sent by somebody else, then marked."""

import random
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from kpitracker.lib.actor import Actor
from kpitracker.lib.audit import notes
from kpitracker.lib.errors import Conflict
from kpitracker.lib.texts import text
from targets import signals
from targets.domain.actions import ActionState
from targets.models import Delivery, Webhook
from targets.services import gathering, telling, webhooks

# Each of the eight steps of a try is bounded to 5 s; after the lease whoever claimed it is taken for dead.
LEASE = timedelta(seconds=60)
# Until the next try, by the number of tries made (Standard Webhooks; ten tries over 75 hours).
_WAITS = [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]
# A receiver may ask us to wait, but not until it is forgotten what for.
_LONGEST_WAIT = timedelta(days=1)
# After so many more tries a message that kills its sender is set aside.
_LOST = 3
_OPEN = ["pending", "sending"]


def due(*, now: datetime, limit: int = 100, without: Collection[str] = ()) -> list[Delivery]:
    """What is to be sent now, oldest first: never tried, to be tried again, or claimed by somebody who died; nothing by
    the channels `without`.

    Of one alert nothing goes to a receiver before what came earlier is sent, or given up: "worse" before "opened"
    would be read the wrong way round. Webhooks that rest hold nobody else, and what goes together is not broken up.
    """
    awake = Q(webhook=None) | Q(webhook__resume_at=None) | Q(webhook__resume_at__lte=now)
    waiting = Delivery.objects.filter(
        ~Exists(_earlier().filter(state__in=_OPEN)), awake, state__in=_OPEN, due_at__lte=now, part_of=None
    ).exclude(channel__in=without)
    ripe = gathering.ripe(waiting, now)
    return list(ripe.select_related("alert__target", "action", "webhook", "contact").order_by("due_at", "pk")[:limit])


def _earlier() -> QuerySet[Delivery]:
    """Of the same alert, to the same place: by the number of the message, since clocks of machines differ."""
    return Delivery.objects.filter(
        alert=OuterRef("alert"),
        channel=OuterRef("channel"),
        recipient=OuterRef("recipient"),
        number__lt=OuterRef("number"),
    )


def claim(*, delivery: Delivery, now: datetime) -> bool:
    """Whether it is ours: a conditional update, which of many workers exactly one can make. What goes to the same
    person now goes with it.

    One whose sender died four times is given up: it kills whoever sends it; one
    about an action that has been closed meanwhile, or about what its receiver may not see any more, is not needed; one to
    a webhook that has been switched off fails, and to one that rests by now it waits.
    """
    row = Delivery.objects.filter(
        state__in=_OPEN, pk=delivery.pk, due_at=delivery.due_at, attempts=delivery.attempts, part_of=None
    )
    # Claimed, and nobody said what became of it: its sender is dead.
    delivery.lost += delivery.state == "sending"
    if delivery.lost > _LOST or delivery.attempts > len(_WAITS):
        _let_go(delivery)
        _end(row, delivery, "failed", f"Given up: {delivery.lost} of {delivery.attempts} tries never came to an end.")
        return False
    if delivery.action is not None and ActionState(delivery.action.state).closed:
        row.update(state="dropped", answer="The action was closed.")
        return False
    if reason := gathering.not_wanted(delivery):
        with transaction.atomic():
            if row.update(state="dropped", answer=reason):
                # They go by themselves, or together with others.
                Delivery.objects.filter(part_of=delivery.pk, state__in=_OPEN).update(part_of=None)
        return False
    if delivery.webhook_id is not None:
        # Read anew: a batch may be minutes old, and what went before it may have found nobody.
        delivery.webhook = webhook = Webhook.objects.get(pk=delivery.webhook_id)
        if not webhook.active:
            row.update(state="failed", answer="The webhook is switched off.")
            return False
        if webhook.resume_at is not None and webhook.resume_at > now:
            return False
    return _take(row, delivery, now)


def _take(row: QuerySet[Delivery], delivery: Delivery, now: datetime) -> bool:
    with transaction.atomic():
        if gathering.goes_together(delivery) and not gathering.is_free(delivery, now):
            return False
        claimed = row.update(state="sending", due_at=now + LEASE, attempts=delivery.attempts + 1, lost=delivery.lost)
        # Once it was tried, every copy says the same: nothing is added.
        if claimed and delivery.attempts == 0:
            gathering.gather(delivery, _earlier(), now)
        if claimed:
            gathering.drop_hidden(delivery)
    delivery.attempts += claimed
    return claimed == 1


def _let_go(delivery: Delivery) -> None:
    """One of them may be what kills: each is tried alone from now on."""
    Delivery.objects.filter(part_of=delivery.pk, state__in=_OPEN).update(part_of=None, attempts=1)


def mark_sent(*, delivery: Delivery, now: datetime, answer: str = "") -> None:
    row = Delivery.objects.filter(pk=delivery.pk, state="sending")
    _end(row, delivery, "sent", answer, sent_at=now)


def _end(row: QuerySet[Delivery], delivery: Delivery, state: str, answer: str, **values: Any) -> None:
    """Of a message, with all that goes with it."""
    with transaction.atomic():
        if row.update(state=state, answer=answer[:1000], **values):
            parts = Delivery.objects.filter(part_of=delivery.pk, state__in=_OPEN)
            parts.update(state=state, answer=answer[:1000], **values)


def mark_failed(
    *, delivery: Delivery, now: datetime, answer: str, wait: timedelta | None = None, final: bool = False
) -> None:
    """To be tried again after a growing wait, no sooner than after `wait`; `final`, or after ten tries, it stays
    failed, for all to see.
    """
    row = Delivery.objects.filter(pk=delivery.pk, state="sending")
    if final or delivery.attempts > len(_WAITS):
        _end(row, delivery, "failed", answer)
        return
    # A tenth more or less: what failed together need not all come back in one second.
    usual = timedelta(seconds=_WAITS[delivery.attempts - 1] * random.uniform(0.9, 1.1))  # noqa: S311  # nosec B311
    asked = min(wait or timedelta(0), _LONGEST_WAIT)
    again = telling.free_at(delivery.contact, now + max(usual, asked))
    row.update(state="pending", due_at=again, answer=answer[:1000])


@transaction.atomic
def replay(*, delivery: Delivery, by: Actor, now: datetime) -> Delivery:
    """Send it once more under the same id, with ten tries (nine by mail), and with it what went with it.

    What was sent by mail is not sent again: nobody asks for it. Raises `Conflict` (not-replayable, webhook-inactive).
    """
    locked: Delivery = Delivery.objects.select_for_update(of=("self",)).get(pk=delivery.part_of_id or delivery.pk)
    if locked.state not in ("sent", "failed") or not locked.recipient or (locked.webhook is None and locked.sent_at):
        detail = text("Only what was sent by a webhook, or failed.", "Chỉ tin đã gửi qua webhook hoặc gửi không được.")
        raise Conflict("not-replayable", detail, pointer="")
    if locked.webhook is not None:
        webhooks.check_active(locked.webhook)
        Webhook.objects.filter(pk=locked.webhook.pk).update(resume_at=None)
    before = {"state": locked.state, "attempts": locked.attempts}
    # As if it had been tried: nothing new is gathered under its id.
    first = 0 if locked.webhook else 1
    locked.state, locked.attempts, locked.due_at, locked.sent_at, locked.answer = "pending", first, now, None, ""
    locked.lost = 0
    locked.save(update_fields=["state", "attempts", "lost", "due_at", "sent_at", "answer"])
    locked.parts.filter(state="failed").update(state="pending", answer="")
    notes.note(by=by, verb="changed", row=locked, before=before, after={"state": "pending", "attempts": first})
    signals.deliveries_written.send(sender=Delivery)
    return locked
