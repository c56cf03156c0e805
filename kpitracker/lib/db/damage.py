"""Damage of the database file: how it is recognised, and a marker in the data folder by which all processes know of it.

A damaged file answers many requests as if nothing were wrong: `/health/ready` could not see it by one read and one
write of its own.
"""

import logging
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connections

log = logging.getLogger(__name__)

# Result codes of SQLite: CORRUPT and NOTADB; SQLSTATEs of PostgreSQL: data_corrupted and index_corrupted.
_SQLITE_CODES = {11, 26}
_SQLSTATES = {"XX001", "XX002"}


def is_damage(error: BaseException) -> bool:
    """Whether a database error says that stored data cannot be read any more."""
    cause = error.__cause__
    # The low byte of an extended result code is the plain one.
    code = getattr(cause, "sqlite_errorcode", None)
    return (code is not None and code & 0xFF in _SQLITE_CODES) or getattr(cause, "sqlstate", None) in _SQLSTATES


def find_damage(alias: str) -> str | None:
    """What SQLite's own check says first about a damaged database, None about a sound one. Reads the whole file.

    A server checks its files itself.
    """
    connection = connections[alias]
    if connection.vendor != "sqlite":
        return None
    try:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA quick_check(1)")
            (result,) = cursor.fetchone()
    except DatabaseError as error:
        if not is_damage(error):
            raise
        return str(error)
    return None if result == "ok" else " ".join(str(result).split())


def record_damage(description: object) -> None:
    """Set the marker and log it, once."""
    if has_damage():
        return
    log.error("The database is damaged: %s", description)
    try:
        _marker().write_text(f"{description}\n")
    except OSError:
        log.exception("%s cannot be written.", _marker())


def has_damage() -> bool:
    """Whether damage was found since the last start: the start checks the whole database."""
    return _marker().exists()


def forget_damage() -> None:
    _marker().unlink(missing_ok=True)


def _marker() -> Path:
    return Path(settings.DATA_DIR) / "database-damaged"
