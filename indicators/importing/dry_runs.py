"""Files that users upload: a dry run first, then the confirmation, then one import of the same bytes."""

import logging
import os
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from django.db import DatabaseError, transaction

from indicators.importing import jobs
from indicators.models import Import
from indicators.services.batches import imports
from kpitracker.lib import clock
from kpitracker.lib.actor import Actor, Scope, refuse_scope
from kpitracker.lib.db.uuid7 import uuid7
from kpitracker.lib.errors import Conflict, DomainError, Forbidden, TooLarge
from kpitracker.lib.i18n.text import text
from kpitracker.lib.spreadsheets.reading import IN_REQUEST, check_archive

log = logging.getLogger(__name__)

# Waiting files of a user: another one for the worker is refused; another one to confirm deletes the oldest.
MAX_WAITING_FILES = 5
# Files up to this size, in bytes, are imported within the request, for this long; the worker does the rest.
INLINE_MAX_BYTES, INLINE_SECONDS = 2 * 1024 * 1024, 4.0


def start_dry_run(
    *, read_chunk: Callable[[int], bytes], form: str, by: Actor, now: datetime, **values: object
) -> Import:
    """Store the file and queue its dry run. `values`: atomic, locale, file_name, quiet. Raises `Conflict`, `Forbidden`."""
    _check_permission(by)
    if Import.objects.open().filter(person=by.person, file_kept=True).count() >= MAX_WAITING_FILES:
        raise Conflict("too-many-waiting", _TOO_MANY_WAITING)
    upload = jobs.receive_upload(read_chunk)
    try:
        batch = imports.queue_import(
            pk=upload.pk, file_format=form, by=by, now=now, size=upload.size, dry_run=True, file_kept=True, **values
        )
    except BaseException:
        upload.path.unlink(missing_ok=True)
        raise
    _delete_oldest(by)
    return batch


def confirm(*, dry_run: Import, by: Actor, now: datetime) -> Import:
    """Queue the import of a dry run's file. Repeated calls return the same import.

    Raises `Conflict` (not-confirmable, upload-lost), `Forbidden`: only the sender confirms, because another user may
    have other write permissions.
    """
    _check_permission(by)
    pk = uuid7()
    source, path = jobs.upload_path(dry_run.pk), jobs.upload_path(pk)
    try:
        with transaction.atomic():
            locked = Import.objects.select_for_update(of=("self",)).get(pk=dry_run.pk)
            if by.person is None or locked.person != by.person:
                raise Forbidden("forbidden", _NOT_SENDER)
            existing: Import | None = Import.objects.filter(confirms=locked).first()
            if existing is not None:
                return existing
            if not locked.is_confirmable:
                raise Conflict("not-confirmable", _NOTHING_TO_CONFIRM)
            values = {
                name: getattr(locked, name) for name in ("size", "atomic", "locale", "sheet", "file_name", "quiet")
            }
            batch = imports.queue_import(pk=pk, file_format=locked.format, by=by, now=now, confirms=locked, **values)
            _move_file(source, path)
    except BaseException:
        if path.exists():  # the commit failed: the dry run keeps its file
            path.rename(source)
        raise
    return batch


def discard(*, dry_run: Import, by: Actor) -> None:
    """Delete the file of a dry run that is not to be confirmed: no figure was stored, and none can be any more.

    Raises `Forbidden` for others than the sender, `Conflict` (not-confirmable) when it was confirmed or is not finished.
    """
    _check_permission(by)
    with transaction.atomic():
        locked = Import.objects.select_for_update(of=("self",)).get(pk=dry_run.pk)
        if by.person is None or locked.person != by.person:
            raise Forbidden("forbidden", _NOT_SENDER)
        if not locked.dry_run or locked.is_open or Import.objects.filter(confirms=locked).exists():
            raise Conflict("not-confirmable", _NOTHING_TO_CONFIRM)
        jobs.delete_files(locked.pk)


def run_if_small(batch: Import) -> None:
    """Run a small import within the request. If the database or the disk fails, the worker continues it."""
    if batch.size > INLINE_MAX_BYTES or not _fits_request(batch):
        return
    try:
        jobs.run_import(batch.pk, now=clock.now, until=time.monotonic() + INLINE_SECONDS)
    except (DatabaseError, OSError):
        log.exception("Import %s is left to the worker", batch.pk)


def _fits_request(batch: Import) -> bool:
    """Whether the unpacked file takes little memory. Other faults are for the import to report."""
    if batch.format != "xlsx":
        return True
    try:
        with jobs.upload_path(batch.pk).open("rb") as file:
            check_archive(file, IN_REQUEST)
    except TooLarge:
        return False
    except (DomainError, OSError):
        pass
    return True


def _check_permission(by: Actor) -> None:
    if not by.may(Scope.FIGURES_WRITE):
        raise refuse_scope(by, Scope.FIGURES_WRITE)


def _move_file(source: Path, path: Path) -> None:
    try:
        # Renew the time: housekeeping deletes files older than a day, and may not see the new import yet.
        os.utime(source)
        source.rename(path)
    except FileNotFoundError as error:
        raise Conflict("upload-lost", _FILE_GONE) from error


def _delete_oldest(by: Actor) -> None:
    """Delete the user's oldest unconfirmed files, so that they cannot fill the disk."""
    unconfirmed = Import.objects.filter(person=by.person, file_kept=True, state="done", confirmed_by=None).order_by(
        "-created_at"
    )
    for pk in unconfirmed.values_list("pk", flat=True)[MAX_WAITING_FILES - 1 : MAX_WAITING_FILES + 100]:
        jobs.delete_files(pk)


_FILE_GONE = text(
    "The file was kept for a day and is gone. Send it again.", "Tệp chỉ được giữ một ngày và đã bị xóa. Hãy gửi lại."
)
_TOO_MANY_WAITING = text(
    f"{MAX_WAITING_FILES} of your files are still being checked. Wait for them.",
    f"{MAX_WAITING_FILES} tệp của bạn vẫn đang được kiểm tra. Hãy chờ.",
)
_NOTHING_TO_CONFIRM = text("There is nothing to confirm.", "Không có gì để xác nhận.")
_NOT_SENDER = text("Only the user who sent the file may confirm it.", "Người gửi tệp là người xác nhận.")
