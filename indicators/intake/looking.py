"""Files that users upload: a dry run first, then the confirmation, then one import of the same bytes."""

import logging
import os
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import DatabaseError, transaction

from indicators.intake import uploads
from indicators.models import Import
from indicators.services import imports
from kpitracker.lib import clock
from kpitracker.lib.actor import Actor, Scope
from kpitracker.lib.errors import Conflict, NotPermitted
from kpitracker.lib.ids import uuid7
from kpitracker.lib.texts import text

log = logging.getLogger(__name__)

# Waiting files of a user: another one for the worker is refused; another one to confirm deletes the oldest.
MOST_HELD = 5
# Files up to this size, in bytes, are imported within the request, for this long; the worker does the rest.
SMALL, SECONDS = 2 * 1024 * 1024, 4.0


def look(*, pieces: Callable[[int], bytes], form: str, by: Actor, now: datetime, **values: Any) -> Import:
    """Store the file and queue its dry run. `values`: atomic, locale, file_name. Raises `Conflict`, `NotPermitted`."""
    _check_may(by)
    if Import.objects.open().filter(person=by.person, held=True).count() >= MOST_HELD:
        raise Conflict("too-many-waiting", _WAIT)
    upload = uploads.receive(pieces)
    try:
        batch = imports.queue(
            pk=upload.pk, form=form, by=by, now=now, size=upload.size, dry_run=True, held=True, **values
        )
    except BaseException:
        upload.path.unlink(missing_ok=True)
        raise
    _forget_oldest(by)
    return batch


def confirm(*, look: Import, by: Actor, now: datetime) -> Import:
    """Queue the import of a dry run's file. Repeated calls return the same import.

    Raises `Conflict` (not-confirmable, upload-lost), `NotPermitted`: only the sender confirms, because another user may
    have other write permissions.
    """
    _check_may(by)
    pk = uuid7()
    source, path = uploads.path_of(look.pk), uploads.path_of(pk)
    try:
        with transaction.atomic():
            locked = Import.objects.select_for_update(of=("self",)).get(pk=look.pk)
            if by.person is None or locked.person != by.person:
                raise NotPermitted("forbidden", _NOT_YOURS)
            known: Import | None = Import.objects.filter(confirms=locked).first()
            if known is not None:
                return known
            if not locked.is_confirmable:
                raise Conflict("not-confirmable", _NOTHING)
            values = {name: getattr(locked, name) for name in ("size", "atomic", "locale", "file_name")}
            batch = imports.queue(pk=pk, form=locked.format, by=by, now=now, confirms=locked, **values)
            _take_over(source, path)
    except BaseException:
        if path.exists():  # the commit failed: the dry run keeps its file
            path.rename(source)
        raise
    return batch


def work_if_small(batch: Import) -> None:
    """Run a small import within the request. If the database or the disk fails, the worker continues it."""
    if batch.size > SMALL:
        return
    try:
        uploads.work(batch.pk, now=clock.now, until=time.monotonic() + SECONDS)
    except (DatabaseError, OSError):
        log.exception("Import %s is left to the worker", batch.pk)


def _check_may(by: Actor) -> None:
    if not by.may(Scope.FIGURES_WRITE):
        raise NotPermitted("insufficient-scope")


def _take_over(source: Path, path: Path) -> None:
    try:
        # Renew the time: housekeeping deletes files older than a day, and may not see the new import yet.
        os.utime(source)
        source.rename(path)
    except FileNotFoundError as error:
        raise Conflict("upload-lost", _GONE) from error


def _forget_oldest(by: Actor) -> None:
    """Delete the user's oldest unconfirmed files, so that they cannot fill the disk."""
    held = Import.objects.filter(person=by.person, held=True, state="done", confirmed_by=None).order_by("-created_at")
    for pk in held.values_list("pk", flat=True)[MOST_HELD - 1 : MOST_HELD + 100]:
        uploads.forget(pk)


_GONE = text(
    "The file was kept for a day and is gone. Send it again.", "Tệp chỉ được giữ một ngày và đã bị xóa. Hãy gửi lại."
)
_WAIT = text(
    f"{MOST_HELD} of your files are still being checked. Wait for them.",
    f"{MOST_HELD} tệp của bạn vẫn đang được kiểm tra. Hãy chờ.",
)
_NOTHING = text("There is nothing to confirm.", "Không có gì để xác nhận.")
_NOT_YOURS = text("Only the user who sent the file may confirm it.", "Người gửi tệp là người xác nhận.")
