"""System check: no empty database may stand where a service has run."""

from collections.abc import Sequence

from django.conf import settings
from django.core.checks import Error, Tags, register
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder

from tasks import restore_guard


@register(Tags.database)
def check_database_is_not_lost(databases: Sequence[str] | None = None, **_: object) -> list[Error]:
    """Runs when databases are named: at each start, at `migrate`, and by `manage.py check --database default`."""
    sweeps = restore_guard.counted_sweeps()
    return [
        Error(
            f"The database is empty, but {settings.DATA_DIR}/sweeps counts {sweeps} sweeps of an earlier one.",
            hint="Restore it from the backup (docs/operations.md), or check DATABASE_URL. To begin with an empty "
            "database, remove that file.",
            id="kpitracker.E004",
        )
        for alias in databases or ()
        if sweeps and not MigrationRecorder(connections[alias]).applied_migrations()
    ]
