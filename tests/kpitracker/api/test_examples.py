"""The examples of the OpenAPI document are real: sent again in their order, they get responses of the same shape."""

import json
import os
from typing import Any

import jsonschema_rs
import pytest

from kpitracker.api.examples import FILE, Example, load_examples
from kpitracker.lib import clock
from targets.models import Alert
from targets.services.assessment import assess
from tests import factories
from tests.openapi_contract import DOCUMENT
from tests.support import Api, api_of

pytestmark = pytest.mark.django_db

FIGURE = {
    "indicator": "new-jobs", "area": "city", "period": "2024-01/2024-06", "value": "58000", "stage": "estimate",
    "published": "2024-07-05",
}  # fmt: skip
CALLS: list[tuple[str, str, str, Any]] = [
    ("POST", "indicators/", "indicators/", {
        "code": "new-jobs", "name": "Số việc làm mới", "name_en": "New jobs", "unit": "việc làm", "unit_en": "jobs",
        "kind": "count", "decimals": 0, "frequency": "month", "accumulation": "sum", "due_days": 10, "department": "labour",
    }),
    ("POST", "plans/", "plans/", {
        "code": "city-2024", "name": "Kế hoạch 2024", "name_en": "Plan of 2024", "area": "city", "period": "2024",
        "department": "labour",
    }),
    ("POST", "targets/", "targets/", {
        "plan": "city-2024", "indicator": "new-jobs", "area": "city", "goal": "at_least", "lower": "140000",
        "section": "Xã hội", "section_en": "Society", "act": "01/NQ-HĐND", "announced": "2023-12-08",
    }),
    ("POST", "measurements/", "measurements/", FIGURE),
    ("POST", "measurements/", "measurements/", FIGURE | {"value": "58.000,0"}),
    ("POST", "measurements/batch/", "measurements/batch/", [
        FIGURE, FIGURE | {"period": "2024-01/2024-07", "value": "66500", "published": "2024-08-05"},
        FIGURE | {"period": "2024", "value": "131000", "stage": "official", "published": "2025-01-08"},
    ]),
    ("GET", "measurements/", "measurements/?indicator=new-jobs&period_end__gte=2024-07-31", None),
    ("GET", "statuses/", "statuses/?plan=city-2024", None),
    ("GET", "targets/{identifier}/status/", "targets/city-2024:new-jobs:city/status/?as_of=2024-08-31", None),
    ("GET", "plans/{code}/scorecard/", "plans/city-2024/scorecard/", None),
    ("POST", "targets/{identifier}/amendments/", "targets/city-2024:new-jobs:city/amendments/", {
        "lower": "135000", "act": "12/NQ-HĐND", "reason": "Điều chỉnh giữa năm", "announced": "2024-07-10",
    }),
    ("GET", "reporting/due/", "reporting/due/?department_tree=labour&since=2024-01-01", None),
    ("GET", "alerts/", "alerts/?state=firing", None),
    ("POST", "alerts/{id}/acknowledge/", "alerts/{alert}/acknowledge/", {
        "note": "Hai nhà máy khai trương chậm; tuyển dụng bắt đầu vào tháng 10.",
    }),
]  # fmt: skip


@pytest.fixture
def api() -> Api:
    factories.area("city", name="Thành phố")
    factories.department("labour", name="Sở Lao động", email="labour@example.org")
    return api_of()


def send(api: Api) -> list[Example]:
    """The calls with the responses that they get."""
    examples: list[Example] = []
    for method, path, request, body in CALLS:
        # A worker would assess meanwhile.
        assess.process_series_changes(now=clock.now())
        place = request.replace("{alert}", str(Alert.objects.values_list("pk", flat=True).first()))
        answer = api.call(method, place, body)
        examples.append(
            {
                "method": method,
                "path": f"/api/v1/{path}",
                "request": f"/api/v1/{place}",
                "body": body,
                "status": answer.status,
                "response": answer.json,
            }
        )
    return examples


def shape(value: Any) -> Any:
    """The names and types in a JSON value; of a list that of its first entry."""
    if isinstance(value, dict):
        return {name: shape(entry) for name, entry in value.items()}
    if isinstance(value, list):
        return [shape(entry) for entry in value[:1]]
    return type(value).__name__


def test_each_example_is_answered_in_the_shape_that_it_shows(api: Api) -> None:
    sent = send(api)
    if "WRITE_EXAMPLES" in os.environ:
        FILE.write_text(json.dumps(sent, ensure_ascii=False, indent=1) + "\n")
    assert [example["status"] for example in sent] == [example["status"] for example in load_examples()]
    for example, stored in zip(sent, load_examples(), strict=True):
        assert example["body"] == stored["body"]
        assert shape(example["response"]) == shape(stored["response"]), example["path"]


def test_the_examples_are_more_than_ten_and_none_is_empty() -> None:
    examples = load_examples()
    assert len({(example["method"], example["path"]) for example in examples}) > 10
    assert [example["path"] for example in examples if example["response"].get("results") == []] == []


@pytest.mark.parametrize(
    "example", [pytest.param(entry, id=f"{entry['method']} {entry['path']}") for entry in load_examples()]
)
def test_the_document_shows_the_example_and_it_fits_its_schema(example: Example) -> None:
    operation = DOCUMENT["paths"][example["path"]][example["method"].lower()]
    response = operation["responses"][str(example["status"])]
    if "$ref" in response:
        response = DOCUMENT["components"]["responses"][response["$ref"].rpartition("/")[2]]
    ((_, content),) = response["content"].items()
    assert content["example"]
    validate(content["schema"], content["example"])
    if example["body"] is not None and example["status"] < 400:
        body = operation["requestBody"]["content"]["application/json"]
        validate(body["schema"], body["example"])


def validate(schema: dict[str, Any], value: Any) -> None:
    jsonschema_rs.Draft202012Validator({**schema, "components": DOCUMENT["components"]}).validate(value)
