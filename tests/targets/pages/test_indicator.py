"""An indicator's page: its values and change, years over each other, areas, what was said when, and as files."""

import csv
import io
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from indicators.models import Indicator
from tests import factories
from tests.admin_support import client_of, person
from tests.support import api_of
from tests.targets.pages.test_work import text_of

pytestmark = pytest.mark.django_db

PATH = "/indicators/sales/"


@pytest.fixture
def client() -> Client:
    """A viewer of the whole organisation; two years of months, published in the middle of the next month."""
    factories.world()
    Indicator.objects.filter(code="sales").update(unit="jobs")
    for number in range(24):
        year, month = 2023 + number // 12, number % 12 + 1
        published = f"{year + month // 12}-{month % 12 + 1:02}-15"
        factories.figure("sales", f"{year}-{month:02}", 100 + number, published=published)
    return client_of(person("lan"))


def cells(answer: Any) -> list[list[str]]:
    """The table of values: period, value, year before, change, stage, published, revision."""
    return [[row.period, row.value, row.before, row.change] for row in answer.context["rows"]]


def test_the_values_are_those_of_the_series_and_the_change_that_of_a_formula(client: Client) -> None:
    factories.indicator("growth", formula="yoy(sales)", kind="rate", unit="%")
    answer = client.get(f"{PATH}?as_of=2025-02-01")
    series = api_of().get("indicators/sales/series/?area=city&as_of=2025-02-01").ok()
    rows = series["results"] if isinstance(series, dict) else series
    assert [row["value"] for row in rows] == [cell[1] for cell in cells(answer)[::-1]]
    assert cells(answer)[0] == ["December 2024", "123", "111", "+10.8 %"]
    growth = api_of().get("indicators/growth/series/?area=city&as_of=2025-02-01").ok()
    rows = growth["results"] if isinstance(growth, dict) else growth
    assert round(float(rows[-1]["value"]), 1) == 10.8
    assert cells(answer)[-1][2:] == ["–", "–"]


def test_it_says_what_the_indicator_is_and_leads_to_what_belongs_to_it(client: Client) -> None:
    factories.indicator("growth", formula="yoy(sales)", kind="rate", unit="%")
    answer = client.get(PATH)
    page, text = answer.content.decode(), text_of(answer)
    for words in ("Unit jobs", "Kind level", "Reported each month", "A longer span is sum of its parts"):
        assert words in text, text
    indicator = Indicator.objects.get(code="sales")
    for address in (
        "/departments/statistics/",
        "/targets/plan:sales:city/",
        "/indicators/growth/",
        f"/admin/indicators/measurement/?indicator__id__exact={indicator.pk}",
        f"/admin/indicators/indicator/{indicator.pk}/change/",
    ):
        assert f'href="{address}"' in page, address
    listed = client.get(f"/admin/indicators/measurement/?indicator__id__exact={indicator.pk}")
    assert (listed.status_code, "24" in text_of(listed)) == (200, True)
    of_growth = text_of(client.get("/indicators/growth/"))
    assert "Computed from Sales" in of_growth
    assert "Formula yoy(sales)" in of_growth


def test_as_of_a_day_only_what_was_published_by_then_is_shown(client: Client) -> None:
    answer = client.get(f"{PATH}?as_of=2023-03-20")
    assert [row[:2] for row in cells(answer)] == [["February 2023", "101"], ["January 2023", "100"]]
    assert 'href="/targets/plan:sales:city/?as_of=2023-03-20"' in answer.content.decode()


def test_years_lie_over_each_other_with_their_numbers_in_a_table(client: Client) -> None:
    answer = client.get(PATH)
    years = answer.context["years"]
    assert years.years == [2024, 2023]
    assert [name for name, _ in years.rows] == ["31/01", "28/02", *(name for name, _ in years.rows[2:])]
    assert years.rows[1] == ("28/02", ["113", "101"])
    assert answer.content.decode().count('<polyline class="year-0"') == 2  # the line, and its key


