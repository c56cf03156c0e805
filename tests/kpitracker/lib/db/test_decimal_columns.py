"""No column of decimals holds a text that is no number, on both databases; older tables get the check, or a sentence."""

from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.db.migrations.state import ProjectState

from indicators.models import Measurement, Revision
from kpitracker.lib.db import bulk, counter_triggers
from kpitracker.lib.db.decimal_columns import CheckDecimalColumns, check_decimal_texts, decimal_columns
from kpitracker.lib.db.fields import ExactDecimalField
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.database]
NUMBERS = ["0", "5", "-5", "7.5", "-0.5", "10", "100.01", "0.000001", "123456789012345678.123456"]
# What PostgreSQL reads as a number and stores as one (" 5", "1e5"), SQLite must refuse: it would stay a text.
NO_NUMBERS = [
    "1200\n1350",
    "5\n7",
    "5\r\n7",
    "5\u20287",
    "",
    "-",
    "1,5",
    "1.2.3",
    "--5",
    "٥",
    "５",
    "5−",
    "NaN",
    "x",
    "5\x00",
]
OTHER_SPELLINGS = ["5\n", "\n5", " 5", "-0", "05", "-05", "5.0", "5.", ".5", "-.5", "+5", "1e5", "1_0", "0x1"]
TOO_LONG = ["1234567890123456789", "0.1234567"]
MODELS = [
    model for model in apps.get_models() if any(isinstance(field, ExactDecimalField) for field in model._meta.fields)
]


def put(table: str, value: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET value = %s", [value])  # noqa: S608


@pytest.fixture
def figure() -> None:
    factories.area()
    factories.indicator()
    factories.figure("sales", "2024-01", 5)


@pytest.mark.parametrize("value", NO_NUMBERS, ids=ascii)
def test_the_column_refuses_a_text_that_is_no_number(figure: None, value: str) -> None:
    with pytest.raises((DatabaseError, ValueError)):
        put("indicators_measurement", value)
    assert Measurement.objects.get().value == 5


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize("value", [*OTHER_SPELLINGS, *TOO_LONG], ids=ascii)
def test_the_column_refuses_another_spelling_of_a_number(figure: None, value: str) -> None:
    with pytest.raises(DatabaseError, match="CHECK"):
        put("indicators_measurement", value)


@pytest.mark.parametrize("value", NUMBERS)
def test_the_column_takes_every_number_as_it_is(figure: None, value: str) -> None:
    put("indicators_measurement", value)
    (stored,) = Measurement.objects.values_list("value", flat=True)
    assert format(stored, "f") == value


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize("model", MODELS, ids=[model._meta.label for model in MODELS])
def test_every_column_of_decimals_has_the_check(model: Any) -> None:
    columns = list(decimal_columns([model], connection))
    assert columns
    for column in columns:
        with connection.cursor() as cursor:
            cursor.execute("SELECT sql FROM sqlite_master WHERE name = %s", [column.table])
            assert column.check in cursor.fetchone()[0]
            for value, expected in [
                *((text, 0) for text in [*NO_NUMBERS, *OTHER_SPELLINGS]),
                *((n, 1) for n in NUMBERS),
            ]:
                cursor.execute(f'SELECT ({column.check}) FROM (SELECT %s AS "{column.name}")', [value])  # noqa: S608
                assert cursor.fetchone() == (expected,), (column.table, value)


@pytest.mark.parametrize("value", [*NO_NUMBERS[:4], *NO_NUMBERS[5:], *OTHER_SPELLINGS[:3], "1e5", "1_0"], ids=ascii)
def test_the_binary_writer_of_postgresql_makes_no_number_of_a_text_that_is_none(value: str) -> None:
    with pytest.raises(ValueError, match="plain notation"):
        bulk._encode_numeric(value)


def make_as_before(table: str) -> None:
    """Without the check, as an earlier version made the table."""
    with connection.cursor() as cursor:
        checks = [column.check for column in decimal_columns(MODELS, connection) if column.table == table]
        cursor.execute("PRAGMA writable_schema = ON")
        for check in checks:
            cursor.execute(
                "UPDATE sqlite_master SET sql = replace(sql, %s, '(1)') WHERE name = %s", [f"({check})", table]
            )
        cursor.execute("PRAGMA writable_schema = RESET")


def add_checks() -> None:
    """The step of the migration, between the signals of `migrate`."""
    state = ProjectState.from_apps(apps)
    counter_triggers.prepare_migration("default", [(state, False)])
    with connection.schema_editor() as editor:
        CheckDecimalColumns("indicator", "measurement", "revision").database_forwards(
            "indicators", editor, state, state
        )
    counter_triggers.install_triggers("default")


def schema_objects(table: str) -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT type, name FROM sqlite_master WHERE tbl_name = %s ORDER BY 1, 2", [table])
        return list(cursor.fetchall())


@pytest.mark.only_on("sqlite")
@pytest.mark.django_db(transaction=True)
def test_a_table_made_before_gets_the_check_and_keeps_rows_triggers_and_indexes(figure: None) -> None:
    before, rows = schema_objects("indicators_revision"), list(Revision.objects.values())
    make_as_before("indicators_revision")
    assert check_decimal_texts(["default"]) == []
    add_checks()
    assert (schema_objects("indicators_revision"), list(Revision.objects.values())) == (before, rows)
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER indicators_revision_no_update")
    with pytest.raises(DatabaseError, match="CHECK"):
        put("indicators_revision", "5\n7")


@pytest.mark.only_on("sqlite")
@pytest.mark.django_db(transaction=True)
def test_a_text_in_a_table_made_before_refuses_the_start_in_one_sentence(figure: None) -> None:
    make_as_before("indicators_measurement")
    put("indicators_measurement", "1200\n1350")
    (error,) = check_decimal_texts(["default"])
    assert "1 values of indicators_measurement.value are no numbers" in str(error.msg)
    assert "manage.py mend_figures" in str(error.msg)
