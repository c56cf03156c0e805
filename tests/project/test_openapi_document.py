"""docs/openapi-v1.json holds together: defaults, types, summaries, contents. `make check` holds it against the code."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from kpitracker.env import ROOT

DOCUMENT: dict[str, Any] = json.loads((ROOT / "docs" / "openapi-v1.json").read_text())
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]
OPERATIONS = [
    (f"{method.upper()} {path}", operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
]
TYPES: dict[str, Any] = {
    "string": str, "integer": int, "number": (int, float), "boolean": bool, "null": type(None), "array": list, "object": dict,
}  # fmt: skip
VERBS = {
    "Acknowledge", "Add", "Amend", "Assess", "Change", "Compare", "Compute", "Copy", "Count", "Create", "Delete", "Download",
    "End", "Freeze", "Grant", "Issue", "Judge", "List", "Read", "Record", "Replace", "Resolve", "Revoke", "Send", "Silence",
    "Take", "Try", "Undo", "Withdraw",
}  # fmt: skip


def walk(name: str, node: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema in a part of the document, with the place at which it stands."""
    if isinstance(node, list):
        for number, entry in enumerate(node):
            yield from walk(f"{name}/{number}", entry)
    elif isinstance(node, dict):
        if {"type", "enum", "anyOf", "oneOf"} & node.keys() and not isinstance(node.get("type"), dict):
            yield name, node
        for key, value in node.items():
            if key not in ("enum", "default", "example", "examples", "value"):
                yield from walk(f"{name}/{key}", value)


ALL_SCHEMAS = [*walk("schemas", SCHEMAS), *walk("paths", DOCUMENT["paths"])]


def types_of(schema: dict[str, Any]) -> list[str]:
    declared = schema.get("type", [])
    return declared if isinstance(declared, list) else [declared]


def fits(value: object, schema: dict[str, Any]) -> bool:
    types = types_of(schema)
    if isinstance(value, bool):
        return "boolean" in types or not types
    return not types or any(isinstance(value, TYPES[name]) for name in types)


def test_every_default_is_one_of_the_values_and_has_the_type() -> None:
    defaults = [(name, schema) for name, schema in ALL_SCHEMAS if "default" in schema]
    assert len(defaults) > 50
    wrong = {
        name: schema["default"]
        for name, schema in defaults
        if schema["default"] not in schema.get("enum", [schema["default"]]) or not fits(schema["default"], schema)
    }
    assert wrong == {}


def test_every_value_of_an_enumeration_has_the_type() -> None:
    wrong = {
        name: value
        for name, schema in ALL_SCHEMAS
        for value in schema.get("enum", ())
        if not fits(value, schema) or {"true", "false"} <= set(map(str, schema["enum"]))
    }
    assert wrong == {}


def answers(operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for status, response in operation["responses"].items():
        if status.startswith("2"):
            yield response.get("content", {})


@pytest.mark.parametrize(("name", "operation"), [pytest.param(*entry, id=entry[0]) for entry in OPERATIONS])
def test_an_answer_that_is_json_is_nothing_else(name: str, operation: dict[str, Any]) -> None:
    contents = [*answers(operation), operation.get("requestBody", {}).get("content", {})]
    assert [list(content) for content in contents if "application/json" in content and len(content) > 1] == []


def test_decimals_of_answers_are_texts() -> None:
    requested = {name for name in SCHEMAS if name.endswith("Request")}
    numbers = [
        name
        for name, schema in ALL_SCHEMAS
        if "number" in types_of(schema)
        if name.startswith("schemas/") and name.split("/")[1] not in requested
    ]
    assert numbers == []


def test_answers_have_no_defaults() -> None:
    """Types made from them would let a field be missing, which no answer does."""
    names = {name for name in SCHEMAS if not name.endswith("Request")}
    assert [name for name, schema in walk("", {n: SCHEMAS[n] for n in names}) if "default" in schema] == []


def test_a_summary_says_what_the_operation_does_and_no_two_say_the_same() -> None:
    summaries = {name: operation.get("summary", "") for name, operation in OPERATIONS}
    assert {name: text for name, text in summaries.items() if text.partition(" ")[0] not in VERBS} == {}
    assert {name: text for name, text in summaries.items() if len(text) > 130} == {}
    assert len(set(summaries.values())) == len(summaries)


@pytest.mark.parametrize(
    ("operation_id", "verbs"),
    [
        pytest.param("measurements_batch_create", {"Record"}, id="a batch records"),
        pytest.param("plans_what_if_create", {"Compute"}, id="a question about a plan computes"),
        pytest.param("targets_what_if_create", {"Assess"}, id="a question about a target assesses"),
        pytest.param("alert_rules_trial_create", {"Try"}, id="a trial of a rule tries"),
    ],
)
def test_what_stores_nothing_does_not_say_that_it_creates(operation_id: str, verbs: set[str]) -> None:
    summary = next(entry["summary"] for _, entry in OPERATIONS if entry["operationId"] == operation_id)
    assert summary.partition(" ")[0] in verbs


def test_parameters_that_take_several_values_are_sent_as_generators_send_them() -> None:
    several = [
        (name, parameter)
        for name, operation in OPERATIONS
        for parameter in operation.get("parameters", ())
        if parameter["schema"].get("type") == "array"
    ]
    assert len(several) > 10
    assert [name for name, parameter in several if parameter.get("explode", True) is not True] == []


def test_every_post_tells_how_to_repeat_it_and_every_get_how_to_ask_again() -> None:
    headers = {
        name: {parameter["name"] for parameter in operation.get("parameters", ()) if parameter["in"] == "header"}
        for name, operation in OPERATIONS
    }
    wanted = {"GET": "If-None-Match", "POST": "Idempotency-Key", "PUT": "If-Match", "PATCH": "If-Match"}
    assert {name for name, names in headers.items() if wanted.get(name.split()[0], "") not in names | {""}} == set()
    assert {
        name for name, operation in OPERATIONS if name[:3] == "GET" and "304" not in operation["responses"]
    } == set()


def test_every_parameter_of_a_path_is_a_text() -> None:
    """Codes, ids of targets and UUIDs: no route takes a serial number."""
    parameters = [
        (name, parameter)
        for name, operation in OPERATIONS
        for parameter in operation.get("parameters", [])
        if parameter["in"] == "path"
    ]
    assert len(parameters) > 50
    assert [name for name, parameter in parameters if types_of(parameter["schema"]) != ["string"]] == []
