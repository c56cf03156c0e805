"""Areas, departments and indicators: list, create, read, change, delete."""

from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from kpitracker.lib.rest.pagination import _cursor_signer
from tests import factories
from tests.support import Api, api_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def api() -> Api:
    return api_of()


KINDS = [
    pytest.param("areas", {"code": "hcmc", "name": "Thành phố Hồ Chí Minh"}, id="areas"),
    pytest.param("departments", {"code": "stats", "name": "Cục Thống kê"}, id="departments"),
    pytest.param("indicators", {"code": "sales", "name": "Doanh thu bán lẻ", "accumulation": "sum"}, id="indicators"),
]


@pytest.mark.parametrize(("path", "body"), KINDS)
class TestEveryKind:
    def test_only_code_and_name_and_what_cannot_be_guessed_are_needed(
        self, api: Api, path: str, body: dict[str, Any]
    ) -> None:
        created = api.post(f"{path}/", body)
        assert created.ok(201).items() >= body.items()
        read = api.get(f"{path}/{body['code']}/")
        assert read.ok() == created.json
        assert read.headers["ETag"].partition(".")[0] == created.headers["ETag"].removesuffix('"')

    def test_both_spellings_of_a_path_are_served(self, api: Api, path: str, body: dict[str, Any]) -> None:
        assert api.post(path, body).ok(201) == api.get(f"{path}/{body['code']}").ok()

    def test_a_code_is_taken_once(self, api: Api, path: str, body: dict[str, Any]) -> None:
        api.post(f"{path}/", body).ok(201)
        assert api.post(f"{path}/", body).problem(409, "already-exists")["errors"][0]["pointer"] == "/code"

    def test_what_is_missing_is_named(self, api: Api, path: str, body: dict[str, Any]) -> None:
        answer = api.post(f"{path}/", {"code": None})
        answer.problem(400, "required")
        assert {("/code", "required"), ("/name", "required")} <= set(answer.pointers)

    def test_an_unknown_field_is_refused_and_nothing_is_stored(self, api: Api, path: str, body: dict[str, Any]) -> None:
        for field in ("id", "valeu", "row_version", "search_text"):
            answer = api.post(f"{path}/", {**body, field: 1})
            answer.problem(400, "unknown-field")
            assert answer.pointers == [(f"/{field}", "unknown-field")]
        assert api.rows(f"{path}/") == []

    def test_a_change_needs_the_tag_that_was_read(self, api: Api, path: str, body: dict[str, Any]) -> None:
        tag = api.post(f"{path}/", body).headers["ETag"]
        where = f"{path}/{body['code']}/"
        api.patch(where, {"note": "a"}).problem(428, "precondition-required")
        changed = api.patch(where, {"note": "a"}, If_Match=tag)
        assert changed.ok()["note"] == "a"
        api.patch(where, {"note": "b"}, If_Match=tag).problem(412, "precondition-failed")
        assert api.get(where).ok()["note"] == "a"
        weakened = f'W/{changed.headers["ETag"][:-1]}-gzip"'
        api.patch(where, {"note": "c"}, If_Match=weakened).ok()

    def test_a_code_never_changes(self, api: Api, path: str, body: dict[str, Any]) -> None:
        tag = api.post(f"{path}/", body).headers["ETag"]
        api.patch(f"{path}/{body['code']}/", {"code": "other"}, If_Match=tag).problem(400, "immutable")

    def test_put_replaces_what_is_not_given_by_defaults(self, api: Api, path: str, body: dict[str, Any]) -> None:
        tag = api.post(f"{path}/", {**body, "note": "a"}).headers["ETag"]
        assert api.put(f"{path}/{body['code']}/", body, If_Match=tag).ok()["note"] == ""

    def test_what_is_not_in_use_is_deleted(self, api: Api, path: str, body: dict[str, Any]) -> None:
        tag = api.post(f"{path}/", body).headers["ETag"]
        api.delete(f"{path}/{body['code']}/").problem(428, "precondition-required")
        assert api.delete(f"{path}/{body['code']}/", If_Match=tag).status == 204
        api.get(f"{path}/{body['code']}/").problem(404, "not-found")

    def test_names_are_found_without_diacritics(self, api: Api, path: str, body: dict[str, Any]) -> None:
        api.post(f"{path}/", body).ok(201)
        api.post(f"{path}/", {**body, "code": "other", "name": "Khác"}).ok(201)
        words = {"areas": "ho chi minh", "departments": "thong ke", "indicators": "ban le"}[path]
        assert [row["code"] for row in api.rows(f"{path}/?search={words}")] == [body["code"]]

    def test_writing_needs_the_scope(self, api: Api, path: str, body: dict[str, Any]) -> None:
        reader = api_of(scopes=["read"])
        reader.post(f"{path}/", body).problem(403, "insufficient-scope")
        assert reader.get(f"{path}/").ok() == {"results": [], "next": None}
        api_of(scopes=["admin"]).get(f"{path}/").problem(403, "insufficient-scope")


