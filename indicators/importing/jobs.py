"""Long imports: received into a file, then processed in slices. Finished slices survive a crash."""

import fcntl
import hashlib
import logging
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.http import UnreadablePostError

from indicators.importing.readers import read_rows
from indicators.importing.spool import Spool
from indicators.models import Area, Import
from indicators.services.batches import imports, staging
from indicators.services.batches.record import record_batch
from indicators.services.batches.rows import BatchReport, FigureRow, Rejection
from kpitracker.lib import clock, gc_pause
from kpitracker.lib.actor import Actor
from kpitracker.lib.db.uuid7 import uuid7
from kpitracker.lib.errors import DomainError, ValidationProblem
from kpitracker.lib.rest.problems import is_storage_error

log = logging.getLogger(__name__)

SLICE = 5000
_CHUNK_BYTES = 256 * 1024


class Upload(NamedTuple):
    """A received file that no import owns yet. `digest`: hexadecimal SHA-256 of its bytes."""

    pk: UUID
    path: Path
    size: int
    digest: str


def upload_path(pk: UUID) -> Path:
    return Path(settings.UPLOADS_DIR) / pk.hex


def receive_upload(read_chunk: Callable[[int], bytes], length: int | None = None) -> Upload:
    """Stream a body to disk. Raises `ValidationProblem` (incomplete-body) when it ends before `length` bytes."""
    pk, digest, size = uuid7(), hashlib.sha256(), 0
    path = upload_path(pk)
    try:
        with path.open("xb") as file:
            while chunk := read_chunk(_CHUNK_BYTES if length is None else min(_CHUNK_BYTES, length - size)):
                file.write(chunk)
                digest.update(chunk)
                size += len(chunk)
            file.flush()
            os.fsync(file.fileno())
        if length is not None and size < length:
            raise ValidationProblem("incomplete-body")
    except UnreadablePostError as error:
        path.unlink()
        raise ValidationProblem("incomplete-body") from error
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return Upload(pk, path, size, digest.hexdigest())


def run_due_imports(*, now: Callable[[], datetime], seconds: float) -> int:
    """Run waiting imports, oldest first, for about `seconds`. Returns how many are still open."""
    until = time.monotonic() + seconds
    for pk in Import.objects.open().order_by("created_at").values_list("pk", flat=True):
        run_import(pk, now=now, until=until)
        if time.monotonic() > until:
            break
    return int(Import.objects.open().count())


def run_import(
    pk: UUID,
    *,
    now: Callable[[], datetime],
    until: float = float("inf"),
    on_progress: Callable[[Import], None] | None = None,
) -> None:
    """Run an import until it is finished or `until`, in monotonic seconds. Does nothing if it is already running."""
    with _import_lock(pk) as is_locked:
        while is_locked and time.monotonic() < until:
            batch = Import.objects.filter(pk=pk).first()
            if batch is not None and batch.is_open:
                _try_step(batch, now)
                batch.refresh_from_db()
                if on_progress:
                    on_progress(batch)
            if batch is None or not batch.is_open:
                staging.discard(pk)
                delete_files(pk, keep_file=batch is not None and batch.is_confirmable)
                break


