"""JSON lists and NDJSON: each row decoded alone, so that its error is its own."""

from collections.abc import Iterator

import msgspec
from msgspec import UNSET, Raw, UnsetType

from indicators.intake.checking import Checker, rejection
from indicators.services.batches.rows import Rejection, Row
from kpitracker.lib import strict_json
from kpitracker.lib.errors import Invalid
from kpitracker.lib.texts import text

_Text = str | None | UnsetType


class _Figure(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    indicator: str
    period: str
    value: Raw = Raw(b"")
    area: _Text = UNSET
    missing_reason: _Text = UNSET
    qualifier: _Text = UNSET
    stage: _Text = UNSET
    published: _Text = UNSET
    source: _Text = UNSET
    note: _Text = UNSET


_decode = msgspec.json.Decoder(_Figure).decode
_decode_list = msgspec.json.Decoder(list[Raw]).decode


def json_rows(body: bytes, checker: Checker) -> Iterator[Row | Rejection]:
    """The rows of a JSON list. Raises `Invalid` (malformed-json, invalid-type)."""
    try:
        rows = _decode_list(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _strictly(body, checker)
    return (check(checker, number, bytes(row)) for number, row in enumerate(rows, 1))


def _strictly(body: bytes, checker: Checker) -> Iterator[Row | Rejection]:
    """The strict reader says what is wrong with the body; or it is one number, NaN, which is wrong in its row alone."""
    found = strict_json.loads(body)
    if not isinstance(found, list):
        raise Invalid("invalid-type", text("A list of figures is expected.", "Cần danh sách số liệu."), pointer="")
    return (checker.careful(number, row) for number, row in enumerate(found, 1))


def check(checker: Checker, number: int, raw: bytes) -> Row | Rejection:
    """One row from its bytes."""
    try:
        figure = _decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _careful(checker, number, raw)
    value = bytes(figure.value)
    if value[:1] == b'"':
        value = value[1:-1]
    elif value == b"null":
        value = b""
    texts = (
        figure.area,
        figure.missing_reason,
        figure.qualifier,
        figure.stage,
        figure.published,
        figure.source,
        figure.note,
    )
    given = 2 + (len(figure.value) > 0) + 7 - texts.count(UNSET)
    # A name given twice is decoded once. Quotes within texts are escaped, so this counts names, or too many.
    if raw.count(b'":') != given or b"\\" in value or _left_out_by_nothing(figure, value):
        return _careful(checker, number, raw)
    area, missing_reason, qualifier, stage, published, source, note = [
        "" if each is None or each is UNSET else each for each in texts
    ]
    row = checker.quick(
        number,
        figure.indicator,
        area,
        figure.period,
        value.decode(),
        missing_reason,
        qualifier,
        stage,
        published,
        source,
        note,
    )
    return row or _careful(checker, number, raw)


def _left_out_by_nothing(figure: _Figure, value: bytes) -> bool:
    """An empty text is not the same as a field left out."""
    return (
        figure.area == ""
        or figure.published == ""
        or figure.missing_reason == ""
        or (not value and len(figure.value) == 2)
    )


def _careful(checker: Checker, number: int, raw: bytes) -> Row | Rejection:
    try:
        given = strict_json.loads(raw)
    except Invalid as error:
        return rejection(number, error, None)
    return checker.careful(number, given)
