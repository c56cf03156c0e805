"""The chain of hashes over the audit: sealed by the sweep, its head carried outside, verified by anybody.

The web only inserts entries; a chain within its requests would make all writers queue. Each seal holds the hash of its
predecessor's digest, its place and its entry, so that a change is found at the row that was changed. A cut tail shows
only against a head that was exported before.
"""

import hashlib
import json
from collections import defaultdict
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


def digest_of(before: str, position: int, sealed_at: datetime, entry: AuditEntry) -> str:
    """SHA-256, in hex, over the digest before, place and time of the seal, and the entry as JSON with sorted names."""
    content = {
        "id": str(entry.pk),
        "at": _written(entry.at),
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
    text = json.dumps(
        [before, position, _written(sealed_at), content], sort_keys=True, ensure_ascii=True, separators=(",", ":")
    )
    return hashlib.sha256(text.encode()).hexdigest()


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def head() -> Head:
    return _place(_last())


def _last() -> AuditSeal | None:
    return AuditSeal.objects.order_by("-position").first()


def _place(seal: AuditSeal | None) -> Head:
    return Head(seal.position, seal.digest) if seal else Head(0, START)


def seal(*, now: datetime) -> int:
    """Seal what is not sealed yet; the number of entries. One sealer at a time.

    Nothing is looked at that was there, settled, when the last seal was made: it would have been sealed then. What
    was put in behind since stays without a seal, and so is found.
    """
    sealed = 0
    while count := _seal_slice(now):
        sealed += count
    return sealed


@transaction.atomic
def _seal_slice(now: datetime) -> int:
    Counter.hold("audit")
    last = _last()
    waiting = _not_sealed()
    if last is not None:
        # Of a clock that ran ahead, the present time: entries of today would never be sealed else.
        waiting = waiting.filter(at__gte=min(last.sealed_at, now) - SETTLED)
    place = _place(last)
    seals = []
    for entry in waiting.order_by("pk")[:SLICE]:
        place = Head(place.position + 1, digest_of(place.digest, place.position + 1, now, entry))
        seals.append(AuditSeal(position=place.position, entry=entry.pk, digest=place.digest, sealed_at=now))
    AuditSeal.objects.bulk_create(seals)
    return len(seals)


def _not_sealed() -> QuerySet[AuditEntry]:
    return AuditEntry.objects.exclude(Exists(AuditSeal.objects.filter(entry=OuterRef("pk"))))


def verify(*, now: datetime, heads: Sequence[Head] = ()) -> Iterator[Finding]:
    """Everything that was changed, removed, put in or cut off since it was sealed, in the order of the chain."""
    last, settled = Head(0, START), _Settled()
    exported: dict[int, set[str]] = defaultdict(set)
    for kept in heads:
        exported[kept.position].add(kept.digest)
    for seals in _slices():
        entries = AuditEntry.objects.in_bulk([each.entry for each in seals])
        for each in seals:
            yield from (Finding(place, "", "removed") for place in range(last.position + 1, each.position))
            what = _complaint(last, each, entries.get(each.entry), exported.get(each.position), settled)
            if what:
                yield Finding(each.position, str(each.entry), what)
            last = Head(each.position, each.digest)
    yield from (Finding(place, "", "cut off: was exported") for place in sorted(exported) if place > last.position)
    yield from _unsealed(now)


class _Settled:
    """The moment before which everything was there, and sealed, when the seals before the present ones were made."""

    def __init__(self) -> None:
        self.before, self.made = datetime.min.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)

    def at(self, sealed_at: datetime) -> datetime:
        if sealed_at > self.made:
            self.before, self.made = self.made, sealed_at
        return self.before - SETTLED if self.before.year > 1 else self.before


def _complaint(
    last: Head, seal: AuditSeal, entry: AuditEntry | None, exported: set[str] | None, settled: _Settled
) -> str:
    if entry is None:
        return "entry removed"
    if digest_of(last.digest, seal.position, seal.sealed_at, entry) != seal.digest:
        return "changed"
    # Every head that ever left the house counts: a forger could have a second one exported.
    if exported and exported != {seal.digest}:
        return "the chain was written anew: not the exported head"
    if entry.at < settled.at(seal.sealed_at):
        return "put in behind: older than what was sealed before it"
    return ""


def _slices() -> Iterator[list[AuditSeal]]:
    position = 0
    while seals := list(AuditSeal.objects.filter(position__gt=position).order_by("position")[:SLICE]):
        yield seals
        position = seals[-1].position


def _unsealed(now: datetime) -> Iterable[Finding]:
    """Entries that should have been sealed long ago: their seals were taken away, or they were put in behind."""
    old = _not_sealed().filter(at__lt=now - SETTLED)
    return (Finding(0, str(pk), "not sealed") for pk in old.order_by("pk").values_list("pk", flat=True))
