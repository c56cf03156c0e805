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

from kpitracker.lib.models import CommitSequence
from kpitracker.lib.models.audit import AuditEntry, AuditSeal

BATCH_SIZE = 1000
# No transaction stays open longer: an older entry without a seal was inserted later, or its seal was removed.
MAX_SEAL_DELAY = timedelta(hours=1)
GENESIS_DIGEST = "0" * 64


class Head(NamedTuple):
    """The last position of the chain and its digest; position 0: no entry is sealed yet."""

    position: int
    digest: str

    def __str__(self) -> str:
        return f"{self.position}:{self.digest}"

    @classmethod
    def parse(cls, value: str) -> "Head":
        """Raises ValueError."""
        position, _, digest = value.strip().partition(":")
        if len(digest) != 64 or not position.isdigit():
            raise ValueError(f"Not a head of the audit chain: {value!r}")
        return cls(int(position), digest)


class ChainFault(NamedTuple):
    """One fault of the chain. `entry_id` is the id of the audit entry, "" when only the position is known."""

    position: int
    entry_id: str
    problem: str


def entry_digest(previous_digest: str, position: int, sealed_at: datetime, entry: AuditEntry) -> str:
    """SHA-256 in hex of the previous digest, position and time of the seal, and the entry, as JSON with sorted keys."""
    content = {
        "id": str(entry.pk),
        "at": _utc_text(entry.at),
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
    serialized = json.dumps(
        [previous_digest, position, _utc_text(sealed_at), content],
        sort_keys=True,
        ensure_ascii=True,
        separators=(",", ":"),
    )
    return hashlib.sha256(serialized.encode()).hexdigest()


def _utc_text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def current_head() -> Head:
    return _head_of_seal(_last_seal())


def _last_seal() -> AuditSeal | None:
    return AuditSeal.objects.order_by("-position").first()


def _head_of_seal(last_seal: AuditSeal | None) -> Head:
    return Head(last_seal.position, last_seal.digest) if last_seal else Head(0, GENESIS_DIGEST)


def seal_entries(*, now: datetime) -> int:
    """Seal all entries without a seal; returns their number. Only one process seals at a time.

    Entries that are much older than the last seal are left out: they would have been sealed then. So an entry that was
    inserted later with an old time never gets a seal, and `verify_chain` reports it.
    """
    sealed_count = 0
    while count := _seal_batch(now):
        sealed_count += count
    return sealed_count


@transaction.atomic
def _seal_batch(now: datetime) -> int:
    CommitSequence.lock("audit")
    last = _last_seal()
    unsealed = _unsealed_entries()
    if last is not None:
        # The current time limits a last seal from a clock that ran ahead: otherwise new entries would never be sealed.
        unsealed = unsealed.filter(at__gte=min(last.sealed_at, now) - MAX_SEAL_DELAY)
    chain_head = _head_of_seal(last)
    seals = []
    for entry in unsealed.order_by("pk")[:BATCH_SIZE]:
        chain_head = Head(chain_head.position + 1, entry_digest(chain_head.digest, chain_head.position + 1, now, entry))
        seals.append(AuditSeal(position=chain_head.position, entry=entry.pk, digest=chain_head.digest, sealed_at=now))
    AuditSeal.objects.bulk_create(seals)
    return len(seals)


def _unsealed_entries() -> QuerySet[AuditEntry]:
    return AuditEntry.objects.exclude(Exists(AuditSeal.objects.filter(entry=OuterRef("pk"))))


def verify_chain(*, now: datetime, heads: Sequence[Head] = ()) -> Iterator[ChainFault]:
    """Yield every entry that was changed, removed, inserted or cut off since it was sealed, in chain order."""
    previous, cutoff = Head(0, GENESIS_DIGEST), _SealCutoff()
    exported: dict[int, set[str]] = defaultdict(set)
    for exported_head in heads:
        exported[exported_head.position].add(exported_head.digest)
    for seals in _seal_batches():
        entries = AuditEntry.objects.in_bulk([audit_seal.entry for audit_seal in seals])
        for audit_seal in seals:
            yield from (
                ChainFault(position, "", "removed") for position in range(previous.position + 1, audit_seal.position)
            )
            problem = _find_fault(
                previous, audit_seal, entries.get(audit_seal.entry), exported.get(audit_seal.position), cutoff
            )
            if problem:
                yield ChainFault(audit_seal.position, str(audit_seal.entry), problem)
            previous = Head(audit_seal.position, audit_seal.digest)
    yield from (
        ChainFault(position, "", "cut off: was exported")
        for position in sorted(exported)
        if position > previous.position
    )
    yield from _overdue_entries(now)


class _SealCutoff:
    """The time before which all entries had been sealed by the sealing runs before the current one."""

    def __init__(self) -> None:
        self.previous_run, self.current_run = datetime.min.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)

    def for_seal_time(self, sealed_at: datetime) -> datetime:
        if sealed_at > self.current_run:
            self.previous_run, self.current_run = self.current_run, sealed_at
        return self.previous_run - MAX_SEAL_DELAY if self.previous_run.year > 1 else self.previous_run


def _find_fault(
    previous: Head,
    audit_seal: AuditSeal,
    entry: AuditEntry | None,
    exported_digests: set[str] | None,
    cutoff: _SealCutoff,
) -> str:
    if entry is None:
        return "entry removed"
    if entry_digest(previous.digest, audit_seal.position, audit_seal.sealed_at, entry) != audit_seal.digest:
        return "changed"
    # Every exported head counts: a forger could have exported a second one.
    if exported_digests and exported_digests != {audit_seal.digest}:
        return "the chain was rewritten: not the exported head"
    if entry.at < cutoff.for_seal_time(audit_seal.sealed_at):
        return "inserted later: older than entries that were sealed before it"
    return ""


def _seal_batches() -> Iterator[list[AuditSeal]]:
    position = 0
    while seals := list(AuditSeal.objects.filter(position__gt=position).order_by("position")[:BATCH_SIZE]):
        yield seals
        position = seals[-1].position


def _overdue_entries(now: datetime) -> Iterable[ChainFault]:
    """Entries that should have been sealed long ago: their seals were removed, or they were inserted later."""
    overdue = _unsealed_entries().filter(at__lt=now - MAX_SEAL_DELAY)
    return (ChainFault(0, str(pk), "not sealed") for pk in overdue.order_by("pk").values_list("pk", flat=True))
