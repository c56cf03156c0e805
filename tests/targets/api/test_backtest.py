"""Back-tests over the API and from the command line."""

import csv
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from kpitracker.lib import clock
from tests import factories
from tests.support import Api, api_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture(scope="module")
def secrets(shared_rows: Callable[[], AbstractContextManager[None]]) -> dict[str, str]:
    """Keys by department ("": the whole organisation). A target of two is restricted to department a."""
    with shared_rows():
        factories.area("city")
        for code in ("a", "b"):
            factories.department(code)
        factories.plan()
        for code, hidden in (("sales", False), ("secret", True)):
            factories.indicator(code, department="a", restricted=hidden, name=f"Chỉ số {code}", name_en=f"The {code}")
            factories.target(code, section="economy" if hidden else "")
            for year in (2023, 2024):
                factories.figure(code, f"{year}-H1", 400, published=f"{year}-06-30")
                factories.figure(code, str(year), 1000, published=f"{year + 1}-01-20")
        return {name: api_of(name or None).headers["Authorization"].split()[1] for name in ("", "a", "b")}


@pytest.fixture
def api(secrets: dict[str, str]) -> Api:
    return Api(secrets[""])


def printed(*words: str) -> str:
    out = StringIO()
    call_command("backtest", *words, stdout=out)
    return out.getvalue()


def test_a_plan_answers_with_rows_and_totals(api: Api) -> None:
    document = api.get("plans/plan/backtest/?as_of=2025-02-01").ok()
    assert (document["plan"]["code"], document["as_of"]) == ("plan", "2025-02-01")
    row = next(row for row in document["rows"] if row["indicator"] == "sales" and row["as_of"] == "2024-06-30")
    assert (row["target"], row["period"], row["status"], row["label"]) == (
        "plan:sales:city", "2024", "off_track", "off track",
    )  # fmt: skip
    assert (row["actual"], row["outlook"]["value"], row["outlook"]["method"]) == ("400", "1000", "seasonal")
    assert (row["outlook"]["low"], row["outlook"]["high"], row["inside_range"]) == ("804.395604", "1000", True)
    assert row["plain"] == {"stay": "400", "even": "804.395604", "line": None, "last_year": "1000"}
    assert (row["result"], row["result_status"], row["error"], row["error_unit"]) == ("1000", "missed", "0", "percent")
    assert document["totals"]["rows"] == len(document["rows"]) == 8
    assert document["totals"]["tested"] == 6


def test_the_label_is_in_the_language_of_the_reader(secrets: dict[str, str]) -> None:
    labels = [row["label"] for row in Api(secrets[""], "vi").get("targets/plan:sales:city/backtest/").ok()["rows"]]
    assert labels == ["chưa có kết quả", "chậm tiến độ", "chậm tiến độ", "chậm tiến độ"]


def test_a_target_answers_alone(api: Api) -> None:
    document = api.get("targets/plan:sales:city/backtest/?from=2023").ok()
    assert document["target"] == "plan:sales:city"
    assert {(row["period"], row["version"]) for row in document["rows"]} == {("2023", None), ("2024", 1)}
    assert len(document["rows"]) == 8


@pytest.mark.parametrize(
    ("query", "years"),
    [
        pytest.param("", {"2024"}, id="the period of the plan"),
        pytest.param("from=2022", {"2022", "2023", "2024"}, id="from a year until the plan's"),
        pytest.param("to=2025", {"2024", "2025"}, id="from the plan's year on"),
        pytest.param("from=2023&to=2023", {"2023"}, id="one year"),
        pytest.param("from=2021&to=2022", {"2021", "2022"}, id="years without any figure"),
        pytest.param("from=2024&to=2199", {"2024", "2025"}, id="years to come have no past"),
    ],
)
def test_the_years(api: Api, query: str, years: set[str]) -> None:
    rows = api.get(f"plans/plan/backtest/?as_of=2025-12-31&{query}").ok()["rows"]
    assert {row["period"] for row in rows} == years


@pytest.mark.parametrize(
    ("query", "slug", "detail"),
    [
        pytest.param("from=last", "invalid-parameter", "1900 to 2199", id="a word"),
        pytest.param("to=24", "invalid-parameter", "1900 to 2199", id="two digits"),
        pytest.param("from=1899", "invalid-parameter", "1900 to 2199", id="before the calendar"),
        pytest.param("to=2200", "invalid-parameter", "1900 to 2199", id="after the calendar"),
        pytest.param("from=2024-01", "invalid-parameter", "1900 to 2199", id="a month"),
        pytest.param("from=%EF%BC%92024", "invalid-parameter", "1900 to 2199", id="a digit of another script"),
        pytest.param("from=", "invalid-parameter", "is empty", id="an empty year"),
        pytest.param("from=2024&from=2023", "unknown-parameter", "twice", id="two years"),
        pytest.param("from=2024&to=2023", "invalid-parameter", "is after the last", id="the wrong way round"),
        pytest.param("to=2023", "invalid-parameter", "is after the last", id="until a year before the plan"),
        pytest.param("year=2024", "unknown-parameter", "from", id="another name"),
        pytest.param("as_of=2199-01-01", "invalid-parameter", "after today", id="a day to come"),
        pytest.param("department=nobody", "unknown-department", "nobody", id="an unknown department"),
    ],
)
def test_what_cannot_be_asked(api: Api, query: str, slug: str, detail: str) -> None:
    status = 422 if slug == "unknown-department" else 400
    assert detail in str(api.get(f"plans/plan/backtest/?{query}").problem(status, slug))


