"""Every query parameter of every route: what is empty or wrong is refused, and the OpenAPI document names them all."""

import json
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from urllib.parse import quote

import pytest

from kpitracker.env import ROOT
from tests import factories
from tests.support import Answer, Api, api_of

pytestmark = pytest.mark.django_db

DOCUMENT: dict[str, Any] = json.loads((ROOT / "docs" / "openapi-v1.json").read_text())
ID = "01900000-0000-7000-8000-000000000000"
PLACES = {
    "plans/{code}": "plans/plan", "indicators/{code}": "indicators/sales", "{code}": "city", "{identifier}": "plan:sales:city",
    "{number}": "1", "{day}": "2024-09-02", "{prefix}": "abcdefgh",
}  # fmt: skip
# Where an object may lack the text, an empty value asks for those without it.
EMPTY_MEANS_WITHOUT = {
    ("statuses/", "section"), ("targets/", "section"), ("plans/plan/scorecard/", "section"), ("plans/plan/backtest/", "section"),
}  # fmt: skip


def _parameters() -> dict[tuple[str, str], list[dict[str, Any]]]:
    operations: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for path, methods in DOCUMENT["paths"].items():
        place = path.removeprefix("/api/v1/")
        for pattern, value in PLACES.items():
            place = place.replace(pattern, value)
        place = re.sub(r"\{\w+\}", ID, place)
        for method, operation in methods.items():
            if method in ("get", "post"):
                in_query = [entry for entry in operation.get("parameters", []) if entry["in"] == "query"]
                operations[method.upper(), place] = in_query
    return operations


OPERATIONS = _parameters()
with_parameters = pytest.mark.parametrize(
    ("method", "path"), [pytest.param(*key, id=" ".join(key)) for key, entries in OPERATIONS.items() if entries]
)


@pytest.fixture(scope="module")
def secret(shared_rows: Callable[[], AbstractContextManager[None]]) -> str:
    with shared_rows():
        factories.world()
        for code in ("jobs", "growth"):
            factories.indicator(code, department="statistics")
            factories.target(code, section="economy")
        factories.area("town", parent="city")
        factories.figure("sales", "2024-01", 100, stage="estimate")
        factories.figure("jobs", "2024-01", 5, stage="official")
        return api_of().headers["Authorization"].removeprefix("Bearer ")


@pytest.fixture
def api(secret: str) -> Api:
    return Api(secret)


def ask(api: Api, method: str, path: str, name: str, value: str) -> Answer:
    return api.call(method, f"{path}?{name}={quote(value)}", [] if method == "POST" else None)


def is_about_another_error(answer: Answer, method: str, path: str) -> bool:
    """A body that is wrong, or an object that does not exist, may be named before the parameter."""
    return method == "POST" or (answer.status == 404 and (ID in path or "closings/1/" in path))


def takes_several(parameter: dict[str, Any]) -> bool:
    return bool(parameter["schema"].get("type") == "array")


@with_parameters
def test_an_empty_value_is_refused_and_never_means_everything(api: Api, method: str, path: str) -> None:
    accepted = {
        (name, value): answer.status
        for parameter in OPERATIONS[method, path]
        for name in [parameter["name"]]
        for value in ("", "\u00a0", *((",", "a,", ",a", "a,,b") if takes_several(parameter) else ()))
        if (path, name) not in EMPTY_MEANS_WITHOUT
        if (answer := ask(api, method, path, name, value)).status != 400
        or answer.pointers != [(f"?{name}", "invalid-parameter")]
    }
    assert accepted == {}


@with_parameters
def test_a_value_that_is_no_choice_is_answered_with_the_choices(api: Api, method: str, path: str) -> None:
    for parameter in OPERATIONS[method, path]:
        schema = parameter["schema"]
        choices = {"type": "boolean"}.items() <= schema.items() and ["true", "false"]
        choices = choices or schema.get("enum") or schema.get("items", {}).get("enum") or []
        answer = ask(api, method, path, parameter["name"], "nonsense") if choices else None
        if answer is None or is_about_another_error(answer, method, path):
            continue
        detail = answer.problem(400, answer.slug)["errors"][0]["detail"]
        assert {choice.removeprefix("-") for choice in choices} - set(re.findall(r"[\w-]+", detail)) == set(), detail


@with_parameters
def test_a_day_is_written_in_one_way_in_every_language(api: Api, method: str, path: str) -> None:
    days = [entry["name"] for entry in OPERATIONS[method, path] if entry["schema"].get("format") == "date"]
    for language in ("en", "vi"):
        api.headers["Accept-Language"] = language
        for value in ("11/05/2024", "2024-1-5", "2024-W01-1", "today"):
            answers = {name: ask(api, method, path, name, value) for name in days}
            accepted = {
                name: answer.status
                for name, answer in answers.items()
                if answer.status != 400 and not is_about_another_error(answer, method, path)
            }
            assert accepted == {}


