"""Every list as a file: the same rows as its pages, all of them, and nobody else's."""

import csv
import io
import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from typing import Any, get_type_hints

import pytest
from python_calamine import CalamineWorkbook

from indicators.domain.periods import Period
from indicators.models import Import, Measurement
from indicators.payloads import FileContextPayload
from indicators.services.catalogue import holidays, reporting_duties
from kpitracker.env import ROOT
from kpitracker.lib import clock
from kpitracker.lib.spreadsheets import reading
from kpitracker.lib.spreadsheets.formula_injection import unescape_formula
from targets.models import Judgement, Plan, Webhook
from targets.services.alerting import silences
from targets.services.assessment import assess
from targets.services.reports import closings
from tests import factories
from tests.support import Answer, Api, api_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]

DOCUMENT = json.loads((ROOT / "docs" / "openapi-v1.json").read_text())
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LISTS = [
    "actions/", "alert-rules/", "comments/", "targets/plan:sales:city/actions/", "alerts/", "areas/", "audit/", "departments/", "indicators/", "indicators/sales/series/", "keys/", "contacts/", "measurements/",
    "plans/", "plans/plan/exceptions/", "plans/plan/closings/", "plans/plan/targets/", "reporting/duties/", "statuses/", "targets/",
    "holidays/", "imports/", "imports/{import}/errors/", "measurements/{figure}/history/", "reporting/due/",
    "silences/", "webhooks/", "webhooks/{webhook}/deliveries/", "targets/plan:sales:city/judgements/", "reporting/completeness/", "targets/plan:sales:city/amendments/", "targets/plan:sales:city/history/",
]  # fmt: skip
# What files alone have; `indicator` only those of a series, whose path names it.
ADDED = {"indicator", *get_type_hints(FileContextPayload)}
POSTED = ["indicator", "area", "period", "value", "missing_reason", "qualifier", "stage", "published", "source", "note"]


@pytest.fixture(scope="module")
def api(shared_rows: Callable[[], AbstractContextManager[None]]) -> Api:
    """Who reads the lists, of rows that are made once."""
    with shared_rows():
        return make_world()


def make_world() -> Api:
    target, now = factories.world(), clock.now()
    # As if it had no number: the file would be empty otherwise.
    Judgement.objects.create(target=target, status="met", reason="seen", day=now, recorded_at=now, judged_by="lan")
    factories.comment(action=factories.action(target, "2024-09-30", text="=1+1"))
    until = now + timedelta(days=1)
    silences.create_silence(by=factories.BY, now=now, target=target, ends_at=until, reason="=1+1")
    factories.webhook(name="=1+1", events=["opened"])
    factories.contact(department="statistics", name="=1+1")
    for value in (1300, 900):
        factories.figure("sales", "2024", value, note="=1+1")
        while assess.process_series_changes(now=clock.now()):
            pass
    factories.figure("sales", "2024-01", "12345678901234567.123456", published=None)
    factories.figure("sales", "2024-02", None, published="2024-03-05", source='a "quoted", text\nof two lines')
    reporting_duties.create_duty(by=factories.BY, indicator="sales", area="city", department="statistics")
    holidays.create_holiday(by=factories.BY, now=clock.now(), day=date(2024, 9, 2), name="Quốc khánh")
    closings.close_plan(
        plan=Plan.objects.get(), by=factories.BY, now=clock.now(), reason="=1+1", as_of=date(2024, 5, 1)
    )
    api = api_of()
    api.post("measurements/batch/?atomic=false", [{"indicator": "sales"}, {"indicator": "=1+1"}]).ok()
    return api


def there(path: str) -> str:
    """The address of what there is."""
    figure = Measurement.objects.get(period_start=date(2024, 1, 1), period_end=date(2024, 12, 31))
    path = path.replace("{webhook}", str(Webhook.objects.get().pk))
    return path.replace("{import}", str(Import.objects.get().pk)).replace("{figure}", str(figure.pk))


def csv_rows(answer: Answer) -> list[dict[str, str]]:
    assert answer.raw.startswith(b"\xef\xbb\xbf")
    return [
        {name: unescape_formula(cell) for name, cell in row.items()}
        for row in csv.DictReader(io.StringIO(answer.raw.decode("utf-8-sig"), newline=""))
    ]


