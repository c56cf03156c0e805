"""What the audit keeps of a batch can be computed again, and a changed figure shows."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from indicators.services.batches import digests
from kpitracker.lib.models.audit import AuditEntry
from tests import factories
from tests.support import Api, api_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]
FIGURES: list[dict[str, Any]] = [
    {"indicator": "sales", "period": "2024-01", "value": "12345678901234567.120000", "published": "unknown"},
    {"indicator": "sales", "period": "2024-01", "value": "-0.5", "published": "2024-03-01", "note": "dòng 1\ndòng 2"},
    {"indicator": "sales", "period": "2024-02", "value": None, "missing_reason": "suppressed"},
]


@pytest.fixture
def api(settings: Any, tmp_path: Any) -> Api:
    # Heads of the chain that other tests exported are not of this one's entries.
    settings.DATA_DIR = tmp_path
    factories.world()
    return api_of()


def tamper(statement: str) -> None:
    """As somebody who owns the database can, triggers or not."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'indicators_revision'")
            for (name,) in cursor.fetchall():
                cursor.execute(f"DROP TRIGGER {name}")
        else:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE indicators_revision DISABLE TRIGGER USER")
        cursor.execute(statement)


def test_batches_and_undos_hold(api: Api) -> None:
    batch = api.post("measurements/batch/", FIGURES).ok()["import"]
    api.post("measurements/batch/", [FIGURES[0] | {"published": "2024-04-01"}]).ok()
    api.post(f"imports/{batch}/undo/").ok()
    kept = AuditEntry.objects.filter(verb="recorded", kind="indicators.import")
    assert sorted(entry.after["revisions"] for entry in kept) == [1, 1, 3]
    assert list(digests.find_broken_entries()) == []
    call_command("verify_audit", stdout=StringIO())


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("UPDATE indicators_revision SET value = 7 WHERE number = 2", id="another value"),
        pytest.param("UPDATE indicators_revision SET note = 'x' WHERE number = 2", id="another note"),
        pytest.param("UPDATE indicators_revision SET published = NULL WHERE number = 2", id="another day"),
        pytest.param("DELETE FROM indicators_revision WHERE number = 2", id="one taken away"),
    ],
)
def test_a_changed_revision_is_found(api: Api, statement: str) -> None:
    batch = api.post("measurements/batch/", FIGURES).ok()["import"]
    tamper(statement)
    assert [entry.object_id for entry in digests.find_broken_entries()] == [batch]
    told = StringIO()
    with pytest.raises(CommandError):
        call_command("verify_audit", stdout=told)
    assert "its revisions" in told.getvalue()
