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

from kpitracker.lib.actor import operator
from kpitracker.lib.models import Counter
from targets.services import holding

log = logging.getLogger(__name__)

_COUNT, _NAME = "sweeps", "database"


class Memory(NamedTuple):
    """The id of a database and the number of sweeps it has counted."""

    database: int
    sweeps: int


def may_send() -> bool:
    """Return whether messages may be sent. Pauses delivery if the database was restored from a backup."""
    known, stored = _remembered(), _stored()
    if known.database == stored.database and known.sweeps > stored.sweeps:
        with transaction.atomic():
            holding.hold(by=operator("restore"))
            # Detect it once only: with a new id the files of other machines no longer match this database.
            name = secrets.randbits(62)
            Counter.objects.filter(name=_NAME).update(value=name)
        _remember(Memory(name, stored.sweeps))
        log.warning("The database is older than %s remembers: delivery is held.", settings.DATA_DIR)
    return not holding.is_held()


def count() -> None:
    """Count a sweep."""
    with transaction.atomic():
        sweeps = Counter.draw(_COUNT, 1).stop - 1
        Counter.objects.get_or_create(name=_NAME, defaults={"value": secrets.randbits(62)})
        database = Counter.objects.values_list("value", flat=True).get(name=_NAME)
    _remember(Memory(database, sweeps))


def _stored() -> Memory:
    found = dict(Counter.objects.filter(name__in=[_COUNT, _NAME]).values_list("name", "value"))
    return Memory(found.get(_NAME, 0), found.get(_COUNT, 0))


def _file() -> Path:
    return Path(settings.DATA_DIR) / "sweeps"


def _remembered() -> Memory:
    try:
        database, sweeps = _file().read_text().split()
        return Memory(int(database), int(sweeps))
    except (OSError, ValueError):
        return Memory(0, 0)  # A new machine has no file.


def _remember(memory: Memory) -> None:
    # One temporary file for each process: two workers may write at the same time.
    fresh = _file().with_suffix(f".{os.getpid()}")
    try:
        fresh.write_text(f"{memory.database} {memory.sweeps}\n")
        fresh.replace(_file())
    except OSError:
        log.warning("%s cannot be written.", _file())