@contextmanager
def _import_lock(pk: UUID) -> Iterator[bool]:
    """Whether this process got the lock of the import. The system frees the lock when the process dies."""
    with upload_path(pk).with_suffix(".lock").open("wb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def _try_step(batch: Import, now: Callable[[], datetime]) -> None:
    try:
        with gc_pause.gc_paused():
            _run_step(batch, now)
    except DomainError as error:
        imports.fail_import(batch=batch, error=error, by=sender_actor(batch), now=now())
    except FileNotFoundError:
        imports.fail_import(batch=batch, error=DomainError("upload-lost"), by=sender_actor(batch), now=now())
    except Exception as error:
        # A failing database or a full disk may recover before the next run, so the import stays open.
        if is_storage_error(error) or isinstance(error, OSError):
            raise
        log.exception("Import %s failed", batch.pk)
        imports.fail_import(batch=batch, error=DomainError("internal-error"), by=sender_actor(batch), now=now())


def _run_step(batch: Import, now: Callable[[], datetime]) -> None:
    """Do one step completely or not at all: prepare the rows, process a slice, store all slices, or finish."""
    spool = Spool.for_upload(upload_path(batch.pk))
    if batch.rows is None:
        _prepare_rows(batch, spool)
    elif batch.rows_done < batch.rows:
        _process_slice(batch, spool, now())
    elif batch.atomic and not batch.dry_run and not batch.rejected:
        if staging.is_complete(batch):
            _store_all_rows(batch, spool, now())
        else:
            _check_again(batch)
    else:
        imports.finish_import(batch=batch, now=now())


def _prepare_rows(batch: Import, spool: Spool) -> None:
    day = clock.local_day(batch.created_at)
    with upload_path(batch.pk).open("rb") as file:
        rows = read_rows(batch.format, file, by=sender_actor(batch), today=day, locale=batch.locale, sheet=batch.sheet)
        count = spool.write(rows, _home_area_code())
    state = "checking" if batch.atomic or batch.dry_run else "running"
    Import.objects.filter(pk=batch.pk).update(rows=count, state=state)


def _home_area_code() -> str:
    try:
        return str(Area.objects.by_code_or_home(None).code)
    except DomainError:
        return ""


def _process_slice(batch: Import, spool: Spool, now: datetime) -> None:
    """Check, stage or store the next rows and save the progress, in one transaction."""
    rows, by = spool.read_slice(batch.rows_done, SLICE), sender_actor(batch)
    with transaction.atomic():
        locked = Import.objects.select_for_update(of=("self",)).get(pk=batch.pk)
        if locked.atomic and not locked.dry_run and not locked.rejected:
            report = staging.stage_slice(batch=locked, start=locked.rows_done, rows=rows, by=by, now=now)
        else:
            report = _record_slice(locked, rows, by, now)
        imports.save_problems(locked, report.rejections)
        if locked.dry_run:
            imports.add_doubtful_rows(locked, report)
        locked.rows_done += report.rows
        imports.add_counts(locked, report)
        locked.save()


def _record_slice(batch: Import, rows: Sequence[FigureRow | Rejection], by: Actor, now: datetime) -> BatchReport:
    """Store the rows that are right; with `atomic` or `dry_run` only look at them."""
    result = record_batch(
        rows=rows,
        by=by,
        now=now,
        origin=batch.pk.hex,
        today=clock.local_day(batch.created_at),
        atomic=False,
        dry_run=batch.atomic or batch.dry_run,
        quiet=batch.quiet,
    )
    imports.audit_import(batch, result, by=by)
    return result.report


def _store_all_rows(batch: Import, spool: Spool, now: datetime) -> None:
    """Store all staged rows in one transaction, as short as it can be. Every row was correct by itself."""
    rejections: list[Rejection] = []
    try:
        with transaction.atomic():
            locked = Import.objects.select_for_update(of=("self",)).get(pk=batch.pk)
            rejections, counts = staging.store_slices(
                batch=locked, read_rows=spool.read_slice, by=sender_actor(locked), now=now
            )
            _set_counts(locked, counts)
            if rejections:
                raise _BatchRefused
            imports.finish_import(batch=locked, now=now)
    except _BatchRefused:
        # A row conflicts with what was stored since its slice was staged.
        with transaction.atomic():
            refused = Import.objects.select_for_update(of=("self",)).get(pk=batch.pk)
            imports.save_problems(refused, rejections)
            _set_counts(refused, counts)
            refused.save()


class _BatchRefused(Exception):
    pass


def _set_counts(batch: Import, counts: Mapping[str, int]) -> None:
    for name, count in counts.items():
        setattr(batch, name, count)


def _check_again(batch: Import) -> None:
    """Begin again with the first row."""
    Import.objects.filter(pk=batch.pk).update(rows_done=0, **dict.fromkeys(imports.COUNTS, 0))


def sender_actor(batch: Import) -> Actor:
    """The sender of the import, in whose name the worker acts."""
    return Actor(batch.posted_by, batch.department_id, frozenset(batch.scopes), batch.address, batch.person)


def delete_files(pk: UUID, *, keep_file: bool = False) -> None:
    """Delete the files of an import; `keep_file`: except the upload, which may still be confirmed."""
    path = upload_path(pk)
    if not keep_file:
        path.unlink(missing_ok=True)
    path.with_suffix(".lock").unlink(missing_ok=True)
    Spool.for_upload(path).remove()


def delete_abandoned_files(*, now: datetime) -> int:
    """Delete files older than a day that no open import needs. Returns how many.

    They come from aborted requests, finished imports and dry runs that were never confirmed. Staged rows of finished
    imports are deleted with them.
    """
    staging.discard_finished()
    open_ids = {pk.hex for pk in Import.objects.open().values_list("pk", flat=True)}
    deleted = 0
    for path in Path(settings.UPLOADS_DIR).iterdir():
        if path.stem not in open_ids and _modified_at(path) < now.timestamp() - 86400:
            path.unlink(missing_ok=True)
            deleted += 1
    return deleted


def _modified_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # the request that made it has ended and deleted it
        return float("inf")
