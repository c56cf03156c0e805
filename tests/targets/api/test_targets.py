"""Targets: create, read, change, delete, amend."""

from typing import Any

import pytest

from tests import factories
from tests.support import Api, api_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]

TARGET = {"plan": "plan", "indicator": "growth", "goal": "at_least", "lower": "7.5"}
ID = "plan:growth:city"


@pytest.fixture
def api() -> Api:
    factories.area()
    factories.department("office")
    factories.indicator("growth", accumulation="none", kind="rate", frequency="quarter", department="office")
    factories.indicator("sales")
    factories.indicator("rate-done", accumulation="last", kind="share")
    factories.plan()
    return api_of()


class TestCreate:
    def test_a_target_needs_plan_indicator_goal_and_its_edge(self, api: Api) -> None:
        row = api.post("targets/", TARGET).ok(201)
        assert row.items() >= {
            "id": ID, "version": 1, "period": "2024", "area": "city", "lower": "7.5", "upper": None, "profile": None,
            "tolerance": None, "tolerance_percent": None, "weight": "1", "state": "adopted", "department": None,
            "milestones": [], "lower_open": False, "about": False, "qualitative": False, "warnings": [],
        }.items()  # fmt: skip
        del row["warnings"]
        assert api.get(f"targets/{ID}/").ok() == row

    def test_it_is_said_in_words_in_the_language_of_the_caller(self, api: Api) -> None:
        assert api.post("targets/", {**TARGET, "upper": 8}).ok(201)["description"].startswith("missed below 7.5,")
        english, path = api.get(f"targets/{ID}/"), f"targets/{ID}/amendments/"
        other = api.get(f"targets/{ID}/", Accept_Language="vi", If_None_Match=english.headers["ETag"]).ok()
        assert other["description"] == "không đạt nếu dưới 7,5, đạt nếu từ 7,5 đến 8, vượt nếu trên 8"
        amended = api.post(path, {"lower": "7", "announced": "2024-05-01"}, If_Match=english.headers["ETag"]).ok(201)
        assert amended["description"] == "missed below 7, met from 7 to 8, exceeded above 8"
        assert [row["description"] for row in api.rows(path)] == [english.json["description"], amended["description"]]

    def test_the_period_stands_in_the_id_when_it_is_not_the_plans(self, api: Api) -> None:
        assert api.post("targets/", {**TARGET, "period": "2024-H1"}).ok(201)["id"] == f"{ID}:2024-H1"
        term = api.post("targets/", {**TARGET, "period": "2024-01/2024-09"}).ok(201)["id"]
        assert term == f"{ID}:2024-01--2024-09"
        for spelling in (term, term.replace(":", "%3A"), f"{term}/"):
            assert api.get(f"targets/{spelling}").ok()["id"] == term

    def test_a_target_is_stated_once(self, api: Api) -> None:
        api.post("targets/", TARGET).ok(201)
        api.post("targets/", {**TARGET, "lower": 8, "period": "2024-01/2024-12"}).problem(409, "already-exists")

    @pytest.mark.parametrize(
        ("change", "pointer", "slug"),
        [
            pytest.param({"lower": None}, "/lower", "required", id="at least needs its lower edge"),
            pytest.param({"goal": "at_most"}, "/upper", "required", id="at most needs its upper edge"),
            pytest.param({"goal": "within"}, "/upper", "required", id="within needs both edges"),
            pytest.param({"goal": None}, "/goal", "required", id="a goal"),
            pytest.param({"goal": "exactly"}, "/goal", "invalid-choice", id="an unknown goal"),
            pytest.param({"upper": "7"}, "/upper", "invalid-band", id="the lower edge above the upper"),
            pytest.param({"profile": "path"}, "/baseline", "required", id="a path without a baseline"),
            pytest.param({"profile": "steep"}, "/profile", "invalid-choice", id="an unknown profile"),
            pytest.param({"tolerance": "-1"}, "/tolerance", "invalid-number", id="a negative tolerance"),
            pytest.param({"weight": "-1"}, "/weight", "invalid-number", id="a negative weight"),
            pytest.param({"milestones": {}}, "/milestones", "invalid-type", id="milestones that are no list"),
            pytest.param(
                {"milestones": [{"date": "2024-06-30", "lower": "x"}]}, "/milestones/0/lower", "invalid-number",
                id="a milestone without a number",
            ),
            pytest.param(
                {"milestones": [{"date": "2024-06-30", "value": 1}]}, "/milestones/0/value", "unknown-field",
                id="an unknown field of a milestone",
            ),
            pytest.param({"about": "yes"}, "/about", "invalid-type", id="yes is neither true nor false"),
            pytest.param({"cooperating": ["X"]}, "/cooperating/0", "invalid-code", id="a bad code in a list"),
            pytest.param({"version": 2}, "/version", "unknown-field", id="a version that only the system gives"),
        ],
    )  # fmt: skip
    def test_terms_that_no_target_may_have(self, api: Api, change: dict[str, Any], pointer: str, slug: str) -> None:
        answer = api.post("targets/", {**TARGET, **change})
        answer.problem(400, slug)
        assert (pointer, slug) in answer.pointers
        assert api.rows("targets/") == []

    @pytest.mark.parametrize(
        ("field", "slug"),
        [
            ("plan", "unknown-plan"),
            ("indicator", "unknown-indicator"),
            ("area", "unknown-area"),
            ("department", "unknown-department"),
        ],
    )
    def test_codes_that_do_not_exist(self, api: Api, field: str, slug: str) -> None:
        answer = api.post("targets/", {**TARGET, field: "nothing"})
        answer.problem(422, slug)
        assert answer.pointers == [(f"/{field}", slug)]

    def test_what_is_doubtful_is_saved_and_said(self, api: Api) -> None:
        row = api.post("targets/", {"plan": "plan", "indicator": "rate-done", "goal": "at_least", "lower": 95}).ok(201)
        assert [warning["slug"] for warning in row["warnings"]] == ["flat-while-growing"]

    def test_what_nothing_speaks_against_is_accepted(self, api: Api) -> None:
        odd = {"lower_open": True, "upper": "8", "upper_open": True, "period": "2030", "announced": "2024-01-01"}
        api.post("targets/", {**TARGET, **odd}).ok(201)

    def test_a_qualitative_target_has_no_band(self, api: Api) -> None:
        row = api.post("targets/", {"plan": "plan", "indicator": "growth", "qualitative": True}).ok(201)
        assert (row["qualitative"], row["goal"], row["lower"]) == (True, None, None)
        assert api.get(f"targets/{ID}/status/").ok()["qualitative"] is True


