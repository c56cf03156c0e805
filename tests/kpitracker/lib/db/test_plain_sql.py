"""Statements in plain SQL read and write what Django's own do."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, models, transaction
from django.test.utils import CaptureQueriesContext

from indicators.models import ApiKey, Area, Department, Indicator, Measurement, ReportingDuty, Revision
from kpitracker.lib.db.locks_and_triggers import insert_or_ignore
from kpitracker.lib.db.plain_sql import (
    column_names,
    fetch_models,
    insert_row,
    insert_statement,
    update_statement,
    write_together,
)
from kpitracker.lib.db.uuid7 import uuid7
from kpitracker.lib.models import AuditEntry, IdempotencyRecord
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.mark.parametrize("model", [Area, ApiKey, Department, Indicator, Measurement, Revision])
def test_rows_are_those_of_the_model(model: type[models.Model]) -> None:
    factories.world()
    factories.figure("sales", "2024-01", "12.50", note="một", published=None)
    factories.figure("sales", "2024-01", None, missing_reason="not_available")
    sql = f"SELECT {column_names(model, 'x')} FROM {model._meta.db_table} x"  # noqa: S608
    rows = [row for (row,), _ in fetch_models(sql, [], model)]
    expected = list(model._base_manager.all())
    values = lambda row: {field.attname: getattr(row, field.attname) for field in model._meta.concrete_fields}  # noqa: E731
    assert sorted(map(str, map(values, rows))) == sorted(map(str, map(values, expected)))
    assert {type(row) for row in rows} <= {model}


def test_a_row_that_is_missing_in_a_join_is_none_and_the_rest_follows() -> None:
    factories.area("city")
    sql = f"""
        SELECT {column_names(Area, "a")}, {column_names(Department, "d")}, a.code FROM indicators_area a
        LEFT JOIN indicators_department d ON d.code = a.code
    """  # noqa: S608
    assert [(rows[0].code, rows[1], rest) for rows, rest in fetch_models(sql, [], Area, Department)] == [
        ("city", None, ("city",))
    ]


class TestWrite:
    def test_a_row_is_as_if_saved(self) -> None:
        sales, city = factories.indicator("sales"), factories.area("city")
        first, second = factories.department("health"), factories.department("tax")
        insert_row(ReportingDuty(pk=77, indicator=sales, area=city, department=first, valid_from=date(2024, 2, 29)))
        ReportingDuty.objects.create(pk=78, indicator=sales, area=city, department=second, valid_from=date(2024, 2, 29))
        one, other = ReportingDuty.objects.order_by("pk").values()
        assert one | {"id": 78, "department_id": second.pk, "uid": other["uid"]} == other

    def test_what_the_database_fills_in_is_filled_in(self) -> None:
        insert_row(
            AuditEntry(actor="x", verb="created", kind="a", object_id="1", label="b", before={}, after={"c": ["đ"]})
        )
        entry = AuditEntry.objects.latest("pk")
        assert (entry.at is not None, entry.after) == (True, {"c": ["đ"]})

    def test_of_two_with_one_name_the_first_stays(self) -> None:
        factories.world()
        factories.figure("sales", "2024-01", "1")
        figure = Measurement.objects.get()
        repeated = Measurement.objects.get()
        repeated.pk, repeated.value = uuid7(), Decimal(2)
        assert insert_row(repeated, ignore_conflicts=True) is False
        assert [measurement.value for measurement in Measurement.objects.all()] == [figure.value]

    def test_several_tables_are_one_statement_on_postgresql(self) -> None:
        city, department = factories.area("city"), factories.department("health")
        statements = [
            update_statement(city, {"name": "Thành phố 100 %", "valid_to": date(2030, 1, 1), "parent_id": None}),
            update_statement(department, {"name": "Sở Y tế"}),
            insert_statement(AuditEntry(actor="x", verb="created", kind="a", object_id="1", label="b")),
        ]
        with CaptureQueriesContext(connection) as queries:
            write_together(statements)
        assert len(queries) == (1 if connection.vendor == "postgresql" else 3)
        city.refresh_from_db()
        department.refresh_from_db()
        assert (city.name, city.valid_to, department.name) == ("Thành phố 100 %", date(2030, 1, 1), "Sở Y tế")
        assert AuditEntry.objects.filter(actor="x", before={}, after={}).count() == 1

    def test_when_one_fails_none_is_done_and_the_error_is_that_of_the_one(self) -> None:
        city, other = factories.area("city"), factories.area("other")
        statements = [update_statement(city, {"name": "New"}), update_statement(other, {"code": "city"})]
        with pytest.raises(IntegrityError, match="code"), transaction.atomic():
            write_together(statements)
        city.refresh_from_db()
        assert city.name == "City"


@pytest.mark.only_on("postgresql")
def test_the_time_limit_of_an_insert_ends_with_it() -> None:
    def lock_timeout() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SHOW lock_timeout")
            return str(cursor.fetchone()[0])

    before = lock_timeout()
    record = IdempotencyRecord(owner="a", key="one", fingerprint="")
    assert insert_or_ignore(record) is True
    assert lock_timeout() == before
    assert insert_or_ignore(IdempotencyRecord(owner="a", key="one", fingerprint="")) is False
    assert lock_timeout() == before
    assert IdempotencyRecord.objects.get().pk == record.pk


def test_a_taken_key_is_not_inserted() -> None:
    assert insert_or_ignore(IdempotencyRecord(owner="a", key="one", fingerprint="first")) is True
    assert insert_or_ignore(IdempotencyRecord(owner="a", key="one", fingerprint="second")) is False
    assert IdempotencyRecord.objects.get().fingerprint == "first"