@pytest.mark.parametrize(
    ("breaks", "lines"),
    [
        pytest.param([], 1, id="without a break the line is whole"),
        pytest.param([{"day": "2024-01-01", "reason": "New base year"}], 2, id="a break parts the line"),
        pytest.param(
            [{"day": "2023-07-01", "reason": "a"}, {"day": "2024-01-01", "reason": "b"}],
            3,
            id="two breaks part it twice",
        ),
        pytest.param([{"day": "2030-01-01", "reason": "a"}], 1, id="a break after the values parts nothing"),
    ],
)
def test_a_break_parts_the_line_and_stands_in_the_table(
    client: Client, breaks: list[dict[str, str]], lines: int
) -> None:
    Indicator.objects.filter(code="sales").update(breaks=breaks)
    answer = client.get(f"{PATH}?as_of=2025-02-01")
    assert answer.context["value_chart"].count("<polyline") == lines
    assert answer.context["value_chart"].count(">break<") == lines - 1
    notes = {row.period: row.note for row in answer.context["rows"] if row.note}
    assert len(notes) == lines - 1
    if any(row["day"] == "2024-01-01" for row in breaks):
        assert notes["January 2024"] == "From 1 January 2024 on it is measured in another way."
        # Nothing is compared across a break.
        assert answer.context["rows"][0].change == "–"


def test_months_are_not_drawn_in_one_line_with_the_year_that_they_make_up(client: Client) -> None:
    factories.figure("sales", "2023", 1266, published="2024-01-20")
    answer = client.get(f"{PATH}?as_of=2025-02-01")
    assert "1,266" in [row.value for row in answer.context["rows"]]
    (line,) = re.findall(r'<polyline class="actual" points="([^"]*)"', answer.context["value_chart"])
    assert len(line.split()) == 24


def test_what_was_said_when_is_a_triangle(client: Client) -> None:
    factories.figure("sales", "2024-11", 130, published="2025-01-15")
    answer = client.get(f"{PATH}?as_of=2025-02-01")
    days, rows = answer.context["triangle_days"], dict(answer.context["triangle_rows"])
    assert (len(days), len(rows)) == (24, 24)
    november = dict(zip(days, rows["November 2024"], strict=True))
    assert {day: value for day, value in november.items() if value} == {
        "15 December 2024": "122",
        "15 January 2025": "130",
    }
    earlier = client.get(f"{PATH}?as_of=2025-01-01")
    assert [value for value in dict(earlier.context["triangle_rows"])["November 2024"] if value] == ["122"]


def test_the_triangle_holds_the_last_24_periods(client: Client) -> None:
    factories.figure("sales", "2025-01", 200, published="2025-02-15")
    periods = [period for period, _ in client.get(PATH).context["triangle_rows"]]
    assert (len(periods), periods[0], periods[-1]) == (24, "January 2025", "February 2023")


def add_areas(count: int) -> None:
    for number in range(count):
        factories.area(f"ward-{number:02}", name=f"Ward {number:02}", parent="city")
        factories.figure("sales", "2024-01", 10 + number, area=f"ward-{number:02}", published="2024-02-15")
        factories.figure("sales", "2024-02", 20 + number, area=f"ward-{number:02}", published="2024-03-15")


def test_areas_are_small_charts_of_one_scale_the_largest_first_and_bounded(client: Client) -> None:
    add_areas(14)
    answer = client.get(f"{PATH}?area=city")
    charts = [chart for chart, _ in answer.context["area_charts"]]
    assert [str(chart.area) for chart in charts] == [f"Ward {number:02}" for number in range(13, 1, -1)]
    assert "12 of 14 areas shown" in text_of(answer)
    heights = [re.findall(r'points="[^,]*,([\d.]+)', chart.picture)[0] for chart in charts]
    assert heights == sorted(heights, key=float)
    assert len(set(heights)) == 12
    every = client.get(f"{PATH}?area=city&areas=all")
    assert len(every.context["area_charts"]) == 14
    assert "areas=all" not in every.content.decode().split('id="areas"')[1]
    below = client.get(f"{PATH}?area=ward-03")
    assert cells(below)[0][:2] == ["February 2024", "23"]


def test_the_number_of_queries_does_not_grow_with_figures_and_areas(client: Client) -> None:
    add_areas(2)

    def count() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(f"{PATH}?area=city").status_code == 200
        return len(queries)

    few = count()
    for number in range(2, 9):
        factories.area(f"ward-{number:02}", parent="city")
        factories.figure("sales", "2024-01", number, area=f"ward-{number:02}")
    factories.figure("sales", "2024-11", 130)
    assert count() == few