def xlsx_rows(answer: Answer) -> list[dict[str, str]]:
    header, *rows = reading.rows(io.BytesIO(answer.raw))
    return [dict(zip(header, map(unescape_formula, row), strict=True)) for row in rows]


READERS = {"csv": csv_rows, "xlsx": xlsx_rows}
FORMATS = pytest.mark.parametrize("form", READERS)


def flat(row: dict[str, Any], above: str = "") -> dict[str, str]:
    """A row of JSON as a row of a file shows it; what there is not is not there."""
    results: dict[str, str] = {}
    for name, value in row.items():
        if isinstance(value, dict) and name not in ("before", "after"):
            results |= flat(value, f"{above}{name}.")
        elif isinstance(value, list | dict):
            results[above + name] = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        elif value is not None:
            results[above + name] = str(value).lower() if isinstance(value, bool) else str(value)
    return {name: value for name, value in results.items() if value != ""}


def in_list(row: dict[str, str], shown: list[dict[str, str]]) -> dict[str, str]:
    """A row of a file without what only files have."""
    listed_names = {name for listed_row in shown for name in listed_row}
    return {name: value for name, value in row.items() if value != "" and (name in listed_names or name not in ADDED)}


def listed() -> set[str]:
    """The addresses of the document that answer with `results` and `next`."""
    schemas, results = DOCUMENT["components"]["schemas"], set()
    for path, methods in DOCUMENT["paths"].items():
        content = methods.get("get", {}).get("responses", {}).get("200", {}).get("content", {})
        schema = content.get("application/json", {}).get("schema", {})
        existing = schemas.get(schema.get("$ref", "").rpartition("/")[2], schema)
        if {"results", "next"} <= set(existing.get("properties", {})):
            formats: list[str] = next(
                (p["schema"]["enum"] for p in methods["get"]["parameters"] if p["name"] == "format"), []
            )
            assert {"csv", "xlsx"} < set(formats), f"{path} is a list without files: see `exports` of its view."
            results.add(path)
    return results


def test_every_list_has_its_files_and_is_asked_here() -> None:
    names = {"{code}": "plan", "{identifier}": "plan:sales:city"}
    requested = set()
    for path in listed():
        for name, value in names.items():
            path = path.replace(name, "sales" if "indicators/" in path else value)
        of = "{import}" if "imports/" in path else "{webhook}" if "webhooks/" in path else "{figure}"
        path = path.replace("{id}", of)
        requested.add(path.removeprefix("/api/v1/"))
    assert requested == set(LISTS)


@FORMATS
@pytest.mark.parametrize("path", LISTS)
def test_a_file_has_the_rows_of_the_list(api: Api, path: str, form: str) -> None:
    paged = not any(name in path for name in ("series", "completeness", "{figure}"))
    path = there(path) + ("?since=2024-01-01&" if path == "reporting/due/" else "?")
    pages = [flat(row) for row in api.rows(f"{path}page_size=1" if paged else path)]
    answer = api.get(f"{path}format={form}")
    assert answer.status == 200
    rows = READERS[form](answer)
    assert [in_list(row, pages) for row in rows] == pages
    assert pages or "exceptions" in path


@FORMATS
def test_a_file_of_a_scorecard_has_its_targets(api: Api, form: str) -> None:
    path = "plans/plan/scorecard/?as_of=2025-01-06&department=statistics"
    rows = READERS[form](api.get(f"{path}&format={form}"))
    assert list(rows[0])[:4] == ["target", "status", "indicator", "indicator_name"]
    shown = [flat(row) for row in api.get(path).ok()["targets"]]
    assert [in_list(row, shown) for row in rows] == shown
    assert len(shown) == 1


# What a row is about comes first, then the values, each with its unit; the day of a period beside the period.
PERIOD_DAYS = ["period_start", "period_end"]
BEGINNINGS = {
    "indicators/sales/series/": [
        "indicator", "area", "period", "indicator_name", "indicator_name_en", *PERIOD_DAYS, "value", "unit", "unit_en"
    ],
    "measurements/{figure}/history/": [
        "indicator", "area", "period", "indicator_name", "indicator_name_en", *PERIOD_DAYS, "id", "value", "unit", "unit_en"
    ],
    "reporting/due/": [
        "indicator", "indicator_name", "indicator_name_en", "area", "period", "unit", "unit_en", *PERIOD_DAYS, "department"
    ],
    "measurements/": [*POSTED, "indicator_name", "indicator_name_en", "unit", "unit_en", *PERIOD_DAYS],
    "statuses/": ["target", "plan", "indicator", "indicator_name"],
    "targets/": ["plan", "indicator", "area"],
}  # fmt: skip


