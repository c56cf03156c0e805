"""Status, history, the flat list and the scorecard."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kpitracker.lib import clock
from targets.models import Target
from targets.services.assessment import assess, daily
from targets.services.planning import targets
from tests import factories
from tests.support import Api, api_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]

ID = "plan:sales:city"


@pytest.fixture
def api() -> Api:
    factories.world()
    return api_of()


def look() -> None:
    assess.process_series_changes(now=clock.now())


def test_the_status_can_be_recomputed_by_hand(api: Api) -> None:
    factories.figure("sales", "2024-01/2024-06", "590", published="2024-07-05", stage="estimate")
    status = api.get(f"targets/{ID}/status/?as_of=2024-07-10").ok()
    # Even over 182 of 366 days: 1200 × 182 / 366.
    assert (status["expected"]["lower"], status["variance"]) == ("596.721311", "-6.721311")
    assert (status["status"], status["label"], status["rule"]) == ("at_risk", "at risk", "within-tolerance")
    why = status["explanation"]
    assert [(f["period"], f["value"], f["stage"], f["published"]) for f in why["figures"]] == [
        ("2024-H1", "590", "estimate", "2024-07-05")
    ]
    assert "1200" in why["formula"]
    assert why["figures"][0]["recorded_late"] is True


def test_labels_are_in_the_language_of_the_caller(api: Api) -> None:
    factories.figure("sales", "2024", "1200", published="2025-01-05", stage="estimate")
    english = api.get(f"targets/{ID}/status/").ok()["label"]
    vietnamese = api.get(f"targets/{ID}/status/", Accept_Language="vi").ok()["label"]
    assert (english, vietnamese) == ("met (provisional)", "dự kiến đạt")


def test_recorded_by_says_what_the_system_knew(api: Api) -> None:
    past = timezone.now().isoformat().replace("+", "%2B")
    factories.figure("sales", "2024-01", 100, published="2024-02-01")
    assert api.get(f"targets/{ID}/status/?as_of=2024-02-05&recorded_by={past}").ok()["actual"] is None
    assert api.get(f"targets/{ID}/status/?as_of=2024-02-05").ok()["actual"] == "100"


def test_of_a_time_before_the_target_was_recorded_nothing_is_known(api: Api) -> None:
    before = (timezone.now() - timedelta(hours=1)).isoformat().replace("+", "%2B")
    api.get(f"targets/{ID}/status/?recorded_by={before}").problem(404, "not-announced")
    assert api.get(f"plans/plan/scorecard/?recorded_by={before}").ok()["targets"] == []


def test_a_version_is_not_known_before_it_was_recorded(api: Api) -> None:
    before = timezone.now()
    target = Target.objects.get()
    targets.amend_target(
        target=target,
        by=factories.BY,
        now=before + timedelta(seconds=1),
        announced=date(2024, 2, 1),
        lower=Decimal(900),
    )
    past = before.isoformat().replace("+", "%2B")
    api.get(f"targets/{ID}/status/?version=2&recorded_by={past}").problem(400, "invalid-parameter")
    assert api.get(f"targets/{ID}/status/?version=2").ok()["version"] == 2


class TestFlatList:
    def test_a_figure_changes_the_row_once_it_was_looked_at(self, api: Api) -> None:
        before = api.rows("statuses/")
        assert [(row["target"], row["status"]) for row in before] == [(ID, "no_data")]
        factories.figure("sales", "2024", 1300)
        look()
        row = api.rows("statuses/")[0]
        assert (row["status"], row["actual"], row["department"], row["plan"]) == (
            "exceeded",
            "1300",
            "statistics",
            "plan",
        )
        assert int(row["change"]) > int(before[0]["change"])
        assert row["since"] == clock.today().isoformat()

    def test_pollers_get_only_what_changed_oldest_first(self, api: Api) -> None:
        factories.indicator("jobs")
        factories.target("jobs")
        seen = max(int(row["change"]) for row in api.rows("statuses/"))
        assert api.rows(f"statuses/?updated_after={seen}") == []
        for indicator in ("jobs", "sales"):
            factories.figure(indicator, "2024", 5)
            look()
        changed = api.rows(f"statuses/?updated_after={seen}&page_size=1")
        assert [row["indicator"] for row in changed] == ["jobs", "sales"]

    def test_a_time_may_start_the_polling(self, api: Api) -> None:
        hour = timedelta(hours=1)
        past, future = ((timezone.now() + step).isoformat().replace("+", "%2B") for step in (-hour, hour))
        assert len(api.rows(f"statuses/?updated_after={past}")) == 1
        assert api.rows(f"statuses/?updated_after={future}") == []
        api.get("statuses/?updated_after=yesterday").problem(400, "invalid-parameter")

    def test_nothing_is_written_when_nothing_changed(self, api: Api) -> None:
        factories.figure("sales", "2024", 1300)
        look()
        before = api.rows("statuses/")
        assert daily.assess_all(now=clock.now()) == 0
        assert api.rows("statuses/") == before

    @pytest.mark.parametrize(
        ("query", "count"),
        [("plan=plan", 1), ("plan=other", 0), ("status__in=met,no_data", 1), ("status=met", 0), ("overdue=true", 1),
         ("department=statistics", 1), ("area=city&indicator=sales", 1), ("section=", 1), ("section=x", 0)],
    )  # fmt: skip
    def test_filters(self, api: Api, query: str, count: int) -> None:
        assert len(api.rows(f"statuses/?{query}")) == count


def test_history_holds_every_change_of_status(api: Api) -> None:
    for value in (1300, 900):
        factories.figure("sales", "2024", value)
        look()
    rows = api.rows(f"targets/{ID}/history/")
    assert [(row["from"], row["to"]) for row in rows] == [
        (None, "no_data"),
        ("no_data", "exceeded"),
        ("exceeded", "missed"),
    ]
    assert [row["version"] for row in rows] == [1, 1, 1]


class TestScorecard:
    @pytest.fixture(autouse=True)
    def more(self, api: Api) -> None:
        factories.department("helper")
        factories.indicator("jobs")
        factories.target("jobs", section="people", weight=3, cooperating=["helper"])
        factories.figure("sales", "2024", 1200, published="2025-01-05")
        factories.figure("jobs", "2024", 600, published="2025-01-05")

    def test_totals_score_and_coverage(self, api: Api) -> None:
        card = api.get("plans/plan/scorecard/?as_of=2025-01-06").ok()
        totals = card["totals"]
        assert (totals["targets"], totals["counts"]["met"], totals["counts"]["missed"]) == (2, 1, 1)
        assert (totals["score"], totals["coverage"], totals["stale"]) == ("25", "100", 0)
        assert sum(totals["counts"].values()) == 2
        assert card["plan"]["code"] == "plan"

    def test_by_department_and_section(self, api: Api) -> None:
        card = api.get("plans/plan/scorecard/?as_of=2025-01-06").ok()
        departments = {row["department"]: row for row in card["by_department"]}
        assert set(departments) == {"statistics", "helper", None}
        assert departments["helper"]["targets"] == 0
        assert departments["helper"]["cooperating"]["counts"]["missed"] == 1
        assert {row["section"]: row["score"] for row in card["by_section"]} == {"": "100", "people": "0"}

    def test_as_of_a_past_day(self, api: Api) -> None:
        card = api.get("plans/plan/scorecard/?as_of=2024-06-30").ok()
        assert {row["status"] for row in card["targets"]} == {"no_data"}
        totals = card["totals"]
        assert (totals["score"], totals["score_best"], totals["coverage"]) == ("0", "100", "0")

    def test_targets_not_yet_announced_are_left_out(self, api: Api) -> None:
        assert api.get("plans/plan/scorecard/?as_of=2023-12-01").ok()["targets"] == []

    def test_its_rows_are_those_of_the_flat_list(self, api: Api) -> None:
        look()
        card = api.get("plans/plan/scorecard/").ok()
        assert sorted(card["targets"], key=lambda row: row["target"]) == api.rows("statuses/?ordering=target")

    def test_the_number_of_queries_does_not_grow_with_the_plan(self, api: Api) -> None:
        def asked() -> int:
            with CaptureQueriesContext(connection) as queries:
                api.get("plans/plan/scorecard/?as_of=2025-01-06").ok()
            return len(queries)

        asked()  # The first use of a key is noted.
        # The same question again is answered by its tag: something must have changed.
        factories.indicator("first")
        factories.target("first")
        few = asked()
        for number in range(8):
            factories.indicator(f"i{number}")
            factories.target(f"i{number}")
        assert asked() == few <= 17  # one of them reads the version counters