def test_more_than_a_request_can_compute_is_refused(api: Api) -> None:
    for number in range(20):
        factories.indicator(f"more-{number}")
        factories.target(f"more-{number}")
    problem = api.get("plans/plan/backtest/?from=1900&to=2024").problem(400, "invalid-parameter")
    assert problem["errors"][0]["pointer"] == "?from"
    assert "Ask for fewer years, one section, one department or one target" in problem["detail"]


@pytest.mark.parametrize(
    ("query", "indicators"),
    [
        pytest.param("section=economy", {"secret"}, id="a section"),
        pytest.param("section=", {"sales"}, id="targets without a section"),
        pytest.param("department=a", {"sales", "secret"}, id="the department that answers"),
        pytest.param("department=b", set(), id="a department that answers for nothing"),
    ],
)
def test_a_part_of_the_plan(api: Api, query: str, indicators: set[str]) -> None:
    document = api.get(f"plans/plan/backtest/?{query}").ok()
    assert {row["indicator"] for row in document["rows"]} == indicators
    assert document["totals"]["rows"] == len(document["rows"])


def test_restricted_targets_are_neither_in_rows_nor_in_totals(secrets: dict[str, str]) -> None:
    everything, part = (Api(secrets[name]).get("plans/plan/backtest/").ok() for name in ("a", "b"))
    assert {row["indicator"] for row in everything["rows"]} == {"sales", "secret"}
    assert part["rows"] == [row for row in everything["rows"] if row["indicator"] == "sales"]
    assert (everything["totals"]["tested"], part["totals"]["tested"]) == (6, 3)
    Api(secrets["b"]).get("targets/plan:secret:city/backtest/").problem(404, "not-found")


def test_who_may_read(api: Api) -> None:
    for path in ("plans/plan/backtest/", "targets/plan:sales:city/backtest/"):
        Api().get(path).problem(401, "invalid-credential")
        api_of(scopes=["figures:write"]).get(path).problem(403, "insufficient-scope")
        api.post(path).problem(405, "method-not-allowed")
    api.get("plans/none/backtest/").problem(404, "not-found")


def test_the_same_answer_is_not_sent_twice(api: Api) -> None:
    answer = api.get("plans/plan/backtest/")
    assert api.get("plans/plan/backtest/", If_None_Match=answer.headers["ETag"]).status == 304


def flat(row: dict[str, Any], prefix: str = "") -> dict[str, str]:
    cells: dict[str, str] = {}
    for name, value in row.items():
        if isinstance(value, dict):
            cells |= flat(value, f"{prefix}{name}.")
        else:
            cells[prefix + name] = (
                "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
            )
    return cells


@pytest.mark.parametrize("place", ["plans/plan/backtest/", "targets/plan:sales:city/backtest/"])
def test_a_file_has_the_rows(api: Api, place: str) -> None:
    rows = api.get(f"{place}?from=2023").ok()["rows"]
    answer = api.get(f"{place}?from=2023&format=csv")
    cells = list(csv.DictReader(StringIO(answer.raw.decode("utf-8-sig"))))
    assert [{name: row[name] for name in flat(rows[0])} for row in cells] == list(map(flat, rows))
    assert (cells[0]["period_start"], cells[0]["period_end"]) == ("2023-01-01", "2023-12-31")
    assert "kpitracker-backtest-plan" in answer.headers["Content-Disposition"]
    assert api.get(f"{place}?from=2023&format=xlsx").raw[:2] == b"PK"


def test_the_command_writes_the_same_file(api: Api) -> None:
    words = ["--plan", "plan", "--from", "2023", "--language", "en", "--format", "csv"]
    assert printed(*words) == api.get("plans/plan/backtest/?from=2023&format=csv").raw.decode()


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["| `sales` | 2024-06-30 | off track | 400 | 1,000 | seasonal |", "last year's share", "6 are tested"]),
        (
            "vi",
            [
                "| `sales` | 2024-06-30 | chậm tiến độ | 400 | 1.000 | theo mùa |",
                "tỷ lệ năm trước",
                "6 được kiểm chứng",
            ],
        ),
    ],
)
def test_the_command_prints_a_table(api: Api, language: str, words: list[str]) -> None:
    page = printed("--plan", "plan", "--language", language)
    assert [word for word in words if word not in page] == []


def test_the_command_prints_results_as_of_a_day(api: Api) -> None:
    assert "0 are tested" in printed("--plan", "plan", "--language", "en", "--as-of", "2024-12-31")


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["--plan", "none"], id="no such plan"),
        pytest.param(["--plan", "plan", "--from", "24"], id="no year"),
        pytest.param(["--plan", "plan", "--from", "2025", "--to", "2024"], id="the wrong way round"),
        pytest.param(["--plan", "plan", "--as-of", "yesterday"], id="no day"),
        pytest.param(["--plan", "plan", "--as-of", str(clock.today() + timedelta(days=2))], id="a day to come"),
    ],
)
def test_what_makes_no_sense_is_refused(api: Api, words: list[str]) -> None:
    with pytest.raises(CommandError):
        printed(*words)
