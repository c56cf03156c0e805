"""Examples of the commonest bodies and responses in the OpenAPI document: real calls, in the order of a first use.

`examples.json` has them as they were sent and received. `tests/kpitracker/api/test_examples.py` sends them again.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any, TypedDict

from kpitracker.lib.json_types import JsonObject

_JSON = "application/json"
FILE = Path(__file__).with_name("examples.json")


class Example(TypedDict):
    """`path` is that of the document; `request` the one that was called; `body` is null for a GET."""

    method: str
    path: str
    request: str
    body: Any
    status: int
    response: JsonObject


@cache
def load_examples() -> list[Example]:
    examples: list[Example] = json.loads(FILE.read_text())
    return examples


def add_examples(result: JsonObject, **_: object) -> JsonObject:
    """Add each example to its operation; that of a problem to the problems of its status."""
    for example in load_examples():
        operation = result["paths"][example["path"]][example["method"].lower()]
        if example["status"] >= 400:
            contents = result["components"]["responses"][f"Problem{example['status']}"]["content"]
            next(iter(contents.values()))["example"] = example["response"]
            continue
        operation["responses"][str(example["status"])]["content"][_JSON]["example"] = example["response"]
        if example["body"] is not None:
            operation["requestBody"]["content"][_JSON]["example"] = example["body"]
    return result
