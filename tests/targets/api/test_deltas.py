"""Clients that keep a copy learn what has changed and what is gone."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from indicators.models import Department, Indicator, Revision, User
from indicators.services.figures import approvals
from kpitracker.lib import clock
from targets.models import RemovedTarget, Target
from targets.services.assessment import assess
from tests import factories
from tests.support import Api, api_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]

ID = "plan:sales:city"


@pytest.fixture
def api() -> Api:
    factories.world()
    return api_of()


def poll(api: Api, after: object, query: str = "") -> Any:
    return api.get(f"statuses/?updated_after={after}{query}".replace("+", "%2B")).ok()


def last_change(api: Api) -> int:
    return max(int(row["change"]) for row in api.rows("statuses/"))


class TestRemovedTargets:
    def test_a_deleted_target_is_named_to_those_who_ask_for_changes_only(self, api: Api) -> None:
        factories.indicator("jobs")
        factories.target("jobs", state="draft")
        seen, moment = last_change(api), timezone.now().isoformat()
        assert poll(api, seen) == {"results": [], "next": None, "removed": []}
        api.delete("targets/plan:jobs:city/", If_Match="*")
        assert poll(api, seen)["removed"] == poll(api, moment)["removed"] == ["plan:jobs:city"]
        assert "removed" not in api.get("statuses/").ok()

    def test_it_is_named_until_the_client_has_seen_a_later_change(self, api: Api) -> None:
        factories.indicator("jobs")
        factories.target("jobs", state="draft")
        api.delete("targets/plan:jobs:city/", If_Match="*")
        factories.figure("sales", "2024", 1300)
        assess.process_series_changes(now=clock.now())
        assert poll(api, last_change(api))["removed"] == []

    def test_a_target_that_was_created_again_is_not_gone(self, api: Api) -> None:
        factories.plan("other")
        factories.target(plan="other", state="draft")
        seen, draft = last_change(api), "other:sales:city"
        api.delete(f"targets/{draft}/", If_Match="*")
        assert poll(api, seen)["removed"] == [draft]
        factories.target(plan="other", state="draft")
        assert [row["target"] for row in poll(api, seen)["results"]] == [draft]
        assert poll(api, seen)["removed"] == []
        api.delete(f"targets/{draft}/", If_Match="*")
        assert poll(api, seen)["removed"] == [draft]

    def test_every_page_names_them(self, api: Api) -> None:
        for code in ("a", "b", "gone"):
            factories.indicator(code)
            factories.target(code, state="draft")
        api.delete("targets/plan:gone:city/", If_Match="*")
        page = poll(api, 0, "&page_size=1")
        assert page["removed"] == ["plan:gone:city"]
        assert api.get(page["next"].partition("http://testserver")[2]).ok()["removed"] == ["plan:gone:city"]

    @pytest.mark.parametrize(
        ("query", "names_it"),
        [
            ("plan=plan", True), ("plan=other", False), ("plan__in=other,plan", True), ("plan__in=other", False),
            ("indicator=gone", True), ("indicator=sales", False), ("area=ward", True), ("area=city", False),
            ("section=Industry", True), ("section=Health", False), ("section=", False),
            ("department=finance", True), ("department=statistics", False), ("department=none", False),
            ("department_tree=hall", True), ("department=hall", False), ("plan=plan&area=city", False),
            # What is deleted has no status any more: a copy may hold it under any.
            ("status=met", True), ("status__in=met,missed", True), ("overdue=true", True), ("state=adopted", True),
        ],
    )  # fmt: skip
    def test_they_fit_the_filters(self, api: Api, query: str, names_it: bool) -> None:
        """A plan, an indicator and a department of the same codes as before, and of others."""
        factories.plan("other")
        factories.area("ward", parent="city")
        factories.department("hall")
        factories.department("finance", parent="hall")
        factories.indicator("gone")
        factories.target("gone", area="ward", state="draft", section="Industry", department="finance")
        api.delete("targets/plan:gone:ward/", If_Match="*")
        assert poll(api, 0, f"&{query}")["removed"] == (["plan:gone:ward"] if names_it else [])

    def test_the_owner_of_the_plan_answered_for_a_target_without_a_lead(self, api: Api) -> None:
        factories.department("finance")
        factories.plan("own", department="finance")
        factories.indicator("gone")
        factories.target("gone", plan="own", state="draft")
        api.delete("targets/own:gone:city/", If_Match="*")
        removed = {code: poll(api, 0, f"&department={code}")["removed"] for code in ("finance", "statistics")}
        assert removed == {"finance": ["own:gone:city"], "statistics": []}

    def test_those_on_restricted_indicators_are_named_to_those_who_saw_them(self, api: Api) -> None:
        factories.department("other")
        factories.indicator("secret", department="statistics", restricted=True)
        factories.target("secret", state="draft")
        api.delete("targets/plan:secret:city/", If_Match="*")
        readers = {"whole": api, "own": api_of("statistics"), "other": api_of("other")}
        removed = {name: poll(reader, 0)["removed"] for name, reader in readers.items()}
        assert removed == {"whole": ["plan:secret:city"], "own": ["plan:secret:city"], "other": []}

    def test_without_its_indicator_only_the_whole_organisation_is_told(self, api: Api) -> None:
        factories.indicator("secret", department="statistics", restricted=True)
        factories.target("secret", state="draft")
        api.delete("targets/plan:secret:city/", If_Match="*")
        Indicator.objects.get(code="secret").delete()
        assert poll(api, 0)["removed"] == ["plan:secret:city"]
        assert poll(api_of("statistics"), 0)["removed"] == []

    def test_a_refused_deletion_names_nothing(self, api: Api) -> None:
        factories.figure("sales", "2024", 1300)
        assess.process_series_changes(now=clock.now())
        api.delete(f"targets/{ID}/", If_Match="*").problem(409, "in-use")
        assert Target.objects.exists()
        assert not RemovedTarget.objects.exists()


class TestFigures:
    def values(self, api: Api, query: str) -> list[tuple[str, str]]:
        rows = api.rows(f"measurements/?{query}".replace("+", "%2B"))
        return [(row["indicator"], row["value"]) for row in rows]

    def test_recorded_after_finds_what_was_posted_or_corrected_since(self, api: Api) -> None:
        for month, value in (("2024-01", 1), ("2024-02", 2)):
            factories.figure("sales", month, value)
        moment = timezone.now().isoformat()
        assert self.values(api, f"recorded_after={moment}") == []
        factories.figure("sales", "2024-01", 10)
        factories.figure("sales", "2024-03", 3)
        assert self.values(api, f"recorded_after={moment}") == [("sales", "10"), ("sales", "3")]

    def test_recorded_after_finds_what_was_approved_since(self, api: Api) -> None:
        Indicator.objects.filter(code="sales").update(needs_approval=True)
        poster = api_of("statistics")
        poster.post("measurements/", {"indicator": "sales", "period": "2024-01", "value": "5"}).ok(201)
        moment = timezone.now().isoformat()
        assert self.values(api, f"recorded_after={moment}") == []
        waiting = list(Revision.objects.values_list("pk", flat=True))
        decided_at = timezone.now() + timedelta(seconds=1)
        user = User.objects.create_user("second")
        second = factories.BY._replace(department=Department.objects.get(code="statistics").pk, person=user.pk)
        assert approvals.decide_approvals(revisions=waiting, approve=True, by=second, now=decided_at) == 1
        assert self.values(api, f"recorded_after={moment}") == [("sales", "5")]

    @pytest.mark.parametrize("value", ["yesterday", "2024-01-01", "5"])
    def test_recorded_after_takes_a_time_with_offset(self, api: Api, value: str) -> None:
        api.get(f"measurements/?recorded_after={value}").problem(400, "invalid-parameter")

    def test_of_a_plan_are_the_figures_that_its_targets_read(self, api: Api) -> None:
        factories.area("town", parent="city")
        for code in ("jobs", "workers", "other"):
            factories.indicator(code)
        factories.indicator("rate", formula="100 * jobs / workers", kind="rate")
        factories.target("rate", lower=5)
        for number, code in enumerate(("sales", "jobs", "workers", "other")):
            factories.figure(code, "2023-01", number)
            factories.figure(code, "2024-01", number + 10, area="town")
        assert self.values(api, "plan=plan") == [("sales", "0"), ("jobs", "1"), ("workers", "2")]
        assert self.values(api, "plan=plan&period_start__gte=2024-01-01") == []
        assert self.values(api, "plan=none") == []

    def test_of_a_plan_are_the_parts_of_a_sum_over_areas(self, api: Api) -> None:
        factories.area("north", parent="city")
        factories.area("far")
        Indicator.objects.filter(code="sales").update(regional="sum")
        for code in ("north", "far"):
            factories.figure("sales", "2024-01", 5, area=code)
        assert len(self.values(api, "plan=plan")) == 1

    def test_a_hidden_target_does_not_show_by_the_figures_that_it_reads(self, api: Api) -> None:
        factories.department("other")
        for code, values in (("jobs", {}), ("secret", {"restricted": True, "department": "statistics"})):
            factories.indicator(code, **values)
        factories.indicator("mixed", formula="jobs + secret", department="statistics")
        factories.target("mixed", lower=5)
        factories.figure("jobs", "2024-01", 1)
        factories.figure("secret", "2024-01", 2)
        assert self.values(api_of("statistics"), "plan=plan") == [("jobs", "1"), ("secret", "2")]
        assert self.values(api_of("other"), "plan=plan") == []