@pytest.mark.parametrize("path", BEGINNINGS)
def test_what_a_row_is_about_comes_first(api: Api, path: str) -> None:
    header = api.get(f"{there(path)}?format=csv").raw.decode("utf-8-sig").splitlines()[0].split(",")
    assert header[: len(BEGINNINGS[path])] == BEGINNINGS[path]


@FORMATS
def test_a_file_of_figures_begins_with_what_one_posts(api: Api, form: str) -> None:
    rows = READERS[form](api.get(f"measurements/?format={form}&ordering=period_end&include_history=true"))
    assert list(rows[0])[:10] == POSTED
    assert [(row["period"], row["value"], row["published"]) for row in rows] == [
        ("2024-01", "12345678901234567.123456", "unknown"),
        ("2024-02", "", "2024-03-05"),
        ("2024", "1300", clock.today().isoformat()),
        ("2024", "900", clock.today().isoformat()),
    ]


@pytest.mark.parametrize(
    ("query", "periods"),
    [
        pytest.param("ordering=-period_end", ["2024", "2024-02", "2024-01"], id="in the order that is asked for"),
        pytest.param("period=2024-02", ["2024-02"], id="only what the filters leave"),
        pytest.param("as_of=2024-06-30", ["2024-02"], id="as of a day"),
        pytest.param("indicator=none", [], id="a header alone where there is nothing"),
    ],
)
@FORMATS
def test_what_is_asked_of_the_list_holds_for_the_file(api: Api, query: str, periods: list[str], form: str) -> None:
    assert [row["period"] for row in READERS[form](api.get(f"measurements/?format={form}&{query}"))] == periods


@pytest.mark.parametrize(
    ("ask", "status", "slug"),
    [
        pytest.param(lambda api: api.get("areas/?format=csv&page_size=5"), 400, "unknown-parameter", id="a page size"),
        pytest.param(lambda api: api.get("areas/?format=csv&cursor=a"), 400, "unknown-parameter", id="a cursor"),
        pytest.param(lambda api: api.get("areas/?format=ods"), 400, "invalid-parameter", id="another format"),
        pytest.param(lambda api: api.get("areas/city/?format=csv"), 400, "invalid-parameter", id="what is no list"),
        pytest.param(lambda api: api.post("areas/?format=csv", {}), 400, "invalid-parameter", id="a write"),
        pytest.param(lambda api: api.get("areas/?format=csv&typo=1"), 400, "unknown-parameter", id="a typo"),
        pytest.param(lambda api: api.get("plans/none/targets/?format=csv"), 404, "not-found", id="what is not there"),
        pytest.param(lambda _: Api().get("areas/?format=csv"), 401, "invalid-credential", id="without a key"),
    ],
)
def test_refused_as_a_problem(api: Api, ask: Callable[[Api], Answer], status: int, slug: str) -> None:
    ask(api).problem(status, slug)


@FORMATS
def test_a_file_has_a_name_a_length_and_a_tag(api: Api, form: str) -> None:
    answer = api.get(f"measurements/?format={form}")
    assert name_of(answer) == f"kpitracker-figures-{clock.today()}.{form}"
    assert answer.headers["Content-Type"] == {"csv": "text/csv; charset=utf-8", "xlsx": XLSX}[form]
    assert int(answer.headers["Content-Length"]) == len(answer.raw)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    second = api.get(f"measurements/?format={form}", If_None_Match=answer.headers["ETag"])
    assert (second.status, second.raw) == (304, b"")
    factories.figure("sales", "2024-03", 1)
    assert api.get(f"measurements/?format={form}", If_None_Match=answer.headers["ETag"]).status == 200


def name_of(answer: Answer) -> str:
    return str(answer.headers["Content-Disposition"]).removeprefix('attachment; filename="').removesuffix('"')


