"""JSON, read strictly."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpitracker.lib.errors import ValidationProblem
from kpitracker.lib.numbers import NumberText, parse_number
from kpitracker.lib.rest.strict_json import MAX_DEPTH, parse_json

REFUSED = [
    pytest.param(b"", id="nothing"),
    pytest.param(b"{", id="cut off"),
    pytest.param(b"{} {}", id="two values"),
    pytest.param(b'{"a": 1, "a": 2}', id="a key given twice"),
    pytest.param(b'{"a": {"b": 1, "b": 1}}', id="a key given twice deep inside"),
    pytest.param(b"\xef\xbb\xbf{}", id="a byte order mark"),
    pytest.param("{}".encode("utf-16"), id="UTF-16"),
    pytest.param(b'"\xff"', id="bytes that are not UTF-8"),
    pytest.param(b"[" * 1000 + b"]" * 1000, id="nested a thousand deep"),
    pytest.param(b"[" * 100_000, id="a hundred thousand brackets"),
    pytest.param(b'{"a":' * 40 + b"1" + b"}" * 40, id="objects nested forty deep"),
    pytest.param(b"{'a': 1}", id="single quotes"),
    pytest.param(b'{"a": 01}', id="a leading zero"),
    pytest.param(b'{"a": "\n"}', id="a raw line end in a text"),
]


@pytest.mark.parametrize("raw", REFUSED)
def test_refused(raw: bytes) -> None:
    with pytest.raises(ValidationProblem) as error:
        parse_json(raw)
    assert error.value.slug == "malformed-json"


@pytest.mark.parametrize("name", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_handed_on_for_the_number_grammar_to_refuse(name: str) -> None:
    assert isinstance(parse_json(name.encode()), NumberText)
    with pytest.raises(ValidationProblem, match="invalid-number"):
        parse_number(parse_json(name.encode()))


@pytest.mark.parametrize("key", [r"\u0000", r"\ud800", r"\u001b", r"\u0085", "\x7f"])
def test_a_key_that_may_not_be_stored_is_refused_however_deep(key: str) -> None:
    with pytest.raises(ValidationProblem, match="invalid-text"):
        parse_json(f'[{{"a": {{"{key}": 1}}}}]'.encode())


def test_brackets_within_texts_are_no_depth() -> None:
    assert parse_json(b'["' + b"[" * 100 + rb"\"" + b"{" * 100 + b'"]') == ["[" * 100 + '"' + "{" * 100]


def test_the_deepest_that_is_allowed_is_read() -> None:
    assert parse_json(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)


def test_numbers_keep_their_digits() -> None:
    assert parse_json(b'{"value": 1.10000000000000000001}') == {"value": "1.10000000000000000001"}
    assert isinstance(parse_json(b"7.50"), NumberText)


values = st.recursive(
    st.none() | st.booleans() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["C"])), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(values)
def test_what_json_writes_is_read_as_it_was(value: Any) -> None:
    assert parse_json(json.dumps(value).encode()) == value
