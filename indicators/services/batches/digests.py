"""Verify the digests that the audit log keeps of batches against the stored revisions."""

import hashlib
from collections.abc import Iterable, Iterator
from uuid import UUID

from indicators.models import Revision
from indicators.services.batches import storage
from kpitracker.lib.models.audit import AuditEntry
from kpitracker.lib.numbers import canonical_decimal

_CHUNK_SIZE = 1000


def find_broken_entries() -> Iterator[AuditEntry]:
    """Yield the audit entries of batches whose revisions were changed or deleted since they were written."""
    entries = AuditEntry.objects.filter(verb="recorded", kind="indicators.import", after__has_key="first")
    for entry in entries.order_by("pk").iterator(chunk_size=_CHUNK_SIZE):
        payload = entry.after or {}
        # An undo that could not withdraw any figure wrote no revisions.
        if payload.get("revisions") and recompute_digest(payload) != (payload["revisions"], payload["sha256"]):
            yield entry


def recompute_digest(payload: dict[str, str]) -> tuple[int, str]:
    """Return the number of stored revisions of the batch between the ids `first` and `last`, and their digest."""
    first, last = UUID(payload["first"]), UUID(payload["last"])
    batch = Revision.objects.filter(pk=first).values_list("batch", flat=True).first()
    revisions = Revision.objects.filter(batch=batch, pk__gte=first, pk__lte=last).order_by("pk")
    digest, count = hashlib.sha256(), 0
    for line in digest_lines(revisions.iterator(chunk_size=_CHUNK_SIZE)) if batch else ():
        digest.update(line.encode())
        count += 1
    return count, digest.hexdigest()


def digest_lines(revisions: Iterable[Revision]) -> Iterator[str]:
    for revision in revisions:
        value = "" if revision.value is None else format(canonical_decimal(revision.value), "f")
        content = (value, revision.missing_reason, revision.qualifier, revision.stage, revision.source, revision.note)
        day = revision.published.isoformat() if revision.published else None
        yield storage.digest_line(revision.pk.hex, revision.measurement_id.hex, revision.number, content, day)
