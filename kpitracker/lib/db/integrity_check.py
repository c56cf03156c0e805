"""System check: the database file must be whole."""

from collections.abc import Sequence

from django.core.checks import Error, Tags, register
from django.db import connections

from kpitracker.lib.db import damage


@register(Tags.database)
def check_integrity(databases: Sequence[str] | None = None, **_: object) -> list[Error]:
    """Runs when databases are named: at each start, at `migrate`, and by `manage.py check --database default`."""
    errors = [
        Error(
            f"The database {connections[alias].settings_dict['NAME']} is damaged: {problem.rstrip('.')}.",
            hint="Restore it from the backup (docs/operations.md).",
            id="kpitracker.E003",
        )
        for alias in databases or ()
        if (problem := damage.find_damage(alias))
    ]
    if databases and not errors:
        damage.forget_damage()
    return errors
