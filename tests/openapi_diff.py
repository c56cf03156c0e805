"""The differences of two OpenAPI documents in words: what a client would notice.

    python -m tests.openapi_diff OLD.json NEW.json

Each document becomes a table of facts: each operation, parameter, answer, field, allowed value, with its type. Two
documents say the same when their facts are the same: order, formatting, descriptions, summaries and examples do not
count. A fact that is gone or has changed breaks a client, and so does a new field or parameter that is required.
Exits with 1 when a difference breaks a client.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
# Texts for people, and what the walk below turns into facts of their own.
NOT_COMPARED = {"description", "title", "summary", "example", "examples", "tags", "externalDocs"}
NESTED = {"properties", "required", "items", "additionalProperties", "allOf", "oneOf", "anyOf", "not", "enum", "$ref"}
REQUIRED = " is required"


@dataclass(frozen=True)
class Difference:
    text: str
    breaking: bool

    def __str__(self) -> str:
        return f"{'BREAKING: ' if self.breaking else ''}{self.text}"


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Difference]:
    """What the new document says otherwise than the old one; empty when they mean the same."""
    before, after = dict(_facts(old)), dict(_facts(new))
    removed = [Difference(f"removed: {name}", breaking=True) for name in before if name not in after]
    added = [
        Difference(f"added: {name}", breaking=name.endswith(REQUIRED) and _owner_existed(name, before))
        for name in after
        if name not in before
    ]
    changed = [
        Difference(f"changed: {name}: {value} -> {after[name]}", breaking=True)
        for name, value in before.items()
        if name in after and after[name] != value
    ]
    return removed + changed + added


def _owner_existed(name: str, before: Mapping[str, str]) -> bool:
    """Whether the operation or schema that now requires something was there before: a new one may require anything."""
    owner = name.removesuffix(REQUIRED).rsplit(" parameter ", 1)[0].rsplit(".", 1)[0]
    return owner in before


def _facts(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for path, operations in document.get("paths", {}).items():
        for method in METHODS:
            if method in operations:
                yield from _operation(f"{method.upper()} {path}", operations[method])
    for name, schema in document.get("components", {}).get("schemas", {}).items():
        yield from _schema(name, schema)


def _operation(name: str, operation: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield name, operation.get("operationId", "")
    for parameter in operation.get("parameters", []):
        label = f"{name} parameter {parameter['in']} {parameter['name']}"
        yield from _schema(label, parameter.get("schema", {}))
        # How several values are written: a=1&a=2 unless the document says otherwise.
        if parameter.get("explode", True) is not True:
            yield f"{label} joined by commas", ""
        if parameter.get("required"):
            yield label + REQUIRED, ""
    body = operation.get("requestBody", {})
    yield from _content(f"{name} body", body.get("content", {}))
    if body.get("required"):
        yield f"{name} body{REQUIRED}", ""
    for status, response in operation.get("responses", {}).items():
        yield f"{name} answer {status}", ""
        yield from _content(f"{name} answer {status}", response.get("content", {}))
        for header in response.get("headers", {}):
            yield f"{name} answer {status} header {header}", ""


def _content(name: str, content: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for media_type, description in content.items():
        yield from _schema(f"{name} {media_type}", description.get("schema", {}))


def _schema(name: str, schema: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    keywords = {word: value for word, value in schema.items() if word not in NOT_COMPARED | NESTED and word[:2] != "x-"}
    yield name, schema.get("$ref", "").rpartition("/")[2] or json.dumps(keywords, sort_keys=True)
    for value in schema.get("enum", []):
        yield f"{name} value {value!r}", ""
    for field, inner in schema.get("properties", {}).items():
        yield from _schema(f"{name}.{field}", inner)
    for field in schema.get("required", []):
        yield f"{name}.{field}{REQUIRED}", ""
    for keyword in ("items", "additionalProperties", "not"):
        if isinstance(schema.get(keyword), Mapping):
            yield from _schema(f"{name} {keyword}", schema[keyword])
        elif keyword in schema:
            yield f"{name} {keyword}", str(schema[keyword])
    for keyword in ("allOf", "oneOf", "anyOf"):
        for number, inner in enumerate(schema.get(keyword, [])):
            yield from _schema(f"{name} {keyword} {number}", inner)


def compare_files(old: Path, new: Path) -> list[Difference]:
    return differences(json.loads(old.read_text()), json.loads(new.read_text()))


def main() -> int:
    changes = compare_files(Path(sys.argv[1]), Path(sys.argv[2]))
    print("\n".join(map(str, changes)) or "The documents mean the same.")
    return 1 if any(change.breaking for change in changes) else 0


if __name__ == "__main__":
    sys.exit(main())