def test_what_is_in_use_is_not_deleted(api: Api) -> None:
    factories.world()
    factories.figure("sales", "2024-01", 5)
    for path in ("areas/city", "departments/statistics", "indicators/sales"):
        tag = api.get(f"{path}/").headers["ETag"]
        api.delete(f"{path}/", If_Match=tag).problem(409, "in-use")


def test_a_tree_may_not_run_in_a_circle(api: Api) -> None:
    api.post("departments/", {"code": "top", "name": "Top"}).ok(201)
    api.post("departments/", {"code": "below", "name": "Below", "parent": "top"}).ok(201)
    tag = api.get("departments/top/").headers["ETag"]
    api.patch("departments/top/", {"parent": "below"}, If_Match=tag).problem(422, "tree-cycle")
    api.patch("departments/top/", {"parent": "top"}, If_Match=tag).problem(422, "tree-cycle")


def test_an_unknown_parent_is_named(api: Api) -> None:
    answer = api.post("departments/", {"code": "a", "name": "A", "parent": "nobody"})
    answer.problem(422, "unknown-department")
    assert answer.pointers == [("/parent", "unknown-department")]


class TestIndicators:
    def test_exactly_one_of_accumulation_and_formula(self, api: Api) -> None:
        api.post("indicators/", {"code": "a", "name": "A"}).problem(400, "required")
        both = {"code": "a", "name": "A", "accumulation": "sum", "formula": "b"}
        api.post("indicators/", both).problem(400, "invalid-formula")

    def test_defaults(self, api: Api) -> None:
        row = api.post("indicators/", {"code": "a", "name": "A", "accumulation": "sum"}).ok(201)
        assert (row["kind"], row["decimals"], row["frequency"], row["due_days"]) == ("level", 2, "month", 10)
        assert (row["formula"], row["department"]) == (None, None)

    @pytest.mark.parametrize("formula", ["yoy(", "a +", "1 +* 2", "__import__('os')", "a-b(c)", "(" * 500])
    def test_a_formula_that_cannot_be_read(self, api: Api, formula: str) -> None:
        api.post("indicators/", {"code": "f", "name": "F", "formula": formula}).problem(400, "invalid-formula")

    def test_a_formula_needs_its_inputs(self, api: Api) -> None:
        answer = api.post("indicators/", {"code": "f", "name": "F", "formula": "yoy(nothing)"})
        answer.problem(422, "unknown-indicator")

    def test_a_formula_may_not_run_in_a_circle(self, api: Api) -> None:
        factories.indicator("a")
        factories.indicator("b", formula="a + 1")
        tag = api.get("indicators/a/").headers["ETag"]
        api.patch("indicators/a/", {"formula": "b + 1"}, If_Match=tag).problem(422, "formula-cycle")
        assert api.get("indicators/a/").ok()["accumulation"] == "sum"

    @pytest.mark.parametrize(
        ("field", "value", "slug"),
        [
            pytest.param("kind", "colour", "invalid-choice", id="an unknown kind"),
            pytest.param("decimals", 7, "invalid-number", id="more decimals than are stored"),
            pytest.param("decimals", "2", "invalid-number", id="a whole number as text"),
            pytest.param("decimals", 1.5, "invalid-number", id="half a decimal"),
            pytest.param("decimals", True, "invalid-number", id="true is no number"),
            pytest.param("name", 7, "invalid-type", id="a number is no name"),
            pytest.param("name", "a\x00b", "invalid-text", id="NUL in a name"),
            pytest.param("name", "\ud800", "invalid-text", id="half a character"),
            pytest.param("name", "x" * 301, "invalid-text", id="too long a name"),
            pytest.param("code", "Retail Sales", "invalid-code", id="a code with capitals and spaces"),
            pytest.param("due_days", -1, "invalid-number", id="due before the end"),
        ],
    )
    def test_bad_values(self, api: Api, field: str, value: object, slug: str) -> None:
        answer = api.post("indicators/", {"code": "a", "name": "A", "accumulation": "sum", field: value})
        answer.problem(400, slug)
        assert answer.pointers == [(f"/{field}", slug)]