class TestChange:
    def test_what_no_version_holds_is_changed(self, api: Api) -> None:
        tag = api.post("targets/", TARGET).headers["ETag"]
        change = {"weight": 2, "section": "economy", "department": "office", "cooperating": ["office"], "note": "n"}
        row = api.patch(f"targets/{ID}/", change, If_Match=tag).ok()
        assert (row["weight"], row["section"], row["department"], row["cooperating"]) == (
            "2",
            "economy",
            "office",
            ["office"],
        )

    @pytest.mark.parametrize("field", ["lower", "period", "goal", "announced", "profile", "plan", "qualitative"])
    def test_what_a_version_holds_and_what_it_is_are_not(self, api: Api, field: str) -> None:
        tag = api.post("targets/", TARGET).headers["ETag"]
        values = {"lower": 1, "period": "2025", "goal": "at_most", "announced": "2024-01-01", "profile": "flat"}
        answer = api.patch(
            f"targets/{ID}/", {field: values.get(field, True if field == "qualitative" else "plan")}, If_Match=tag
        )
        answer.problem(400, "immutable")
        assert answer.pointers == [(f"/{field}", "immutable")]

    def test_it_needs_the_tag(self, api: Api) -> None:
        api.post("targets/", TARGET).ok(201)
        api.patch(f"targets/{ID}/", {"note": "a"}).problem(428, "precondition-required")
        api.patch(f"targets/{ID}/", {"note": "a"}, If_Match='"other"').problem(412, "precondition-failed")

    def test_a_draft_is_deleted(self, api: Api) -> None:
        tag = api.post("targets/", {**TARGET, "state": "draft"}).headers["ETag"]
        assert api.delete(f"targets/{ID}/", If_Match=tag).status == 204
        assert api.rows("statuses/") == []

    def test_what_was_adopted_is_in_use(self, api: Api) -> None:
        api.post("targets/", TARGET).ok(201)
        tag = api.get(f"targets/{ID}/").headers["ETag"]
        api.delete(f"targets/{ID}/", If_Match=tag).problem(409, "in-use")


