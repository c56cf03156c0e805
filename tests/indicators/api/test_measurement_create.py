"""Posting figures."""

from datetime import timedelta

import pytest

from indicators.models import Measurement, Revision, SeriesChange
from indicators.services.figures import revision_store
from kpitracker.lib import clock
from tests import factories
from tests.support import Api, api_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]

FIGURE = {"indicator": "sales", "area": "city", "period": "2024-01", "value": "979000"}


@pytest.fixture
def api() -> Api:
    factories.world()
    return api_of()


def test_the_first_one_is_created(api: Api) -> None:
    answer = api.post("measurements/", {**FIGURE, "stage": "estimate", "published": "2024-02-01"}).ok(201)
    assert answer | {"id": "", "recorded_at": ""} == {
        "outcome": "created", "id": "", "indicator": "sales", "area": "city", "period": "2024-01",
        "value": "979000", "missing_reason": None, "qualifier": "", "stage": "estimate", "published": "2024-02-01",
        "recorded_at": "", "source": "", "note": "", "department": "statistics", "revision": 1, "current": True,
        "warnings": [], "quiet": False, "is_forecast": False,
    }  # fmt: skip


def test_the_same_again_is_unchanged_and_nothing_is_written(api: Api) -> None:
    first = api.post("measurements/", FIGURE).ok(201)
    SeriesChange.objects.all().delete()
    second = api.post("measurements/", {**FIGURE, "value": 979000.0}).ok(200)
    assert second == first | {"outcome": "unchanged"}
    assert Revision.objects.count() == 1
    assert not SeriesChange.objects.exists()


def test_other_content_is_a_revision_that_names_what_it_follows(api: Api) -> None:
    first = api.post("measurements/", FIGURE).ok(201)
    second = api.post("measurements/", {**FIGURE, "value": "980000"}).ok(201)
    assert (second["outcome"], second["revision"], second["id"]) == ("revised", 2, first["id"])
    assert (second["previous"]["value"], second["previous"]["revision"]) == ("979000", 1)
    assert Measurement.objects.get().revisions == 2


def test_two_codes_of_the_same_days_are_the_same_period(api: Api) -> None:
    api.post("measurements/", {**FIGURE, "period": "2024-01/2024-12"}).ok(201)
    assert api.post("measurements/", {**FIGURE, "period": "2024"}).ok(200)["period"] == "2024"


def test_a_figure_published_earlier_enters_the_history_only(api: Api) -> None:
    api.post("measurements/", {**FIGURE, "published": "2024-03-01"}).ok(201)
    late = api.post("measurements/", {**FIGURE, "value": "1", "published": "2024-02-01"}).ok(201)
    assert (late["outcome"], late["current"], late["revision"]) == ("revised", False, 2)
    assert str(Measurement.objects.get().value) == "979000"


def test_a_lower_stage_is_refused(api: Api) -> None:
    api.post("measurements/", {**FIGURE, "stage": "official"}).ok(201)
    answer = api.post("measurements/", {**FIGURE, "value": "1", "stage": "estimate"})
    answer.problem(422, "stage-regression")
    assert Revision.objects.count() == 1


def test_a_withdrawal_is_a_revision_without_value(api: Api) -> None:
    api.post("measurements/", FIGURE).ok(201)
    missing = api.post("measurements/", {**FIGURE, "value": None, "missing_reason": "not_available"}).ok(201)
    assert (missing["outcome"], missing["value"], missing["missing_reason"]) == ("revised", None, "not_available")


def test_a_reprint_of_a_replaced_number_is_flagged_and_stored(api: Api) -> None:
    for value in ("1", "2"):
        api.post("measurements/", {**FIGURE, "value": value}).ok(201)
    answer = api.post("measurements/", {**FIGURE, "value": "1"}).ok(201)
    assert [warning["slug"] for warning in answer["warnings"]] == ["repeats-earlier-revision"]
    assert answer["revision"] == 3


def test_a_figure_that_ends_after_its_target_is_flagged(api: Api) -> None:
    answer = api.post("measurements/", {**FIGURE, "period": "2024-12/2025-01"}).ok(201)
    assert [warning["slug"] for warning in answer["warnings"]] == ["ends-after-target"]
    listed = api.rows("measurements/")
    assert [warning["slug"] for warning in listed[0]["warnings"]] == ["ends-after-target"]