@pytest.mark.parametrize(("method", "path"), [pytest.param(*key, id=" ".join(key)) for key in OPERATIONS])
def test_the_document_names_the_parameters_that_are_taken(api: Api, method: str, path: str) -> None:
    detail = ask(api, method, path, "nonsense", "1").problem(400, "unknown-parameter")["detail"]
    assert detail.startswith("'nonsense' is not a parameter here.")
    taken = set(detail.partition("There are: ")[2].removesuffix(".").split(", ")) - {"-"}
    documented = {entry["name"] for entry in OPERATIONS[method, path]}
    # Each GET takes `format=json`; it is worth a line only where there is another format.
    assert taken - {"format"} == documented - {"format"}


SEVERAL = [
    (path, entry["name"])
    for (method, path), entries in OPERATIONS.items()
    for entry in entries
    if takes_several(entry) and method == "GET"
]
VALUES = {
    "areas/ code__in": ["city", "town"], "departments/ code__in": ["statistics", "x"], "indicators/ code__in": ["sales", "jobs"],
    "plans/ code__in": ["plan", "x"], "indicators/ kind__in": ["level", "rate"], "measurements/ indicator__in": ["sales", "jobs"],
    "measurements/ area__in": ["city", "town"], "measurements/ stage__in": ["estimate", "official"],
    "targets/ plan__in": ["plan", "x"], "statuses/ plan__in": ["plan", "x"], "statuses/ status__in": ["no_data", "met"],
    "audit/ verb__in": ["created", "changed"],
}  # fmt: skip


@pytest.mark.parametrize(("path", "name"), [pytest.param(*key, id=" ".join(key)) for key in SEVERAL])
def test_several_values_may_be_repeated_or_joined_by_commas(api: Api, path: str, name: str) -> None:
    choices = next(entry for entry in OPERATIONS["GET", path] if entry["name"] == name)["schema"]["items"].get("enum")
    first, second = VALUES.get(f"{path} {name}") or (choices or ["a", "b"])[:2]
    joined, repeated, mixed = (
        api.get(f"{path}?{query}").ok()["results"]
        for query in (
            f"{name}={first},{second}",
            f"{name}={first}&{name}={second}",
            f"{name}={second}&{name}={first},{second}",
        )
    )
    assert joined == repeated == mixed
    if f"{path} {name}" in VALUES:
        assert len(joined) >= len(api.get(f"{path}?{name}={first}").ok()["results"]) > 0


def test_most_lists_with_several_values_have_rows_to_tell_them_apart() -> None:
    assert set(VALUES) <= {" ".join(key) for key in SEVERAL}
    assert len(VALUES) > len(SEVERAL) / 2


@pytest.mark.parametrize("path", ["statuses/", "targets/"])
def test_an_empty_section_finds_the_targets_without_one(api: Api, path: str) -> None:
    assert len(api.rows(path)) == 3
    assert [row["indicator"] for row in api.rows(f"{path}?section=")] == ["sales"]
    assert [row["indicator"] for row in api.rows(f"{path}?section=economy")] == ["growth", "jobs"]


def test_an_empty_section_of_a_scorecard_are_the_targets_without_one(api: Api) -> None:
    rows = api.get("plans/plan/scorecard/?section=").ok()["targets"]
    assert [row["indicator"] for row in rows] == ["sales"]


@pytest.mark.parametrize(
    ("query", "hint"),
    [
        pytest.param("status=met&status=missed", "status__in", id="a filter that has one for several values"),
        pytest.param("plan=a&plan=b", "plan__in", id="a code"),
        pytest.param("area=a&area=b", "It takes one value", id="a filter that has none"),
        pytest.param("updated_after=1&updated_after=2", "It takes one value", id="another parameter"),
    ],
)
def test_a_repeated_parameter_is_answered_with_the_one_for_several(api: Api, query: str, hint: str) -> None:
    assert hint in api.get(f"statuses/?{query}").problem(400, "unknown-parameter")["detail"]


@pytest.mark.parametrize("value", ["\u0301", " \u0309 ", "\u0300\u0301"])
def test_a_search_without_a_letter_is_refused(api: Api, value: str) -> None:
    for path in ("areas/", "departments/", "indicators/", "plans/", "actions/"):
        assert ask(api, "GET", path, "search", value).status == 400


def test_where_an_empty_value_may_mean_something_the_answer_says_how_to_ask(api: Api) -> None:
    detail = ask(api, "GET", "areas/", "parent", "").problem(400, "invalid-parameter")["detail"]
    assert "parent__isnull=true" in detail
    assert len(api.rows("areas/?parent__isnull=true")) == 1
