"""What is owed is one rule: the due list, the workbook, the completeness and the admin page agree."""

import io
import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from indicators.domain.periods import Period
from indicators.models import Area, Import, Measurement, User
from indicators.services.batches import import_undo, imports
from indicators.services.batches.rows import FigureRow
from indicators.services.catalogue import areas
from indicators.services.figures import recording
from kpitracker.lib import clock
from kpitracker.lib.spreadsheets.reading import Workbook
from targets.services.assessment import assess, daily
from targets.services.text import formatting
from tests import factories
from tests.admin_support import client_of, person
from tests.example_counts import amount
from tests.support import api_of
from tests.targets.recompute.evaluator import recompute

pytestmark = [pytest.mark.django_db, pytest.mark.database]

TODAY = date(2025, 6, 15)
WRONG_FILE = Path(__file__).parents[2] / "cases" / "faults" / "30-wrong-file.csv"
MONTHS = [f"2024-{month:02d}" for month in range(1, 13)]


@pytest.fixture
def organisation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "today", lambda: TODAY)
    monkeypatch.setattr(clock, "now", lambda: clock.start_of_day(TODAY))
    factories.area()
    factories.department()
    factories.indicator(department="statistics", due_days=10)
    factories.plan()


def list_of_api(since: str = "2024-01-01") -> list[tuple[str, str]]:
    rows = api_of().rows(f"reporting/due/?since={since}")
    return [(row["indicator"], row["period"]) for row in rows]


def rows_of_workbook(plan: str = "plan") -> list[tuple[str, str]]:
    answer = api_of().get(f"measurements/template/?plan={plan}")
    assert answer.status == 200, answer.json
    _, *rows = Workbook(io.BytesIO(answer.raw)).rows("figures")
    return [(row[0], row[2]) for row in rows]


def missing_by_completeness() -> list[str]:
    """The months whose figure is missing: a due day lies in the month after its period."""
    rows = api_of().rows("reporting/completeness/?from=2024")
    due_months = [row["month"] for row in rows for _ in range(row["missing"])]
    return [month for month, due in zip(MONTHS, [*MONTHS[1:], "2025-01"], strict=True) if due in due_months]


def rows_of_admin_page() -> list[str]:
    user = User.objects.filter(username="lan").first() or person("lan", "officer", "statistics")
    page = client_of(user).get(reverse("admin:targets_assessment_owed"))
    with translation.override("en"):
        months = {formatting.format_period(month): month for month in MONTHS}
    return [months[cell] for cell in re.findall(r">([A-Z][a-z]+ 2024)</td>", page.content.decode())]


@pytest.mark.parametrize(
    ("posts", "state", "expected"),
    [
        pytest.param([], "adopted", MONTHS, id="nothing is posted"),
        pytest.param(["2024-01", "2024"], "adopted", MONTHS[1:11], id="January and the whole year are posted"),
        pytest.param([], "draft", [], id="the only target is a draft"),
        pytest.param(["2024-01/2024-06"], "adopted", MONTHS[:5] + MONTHS[6:], id="a cumulative figure is posted"),
    ],
)
def test_every_door_names_the_same_figures(
    organisation: None, posts: list[str], state: str, expected: list[str]
) -> None:
    factories.target(state=state)
    for period in posts:
        factories.figure("sales", period, 5, published="2025-02-01")
    answers = {
        "list": [period for _, period in list_of_api()],
        "workbook": [period for _, period in rows_of_workbook()],
        "completeness": missing_by_completeness(),
        "admin page": rows_of_admin_page(),
    }
    assert answers == dict.fromkeys(answers, expected)