class TestLists:
    def test_pages_hold_every_row_once_also_when_the_ordering_ties(self, api: Api) -> None:
        for number in range(25):
            factories.area(f"a{number:02}", name="Same", parent=None)
        codes = [row["code"] for row in api.rows("areas/?page_size=4&ordering=-name")]
        assert sorted(codes) == [f"a{number:02}" for number in range(25)]
        assert len(codes) == len(set(codes))

    @pytest.mark.parametrize(
        ("query", "slug"),
        [
            pytest.param("departmnet=7", "unknown-parameter", id="a misspelt filter"),
            pytest.param("ordering=key__digest", "unknown-parameter", id="ordering by what is not offered"),
            pytest.param("_connector=OR", "unknown-parameter", id="a keyword of the query language"),
            pytest.param("parent__email=x", "unknown-parameter", id="a path through a relation"),
            pytest.param("code=a&code=b", "unknown-parameter", id="given twice"),
            pytest.param("page_size=0", "invalid-parameter", id="an empty page"),
            pytest.param("page_size=1001", "invalid-parameter", id="too large a page"),
            pytest.param("page_size=99999999999999999999", "invalid-parameter", id="a number beyond 64 bits"),
            pytest.param("cursor=abc", "invalid-parameter", id="a cursor nobody gave out"),
            pytest.param("parent__isnull=perhaps", "invalid-parameter", id="neither true nor false"),
            pytest.param("format=xml", "invalid-parameter", id="an unknown format"),
        ],
    )
    def test_bad_questions(self, api: Api, query: str, slug: str) -> None:
        api.get(f"departments/?{query}").problem(400, slug)

    def test_a_cursor_belongs_to_its_ordering(self, api: Api) -> None:
        for code in "abc":
            factories.area(code)
        link = api.get("areas/?page_size=1&ordering=code").ok()["next"].replace("ordering=code", "ordering=name")
        api.get(link.partition("http://testserver")[2]).problem(400, "invalid-parameter")

    @pytest.mark.parametrize(
        ("given", "used"),
        [
            pytest.param("targets/?ordering=id", "reporting/duties/?ordering=id", id="ids of one kind in another"),
            pytest.param("areas/?ordering=code", "departments/?ordering=code", id="texts in texts"),
            pytest.param("departments/?ordering=code", "keys/?ordering=created_at", id="texts where a time belongs"),
        ],
    )
    def test_a_cursor_belongs_to_its_list(self, api: Api, given: str, used: str) -> None:
        factories.world()
        for code in "ab":
            factories.area(code)
            factories.department(code)
            factories.indicator(code)
            factories.target(code)
        cursor = parse_qs(urlsplit(api.get(f"{given}&page_size=1").ok()["next"]).query)["cursor"][0]
        api.get(f"{used}&cursor={quote(cursor)}").problem(400, "invalid-parameter")

    def test_a_cursor_of_before_an_upgrade_is_refused(self, api: Api) -> None:
        existing = ["indicators.apikey KeyViewSet", "created_at", False]
        for signed in (
            ["created_at", False, "2026-01-01", "x"],
            [*existing, "no time", "x"],
            [*existing, {"a": 1}, "x"],
        ):
            api.get(f"keys/?cursor={quote(_cursor_signer().sign_object(signed))}").problem(400, "invalid-parameter")

    def test_an_unchanged_answer_is_not_sent_again(self, api: Api) -> None:
        factories.area()
        tag = api.get("areas/").headers["ETag"]
        second = api.get("areas/", If_None_Match=tag)
        assert (second.status, second.raw) == (304, b"")
        factories.area("other")
        assert api.get("areas/", If_None_Match=tag).status == 200


