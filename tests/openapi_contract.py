"""Whether an answer is what docs/openapi-v1.json says: each answer that a test of the API gets is held against it."""

import json
import re
from functools import cache
from typing import Any

import jsonschema_rs

from kpitracker.env import ROOT

DOCUMENT: dict[str, Any] = json.loads((ROOT / "docs" / "openapi-v1.json").read_text())
# Beyond it, validating takes longer than answering did; the same fields come in short answers as well.
MAX_BYTES = 50_000


def assert_documented(method: str, path: str, status: int, media_type: str, body: bytes) -> None:
    """Raise `AssertionError` for a status, or for JSON, that the document does not have for this operation.

    `path`: with or without its query. What the document leaves out is not looked at: other methods, unknown paths.
    """
    operation = _find_operation(method, path.partition("?")[0])
    if operation is None:
        return
    responses = DOCUMENT["paths"][operation][method.lower()]["responses"]
    place = f"{method} {operation} answers {status}"
    assert str(status) in responses, f"{place}, which docs/openapi-v1.json does not have (`make schema` writes it)."
    validator = _validator(operation, method.lower(), str(status), media_type)
    if validator is not None and media_type.endswith("json") and 0 < len(body) <= MAX_BYTES:
        error = next(validator.iter_errors(json.loads(body)), None)
        assert error is None, f"{place} not as docs/openapi-v1.json says (`make schema` writes it): {error}"


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """The paths of the document; those with fewer parameters first: `measurements/batch/` is no id of a figure."""
    paths = sorted(DOCUMENT["paths"], key=lambda path: path.count("{"))
    return [(re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), path) for path in paths]


def _find_operation(method: str, path: str) -> str | None:
    candidate = path if path.endswith("/") else f"{path}/"
    match = next((name for pattern, name in _patterns() if pattern.fullmatch(candidate)), None)
    return match if match is not None and method.lower() in DOCUMENT["paths"][match] else None


@cache
def _validator(operation: str, method: str, status: str, media_type: str) -> Any:
    response = DOCUMENT["paths"][operation][method]["responses"][status]
    if "$ref" in response:
        response = DOCUMENT["components"]["responses"][response["$ref"].rpartition("/")[2]]
    schema = response.get("content", {}).get(media_type, {}).get("schema")
    if schema is None:
        return None
    return jsonschema_rs.Draft202012Validator({**schema, "components": DOCUMENT["components"]}, validate_formats=True)
