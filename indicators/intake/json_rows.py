"""JSON lists and NDJSON: each row decoded alone, so that its error is its own."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import msgspec
from msgspec import UNSET, Raw, UnsetType
from msgspec.structs import astuple

from indicators.intake.checking import BLOCK, Checker, rejection
from indicators.services.batches.rows import Rejection, Row
from kpitracker.lib import strict_json
from kpitracker.lib.errors import Invalid
from kpitracker.lib.texts import text

_Text = str | None | UnsetType


class _Figure(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """In the order of FIELDS, but for what must be there. A number with a point is read by `_Exact`."""

    indicator: str
    period: str
    value: str | int | UnsetType | None = UNSET
    area: _Text = UNSET
    missing_reason: _Text = UNSET
    qualifier: _Text = UNSET
    stage: _Text = UNSET
    published: _Text = UNSET
    source: _Text = UNSET
    note: _Text = UNSET


class _Exact(_Figure, forbid_unknown_fields=True, gc=False):
    value: Raw | UnsetType = UNSET  # type: ignore[assignment]


_decode = msgspec.json.Decoder(_Figure).decode
_decode_exactly = msgspec.json.Decoder(_Exact).decode
_decode_figures = msgspec.json.Decoder(list[_Figure]).decode
_decode_list = msgspec.json.Decoder(list[Raw]).decode
_TROUBLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_NEVER_EMPTY = (0, 1, 2, 3, 4, 7)  # of `_Figure`
_UNUSUAL = ("",) * 10  # what no quick look takes


def json_rows(body: bytes, checker: Checker) -> Iterator[Row | Rejection]:
    """The rows of a JSON list. Raises `Invalid` (malformed-json, invalid-type)."""
    try:
        rows = _decode_list(body)
    except _TROUBLE:
        return _strictly(body, checker)
    return checked(map(bytes, rows), checker)


def ndjson_rows(lines: Iterable[bytes], checker: Checker) -> Iterator[Row | Rejection]:
    """A row a line; empty lines are none."""
    return checked((line for each in lines if (line := each.strip())), checker)


def _strictly(body: bytes, checker: Checker) -> Iterator[Row | Rejection]:
    """The strict reader says what is wrong with the body; or it is one number, NaN, which is wrong in its row alone."""
    found = strict_json.loads(body)
    if not isinstance(found, list):
        raise Invalid("invalid-type", text("A list of figures is expected.", "Cần danh sách số liệu."), pointer="")
    return (checker.careful(number, row) for number, row in enumerate(found, 1))


def checked(rows: Iterable[bytes], checker: Checker) -> Iterator[Row | Rejection]:
    """Rows from their bytes, without white space around: block by block, and one by one where that does not do."""
    left, first = iter(rows), 1
    while block := list(islice(left, BLOCK)):
        columns = _columns(block)
        found = checker.together(first, columns) if columns else None
        yield from found or _one_by_one(block, first, checker)
        first += len(block)


def _columns(block: Sequence[bytes]) -> list[list[str]]:
    """The ten columns of FIELDS, or none when each row must be looked at."""
    # Each row by itself is an object from its first byte to its last: joined they cannot read as other rows. White
    # space between them ends a text that one of them has not ended.
    if not all(raw[:1] == b"{" and raw[-1:] == b"}" for raw in block):
        return []
    joined = b"[" + b",\n".join(block) + b"]"
    try:
        figures = _decode_figures(joined)
    except _TROUBLE:
        return []
    columns = list(zip(*map(astuple, figures), strict=True))
    given = 10 * len(figures) - sum(column.count(UNSET) for column in columns)
    # As in `_texts`, but for all rows at once.
    unusual = joined.count(b'":') != given or any("" in columns[place] for place in _NEVER_EMPTY)
    if unusual or len(figures) != len(block):
        return []
    indicator, period, value, *rest = columns
    area, *others = ([each or "" for each in column] for column in rest)
    shown = [each if isinstance(each, str) else "" if each is None or each is UNSET else str(each) for each in value]
    return [list(indicator), area, list(period), shown, *others]


def _one_by_one(block: Sequence[bytes], first: int, checker: Checker) -> Iterator[Row | Rejection]:
    quickly = checker.quickly(first, map(_texts, block))
    for number, (raw, row) in enumerate(zip(block, quickly, strict=True), first):
        yield row or _careful(checker, number, raw)


def _texts(raw: bytes) -> Sequence[str]:
    """The ten texts of a row, or `_UNUSUAL` when only a careful look can tell."""
    try:
        figure = _decode(raw)
        value = figure.value
    except _TROUBLE:
        try:
            exact = _decode_exactly(raw)
        except _TROUBLE:
            return _UNUSUAL
        figure, value = exact, bytes(exact.value).decode()  # type: ignore[arg-type]
    found = astuple(figure)
    # A name given twice is decoded once. Quotes within texts are escaped, so this counts names, or too many. And an
    # empty text is not the same as a field left out, but for those that may be empty.
    if raw.count(b'":') != 10 - found.count(UNSET) or (
        "" in found and any(found[place] == "" for place in _NEVER_EMPTY)
    ):
        return _UNUSUAL
    indicator, period, _, area, reason, qualifier, stage, published, source, note = [each or "" for each in found]
    shown = value if isinstance(value, str) else "" if value is None or value is UNSET else str(value)
    return (indicator, area, period, shown, reason, qualifier, stage, published, source, note)


def _careful(checker: Checker, number: int, raw: bytes) -> Row | Rejection:
    try:
        given = strict_json.loads(raw)
    except Invalid as error:
        return rejection(number, error, None)
    return checker.careful(number, given)