NAMES = {
    "statuses/?plan=plan": "kpitracker-statuses-plan-{today}.csv",
    "statuses/": "kpitracker-statuses-{today}.csv",
    "plans/plan/scorecard/?as_of=2024-10-09": "kpitracker-scorecard-plan-2024-10-09.csv",
    "plans/plan/scorecard/?as_of=2024-10-09&department_tree=statistics": "kpitracker-scorecard-plan-statistics-2024-10-09.csv",
    "measurements/?plan=plan&indicator=sales&as_of=2024-06-30": "kpitracker-figures-plan-sales-2024-06-30.csv",
    "indicators/sales/series/?area=city": "kpitracker-series-sales-city-{today}.csv",
    "targets/plan:sales:city/contributions/": "kpitracker-contributions-plan-sales-city-{today}.csv",
    "plans/plan/backtest/?as_of=2024-10-09&from=2022": "kpitracker-backtest-plan-2024-10-09.csv",
    "targets/plan:sales:city/history/": "kpitracker-history-plan-sales-city-{today}.csv",
    'statuses/?plan=../a"%0D%0Ab/%C4%91': "kpitracker-statuses-a-b-{today}.csv",
    f"targets/?plan={'x' * 500}": f"kpitracker-targets-{'x' * 131}-{{today}}.csv",
}


@pytest.mark.parametrize("path", NAMES)
def test_the_name_of_a_file_says_what_of_what_as_of_which_day(api: Api, path: str) -> None:
    answer = api.get(f"{path}{'&' if '?' in path else '?'}format=csv")
    assert name_of(answer) == NAMES[path].format(today=clock.today())


WITH_CONTEXT = [
    "measurements/", "measurements/{figure}/history/", "indicators/sales/series/", "targets/", "plans/plan/targets/",
    "statuses/", "plans/plan/scorecard/", "plans/plan/backtest/", "reporting/due/?since=2024-01-01",
]  # fmt: skip


@FORMATS
@pytest.mark.parametrize("path", WITH_CONTEXT)
def test_rows_of_a_file_can_be_read_without_another_list(api: Api, path: str, form: str) -> None:
    rows = READERS[form](api.get(f"{there(path)}{'&' if '?' in path else '?'}format={form}"))
    indicator = api.get("indicators/sales/").ok()
    names = {"indicator": "sales"} | {f"indicator_{name}": indicator[name] for name in ("name", "name_en")}
    expected = names | {name: indicator[name] for name in ("unit", "unit_en")}
    assert rows
    for row in rows:
        period = Period.parse(row["period"])
        assert {name: row[name] for name in ADDED} == expected | {
            "period_start": period.start.isoformat(),
            "period_end": period.end.isoformat(),
        }


def test_days_of_a_workbook_are_dates(api: Api) -> None:
    """A spreadsheet sorts and filters them by year and month. Periods, months and `unknown` stay texts."""
    rows = xlsx_cells(api.get("measurements/?format=xlsx&include_history=true"))
    days = {type(row["published"]) for row in rows if row["published"] != "unknown"}
    assert days == {date}
    assert {type(row[name]) for row in rows for name in ("period_start", "period_end")} == {date}
    assert {type(row[name]) for row in rows for name in ("period", "recorded_at")} == {str}
    due_path = "reporting/due/?since=2024-01-01"
    due_days = [date.fromisoformat(row["due"]) for row in api.rows(due_path)]
    assert due_days
    assert [row["due"] for row in xlsx_cells(api.get(f"{due_path}&format=xlsx"))] == due_days
    assert [row["day"] for row in xlsx_cells(api.get("holidays/?format=xlsx"))] == [date(2024, 9, 2)]


def xlsx_cells(answer: Answer) -> list[dict[str, Any]]:
    """Rows with their cells as another program reads them."""
    header, *rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.raw)).get_sheet_by_index(0).to_python()
    return [dict(zip(map(str, header), row, strict=True)) for row in rows]


def test_a_file_may_be_asked_for_by_accept(api: Api) -> None:
    assert api.get("areas/", Accept="text/csv").headers["Content-Type"].startswith("text/csv")


@FORMATS
def test_restricted_rows_stay_inside(api: Api, form: str) -> None:
    factories.department("other")
    factories.indicator("secret", department="statistics", restricted=True)
    factories.target("secret")
    factories.figure("secret", "2024-01", 1)
    stranger, insider = api_of("other"), api_of("statistics")
    for path in ("indicators/", "measurements/", "targets/", "plans/plan/targets/", "statuses/"):
        seen = [READERS[form](row.get(f"{path}?format={form}")) for row in (stranger, insider)]
        assert ["secret" in json.dumps(rows) for rows in seen] == [False, True]
