"""Verify the digests that the audit log keeps of batches against the stored revisions."""

import hashlib
from collections.abc import Iterator, Mapping
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
    digest, count, replaced_texts = hashlib.sha256(), 0, load_replaced_texts()
    for revision in batch_revisions(payload):
        digest.update(revision_line(revision, replaced_texts).encode())
        count += 1
    return count, digest.hexdigest()


def batch_revisions(payload: dict[str, str]) -> Iterator[Revision]:
    """The stored revisions of the batch between the ids `first` and `last`."""
    first, last = UUID(payload["first"]), UUID(payload["last"])
    batch = Revision.objects.filter(pk=first).values_list("batch", flat=True).first()
    revisions = Revision.objects.filter(batch=batch, pk__gte=first, pk__lte=last).order_by("pk")
    yield from revisions.iterator(chunk_size=_CHUNK_SIZE) if batch else ()


def revision_line(revision: Revision, replaced_texts: Mapping[str, str], value: str | None = None) -> str:
    """The text of a revision in the digest. `value`: instead of the stored one."""
    reason = revision.missing_reason
    if (replaced := replaced_texts.get(str(revision.pk))) is not None:
        value, reason = replaced, ""
    if value is None:
        value = "" if revision.value is None else format(canonical_decimal(revision.value), "f")
    content = (value, reason, revision.qualifier, revision.stage, revision.source, revision.note)
    day = revision.published.isoformat() if revision.published else None
    return storage.digest_line(revision.pk.hex, revision.measurement_id.hex, revision.number, content, day)


def load_replaced_texts() -> dict[str, str]:
    """By id of the revision, the unreadable texts that `mend_figures` has replaced: the digest was made with them."""
    entries = AuditEntry.objects.filter(verb="changed", kind="indicators.revision", before__has_key="value")
    return {entry.object_id: entry.before["value"] for entry in entries}