JUNE_30 = date(2024, 6, 30)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"valid_to": JUNE_30}, MONTHS[:6], id="an area that ended on 30 June"),
        pytest.param({"valid_to": date(2023, 12, 31)}, [], id="an area that ended before the plan"),
        pytest.param({"valid_from": date(2024, 9, 30)}, MONTHS[8:], id="an area that begins on 30 September"),
        pytest.param({"valid_from": date(2026, 1, 1)}, [], id="an area that has not yet begun"),
        pytest.param({"valid_to": JUNE_30, "successor": "region"}, MONTHS[:6], id="an area that merged into another"),
    ],
)
def test_every_door_knows_when_an_area_exists(organisation: None, changes: dict[str, Any], expected: list[str]) -> None:
    """A changed area is assessed again at once, without a figure and without the run of the next day."""
    factories.area("region", valid_from=date(2024, 7, 1))
    factories.target()
    while assess.process_series_changes(now=clock.now()):
        pass
    area = Area.objects.get(code="city")
    areas.update_area(area=area, by=factories.BY, now=clock.now(), **changes)
    assess.process_series_changes(now=clock.now())
    by_change = freshness_of("sales")
    answers = doors()
    assert (by_change, answers["freshness"]) == (expected_freshness(expected), [(TARGET, by_change)])
    assert [period for _, period in list_of_api()] == expected
    assert [period for _, period in rows_of_workbook()] == missing_by_completeness() == rows_of_admin_page() == expected
    answer = api_of().get(f"targets/{TARGET}/status/?as_of={TODAY}").ok()
    recomputed = recompute(json.dumps(answer["explanation"]))
    assert (recomputed["overdue"], recomputed["status"]) == (bool(expected), answer["status"])
    areas.update_area(area=area, by=factories.BY, now=clock.now(), valid_from=None, valid_to=None)
    assess.process_series_changes(now=clock.now())
    assert freshness_of("sales") == expected_freshness(MONTHS)


TARGET = "plan:sales:city"


def freshness_of(indicator: str) -> dict[str, Any]:
    return next(row["freshness"] for row in api_of().rows("statuses/") if row["indicator"] == indicator)


def expected_freshness(owed_months: list[str]) -> dict[str, Any]:
    through = Period.parse(owed_months[-1]).end.isoformat() if owed_months else None
    return {"covered_through": None, "expected_through": through, "overdue": bool(owed_months), "next_due": None}


def test_the_target_of_a_successor_is_assessed_again_after_a_merger(organisation: None) -> None:
    """Sales of the year before the merger are those of both areas."""
    factories.area("ward")
    factories.target(area="city", lower=100)
    for area in ("city", "ward"):
        factories.figure("sales", "2024-01", 60, area=area, published="2024-02-05")
    factories.figure("sales", "2024-02/2024-12", 10, area="city", published="2025-01-05")
    for successor, status in (("city", "exceeded"), (None, "missed")):
        ward = Area.objects.get(code="ward")
        last_day = date(2024, 1, 31) if successor else None
        areas.update_area(area=ward, by=factories.BY, now=clock.now(), valid_to=last_day, successor=successor)
        assess.process_series_changes(now=clock.now())
        assert [row["status"] for row in api_of().rows("statuses/")] == [status]


PERIODS = [
    *MONTHS,
    "2024-Q1",
    "2024-Q3",
    "2024-H1",
    "2024-01/2024-09",
    "2024",
    "2025-01",
    "2025-05",
    "2025-Q2",
    "2025-01/2025-06",
]
POSTS = st.dictionaries(
    st.tuples(st.sampled_from(["sales", "jobs"]), st.sampled_from(PERIODS)), st.sampled_from([5, None]), max_size=12
)
DAYS = [date(2024, 3, 31), date(2024, 12, 31), date(2025, 1, 1), TODAY]


