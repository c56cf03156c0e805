"""The hash chain over the audit. The sweep seals new entries and exports the head; `verify_audit` checks the chain.

Requests only insert entries: extending the chain in each request would make all writers queue. Each seal holds the
hash of the previous digest, its position and its entry, so that a change is found at the changed row. A removed tail
is detected only by comparison with a head that was exported before.
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
# No transaction stays open longer: an older entry without a seal was inserted later, or its seal was removed.
SETTLED = timedelta(hours=1)
START = "0" * 64


class Head(NamedTuple):
    """The last position of the chain and its digest; position 0: no entry is sealed yet."""

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
    """One fault of the chain. `entry_id` is the id of the audit entry, "" when only the position is known."""

    position: int
    entry: str
    what: str


def digest_of(before: str, position: int, sealed_at: datetime, entry: AuditEntry) -> str:
    """SHA-256 in hex of the previous digest, position and time of the seal, and the entry, as JSON with sorted keys."""
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
    """Seal all entries without a seal; returns their number. Only one process seals at a time.

    Entries that are much older than the last seal are left out: they would have been sealed then. So an entry that was
    inserted later with an old time never gets a seal, and `verify_chain` reports it.
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
        # The current time limits a last seal from a clock that ran ahead: otherwise new entries would never be sealed.
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
    """Yield every entry that was changed, removed, inserted or cut off since it was sealed, in chain order."""
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
    """The time before which all entries had been sealed by the sealing runs before the current one."""

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
    # Every exported head counts: a forger could have exported a second one.
    if exported and exported != {seal.digest}:
        return "the chain was rewritten: not the exported head"
    if entry.at < settled.at(seal.sealed_at):
        return "inserted later: older than entries that were sealed before it"
    return ""


def _slices() -> Iterator[list[AuditSeal]]:
    position = 0
    while seals := list(AuditSeal.objects.filter(position__gt=position).order_by("position")[:SLICE]):
        yield seals
        position = seals[-1].position


def _unsealed(now: datetime) -> Iterable[Finding]:
    """Entries that should have been sealed long ago: their seals were removed, or they were inserted later."""
    old = _not_sealed().filter(at__lt=now - SETTLED)
    return (Finding(0, str(pk), "not sealed") for pk in old.order_by("pk").values_list("pk", flat=True))
