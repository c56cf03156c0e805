"""Verify the digests that the audit log keeps of batches against the stored revisions."""

import hashlib
from collections.abc import Iterable, Iterator
from uuid import UUID

from indicators.models import Revision
from indicators.services.batches import tables
from kpitracker.lib.audit.models import AuditEntry
from kpitracker.lib.numbers import plain

_SLICE = 1000


def broken() -> Iterator[AuditEntry]:
    """Yield the audit entries of batches whose revisions were changed or deleted since they were written."""
    entries = AuditEntry.objects.filter(verb="recorded", kind="indicators.import", after__has_key="first")
    for entry in entries.order_by("pk").iterator(chunk_size=_SLICE):
        said = entry.after or {}
        # An undo that could not withdraw any figure wrote no revisions.
        if said.get("revisions") and found(said) != (said["revisions"], said["sha256"]):
            yield entry


def found(said: dict[str, str]) -> tuple[int, str]:
    """Return the number of stored revisions of the batch between the ids `first` and `last`, and their digest."""
    first, last = UUID(said["first"]), UUID(said["last"])
    batch = Revision.objects.filter(pk=first).values_list("batch", flat=True).first()
    revisions = Revision.objects.filter(batch=batch, pk__gte=first, pk__lte=last).order_by("pk")
    digest, count = hashlib.sha256(), 0
    for line in lines_of(revisions.iterator(chunk_size=_SLICE)) if batch else ():
        digest.update(line.encode())
        count += 1
    return count, digest.hexdigest()


def lines_of(revisions: Iterable[Revision]) -> Iterator[str]:
    for each in revisions:
        value = "" if each.value is None else format(plain(each.value), "f")
        content = (value, each.missing_reason, each.qualifier, each.stage, each.source, each.note)
        day = each.published.isoformat() if each.published else None
        yield tables.line_of(each.pk.hex, each.measurement_id.hex, each.number, content, day)
