"""What is owed is one rule: the due list, the workbook, the completeness and the admin page agree."""

import io
import re
from datetime import date

import pytest
from django.db import transaction
from django.urls import reverse
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from indicators.domain.periods import Period
from kpitracker.lib import clock
from kpitracker.lib.spreadsheets.reading import Workbook
from tests import factories
from tests.admin_support import client_of, person
from tests.support import api_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]

TODAY = date(2025, 6, 15)
MONTHS = [f"2024-{month:02d}" for month in range(1, 13)]


@pytest.fixture
def organisation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "today", lambda: TODAY)
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
    page = client_of(person("lan", "officer", "statistics")).get(reverse("admin:targets_assessment_owed"))
    return re.findall(r">(2024-\d\d)<", page.content.decode())


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
            factories.figure(indicator, period, value, published="2024-01-01")
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


@pytest.fixture
def plans(organisation: None) -> None:
    """Two plans on the same two series, one after the other."""
    factories.indicator("jobs", department="statistics", frequency="quarter", accumulation="last")
    factories.plan("year-after", "2025")
    for indicator in ("sales", "jobs"):
        factories.target(indicator)
        factories.target(indicator, plan="year-after")
