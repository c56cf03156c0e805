"""A prepared statement answers as the queryset that it was made of."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.db.models import F, Q
from django.test.utils import CaptureQueriesContext

from indicators.models import Area, Measurement, ReportingDuty, Revision
from kpitracker.lib.db.compiled_queries import compiled_query, insert_row
from kpitracker.lib.db.uuid7 import uuid7
from kpitracker.lib.models.audit import AuditEntry
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def areas() -> list[Area]:
    country = factories.area("country")
    return [country, *(factories.area(f"area-{n}", parent=country, valid_to=date(2024, n, 1)) for n in range(1, 7))]


ASKED = {
    "by a text": (lambda code: Area.objects.filter(code=code), [("area-1",), ("area-2",), ("nothing",), ("%s",)]),
    "by a number": (lambda pk: Area.objects.filter(parent=pk), [(1,), (0,), (10**9,)]),
    "by a day": (lambda day: Area.objects.filter(valid_to__lt=day), [(date(2024, 3, 1),), (date.max,)]),
    "by a value twice": (lambda day: Area.objects.filter(Q(valid_to=day) | Q(valid_to__gt=day)), [(date(2024, 3, 1),)]),
    "by a few": (lambda codes: Area.objects.filter(code__in=codes), [(("area-1",),), (("area-1", "area-3"),), ((),)]),
    "by many": (
        lambda codes: Area.objects.filter(code__in=codes),
        [(tuple(f"area-{n}" for n in range(1, 6)),), (tuple(f"area-{n}" for n in range(2, 7)),)],
    ),
    "by a value or none": (lambda day: Area.objects.filter(valid_to=day), [(None,), (date(2024, 2, 1),), (None,)]),
    "with what hangs on it": (lambda code: Area.objects.select_related("parent").filter(code=code), [("area-4",)]),
    "tuples": (lambda code: Area.objects.filter(code=code).values_list("code", "valid_to"), [("area-1",), ("area-2",)]),
    "one column": (lambda code: Area.objects.filter(code=code).values_list("valid_to", flat=True), [("area-1",)]),
    "the first": (lambda day: Area.objects.filter(valid_to__lte=day).order_by("-valid_to")[:1], [(date(2024, 5, 2),)]),
    "without a value": (lambda: Area.objects.filter(parent=None), [(), ()]),
}


@pytest.mark.parametrize(("build", "asked"), ASKED.values(), ids=ASKED)
def test_rows_are_those_of_the_queryset(areas: Any, build: Any, asked: Any) -> None:
    ask = compiled_query(build)
    for values in asked:
        assert sorted(map(repr, ask(*values))) == sorted(map(repr, build(*values)))


def test_figures_come_with_their_types(areas: Any) -> None:
    factories.indicator("sales")
    factories.figure("sales", "2024-01", "12.5")
    figure = Measurement.objects.get()
    by_id = compiled_query(lambda pk: Measurement.objects.filter(pk=pk))
    by_content = compiled_query(lambda stage, at: Revision.objects.filter(stage=stage, recorded_at__lte=at))
    assert by_id(figure.pk)[0].__dict__.keys() == figure.__dict__.keys()
    assert [(row.pk, row.value, row.recorded_at) for row in by_id(figure.pk)] == [
        (figure.pk, Decimal("12.5"), figure.recorded_at)
    ]
    assert by_id(UUID(int=5)) == []
    assert [row.measurement_id for row in by_content("", datetime(2100, 1, 1, tzinfo=UTC))] == [figure.pk]
    assert by_content("", datetime(2000, 1, 1, tzinfo=UTC)) == []


ITERABLES = {
    "models": lambda: Area.objects.select_related("parent"),
    "tuples": lambda: Area.objects.values_list("code", "valid_to"),
    "one column": lambda: Area.objects.values_list("code", flat=True),
    "dictionaries": lambda: Area.objects.values("code", "valid_to"),
}


@pytest.mark.parametrize("build", ITERABLES.values(), ids=ITERABLES)
def test_django_still_reads_rows_the_way_that_compiled_queries_replace(areas: Any, build: Any) -> None:
    """The canary for a new version of Django: the module's docstring names what is replaced."""
    queryset = build()
    compiler = queryset.query.get_compiler(connection=connection)
    sql, parameters = compiler.as_sql()
    fields = [selected[0] for selected in compiler.select[: compiler.col_count]]
    converters = compiler.get_converters(fields)
    calls: list[str] = []

    def get_compiler(*args: object, **kwargs: object) -> object:
        calls.append("get_compiler")
        return compiler

    def get_converters(asked: list[object]) -> object:
        assert asked == fields
        return converters

    def execute_sql(*args: object, **kwargs: object) -> list[Any]:
        calls.append("execute_sql")
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            return [cursor.fetchall()]

    queryset.query.get_compiler = get_compiler
    compiler.get_converters, compiler.execute_sql = get_converters, execute_sql
    assert list(queryset._iterable_class(queryset)) == list(build())
    assert calls == ["get_compiler", "execute_sql"]


def test_what_is_with_a_row_is_not_asked_for_again(areas: Any) -> None:
    ask = compiled_query(lambda code: Area.objects.select_related("parent").filter(code=code))
    ask("area-1")
    with CaptureQueriesContext(connection) as requested:
        assert [row.parent.code for row in ask("area-2")] == ["country"]
    assert len(requested) == 1


def test_a_locked_row_is_locked_each_time(areas: Any) -> None:
    ask = compiled_query(lambda code: Area.objects.filter(code=code).select_for_update())
    with transaction.atomic():
        assert [ask(code)[0].code for code in ("area-1", "area-2")] == ["area-1", "area-2"]


@pytest.mark.parametrize(
    "build",
    [
        lambda number: Area.objects.filter(pk=number + 1),
        lambda number: Area.objects.filter(valid_to=F("valid_from")),
        lambda number: Area.objects.filter(name__contains=str(number)),
    ],
    ids=["computed with", "not used", "part of another"],
)
def test_a_value_that_does_not_get_through_as_it_is_is_refused(build: Any) -> None:
    with pytest.raises(TypeError, match="does not reach the statement"):
        compiled_query(build)(3)


def test_a_value_that_decides_is_refused() -> None:
    with pytest.raises(TypeError, match="bool"):
        compiled_query(lambda old: Area.objects.filter(valid_to=None) if old else Area.objects.all())(True)


class TestInsert:
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