def test_published_defaults_to_today_and_a_month_means_its_last_day(api: Api) -> None:
    assert api.post("measurements/", FIGURE).ok(201)["published"] == clock.today().isoformat()
    month = api.post("measurements/", {**FIGURE, "period": "2024-02", "published": "2024-12"}).ok(201)
    assert month["published"] == "2024-12-31"


def test_an_unknown_day_reads_back_the_same(api: Api) -> None:
    assert api.post("measurements/", {**FIGURE, "published": "unknown"}).ok(201)["published"] == "unknown"
    assert api.post("measurements/", {**FIGURE, "published": "unknown"}).ok(200)["outcome"] == "unchanged"


@pytest.mark.parametrize("published", ["2024-02-01", "unknown"])
def test_history_needs_its_scope(api: Api, published: str) -> None:
    plain = api_of(scopes=["figures:write"])
    plain.post("measurements/", {**FIGURE, "published": published}).problem(403, "insufficient-scope")
    plain.post("measurements/", {**FIGURE, "published": clock.today().isoformat()}).ok(201)


def test_a_computed_indicator_takes_no_figures(api: Api) -> None:
    factories.indicator("growth", formula="yoy(sales)", department="statistics")
    api.post("measurements/", {**FIGURE, "indicator": "growth"}).problem(422, "computed-indicator")


@pytest.mark.parametrize(("field", "slug"), [("indicator", "unknown-indicator"), ("area", "unknown-area")])
def test_codes_that_do_not_exist(api: Api, field: str, slug: str) -> None:
    answer = api.post("measurements/", {**FIGURE, field: "nothing"})
    answer.problem(422, slug)
    assert answer.pointers == [(f"/{field}", slug)]


def test_the_area_may_be_left_out_while_there_is_one_root(api: Api) -> None:
    bare = {name: value for name, value in FIGURE.items() if name != "area"}
    assert api.post("measurements/", bare).ok(201)["area"] == "city"
    factories.area("other")
    api.post("measurements/", bare).problem(400, "required")


class TestDuty:
    """A department writes only what it, or one below it, has the duty to report."""

    @pytest.fixture(autouse=True)
    def departments(self, api: Api) -> None:
        factories.department("ministry")
        factories.department("office", parent="ministry")
        factories.department("stranger")
        factories.indicator("jobs", department="office")

    def post(self, department: str | None, indicator: str = "jobs") -> int:
        key = api_of(department, scopes=["figures:write"])
        return key.post("measurements/", {**FIGURE, "indicator": indicator}).status

    def test_the_department_of_the_indicator_may(self) -> None:
        assert self.post("office") == 201

    def test_one_above_it_may(self) -> None:
        assert self.post("ministry") == 201

    def test_another_may_not(self) -> None:
        key = api_of("stranger", scopes=["figures:write"])
        key.post("measurements/", {**FIGURE, "indicator": "jobs"}).problem(403, "not-your-indicator")

    def test_a_duty_replaces_the_department_of_the_indicator(self, api: Api) -> None:
        duty = {"indicator": "jobs", "area": "city", "department": "stranger"}
        api.post("reporting/duties/", duty).ok(201)
        assert (self.post("stranger"), self.post("office"), self.post(None)) == (201, 403, 200)

    def test_a_duty_that_has_ended_replaces_nothing(self, api: Api) -> None:
        yesterday = (clock.today() - timedelta(1)).isoformat()
        duty = {"indicator": "jobs", "area": "city", "department": "stranger", "valid_to": yesterday}
        api.post("reporting/duties/", duty).ok(201)
        assert (self.post("stranger"), self.post("office")) == (403, 201)

    def test_what_nobody_reports_is_for_the_whole_organisation(self) -> None:
        factories.indicator("free")
        assert (self.post("office", "free"), self.post(None, "free")) == (403, 201)


def test_current_figures_can_be_rebuilt_from_their_revisions(api: Api) -> None:
    for value in ("1", "2", "3"):
        api.post("measurements/", {**FIGURE, "value": value}).ok(201)
    assert revision_store.rebuild_current(by=factories.BY) == 0
    Measurement.objects.update(value=7, revisions=9, revision=1)
    assert revision_store.rebuild_current(by=factories.BY) == 1
    row = Measurement.objects.get()
    assert (str(row.value), row.revision, row.revisions) == ("3", 3, 3)
