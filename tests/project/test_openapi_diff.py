"""The comparison of OpenAPI documents sees what a client would notice, and nothing else."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.openapi_diff import differences

DOCUMENT: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "kpitracker", "version": "1"},
    "paths": {
        "/plans/": {
            "get": {
                "operationId": "list_plans",
                "description": "All plans.",
                "parameters": [{"in": "query", "name": "search", "schema": {"type": "string"}}],
                "responses": {
                    "200": {
                        "content": {
                            "application/json": {
                                "schema": {"type": "array", "items": {"$ref": "#/components/schemas/Plan"}}
                            }
                        }
                    }
                },
            },
            "post": {
                "operationId": "create_plan",
                "requestBody": {
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Plan"}}},
                    "required": True,
                },
                "responses": {"201": {"headers": {"Location": {}}}},
            },
        }
    },
    "components": {
        "schemas": {
            "Plan": {
                "type": "object",
                "properties": {
                    "code": {"type": "string", "maxLength": 64, "description": "The code."},
                    "state": {"type": "string", "enum": ["draft", "adopted"]},
                },
                "required": ["code"],
            }
        }
    },
}
GET = "GET /plans/"


def changed(document: dict[str, Any], change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    result = copy.deepcopy(document)
    change(result)
    return result


def plan(document: dict[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = document["components"]["schemas"]["Plan"]
    return schema


def listing(document: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = document["paths"]["/plans/"]["get"]
    return operation


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda document: document["info"].update(title="other"), id="the title"),
        pytest.param(lambda document: listing(document).update(description="Every plan."), id="a description"),
        pytest.param(lambda document: listing(document).update(tags=["plans"]), id="a tag"),
        pytest.param(
            lambda document: plan(document)["properties"]["code"].update(example="demo"), id="an example of a field"
        ),
        pytest.param(
            lambda document: plan(document).update(properties=dict(reversed(plan(document)["properties"].items()))),
            id="the order of fields",
        ),
        pytest.param(
            lambda document: plan(document)["properties"]["state"]["enum"].reverse(), id="the order of values"
        ),
    ],
)
def test_texts_and_order_do_not_count(change: Callable[[dict[str, Any]], object]) -> None:
    assert differences(DOCUMENT, changed(DOCUMENT, change)) == []


@pytest.mark.parametrize(
    "change, text",
    [
        (lambda document: document["paths"].pop("/plans/"), f"removed: {GET}"),
        (lambda document: document["paths"]["/plans/"].pop("post"), "removed: POST /plans/"),
        (
            lambda document: listing(document).update(operationId="plans"),
            f"changed: {GET}: list_plans -> plans",
        ),
        (lambda document: listing(document)["parameters"].clear(), f"removed: {GET} parameter query search"),
        (
            lambda document: listing(document)["parameters"][0].update(required=True),
            f"added: {GET} parameter query search is required",
        ),
        (
            lambda document: listing(document)["parameters"][0]["schema"].update(type="integer"),
            f'changed: {GET} parameter query search: {{"type": "string"}} -> {{"type": "integer"}}',
        ),
        (lambda document: listing(document)["responses"].pop("200"), f"removed: {GET} answer 200"),
        (
            lambda document: document["paths"]["/plans/"]["post"]["responses"]["201"].pop("headers"),
            "removed: POST /plans/ answer 201 header Location",
        ),
        (lambda document: document["components"]["schemas"].pop("Plan"), "removed: Plan"),
        (lambda document: plan(document)["properties"].pop("state"), "removed: Plan.state"),
        (
            lambda document: plan(document)["properties"]["code"].update(maxLength=32),
            'changed: Plan.code: {"maxLength": 64, "type": "string"} -> {"maxLength": 32, "type": "string"}',
        ),
        (lambda document: plan(document)["properties"]["state"]["enum"].pop(), "removed: Plan.state value 'adopted'"),
        (lambda document: plan(document)["required"].append("state"), "added: Plan.state is required"),
        (lambda document: plan(document)["required"].clear(), "removed: Plan.code is required"),
    ],
)
def test_what_breaks_a_client_is_said_in_words(change: Callable[[dict[str, Any]], object], text: str) -> None:
    breaking = [difference for difference in differences(DOCUMENT, changed(DOCUMENT, change)) if difference.breaking]

    assert text in [difference.text for difference in breaking]


@pytest.mark.parametrize(
    "change, text",
    [
        (
            lambda document: document["paths"].update({"/areas/": {"get": {"operationId": "list_areas"}}}),
            "added: GET /areas/",
        ),
        (
            lambda document: listing(document)["parameters"].append({"in": "query", "name": "page", "schema": {}}),
            f"added: {GET} parameter query page",
        ),
        (lambda document: plan(document)["properties"].update(name={"type": "string"}), "added: Plan.name"),
        (lambda document: plan(document)["properties"]["state"]["enum"].append("closed"), "added: Plan.state value"),
        (
            lambda document: document["components"]["schemas"].update(
                Area={"type": "object", "properties": {"code": {"type": "string"}}, "required": ["code"]}
            ),
            "added: Area.code is required",
        ),
    ],
)
def test_additions_are_differences_but_break_no_client(change: Callable[[dict[str, Any]], object], text: str) -> None:
    result = differences(DOCUMENT, changed(DOCUMENT, change))

    assert any(difference.text.startswith(text) for difference in result)
    assert [difference for difference in result if difference.breaking] == []


def test_how_several_values_are_written_is_a_difference() -> None:
    joined = changed(DOCUMENT, lambda document: listing(document)["parameters"][0].update(explode=False))

    assert [str(difference) for difference in differences(joined, DOCUMENT)] == [
        f"BREAKING: removed: {GET} parameter query search joined by commas"
    ]
