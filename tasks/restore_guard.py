"""Detects that the database was restored from a backup, and then pauses delivery.

Each sweep increases a counter in the database and writes it to a file in the data folder. If the count in the file is
greater than the one in the database, the database is older than the file.
"""

import logging
import os
import secrets
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.db import transaction

from kpitracker.lib.actor import system_actor
from kpitracker.lib.models import CommitSequence
from targets.services.notifications import pause

log = logging.getLogger(__name__)

_SWEEP_COUNTER, _ID_COUNTER = "sweeps", "database"


class RestoreMarker(NamedTuple):
    """The id of a database and the number of sweeps it has counted."""

    database_id: int
    sweeps: int


def is_sending_allowed() -> bool:
    """Return whether messages may be sent. Pauses delivery if the database was restored from a backup."""
    file_marker, database_marker = _read_file_marker(), _database_marker()
    if file_marker.database_id == database_marker.database_id and file_marker.sweeps > database_marker.sweeps:
        with transaction.atomic():
            pause.pause_delivery(by=system_actor("restore"))
            # Detect it once only: with a new id the files of other machines no longer match this database.
            new_id = secrets.randbits(62)
            CommitSequence.objects.filter(name=_ID_COUNTER).update(value=new_id)
        _write_file_marker(RestoreMarker(new_id, database_marker.sweeps))
        log.warning("The database is older than %s remembers: delivery is paused.", settings.DATA_DIR)
    return not pause.is_paused()


def count_sweep() -> None:
    """Count a sweep."""
    with transaction.atomic():
        sweeps = CommitSequence.next_values(_SWEEP_COUNTER, 1).stop - 1
        CommitSequence.objects.get_or_create(name=_ID_COUNTER, defaults={"value": secrets.randbits(62)})
        database_id = CommitSequence.objects.values_list("value", flat=True).get(name=_ID_COUNTER)
    _write_file_marker(RestoreMarker(database_id, sweeps))


def counted_sweeps() -> int:
    """The number of sweeps that the data folder remembers, 0 on a new machine."""
    return _read_file_marker().sweeps


def _database_marker() -> RestoreMarker:
    values = dict(CommitSequence.objects.filter(name__in=[_SWEEP_COUNTER, _ID_COUNTER]).values_list("name", "value"))
    return RestoreMarker(values.get(_ID_COUNTER, 0), values.get(_SWEEP_COUNTER, 0))


def _marker_path() -> Path:
    return Path(settings.DATA_DIR) / "sweeps"


def _read_file_marker() -> RestoreMarker:
    try:
        database_id, sweeps = _marker_path().read_text().split()
        return RestoreMarker(int(database_id), int(sweeps))
    except (OSError, ValueError):
        return RestoreMarker(0, 0)  # A new machine has no file.


def _write_file_marker(marker: RestoreMarker) -> None:
    # One temporary file for each process: two workers may write at the same time.
    temporary = _marker_path().with_suffix(f".{os.getpid()}")
    try:
        temporary.write_text(f"{marker.database_id} {marker.sweeps}\n")
        temporary.replace(_marker_path())
    except OSError:
        log.warning("%s cannot be written.", _marker_path())
