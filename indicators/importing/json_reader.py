"""Read JSON lists and NDJSON. Each row is decoded alone, so that an error belongs to one row."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

import msgspec
from msgspec import UNSET, Raw, UnsetType
from msgspec.structs import astuple

from indicators.importing.row_parser import BLOCK_SIZE, RowParser
from indicators.services.batches.rows import FigureRow, Rejection
from kpitracker.lib.errors import ValidationProblem
from kpitracker.lib.i18n.text import text
from kpitracker.lib.rest import strict_json

_OptionalText = str | None | UnsetType


class _JsonFigure(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """The order is that of FIELDS, but required fields come first. `_ExactJsonFigure` reads numbers with a point."""

    indicator: str
    period: str
    value: str | int | UnsetType | None = UNSET
    area: _OptionalText = UNSET
    missing_reason: _OptionalText = UNSET
    qualifier: _OptionalText = UNSET
    stage: _OptionalText = UNSET
    published: _OptionalText = UNSET
    source: _OptionalText = UNSET
    note: _OptionalText = UNSET


class _ExactJsonFigure(_JsonFigure, forbid_unknown_fields=True, gc=False):
    value: Raw | UnsetType = UNSET  # type: ignore[assignment]


_decode = msgspec.json.Decoder(_JsonFigure).decode
_decode_exactly = msgspec.json.Decoder(_ExactJsonFigure).decode
_decode_figures = msgspec.json.Decoder(list[_JsonFigure]).decode
_decode_list = msgspec.json.Decoder(list[Raw]).decode
_DECODE_ERRORS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_NEVER_EMPTY = (0, 1, 2, 3, 4, 7)  # fields of `_JsonFigure` where "" is invalid
_UNUSUAL = ("",) * 10  # no fast path accepts this row
# A name with space before its colon. Names are counted by `":`, so a repeated name and such a name would cancel out.
_SPACED_COLONS = (b" :", b"\t:", b"\n:", b"\r:")


class _AnyObject(msgspec.Struct, gc=False):
    """An object whose members are skipped, so that it takes 16 bytes."""


_check_objects = msgspec.json.Decoder(list[_AnyObject]).decode
# Bodies that only the strict reader takes, and rows: it makes an object for each value before it can refuse one.
_MAX_STRICT_BYTES = 1024 * 1024


def read_json_rows(
    body: bytes, parser: RowParser, check_count: Callable[[int], None] | None
) -> Iterator[FigureRow | Rejection]:
    """The rows of a JSON list. Raises `ValidationProblem` (malformed-json, invalid-type).

    `check_count`: takes the number of rows, before the first one is parsed.
    """
    try:
        # Millions of short values that are no objects are refused at the first one.
        _check_objects(body)
        rows = _decode_list(body)
    except _DECODE_ERRORS as error:
        if len(body) <= _MAX_STRICT_BYTES:
            return _read_strictly(body, parser, check_count)
        is_other_type = body.lstrip()[:1] == b"{" or isinstance(error, msgspec.ValidationError)
        raise ValidationProblem(
            "invalid-type" if is_other_type else "malformed-json",
            text(f"A list of figures is expected: {error}.", "Cần danh sách số liệu dạng JSON."),
            pointer="",
        ) from error
    if check_count:
        check_count(len(rows))
    # A longer row is rejected for its length, so its first bytes are enough.
    return parse_rows((bytes(memoryview(row)[: _MAX_STRICT_BYTES + 1]) for row in rows), parser)


def read_ndjson_rows(lines: Iterable[bytes], parser: RowParser) -> Iterator[FigureRow | Rejection]:
    """One row a line; empty lines are skipped."""
    # A longer line is rejected for its length, so its first bytes are enough.
    bounded_lines = (raw_line[: _MAX_STRICT_BYTES + 1] for raw_line in lines)
    return parse_rows((line for raw_line in bounded_lines if (line := raw_line.strip(b" \t\r\n"))), parser)


def count_ndjson_rows(lines: Iterable[bytes]) -> int:
    return sum(not line.isspace() for line in lines)


def _read_strictly(
    body: bytes, parser: RowParser, check_count: Callable[[int], None] | None
) -> Iterator[FigureRow | Rejection]:
    """Read the body with the strict reader, which raises its fault. A fault of one row (NaN) becomes its rejection."""
    rows = strict_json.parse_json(body)
    if not isinstance(rows, list):
        raise ValidationProblem(
            "invalid-type", text("A list of figures is expected.", "Cần danh sách số liệu."), pointer=""
        )
    if check_count:
        check_count(len(rows))
    return (parser.parse_strict(number, row) for number, row in enumerate(rows, 1))


def parse_rows(rows: Iterable[bytes], parser: RowParser) -> Iterator[FigureRow | Rejection]:
    """Parse rows from their bytes, which are stripped: block by block, or one by one if a block is unusual."""
    remaining, first = iter(rows), 1
    while block := list(islice(remaining, BLOCK_SIZE)):
        columns = _block_columns(block)
        parsed = parser.parse_block(first, columns) if columns else None
        yield from parsed or _parse_one_by_one(block, first, parser)
        first += len(block)


def _block_columns(block: Sequence[bytes]) -> list[list[str]]:
    """The ten columns of FIELDS, or [] when the rows must be read one by one."""
    # Each row must begin and end like an object, so that the joined rows cannot be read as other rows. The line break
    # between rows makes a string invalid that a row has not closed.
    if not all(raw[:1] == b"{" and raw[-1:] == b"}" for raw in block):
        return []
    joined = b"[" + b",\n".join(block) + b"]"
    try:
        figures = _decode_figures(joined)
    except _DECODE_ERRORS:
        return []
    columns = list(zip(*map(astuple, figures), strict=True))
    field_count = 10 * len(figures) - sum(column.count(UNSET) for column in columns)
    # As in `_row_texts`, but for all rows at once.
    is_unusual = (
        joined.count(b'":') != field_count
        or any(colon in joined for colon in _SPACED_COLONS)
        or any("" in columns[place] for place in _NEVER_EMPTY)
    )
    if is_unusual or len(figures) != len(block):
        return []
    indicator, period, value, *rest = columns
    area, *other_columns = ([item or "" for item in column] for column in rest)
    value_texts = [
        item if isinstance(item, str) else "" if item is None or item is UNSET else str(item) for item in value
    ]
    return [list(indicator), area, list(period), value_texts, *other_columns]


def _parse_one_by_one(block: Sequence[bytes], first: int, parser: RowParser) -> Iterator[FigureRow | Rejection]:
    fast_rows = parser.parse_fast(first, map(_row_texts, block))
    for number, (raw, row) in enumerate(zip(block, fast_rows, strict=True), first):
        yield row or _parse_strict(parser, number, raw)


def _row_texts(raw: bytes) -> Sequence[str]:
    """The ten texts of a row, or `_UNUSUAL` when the row needs `parse_strict`."""
    try:
        figure = _decode(raw)
        value = figure.value
    except _DECODE_ERRORS:
        try:
            exact = _decode_exactly(raw)
        except _DECODE_ERRORS:
            return _UNUSUAL
        figure, value = exact, bytes(exact.value).decode()  # type: ignore[arg-type]
    fields = astuple(figure)
    # msgspec decodes a repeated name once. Quotes within texts are escaped, so without spaces before colons `":` occurs
    # at least once for each name: another count means a repeated name or an unusual text. An empty text differs from an
    # omitted field, except where a field may be empty.
    if (
        raw.count(b'":') != 10 - fields.count(UNSET)
        or any(colon in raw for colon in _SPACED_COLONS)
        or ("" in fields and any(fields[place] == "" for place in _NEVER_EMPTY))
    ):
        return _UNUSUAL
    indicator, period, _, area, reason, qualifier, stage, published, source, note = [item or "" for item in fields]
    value_text = value if isinstance(value, str) else "" if value is None or value is UNSET else str(value)
    return (indicator, area, period, value_text, reason, qualifier, stage, published, source, note)


def _parse_strict(parser: RowParser, number: int, raw: bytes) -> FigureRow | Rejection:
    try:
        if len(raw) > _MAX_STRICT_BYTES:
            raise ValidationProblem("too-large", text("The row is longer than 1 MB.", "Dòng dài quá 1 MB."), pointer="")
        data = strict_json.parse_json(raw)
    except ValidationProblem as error:
        return parser.build_rejection(number, error, None)
    return parser.parse_strict(number, data)
