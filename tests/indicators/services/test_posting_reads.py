"""The three statements before a posted figure read what the general look-ups of each table say."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db.models import Q

from indicators.domain.periods import Period
from indicators.forecasts import measured_condition
from indicators.models import Area, Department, Indicator, IndicatorPart, Measurement, Revision
from indicators.services.catalogue import reporting_duties
from indicators.services.figures import posting_reads, series_checks
from indicators.services.figures.series import Mergers
from kpitracker.lib import clock
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.database]
DAY = date(2024, 7, 1)


@pytest.fixture
def sales() -> Indicator:
    """A series with neighbours of all sorts, in a catalogue where each small table has rows."""
    factories.world()
    factories.department("health")
    factories.indicator("secret", department="health", restricted=True)
    factories.indicator("parts", parts=["sales"])
    factories.indicator("share", formula="sales / parts * 100")
    factories.area("old", parent="city", valid_to=date(2023, 12, 31), successor="city")
    for month in range(1, 13):
        factories.figure("sales", f"2024-{month:02}", month, published=date(2025, 1, 20))
    factories.figure("sales", "2024", "80", published=None)
    factories.figure("sales", "2025", "90", stage="forecast", published=date(2025, 1, 1))
    factories.figure("sales", "2030", "95", published=date(2025, 1, 1))
    factories.figure("sales", "2024-01", "7", stage="estimate", published=date(2025, 2, 1))
    factories.figure("sales", "2024-02", None, missing_reason="withdrawn", published=date(2025, 2, 1))
    return Indicator.objects.get(code="sales")


DUTIES = {
    "no duty": [],
    "one without days": [("health", None, None)],
    "one that ends on the day": [("health", None, DAY)],
    "one that began on the day": [("health", DAY, None)],
    "one that is over, one to come": [("health", None, DAY - timedelta(1)), ("statistics", DAY + timedelta(1), None)],
    "two at once": [("health", None, None), ("statistics", date(2024, 1, 1), date(2024, 12, 31))],
}


@pytest.mark.parametrize("duties", DUTIES.values(), ids=DUTIES)
def test_duties_and_catalogue_are_those_of_the_tables(sales: Indicator, duties: list[Any]) -> None:
    city = Area.objects.get(code="city")
    for department, first, last in duties:
        reporting_duties.create_duty(
            by=factories.BY, indicator="sales", area="city", department=department, valid_from=first, valid_to=last
        )
    read = posting_reads.read_surroundings(sales, city, DAY, None)
    assert reporting_duties.departments_on_duty(
        indicator=sales, area=city, day=DAY, assigned=read.ids("duty")
    ) == reporting_duties.departments_on_duty(indicator=sales, area=city, day=DAY)
    assert dict(read.pairs("restricted")) == dict(
        Indicator.objects.filter(restricted=True).values_list("pk", "department_id")
    )
    assert read.pairs("part") == list(IndicatorPart.objects.order_by("pk").values_list("indicator_id", "part_id"))
    assert Indicator.objects.readers_of({sales.pk}, read.pairs("formula")) == Indicator.objects.readers_of({sales.pk})
    areas = {area.pk for area in Area.objects.all()}
    as_read, by_table = Mergers(areas, read.ids("merged")), Mergers(areas)
    assert [as_read.predecessors(area) for area in areas] == [by_table.predecessors(area) for area in areas]
    assert any(by_table.predecessors(area) for area in areas)
    assert read.measured_values() == {}


@pytest.mark.parametrize("period", ["2024-01", "2024", "2024-Q3", "2026", "2024-05-17", "1999-01"])
def test_neighbours_are_the_measured_figures_within_reach(sales: Indicator, period: str) -> None:
    city, posted = Area.objects.get(code="city"), Period.parse(period)
    reach = series_checks.find_reach([posted])
    read = posting_reads.read_surroundings(sales, city, DAY, (reach.earliest_start, reach.last, reach.first))
    rows = Measurement.objects.filter(measured_condition(), indicator=sales, area=city, value__isnull=False)
    figures = {Period(row.period_start, row.period_end): row.value for row in rows}
    assert read.measured_values() == {span: value for span, value in figures.items() if reach.holds(span)}
    same_start = {span: value for span, value in figures.items() if span.start == posted.start}
    assert read.measured_values(posted.start) == same_start


@pytest.mark.parametrize("code", ["city", None])
def test_the_figure_comes_with_its_references(sales: Indicator, code: str | None) -> None:
    health = Department.objects.get(code="health")
    located = posting_reads.lock_figure("sales", code, Period.parse("2024-01"), health.pk)
    assert located is not None
    figure = Measurement.objects.get(indicator=sales, period_start=date(2024, 1, 1), period_end=date(2024, 1, 31))
    assert (located.indicator, located.area.code, located.measurement) == (sales, "city", figure)
    assert located.department_code == "health"
    default = posting_reads.lock_figure("sales", code, Period.parse("2019-01"), None)
    assert default is not None
    assert default.measurement is None
    assert default.department_code == (sales.department.code if sales.department else None)


@pytest.mark.parametrize(("indicator", "area"), [("nothing", "city"), ("sales", "nothing"), ("nothing", None)])
def test_an_unknown_code_is_nothing(sales: Indicator, indicator: str, area: str | None) -> None:
    assert posting_reads.lock_figure(indicator, area, Period.parse("2024-01"), None) is None


def test_revisions_come_with_their_approvals_and_departments(sales: Indicator) -> None:
    Indicator.objects.filter(pk=sales.pk).update(needs_approval=True)
    factories.figure("sales", "2024-01", "8")
    figure = Measurement.objects.get(indicator=sales, period_start=date(2024, 1, 1), period_end=date(2024, 1, 31))
    expected = Revision.objects.filter(measurement=figure).select_related("approval").order_by("number")
    rows = posting_reads.load_revisions(figure.pk)
    names = [field.attname for field in Revision._meta.concrete_fields]
    assert [[getattr(row, name) for name in names] for row, _ in rows] == [
        [getattr(row, name) for name in names] for row in expected
    ]
    states = [getattr(getattr(row, "approval", None), "state", None) for row, _ in rows]
    assert states == [None, None, "pending"]
    codes = {None: None} | dict(Department.objects.values_list("pk", "code"))
    assert [code for _, code in rows] == [codes[row.department_id] for row in expected]


def test_a_day_of_recording_decides_where_none_of_publication_is_stated(sales: Indicator) -> None:
    """The neighbour of 2024 was recorded today: it is measured. The control moves it before its year."""
    reach = series_checks.find_reach([Period.parse("2024-12")])
    bounds = (reach.earliest_start, reach.last, reach.first)
    city, year = Area.objects.get(code="city"), Period.parse("2024")
    rows = Measurement.objects.filter(Q(period_start=year.start, period_end=year.end))
    assert year in posting_reads.read_surroundings(sales, city, DAY, bounds).measured_values()
    rows.update(recorded_at=clock.start_of_next_day(date(2023, 12, 31)))
    assert year not in posting_reads.read_surroundings(sales, city, DAY, bounds).measured_values()
