"""Long imports: received into a file, then processed in slices. Finished slices survive a crash."""

import fcntl
import hashlib
import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.http import UnreadablePostError

from indicators.intake.reading import read
from indicators.intake.spool import Spool
from indicators.models import Import
from indicators.services import areas, imports
from indicators.services.batches.record import Written, record_many
from kpitracker.lib import clock, collector
from kpitracker.lib.actor import Actor
from kpitracker.lib.errors import DomainError, Invalid
from kpitracker.lib.ids import uuid7
from kpitracker.lib.problems import storage_trouble

log = logging.getLogger(__name__)

SLICE = 5000
_PIECE = 256 * 1024


class Upload(NamedTuple):
    """A received file that no import owns yet. `digest`: hexadecimal SHA-256 of its bytes."""

    pk: UUID
    path: Path
    size: int
    digest: str


def path_of(pk: UUID) -> Path:
    return Path(settings.UPLOADS) / pk.hex


def receive(pieces: Callable[[int], bytes], length: int | None = None) -> Upload:
    """Stream a body to disk. Raises `Invalid` (incomplete-body) when it ends before `length` bytes."""
    pk, digest, size = uuid7(), hashlib.sha256(), 0
    path = path_of(pk)
    try:
        with path.open("xb") as file:
            while piece := pieces(_PIECE if length is None else min(_PIECE, length - size)):
                file.write(piece)
                digest.update(piece)
                size += len(piece)
            file.flush()
            os.fsync(file.fileno())
        if length is not None and size < length:
            raise Invalid("incomplete-body")
    except UnreadablePostError as error:
        path.unlink()
        raise Invalid("incomplete-body") from error
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return Upload(pk, path, size, digest.hexdigest())


def run_due(*, now: Callable[[], datetime], seconds: float) -> int:
    """Run waiting imports, oldest first, for about `seconds`. Returns how many are still open."""
    until = time.monotonic() + seconds
    for pk in Import.objects.open().order_by("created_at").values_list("pk", flat=True):
        work(pk, now=now, until=until)
        if time.monotonic() > until:
            break
    return int(Import.objects.open().count())


def work(
    pk: UUID, *, now: Callable[[], datetime], until: float = float("inf"), told: Callable[[Import], None] | None = None
) -> None:
    """Run an import until it is finished or `until`, in monotonic seconds. Does nothing if it is already running."""
    with _claimed(pk) as ours:
        while ours and time.monotonic() < until:
            batch = Import.objects.filter(pk=pk).first()
            if batch is not None and batch.is_open:
                _try(batch, now)
                batch.refresh_from_db()
                if told:
                    told(batch)
            if batch is None or not batch.is_open:
                forget(pk, keep_file=batch is not None and batch.is_confirmable)
                break


