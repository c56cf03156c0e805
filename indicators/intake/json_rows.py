"""Read JSON lists and NDJSON. Each row is decoded alone, so that an error belongs to one row."""

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
    """The order is that of FIELDS, but required fields come first. `_ExactJsonFigure` reads numbers with a point."""

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
_NEVER_EMPTY = (0, 1, 2, 3, 4, 7)  # fields of `_JsonFigure` where "" is invalid
_UNUSUAL = ("",) * 10  # no fast path accepts this row


def json_rows(body: bytes, checker: Checker) -> Iterator[Row | Rejection]:
    """The rows of a JSON list. Raises `Invalid` (malformed-json, invalid-type)."""
    try:
        rows = _decode_list(body)
    except _TROUBLE:
        return _strictly(body, checker)
    return checked(map(bytes, rows), checker)


def ndjson_rows(lines: Iterable[bytes], checker: Checker) -> Iterator[Row | Rejection]:
    """One row a line; empty lines are skipped."""
    return checked((line for each in lines if (line := each.strip())), checker)


def _strictly(body: bytes, checker: Checker) -> Iterator[Row | Rejection]:
    """Read the body with the strict reader, which raises its fault. A fault of one row (NaN) becomes its rejection."""
    found = strict_json.loads(body)
    if not isinstance(found, list):
        raise Invalid("invalid-type", text("A list of figures is expected.", "Cần danh sách số liệu."), pointer="")
    return (checker.careful(number, row) for number, row in enumerate(found, 1))


def checked(rows: Iterable[bytes], checker: Checker) -> Iterator[Row | Rejection]:
    """Parse rows from their bytes, which are stripped: block by block, or one by one if a block is unusual."""
    left, first = iter(rows), 1
    while block := list(islice(left, BLOCK)):
        columns = _columns(block)
        found = checker.together(first, columns) if columns else None
        yield from found or _one_by_one(block, first, checker)
        first += len(block)


def _columns(block: Sequence[bytes]) -> list[list[str]]:
    """The ten columns of FIELDS, or [] when the rows must be read one by one."""
    # Each row must begin and end like an object, so that the joined rows cannot be read as other rows. The line break
    # between rows makes a string invalid that a row has not closed.
    if not all(raw[:1] == b"{" and raw[-1:] == b"}" for raw in block):
        return []
    joined = b"[" + b",\n".join(block) + b"]"
    try:
        figures = _decode_figures(joined)
    except _TROUBLE:
        return []
    columns = list(zip(*map(astuple, figures), strict=True))
    given = 10 * len(figures) - sum(column.count(UNSET) for column in columns)
    # As in `_row_texts`, but for all rows at once.
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
    """The ten texts of a row, or `_UNUSUAL` when the row needs `parse_strict`."""
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
    # msgspec decodes a repeated name once. Quotes within texts are escaped, so `":` occurs at least once for each name:
    # another count means a repeated name or an unusual text. An empty text differs from an omitted field, except
    # where a field may be empty.
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
