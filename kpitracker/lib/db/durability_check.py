"""System check: the database must not lose acknowledged writes in a power failure."""

from collections.abc import Mapping, Sequence

from django.conf import settings
from django.core.checks import Error, Tags, register
from django.db import connections

# The allowed values. All allowed values of PostgreSQL's synchronous_commit flush the commit to its own disk.
DURABLE: dict[str, dict[str, set[str]]] = {
    "sqlite": {"journal_mode": {"wal"}, "synchronous": {"2", "3"}},
    "postgresql": {
        "fsync": {"on"},
        "full_page_writes": {"on"},
        "synchronous_commit": {"on", "local", "remote_write", "remote_apply"},
    },
}


@register(Tags.database)
def check_durability(databases: Sequence[str] | None = None, **_: object) -> list[Error]:
    """Runs when databases are named: at each start, at `migrate`, and by `manage.py check --database default`."""
    if settings.UNSAFE_DATABASE:
        return []
    return [
        error
        for alias in databases or ()
        for error in durability_errors(connections[alias].vendor, read_settings(alias))
    ]


def read_settings(alias: str) -> dict[str, str]:
    """Read the checked settings from the database."""
    connection = connections[alias]
    verb = "PRAGMA" if connection.vendor == "sqlite" else "SHOW"
    values = {}
    with connection.cursor() as cursor:
        for name in DURABLE[connection.vendor]:
            cursor.execute(f"{verb} {name}")
            values[name] = str(cursor.fetchone()[0])
    return values


def durability_errors(vendor: str, values: Mapping[str, str]) -> list[Error]:
    return [
        Error(
            f"The database runs with {name}={values[name]}.",
            hint=f"A power failure could lose a figure that was acknowledged. Required: {' or '.join(sorted(allowed))}.",
            id="kpitracker.E001",
        )
        for name, allowed in DURABLE[vendor].items()
        if values[name] not in allowed
    ]
