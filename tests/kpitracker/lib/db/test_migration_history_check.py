"""A database of another version is refused, in one sentence that says how to take its data over."""

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from kpitracker.lib.db.migration_history_check import check_migration_history

pytestmark = pytest.mark.django_db
SENTENCE = (
    "Another version of kpitracker made this database: it has the migration targets.0016_routing, which this version "
    "does not have; export its data with that version and load them into an empty database, as docs/upgrading.md "
    "describes."
)


def test_the_database_of_this_version_is_accepted() -> None:
    assert check_migration_history(["default"]) == []


@pytest.mark.parametrize(
    ("app", "name", "refused"),
    [
        pytest.param("targets", "0016_routing", True, id="made before the first release"),
        pytest.param("axes", "9999_removed", False, id="a package that removed an old migration"),
    ],
)
def test_a_database_with_a_migration_that_the_code_does_not_have(app: str, name: str, refused: bool) -> None:
    MigrationRecorder(connection).record_applied(app, name)

    assert [error.msg for error in check_migration_history(["default"])] == ([SENTENCE] if refused else [])


def test_it_is_looked_at_only_where_the_database_may_be_asked() -> None:
    MigrationRecorder(connection).record_applied("targets", "0016_routing")

    assert check_migration_history(None) == []


def test_manage_py_migrate_refuses_it() -> None:
    MigrationRecorder(connection).record_applied("targets", "0016_routing")

    with pytest.raises(SystemCheckError) as error:
        call_command("migrate", skip_checks=False, verbosity=0)
    assert SENTENCE in str(error.value)
