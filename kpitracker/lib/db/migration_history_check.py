"""System check: the database must not have migrations that this version of the code does not have."""

import pkgutil
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from django.apps import apps
from django.core.checks import Error, Tags, register
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder

# Not of packages: these may remove old migrations of theirs.
CHECKED_APPS = ("lib", "indicators", "targets")


@register(Tags.database)
def check_migration_history(databases: Sequence[str] | None = None, **_: Any) -> list[Error]:
    """Runs when databases are named: at each start, at `migrate`, and by `manage.py check --database default`."""
    return [
        Error(
            f"Another version of kpitracker made this database: it has the migration {unknown[-1]}, which this version "
            "does not have; export its data with that version and load them into an empty database, as "
            "docs/upgrading.md describes.",
            id="kpitracker.E002",
        )
        for alias in databases or ()
        if (unknown := unknown_migrations(alias))
    ]


def unknown_migrations(alias: str) -> list[str]:
    """Names, as "targets.0016_routing", of applied migrations that are not in the code."""
    applied = MigrationRecorder(connections[alias]).applied_migrations()
    return sorted(
        f"{app}.{name}"
        for app, name in applied
        if app in CHECKED_APPS and name not in migration_names(apps.get_app_config(app).name)
    )


def migration_names(package: str) -> set[str]:
    return {module.name for module in pkgutil.iter_modules(import_module(f"{package}.migrations").__path__)}
