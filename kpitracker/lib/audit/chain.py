"""The chain of hashes over the audit: sealed by the sweep, its head carried outside, verified by anybody.

The web only inserts entries; a chain within its requests would make all writers queue. Each seal holds the hash of its
predecessor's digest, its place and its entry, so that a change is found at the row that was changed. A cut tail shows
only against a head that was exported before.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from kpitracker.lib.audit.models import AuditEntry, AuditSeal
from kpitracker.lib.models import Counter

SLICE = 1000
# No transaction is open for longer than this: older entries are sealed, or somebody took a seal away.
SETTLED = timedelta(hours=1)
START = "0" * 64


class Head(NamedTuple):
    """The last place of the chain and its digest; position 0: nothing is sealed yet."""

    position: int
    digest: str

    def __str__(self) -> str:
        return f"{self.position}:{self.digest}"

    @classmethod
    def parse(cls, written: str) -> "Head":
        """Raises ValueError."""
        position, _, digest = written.strip().partition(":")
        if len(digest) != 64 or not position.isdigit():
            raise ValueError(f"Not a head of the audit chain: {written!r}")
        return cls(int(position), digest)


class Finding(NamedTuple):
    """What is wrong where. `entry` is the id of the audit entry, "" where only its place is known."""

    position: int
    entry: str
    what: str


def digest_of(before: str, position: int, entry: AuditEntry) -> str:
    """SHA-256, in hex, over the digest before, the place and the entry as JSON with sorted names."""
    content = {
        "id": str(entry.pk),
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": entry.actor,
        "department": entry.department,
        "address": entry.address,
        "request_id": entry.request_id,
        "verb": entry.verb,
        "kind": entry.kind,
        "object_id": entry.object_id,
        "label": entry.label,
        "before": entry.before,
        "after": entry.after,
    }
    text = json.dumps([before, position, content], sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def head() -> Head:
    last = AuditSeal.objects.order_by("-position").first()
    return Head(last.position, last.digest) if last else Head(0, START)


def seal(*, now: datetime, everything: bool = False) -> int:
    """Seal what is not sealed yet; the number of entries. One sealer at a time.

    Only the last hour is looked through, unless `everything` is asked for: entries commit in any order, but soon.
    """
    sealed = 0
    while count := _seal_slice(None if everything else now - SETTLED):
        sealed += count
    return sealed


@transaction.atomic
def _seal_slice(since: datetime | None) -> int:
    Counter.hold("audit")
    waiting = _not_sealed()
    if since is not None:
        waiting = waiting.filter(at__gte=since)
    entries = list(waiting.order_by("pk")[:SLICE])
    place = head()
    seals = []
    for entry in entries:
        place = Head(place.position + 1, digest_of(place.digest, place.position + 1, entry))
        seals.append(AuditSeal(position=place.position, entry=entry.pk, digest=place.digest))
    AuditSeal.objects.bulk_create(seals)
    return len(seals)


def _not_sealed() -> QuerySet[AuditEntry]:
    return AuditEntry.objects.exclude(Exists(AuditSeal.objects.filter(entry=OuterRef("pk"))))


def verify(*, now: datetime, heads: Sequence[Head] = ()) -> Iterator[Finding]:
    """Everything that was changed, removed, put in or cut off since it was sealed, in the order of the chain."""
    last = Head(0, START)
    exported = {each.position: each.digest for each in heads}
    for seals in _slices():
        entries = AuditEntry.objects.in_bulk([each.entry for each in seals])
        for each in seals:
            yield from (Finding(place, "", "removed") for place in range(last.position + 1, each.position))
            entry = entries.get(each.entry)
            if entry is None:
                yield Finding(each.position, str(each.entry), "entry removed")
            elif digest_of(last.digest, each.position, entry) != each.digest:
                yield Finding(each.position, str(each.entry), "changed")
            elif exported.get(each.position, each.digest) != each.digest:
                yield Finding(each.position, str(each.entry), "the chain was written anew: not the exported head")
            last = Head(each.position, each.digest)
    yield from (Finding(place, "", "cut off: was exported") for place in sorted(exported) if place > last.position)
    yield from _unsealed(now)


def _slices() -> Iterator[list[AuditSeal]]:
    position = 0
    while seals := list(AuditSeal.objects.filter(position__gt=position).order_by("position")[:SLICE]):
        yield seals
        position = seals[-1].position


def _unsealed(now: datetime) -> Iterable[Finding]:
    """Entries that should have been sealed long ago: their seals were taken away, or they were put in behind."""
    old = _not_sealed().filter(at__lt=now - SETTLED)
    return (Finding(0, str(pk), "not sealed") for pk in old.order_by("pk").values_list("pk", flat=True))