class TestAmend:
    def test_what_is_omitted_stays_and_null_clears(self, api: Api) -> None:
        api.post("targets/", {**TARGET, "upper": "8", "tolerance": "0.1", "announced": "2023-12-08"}).ok(201)
        row = api.post(
            f"targets/{ID}/amendments/",
            {"upper": None, "lower": "7", "act": "Directive 12", "reason": "slow", "announced": "2024-08-13"},
        ).ok(201)
        assert row.items() >= {
            "version": 2, "lower": "7", "upper": None, "tolerance": "0.1", "state": "amended", "act": "Directive 12",
            "reason": "slow", "announced": "2024-08-13", "target": ID,
        }.items()  # fmt: skip
        assert [entry["version"] for entry in api.rows(f"targets/{ID}/amendments/")] == [1, 2]
        assert api.get(f"targets/{ID}/").ok()["version"] == 2

    def test_a_tolerance_that_was_left_out_stays_left_out(self, api: Api) -> None:
        api.post("targets/", {"plan": "plan", "indicator": "rate-done", "goal": "at_least", "lower": 90}).ok(201)
        where = "targets/plan:rate-done:city"
        path = {"profile": "path", "baseline": 50, "announced": "2024-01-02"}
        api.post(f"{where}/amendments/", path).ok(201)
        factories.figure("rate-done", "2024-06", 60, published="2024-07-01")
        assert api.get(f"{where}/status/?as_of=2024-07-02").ok()["tolerance"] == "4"  # 10 % of 40

    def test_after_a_draft_an_amendment_adopts(self, api: Api) -> None:
        api.post("targets/", {**TARGET, "state": "draft", "announced": "2023-12-06"}).ok(201)
        row = api.post(f"targets/{ID}/amendments/", {"announced": "2023-12-08"}).ok(201)
        assert row["state"] == "adopted"

    def test_the_day_is_needed_and_terms_are_checked(self, api: Api) -> None:
        api.post("targets/", TARGET).ok(201)
        api.post(f"targets/{ID}/amendments/", {"lower": 8}).problem(400, "required")
        api.post(f"targets/{ID}/amendments/", {"lower": None, "announced": "2024-01-01"}).problem(400, "required")
        api.post(f"targets/{ID}/amendments/", {"goal": "at_most", "announced": "2024-01-01"}).problem(
            400, "unknown-field"
        )
        assert len(api.rows(f"targets/{ID}/amendments/")) == 1

    def test_the_status_is_judged_under_the_version_of_the_day(self, api: Api) -> None:
        api.post("targets/", {**TARGET, "announced": "2023-12-08"}).ok(201)
        factories.figure("growth", "2024-H1", "6.5", published="2024-07-01")
        api.post(f"targets/{ID}/amendments/", {"lower": "6", "announced": "2024-08-13"}).ok(201)

        def status(query: str) -> tuple[str, int]:
            body = api.get(f"targets/{ID}/status/?{query}").ok()
            return body["status"], body["version"]

        assert status("as_of=2024-07-05") == ("off_track", 1)
        assert status("as_of=2024-08-14") == ("on_track", 2)
        assert status("as_of=2024-08-14&version=1") == ("off_track", 1)
        assert status("as_of=2024-08-14&version=original") == ("off_track", 1)
        api.get(f"targets/{ID}/status/?version=3").problem(400, "invalid-parameter")
        api.get(f"targets/{ID}/status/?version=-1").problem(400, "invalid-parameter")
        api.get(f"targets/{ID}/status/?as_of=2023-12-07").problem(404, "not-announced")

    def test_the_act_stays_and_the_reason_is_that_of_its_own_version(self, api: Api) -> None:
        api.post("targets/", {**TARGET, "act": "Resolution 1"}).ok(201)
        row = api.post(f"targets/{ID}/amendments/", {"reason": "slow", "announced": "2024-08-13"}).ok(201)
        assert (row["act"], row["reason"]) == ("Resolution 1", "slow")
        assert api.post(f"targets/{ID}/amendments/", {"announced": "2024-09-13"}).ok(201)["reason"] == ""

    @pytest.mark.parametrize(
        ("milestones", "pointer"),
        [
            pytest.param([{"date": "2024-12-31", "lower": 1}], "/milestones/0/date", id="on the last day"),
            pytest.param([{"date": "2023-12-31", "lower": 1}], "/milestones/0/date", id="before the period"),
            pytest.param(
                [{"date": "2024-06-30", "lower": 1}, {"date": "2024-06-30", "lower": 2}], "/milestones/1/date",
                id="two on one day",
            ),
        ],
    )  # fmt: skip
    @pytest.mark.parametrize("language", ["en", "vi"])
    def test_milestones_that_cannot_be(self, api: Api, milestones: list[Any], pointer: str, language: str) -> None:
        answer = api.post("targets/", {**TARGET, "milestones": milestones}, Accept_Language=language)
        answer.problem(400, "invalid-milestone")
        assert (pointer, "invalid-milestone") in answer.pointers

    def test_the_tag_says_which_version_is_shown(self, api: Api) -> None:
        tag = api.post("targets/", TARGET).headers["ETag"]
        assert api.get(f"targets/{ID}/", If_None_Match=tag).status == 304
        api.patch(f"targets/{ID}/", {"note": "x"}, If_Match=tag.replace(".v1", ".v9")).ok()
