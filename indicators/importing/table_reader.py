"""Read CSV and XLSX: a header with the names of the fields, then one row for each figure."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import IO, Any, NoReturn

from indicators.importing.row_parser import BLOCK_SIZE, RowParser
from indicators.services.batches.rows import FigureRow, Rejection
from indicators.services.figures.recording import FIGURE_FIELDS
from kpitracker.lib import text_validation
from kpitracker.lib.errors import ProblemItem, TooLarge, ValidationProblem
from kpitracker.lib.i18n.text import text
from kpitracker.lib.spreadsheets.formula_injection import unescape_formula
from kpitracker.lib.spreadsheets.reading import DateText, Workbook
from kpitracker.lib.spreadsheets.template import is_template
from kpitracker.lib.text_validation import MAX_BYTES

# Further columns of exports and templates, which are ignored so that an exported file can be imported again.
IGNORED_COLUMNS = frozenset(
    [
        "id",
        "department",
        "recorded_at",
        "revision",
        "current",
        "warnings",
        "indicator_name",
        "unit",
        "due",
        "last_period",
        "last_value",
    ]
)
SHEET_NAME = "figures"
LOCALES = ("vi", "en")
_VIETNAMESE_NUMBER = re.compile(r"-?[0-9]{1,3}(\.[0-9]{3})+(,[0-9]+)?|-?[0-9]+(,[0-9]+)?", re.ASCII)
_VIETNAMESE_DAY = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})", re.ASCII)
_VALUE, _REASON, _PERIOD = (
    FIGURE_FIELDS.index("value"),
    FIGURE_FIELDS.index("missing_reason"),
    FIGURE_FIELDS.index("period"),
)
_DAY, _SOURCE, _NOTE = (FIGURE_FIELDS.index(name) for name in ("published", "source", "note"))


def read_csv_cells(file: IO[bytes]) -> Iterator[list[str]]:
    """Rows of a CSV file in UTF-8, header first. Raises `ValidationProblem` (invalid-csv), `TooLarge`."""
    try:
        lines = _decode_lines(file)
        first = next(lines, "").removeprefix("\ufeff")
        separator = ";" if first.count(";") > first.count(",") else ","
        yield from csv.reader(_prepend(first, lines), delimiter=separator, strict=True)
    except UnicodeDecodeError as error:
        _raise_invalid_csv("It is not UTF-8.", "Tệp không phải UTF-8.", error)
    except csv.Error as error:
        if "field limit" in str(error):
            raise TooLarge("too-large", text("A cell is longer than 64 KB.", "Ô dài quá 64 KB."), pointer="") from error
        _raise_invalid_csv(f"{error}.", f"Lỗi CSV: {error}.", error)


def _decode_lines(file: Iterable[bytes]) -> Iterator[str]:
    for number, encoded in enumerate(file, 1):
        line = encoded.decode()
        if "\x00" in line:
            _raise_invalid_csv(f"Line {number} holds the character U+0000.", f"Dòng {number} có ký tự U+0000.")
        yield line


def _prepend(first: str, rest: Iterable[str]) -> Iterator[str]:
    yield first
    yield from rest


def _raise_invalid_csv(english: str, vietnamese: str, cause: Exception | None = None) -> NoReturn:
    raise ValidationProblem("invalid-csv", text(english, vietnamese), pointer="") from cause


def read_xlsx_cells(file: IO[bytes]) -> tuple[Iterator[list[str]], bool]:
    """Rows of the sheet `figures`, else of the first sheet, header first; and whether the file is our template."""
    workbook = Workbook(file)
    return workbook.rows(SHEET_NAME if SHEET_NAME in workbook.sheets else None), is_template(workbook)


def parse_table(
    cells: Iterable[Sequence[str]], parser: RowParser, *, locale: str = "", template: bool = False
) -> Iterator[FigureRow | Rejection]:
    """Parse the rows of a table, header first. Skips empty rows; `template`: also rows without value and reason."""
    rows = iter(cells)
    header = next(rows, None)
    if header is None or not any(header):
        _raise_invalid_csv("It is empty.", "Tệp rỗng.")
    positions_by_field = _column_positions(header)
    positions = [positions_by_field.get(name, -1) for name in FIGURE_FIELDS]
    rows_with_texts = _filled_rows(rows, positions, len(header), locale=locale, template=template)
    first = 1
    while block := list(islice(rows_with_texts, BLOCK_SIZE)):
        columns: Any = zip(*block, strict=True)
        parsed = None if any(texts.cell_error for texts in block) else parser.parse_block(first, list(columns))
        yield from parsed or _parse_one_by_one(block, first, parser)
        first += len(block)


def _parse_one_by_one(block: Sequence["_RowTexts"], first: int, parser: RowParser) -> Iterator[FigureRow | Rejection]:
    for number, (texts, row) in enumerate(zip(block, parser.parse_fast(first, block), strict=True), first):
        yield row or _parse_strict(parser, number, texts)


class _RowTexts(list[str]):
    """The ten texts of a row; `cell_error`: an error of its cells that does not depend on the texts."""

    cell_error: ProblemItem | None = None


def _filled_rows(
    rows: Iterable[Sequence[str]], positions: Sequence[int], width: int, *, locale: str, template: bool
) -> Iterator[_RowTexts]:
    for cells in rows:
        if not any(cells):
            continue
        # The last cell, at -1, is empty: it stands for fields without a column. Short rows are padded.
        padded = [*cells, *[""] * (width - len(cells)), ""]
        texts = _RowTexts([padded[position] for position in positions])
        if template and not texts[_VALUE] and not texts[_REASON]:
            continue
        if isinstance(texts[_PERIOD], DateText):
            texts.cell_error = _DATE_CELL
        elif any(padded[width:]):
            texts.cell_error = _TOO_MANY_CELLS
        if texts.cell_error:
            texts[0] = f"{texts[0]} "  # the fast path accepts no code with a space
        if locale == "vi":
            texts[_VALUE], texts[_DAY] = _normalize_number(texts[_VALUE]), _normalize_day(texts[_DAY])
        for position in (_SOURCE, _NOTE):
            if texts[position][:1] == "'":
                texts[position] = unescape_formula(texts[position])
        yield texts


def _parse_strict(parser: RowParser, number: int, texts: _RowTexts) -> FigureRow | Rejection:
    if texts.cell_error:
        return Rejection(
            number,
            texts.cell_error,
            text_validation.ascii_preview(texts[0].strip()),
            text_validation.ascii_preview(texts[_PERIOD]),
        )
    if any(len(cell) * 4 > MAX_BYTES and len(cell.encode()) > MAX_BYTES for cell in texts):
        raise TooLarge("too-large", text("A cell is longer than 64 KB.", "Ô dài quá 64 KB."), pointer="")
    return parser.parse_strict(number, {name: value for name, value in zip(FIGURE_FIELDS, texts, strict=True) if value})


_TOO_MANY_CELLS = ProblemItem("", "invalid-csv", text("More cells than the header has.", "Nhiều ô hơn dòng tiêu đề."))
_DATE_CELL = ProblemItem(
    "/period",
    "invalid-period",
    text(
        "The cell holds a date: a spreadsheet has changed what was typed. Write the period as text, such as '2024-07.",
        "Ô chứa ngày do bảng tính tự đổi. Hãy ghi kỳ dạng văn bản, ví dụ '2024-07.",
    ),
)


def _column_positions(header: Sequence[str]) -> dict[str, int]:
    """Field → position of its column. Raises `ValidationProblem` for unknown, repeated or missing names."""
    names = [name.strip() for name in header]
    while names and not names[-1]:
        names.pop()
    items = [
        ProblemItem(
            f"/{text_validation.ascii_preview(name)}",
            "unknown-field",
            text(
                f"There is no field {name!a}. There are: {', '.join(FIGURE_FIELDS)}.",
                f"Không có trường {name!a}. Có: {', '.join(FIGURE_FIELDS)}.",
            ),
        )
        for name in names
        if name not in FIGURE_FIELDS and name not in IGNORED_COLUMNS
    ]
    items += [
        ProblemItem(f"/{name}", "invalid-csv", text(f"The column {name} occurs twice.", f"Cột {name} bị lặp."))
        for name in FIGURE_FIELDS
        if names.count(name) > 1
    ]
    items += [
        ProblemItem(f"/{name}", "required", text(f"The column {name} is missing.", f"Thiếu cột {name}."))
        for name in ("indicator", "period")
        if name not in names
    ]
    if items:
        raise ValidationProblem(items=items[:20])
    return {name: position for position, name in enumerate(names)}


def _normalize_number(value: str) -> str:
    """1.234.567,5 → 1234567.5. object other text gets `·` for its points, so that it is refused as a number."""
    if not value or not _VIETNAMESE_NUMBER.fullmatch(value):
        return value.replace(".", "·") if value else value
    return value.replace(".", "").replace(",", ".")


def _normalize_day(value: str) -> str:
    match = _VIETNAMESE_DAY.fullmatch(value)
    return f"{match[3]}-{int(match[2]):02}-{int(match[1]):02}" if match else value