class TestDuties:
    def test_a_duty_is_stated_and_listed(self, api: Api) -> None:
        factories.world()
        duty = {"indicator": "sales", "area": "city", "department": "statistics", "valid_from": "2024-01-01"}
        created = api.post("reporting/duties/", duty).ok(201)
        assert created.items() >= duty.items()
        assert api.rows("reporting/duties/?indicator=sales") == [created]
        api.post("reporting/duties/", duty).problem(409, "already-exists")

    def test_it_may_not_end_before_it_begins(self, api: Api) -> None:
        factories.world()
        duty = {"indicator": "sales", "area": "city", "department": "statistics"}
        backwards = {"valid_from": "2024-02-01", "valid_to": "2024-01-01"}
        api.post("reporting/duties/", {**duty, **backwards}).problem(400, "invalid-date")


class TestFormulas:
    @pytest.mark.parametrize("code", ["min", "max", "yoy", "previous"])
    def test_an_indicator_is_not_named_like_a_function(self, api: Api, code: str) -> None:
        answer = api.post("indicators/", {"code": code, "name": "X", "accumulation": "sum"})
        answer.problem(400, "invalid-code")

    def test_a_chain_that_is_too_long_to_be_computed_is_refused(self, api: Api) -> None:
        api.post("indicators/", {"code": "c0", "name": "C", "accumulation": "sum"}).ok(201)
        statuses = [
            api.post("indicators/", {"code": f"c{n}", "name": "C", "formula": f"c{n - 1} + 1"}).status
            for n in range(1, 70)
        ]
        long = statuses.index(422)
        assert long >= 30
        answer = api.post("indicators/", {"code": "more", "name": "C", "formula": f"c{long} + 1"})
        answer.problem(422, "invalid-formula")
        factories.area()
        factories.figure("c0", "2024", 1)
        last = api.get(f"indicators/c{long}/series/").ok()["results"]
        assert [row["value"] for row in last] == [str(long + 1)]


@pytest.mark.parametrize(
    "question",
    [
        pytest.param("measurements/?recorded_by=0001-01-01T00:00:00%2B07:00", id="before there was a calendar"),
        pytest.param("measurements/?recorded_by=9999-12-31T23:59:59-07:00", id="beyond the last year"),
        pytest.param("statuses/?updated_after=9999-12-31T23:59:59-07:00", id="changed after the last year"),
        pytest.param("statuses/?updated_after=0&ordering=target", id="changes in another order than theirs"),
        pytest.param("alerts/?opened_at__gte=0001-01-01T00:00:00%2B14:00", id="opened before the calendar"),
        pytest.param("alerts/?opened_at__lte=noon", id="opened at a time that is none"),
        pytest.param("measurements/?as_of=2024-W01-1", id="a day by its week"),
        pytest.param("indicators/?search=" + "a+" * 3000, id="three thousand words"),
        pytest.param("statuses/?status__in=met,bogus", id="a status that is none"),
        pytest.param("areas/?kind=planet", id="a kind that is none"),
        pytest.param("areas/?code=%00", id="NUL in a filter"),
    ],
)
def test_questions_that_cannot_be_understood(api: Api, question: str) -> None:
    api.get(question).problem(400, "invalid-parameter")