@settings(
    max_examples=25,
    derandomize=True,
    phases=[Phase.generate],
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(posts=POSTS, today=st.sampled_from(DAYS))
def test_list_and_workbooks_agree_whatever_is_posted(
    plans: None, monkeypatch: pytest.MonkeyPatch, posts: dict[tuple[str, str], int | None], today: date
) -> None:
    with transaction.atomic():
        for (indicator, period), value in posts.items():
            factories.figure(indicator, period, value, published="2024-01-01", stage="official")
        with monkeypatch.context() as context:
            context.setattr(clock, "today", lambda: today)
            listed = list_of_api("2000-01-01")
            filled_in = {plan: rows_of_workbook(plan) for plan in ("plan", "year-after")}
        transaction.set_rollback(True)
    ended = {plan: [row for row in rows if Period.parse(row[1]).end < today] for plan, rows in filled_in.items()}
    # In the order of the list, each plan with the periods of its own year.
    assert ended == {
        "plan": [row for row in listed if row[1] < "2025"],
        "year-after": [row for row in listed if row[1] >= "2025"],
    }
    for plan, rows in filled_in.items():
        upcoming = [row for row in rows if row not in ended[plan]]
        assert len({indicator for indicator, _ in upcoming}) == len(upcoming)
        assert not set(upcoming) & {post for post in posts if post[0] == "sales"}


END_DAYS = [date(2024, 1, 2), date(2024, 7, 1), TODAY]
ENDINGS = st.dictionaries(
    st.sampled_from(["plan:sales:city", "plan:jobs:city", "other:sales:city"]),
    st.tuples(st.sampled_from(["suspended", "withdrawn"]), st.sampled_from(END_DAYS)),
    min_size=1,
)


@settings(
    max_examples=amount(8, 4, full=150, quick=4),
    derandomize=True,
    phases=[Phase.generate],
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(posts=POSTS, endings=ENDINGS, days_back=st.sampled_from([0, 1, 400]))
@example(posts={}, endings=dict.fromkeys(("plan:sales:city", "other:sales:city"), ("withdrawn", TODAY)), days_back=0)
def test_every_door_agrees_whichever_targets_have_ended(
    organisation: None, posts: dict[tuple[str, str], int | None], endings: dict[str, tuple[str, date]], days_back: int
) -> None:
    """Two plans ask for sales; what only suspended or withdrawn targets asked for is missing nowhere."""
    with transaction.atomic():
        factories.indicator("jobs", department="statistics", frequency="quarter", accumulation="last")
        factories.plan("other")
        for plan, indicator in (("plan", "sales"), ("plan", "jobs"), ("other", "sales")):
            factories.target(indicator, plan=plan)
        for (indicator, period), value in posts.items():
            factories.figure(indicator, period, value, published="2024-01-01", stage="official")
        for target, (state, day) in endings.items():
            ending = {"state": state, "act": "7", "reason": "Storm", "announced": day.isoformat()}
            api_of().post(f"targets/{target}/amendments/", ending).ok(201)
        as_of = TODAY - timedelta(days=days_back)
        listed = api_of().rows(f"reporting/due/?since=2024-01-01&as_of={as_of}")
        months = api_of().rows(f"reporting/completeness/?from=2024-01-01&to={as_of}&as_of={as_of}")
        overdue = [row for row in listed if date.fromisoformat(row["due"]) < as_of]
        assert sum(row["missing"] for row in months) == len(overdue)
        owed = {row["indicator"] for row in listed if row["period"] < "2025"}
        counting = {
            target.split(":")[1]
            for target in ("plan:sales:city", "plan:jobs:city", "other:sales:city")
            if target not in endings or endings[target][1] > as_of
        }
        assert owed <= counting
        if not days_back:
            assert {row for plan in ("plan", "other") for row in rows_of_workbook(plan)} == set(list_of_api())
            daily.assess_all(now=clock.now())
            overdue_targets = {row["target"] for row in api_of().rows("statuses/") if row["freshness"]["overdue"]}
            assert not overdue_targets & set(endings)
        transaction.set_rollback(True)


Take = Callable[[str, str], None]


def withdraw(indicator: str, period: str) -> None:
    span = Period.parse(period)
    rows = Measurement.objects.filter(indicator__code=indicator, period_start=span.start, period_end=span.end)
    recording.withdraw_figure(figure_id=rows.get().pk, reason="Wrong file", by=factories.BY, now=clock.now())


def post_and_undo(indicator: str, period: str) -> None:
    row = FigureRow(1, indicator, "city", Period.parse(period), date(2025, 2, 3), "6", *[""] * 5)
    batch = imports.import_rows(rows=[row], file_format="csv", by=factories.BY, now=clock.now()).batch
    assert batch is not None
    import_undo.undo_batch(batch=batch, by=factories.BY, now=clock.now())


def post_six(indicator: str, period: str) -> None:
    factories.figure(indicator, period, 6, published="2025-02-03")


def post_withdrawn(indicator: str, period: str) -> None:
    factories.figure(indicator, period, None, missing_reason="withdrawn")


def doors(plan: str = "plan") -> dict[str, object]:
    """What each door says of what is owed."""
    daily.assess_all(now=clock.now())
    statuses = api_of().rows(f"statuses/?plan={plan}")
    return {
        "list": list_of_api("2000-01-01"),
        "workbook": rows_of_workbook(plan),
        "completeness": [
            (row["month"], row["due"], row["on_time"], row["late"], row["missing"])
            for row in api_of().rows("reporting/completeness/?from=2024")
        ],
        "freshness": [(row["target"], row["freshness"]) for row in statuses],
        "admin page": rows_of_admin_page(),
    }


# A wrong file is undone, a figure is withdrawn, or a withdrawal is posted by hand.
TAKING_BACK: dict[str, list[Take]] = {
    "undone": [post_and_undo],
    "posted and withdrawn": [post_six, withdraw],
    "posted as withdrawn": [post_withdrawn],
    "withdrawn twice": [post_withdrawn, withdraw],
}
TAKEN_BACK = st.dictionaries(
    st.tuples(st.sampled_from(["sales", "jobs"]), st.sampled_from(PERIODS)),
    st.sampled_from(sorted(TAKING_BACK)),
    min_size=1,
    max_size=6,
)


@settings(
    max_examples=amount(4, 2, full=150, quick=3),
    derandomize=True,
    phases=[Phase.generate],
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(posts=POSTS, taken_back=TAKEN_BACK)
def test_what_is_taken_back_is_owed_as_if_it_had_never_come(
    plans: None, posts: dict[tuple[str, str], int | None], taken_back: dict[tuple[str, str], str]
) -> None:
    with transaction.atomic():
        for (indicator, period), value in posts.items():
            if (indicator, period) not in taken_back:
                factories.figure(indicator, period, value, published="2025-02-01")
        before = {plan: doors(plan) for plan in ("plan", "year-after")}
        for figure, way in taken_back.items():
            for take in TAKING_BACK[way]:
                take(*figure)
        assert {plan: doors(plan) for plan in ("plan", "year-after")} == before
        transaction.set_rollback(True)


@settings(
    max_examples=amount(4, 2, full=150, quick=3),
    derandomize=True,
    phases=[Phase.generate],
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(months=st.lists(st.tuples(st.sampled_from(MONTHS), st.booleans()), max_size=20))
def test_freshness_and_list_agree_on_the_last_period(plans: None, months: list[tuple[str, bool]]) -> None:
    """A target is overdue exactly when its last due figure, or one before it, is in the list."""
    with transaction.atomic():
        for month, is_taken_back in months:
            if not is_taken_back:
                factories.figure("sales", month, 5, published="2025-02-01")
            elif Measurement.objects.filter(period_end=Period.parse(month).end, indicator__code="sales").exists():
                withdraw("sales", month)
        assess.process_series_changes(now=clock.now())
        listed = [period for indicator, period in list_of_api() if indicator == "sales" and period < "2025"]
        row = next(row for row in api_of().rows("statuses/?plan=plan") if row["indicator"] == "sales")
        assert row["freshness"]["overdue"] is bool(listed)
        transaction.set_rollback(True)


def test_a_wrong_file_that_is_undone_leaves_its_periods_owed(
    organisation: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three months come with a wrong file, by each way in, which is undone."""
    monkeypatch.setattr(clock, "today", lambda: date(2026, 9, 15))
    monkeypatch.setattr(clock, "now", lambda: clock.start_of_day(date(2026, 9, 15)))
    factories.indicator("undo-b", department="statistics", due_days=10)
    factories.plan("this-year", "2026")
    factories.target("undo-b", plan="this-year")
    months = {("undo-b", f"2026-0{month}") for month in (5, 6, 7)}
    before = doors("this-year")
    assert months <= set(list_of_api())
    for send in (send_by_api, send_by_command):
        send(WRONG_FILE)
        assert months & set(list_of_api()) == set()
        batch = Import.objects.get(state="done")
        assert api_of().post(f"imports/{batch.pk}/undo/").ok()["undo"]["withdrawn"] == 3
        assert doors("this-year") == before
    rows = api_of().rows("measurements/?indicator=undo-b")
    assert [row["missing_reason"] for row in rows] == ["withdrawn"] * 3


def send_by_api(path: Path) -> None:
    api_of().post("measurements/batch/", raw=path.read_bytes(), **{"Content-Type": "text/csv"}).ok()


def send_by_command(path: Path) -> None:
    call_command("import_figures", str(path), stdout=io.StringIO())


def test_who_reports_again_is_as_late_as_that_day(organisation: None) -> None:
    factories.target()
    factories.figure("sales", "2024-01", 5, published="2024-02-05")
    withdraw("sales", "2024-01")
    factories.figure("sales", "2024-01", 6)
    first = api_of().rows("reporting/completeness/?from=2024")[0]
    assert (first["month"], first["on_time"], first["late"]) == ("2024-02", 0, 1)


@pytest.fixture
def plans(organisation: None) -> None:
    """Two plans on the same two series, one after the other."""
    factories.indicator("jobs", department="statistics", frequency="quarter", accumulation="last")
    factories.plan("year-after", "2025")
    for indicator in ("sales", "jobs"):
        factories.target(indicator)
        factories.target(indicator, plan="year-after")
