"""Whether the database keeps what it acknowledged when the power goes."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.core.checks import Error, Tags, register
from django.db import connections

# What each must say. PostgreSQL's ways in between wait for other servers or not: its own disk has the commit in all.
DURABLE: dict[str, dict[str, set[str]]] = {
    "sqlite": {"journal_mode": {"wal"}, "synchronous": {"2", "3"}},
    "postgresql": {
        "fsync": {"on"},
        "full_page_writes": {"on"},
        "synchronous_commit": {"on", "local", "remote_write", "remote_apply"},
    },
}


@register(Tags.database)
def check_durability(databases: Sequence[str] | None = None, **_: Any) -> list[Error]:
    """Runs where databases are named: at each start, at `migrate`, and by `manage.py check --database default`."""
    if settings.UNSAFE_DATABASE:
        return []
    return [error for alias in databases or () for error in faults(connections[alias].vendor, asked(alias))]


def asked(alias: str) -> dict[str, str]:
    """What the database says of itself."""
    connection = connections[alias]
    verb = "PRAGMA" if connection.vendor == "sqlite" else "SHOW"
    found = {}
    with connection.cursor() as cursor:
        for name in DURABLE[connection.vendor]:
            cursor.execute(f"{verb} {name}")
            found[name] = str(cursor.fetchone()[0])
    return found


def faults(vendor: str, found: Mapping[str, str]) -> list[Error]:
    return [
        Error(
            f"The database runs with {name}={found[name]}.",
            hint=f"A figure already acknowledged could be lost with the power. Wanted: {' or '.join(sorted(good))}.",
            id="kpitracker.E001",
        )
        for name, good in DURABLE[vendor].items()
        if found[name] not in good
    ]