@contextmanager
def _claimed(pk: UUID) -> Iterator[bool]:
    """Whether this process got the lock of the import. The system frees the lock when the process dies."""
    with path_of(pk).with_suffix(".lock").open("wb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def _try(batch: Import, now: Callable[[], datetime]) -> None:
    try:
        with collector.paused():
            _step(batch, now)
    except DomainError as error:
        imports.fail(batch=batch, error=error, by=actor_of(batch), now=now())
    except FileNotFoundError:
        imports.fail(batch=batch, error=DomainError("upload-lost"), by=actor_of(batch), now=now())
    except Exception as error:
        # A failing database or a full disk may recover before the next run, so the import stays open.
        if storage_trouble(error) or isinstance(error, OSError):
            raise
        log.exception("Import %s failed", batch.pk)
        imports.fail(batch=batch, error=DomainError("internal-error"), by=actor_of(batch), now=now())


def _step(batch: Import, now: Callable[[], datetime]) -> None:
    """Do one step completely or not at all: prepare the rows, process a slice, store all slices, or finish."""
    spool = Spool.beside(path_of(batch.pk))
    if batch.rows is None:
        _prepare(batch, spool)
    elif batch.rows_done < batch.rows:
        _slice(batch, spool, now())
    elif batch.atomic and not batch.dry_run and not batch.rejected:
        _all_at_once(batch, spool, now())
    else:
        imports.finish(batch=batch, now=now())


def _prepare(batch: Import, spool: Spool) -> None:
    day = clock.local_day(batch.created_at)
    with path_of(batch.pk).open("rb") as file:
        rows = read(batch.format, file, today=day, locale=batch.locale)
        count = spool.write(rows, _home())
    state = "checking" if batch.atomic or batch.dry_run else "running"
    Import.objects.filter(pk=batch.pk).update(rows=count, state=state)


def _home() -> str:
    try:
        return areas.by_code_or_home(None).code
    except DomainError:
        return ""


def _slice(batch: Import, spool: Spool, now: datetime) -> None:
    """Check or store the next rows and save the progress, in one transaction."""
    check = batch.atomic or batch.dry_run
    with transaction.atomic():
        locked = Import.objects.select_for_update(of=("self",)).get(pk=batch.pk)
        written = _record(locked, spool, locked.rows_done, SLICE, now, dry_run=check)
        report = written.report
        imports.keep_problems(locked, report.rejections)
        locked.rows_done += report.rows
        if not check or batch.dry_run:
            imports.count(locked, report)
            imports.note(locked, written, by=actor_of(locked))
        else:
            locked.rejected += report.rejected
        locked.save()


def _all_at_once(batch: Import, spool: Spool, now: datetime) -> None:
    """Store all rows, slice by slice, in one transaction. Every row was correct by itself."""
    rejected = []
    try:
        with transaction.atomic():
            locked = Import.objects.select_for_update(of=("self",)).get(pk=batch.pk)
            locked.state = "running"
            start = 0
            while start < (locked.rows or 0):
                written = _record(locked, spool, start, SLICE, now, dry_run=False)
                start += written.report.rows
                imports.count(locked, written.report)
                imports.note(locked, written, by=actor_of(locked))
                rejected += written.report.rejections
            if rejected:
                raise _Refused
            imports.finish(batch=locked, now=now)
    except _Refused:
        # A row conflicts with an earlier row of the file, or with what was stored since the check.
        with transaction.atomic():
            locked = Import.objects.select_for_update(of=("self",)).get(pk=batch.pk)
            imports.keep_problems(locked, rejected)
            locked.rejected = len(rejected)
            locked.save()


class _Refused(Exception):
    pass


def _record(batch: Import, spool: Spool, start: int, count: int, now: datetime, *, dry_run: bool) -> Written:
    return record_many(
        rows=spool.read(start, count),
        by=actor_of(batch),
        now=now,
        origin=batch.pk.hex,
        today=clock.local_day(batch.created_at),
        atomic=False,
        dry_run=dry_run,
    )


def actor_of(batch: Import) -> Actor:
    """The sender of the import, in whose name the worker acts."""
    return Actor(batch.posted_by, batch.department_id, frozenset(batch.scopes), batch.address, batch.person)


def forget(pk: UUID, *, keep_file: bool = False) -> None:
    """Delete the files of an import; `keep_file`: except the upload, which may still be confirmed."""
    path = path_of(pk)
    if not keep_file:
        path.unlink(missing_ok=True)
    path.with_suffix(".lock").unlink(missing_ok=True)
    Spool.beside(path).remove()


def forget_abandoned(*, now: datetime) -> int:
    """Delete files older than a day that no open import needs. Returns how many.

    They come from aborted requests, finished imports and dry runs that were never confirmed.
    """
    wanted = {pk.hex for pk in Import.objects.open().values_list("pk", flat=True)}
    found = 0
    for path in Path(settings.UPLOADS).iterdir():
        if path.stem not in wanted and _changed(path) < now.timestamp() - 86400:
            path.unlink(missing_ok=True)
            found += 1
    return found


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # the request that made it has ended and deleted it
        return float("inf")
