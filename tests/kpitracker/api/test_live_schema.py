"""The OpenAPI document that the service serves is in one language, whatever the reader's."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from kpitracker.api.docs import _KeptSchema

pytestmark = pytest.mark.django_db
VIETNAMESE = re.compile("[ăâđêôơưàáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ]", re.IGNORECASE)
LANGUAGES = ["vi-VN,vi;q=0.9,en;q=0.5", "en", ""]


def schema(language: str) -> Any:
    headers = {"Accept-Language": language, "Accept": "application/json"} if language else {}
    return Client().get("/api/v1/schema/", headers=headers).json()


def texts_to_read(node: Any) -> Iterator[str]:
    """Titles, summaries and descriptions; names in examples are data."""
    if isinstance(node, dict):
        for name, value in node.items():
            if name in ("title", "summary", "description") and isinstance(value, str):
                yield value
            elif name not in ("example", "examples"):
                yield from texts_to_read(value)
    elif isinstance(node, list):
        for value in node:
            yield from texts_to_read(value)


@pytest.mark.parametrize("first", LANGUAGES, ids=lambda language: f"first read as {language or 'no language'}")
def test_the_document_is_english_for_every_reader(first: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_KeptSchema, "_document", None)
    document = schema(first)
    assert [text for text in texts_to_read(document) if VIETNAMESE.search(text)] == []
    monkeypatch.setattr(_KeptSchema, "_document", None)
    assert document == schema("en")