@pytest.mark.parametrize("extension", ["csv", "xlsx"])
def test_the_values_come_as_a_file(client: Client, extension: str) -> None:
    add_areas(2)
    answer = client.get(f"{PATH}values.{extension}?area=city&as_of=2025-02-01")
    assert answer.status_code == 200
    content = b"".join(answer)
    if extension == "xlsx":
        assert content.startswith(b"PK")
        return
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert len(rows) == 24
    last = rows[-1]
    assert (last["Period"], last["Value"], last["Year before"], last["Published"]) == (
        "2024-12",
        "123",
        "111",
        "2025-01-15",
    )
    every = b"".join(client.get(f"{PATH}values.csv?areas=all&as_of=2025-02-01"))
    assert len(every.decode("utf-8-sig").splitlines()) == 1 + 24 + 4


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        pytest.param("/indicators/none/", 404, "not found", id="no such indicator"),
        pytest.param(f"{PATH}?as_of=2999-01-01", 400, "Not after today.", id="a day in the future"),
        pytest.param(f"{PATH}?as_of=soon", 400, "Enter a valid date.", id="no day"),
        pytest.param(f"{PATH}?area=moon", 400, "moon", id="an area without figures"),
        pytest.param(f"{PATH}?areas=some", 400, "some", id="no choice of areas"),
        pytest.param(f"{PATH}?period=2024", 400, "period", id="an unknown parameter"),
        pytest.param(f"{PATH}values.csv?period=2024", 400, "period", id="an unknown parameter of the file"),
        pytest.param(f"{PATH}values.csv?area=moon", 400, "moon", id="a file of an area without figures"),
        pytest.param(f"{PATH}values.pdf", 404, "not found", id="no such kind of file"),
        pytest.param(f"{PATH}?as_of=2020-01-01", 200, "There are no figures as of this day.", id="before all figures"),
    ],
)
def test_what_cannot_be_shown_is_said_in_words(client: Client, path: str, status: int, words: str) -> None:
    answer = client.get(path, headers={"Accept": "text/html"})
    assert (answer.status_code, words in text_of(answer)) == (status, True), text_of(answer)


def test_an_indicator_without_figures_has_a_page(client: Client) -> None:
    factories.indicator("empty", department="statistics")
    assert "There are no figures as of this day." in text_of(client.get("/indicators/empty/"))


@pytest.mark.parametrize(
    ("role", "department", "path", "status"),
    [
        pytest.param("officer", "statistics", PATH, 200, id="an officer sees what the department reports"),
        pytest.param("officer", "trade", PATH, 404, id="another officer does not"),
        pytest.param("viewer", "trade", PATH, 404, id="nor does a viewer of another department"),
        pytest.param("planner", "trade", PATH, 200, id="planners see all"),
        pytest.param("planner", "trade", "/indicators/secret/", 404, id="but for what is restricted"),
        pytest.param("viewer", None, "/indicators/secret/", 200, id="the whole organisation sees restricted ones"),
        pytest.param("officer", "statistics", "/indicators/secret/", 200, id="so does the department that reports it"),
        pytest.param("officer", "trade", "/indicators/secret/values.csv", 404, id="files are no way around"),
        pytest.param("officer", "trade", "/indicators/of-secret/", 404, id="nor is what is computed from it"),
        pytest.param("viewer", "lead", PATH, 200, id="who leads a target sees its indicator"),
    ],
)
def test_who_may_not_see_an_indicator_gets_404(
    client: Client, role: str, department: str | None, path: str, status: int
) -> None:
    factories.department("trade")
    factories.department("lead")
    factories.indicator("secret", department="statistics", restricted=True)
    factories.indicator("of-secret", formula="secret * 2", department="trade")
    factories.plan("other", period="2025")
    factories.target("sales", plan="other", department="lead")
    values = {"department": department} if department else {}
    answer = client_of(person("hoa", role, **values)).get(path)
    assert answer.status_code == status
    if department == "lead":
        # The back office shows the figures to those who report them.
        assert "/admin/indicators/measurement/" not in answer.content.decode()


def test_links_lead_to_it_from_the_page_of_a_target(client: Client) -> None:
    assert f'href="{PATH}"' in client.get("/targets/plan:sales:city/").content.decode()


def test_it_speaks_vietnamese(client: Client) -> None:
    text = text_of(client.get(PATH, headers={"Accept-Language": "vi"}))
    for words in (
        "Đơn vị tính jobs",
        "Các chỉ tiêu của chỉ số này",
        "So sánh các năm",
        "Số liệu đã công bố qua các lần",
        "+10,8 %",
    ):
        assert words in text, text


def test_without_a_login_there_is_the_login_page() -> None:
    assert Client().get(PATH)["Location"].startswith("/admin/login/")
