"""Read CSV and XLSX: a header with the names of the fields, then one row for each figure."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import IO, Any, NamedTuple, NoReturn

from indicators.importing.cell_values import IndicatorNotations, ValueReader
from indicators.importing.csv_reader import read_csv
from indicators.importing.header import Header, is_header, read_header
from indicators.importing.row_parser import BLOCK_SIZE, RowParser
from indicators.importing.written_periods import PeriodReader
from indicators.services.batches.rows import FigureRow, Rejection
from indicators.services.figures.recording import FIGURE_FIELDS
from kpitracker.lib import text_validation
from kpitracker.lib.errors import ProblemItem, TooLarge, ValidationProblem
from kpitracker.lib.i18n.text import text
from kpitracker.lib.spreadsheets.formula_injection import unescape_formula
from kpitracker.lib.spreadsheets.reading import DateText, Limits, MomentText, UnresolvedFormula, Workbook
from kpitracker.lib.spreadsheets.template import is_template
from kpitracker.lib.text_validation import MAX_BYTES

SHEET_NAME = "figures"
_MAX_NAMED_SHEETS = 20
_VIETNAMESE_DAY = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})", re.ASCII)
_VALUE, _REASON, _PERIOD = (
    FIGURE_FIELDS.index("value"),
    FIGURE_FIELDS.index("missing_reason"),
    FIGURE_FIELDS.index("period"),
)
_DAY, _SOURCE, _NOTE = (FIGURE_FIELDS.index(name) for name in ("published", "source", "note"))


class Table(NamedTuple):
    """Cells row by row, header first. `is_template`: rows without value and reason are not filled in.

    `groups_thousands`: whether a point in a text may group thousands (140.000).
    """

    cells: Iterator[list[str]]
    groups_thousands: bool
    is_template: bool = False


def read_csv_table(file: IO[bytes]) -> Table:
    table = read_csv(file)
    # Programs write the comma. Spreadsheets whose decimal sign is a comma write another one.
    return Table(table.cells, groups_thousands=table.separator != ",")


def read_xlsx_table(file: IO[bytes], limits: Limits, sheet: str = "") -> Table:
    """The named sheet, else the only visible one with a header. Raises `ValidationProblem` where several have one."""
    workbook = Workbook(file, limits)
    rows = workbook.rows(_choose_sheet(workbook, sheet))
    return Table(rows, groups_thousands=True, is_template=is_template(workbook))


def _choose_sheet(workbook: Workbook, name: str) -> str:
    sheets = workbook.visible_sheets or workbook.sheets
    if name:
        matches = [sheet for sheet in workbook.sheets if sheet.casefold() == name.casefold()]
        if not matches:
            _raise_sheets(f"There is no sheet “{name}”. There are: ", f"Không có trang tính “{name}”. Có: ", sheets)
        return matches[0]
    if len(sheets) == 1:
        return sheets[0]
    with_header = [sheet for sheet in sheets if is_header(next(workbook.rows(sheet), []))]
    if len(with_header) > 1:
        _raise_sheets(
            "Several sheets hold figures, and one is read at a time. Name the sheet (in the API: sheet=NAME), or hide the others: ",
            "Nhiều trang tính có số liệu, mỗi lần chỉ đọc một trang. Hãy nêu tên trang tính (API: sheet=TÊN) hoặc ẩn các trang khác: ",
            with_header,
        )
    by_name = [sheet for sheet in sheets if sheet.casefold() == SHEET_NAME]
    return (with_header or by_name or sheets)[0]


def _raise_sheets(english: str, vietnamese: str, sheets: Sequence[str]) -> NoReturn:
    names = ", ".join(text_validation.visible_preview(sheet) for sheet in sheets[:_MAX_NAMED_SHEETS])
    raise ValidationProblem("invalid-xlsx", text(f"{english}{names}.", f"{vietnamese}{names}."), pointer="")


def count_rows(table: Table) -> int:
    """How many rows `parse_table` would parse. Reads the cells of the table."""
    rows = iter(table.cells)
    header = read_header(rows)
    return sum(1 for _ in _filled_cells(rows, header, template=table.is_template))


def parse_table(
    table: Table, parser: RowParser, notations: IndicatorNotations, *, locale: str = ""
) -> Iterator[FigureRow | Rejection]:
    """Parse the rows of a table. Skips empty rows and, of a template, those that are not filled in."""
    rows = iter(table.cells)
    header = read_header(rows)
    values = ValueReader(notations, locale, groups_thousands=table.groups_thousands, is_export=header.is_export)
    rows_with_texts = _filled_rows(rows, header, values, locale=locale, template=table.is_template)
    first = 1
    while block := list(islice(rows_with_texts, BLOCK_SIZE)):
        columns: Any = zip(*block, strict=True)
        parsed = None if any(texts.cell_error for texts in block) else parser.parse_block(first, list(columns))
        for texts, row in zip(block, parsed or _parse_one_by_one(block, first, parser), strict=True):
            is_noted = texts.written and isinstance(row, FigureRow)
            yield row._replace(written=texts.written) if is_noted else row  # type: ignore[call-arg]
        first += len(block)


def _parse_one_by_one(block: Sequence["_RowTexts"], first: int, parser: RowParser) -> Iterator[FigureRow | Rejection]:
    for number, (texts, row) in enumerate(zip(block, parser.parse_fast(first, block), strict=True), first):
        yield row or _parse_strict(parser, number, texts)


class _RowTexts(list[str]):
    """The ten texts of a row; `cell_error`: an error of its cells that does not depend on the texts.

    `written`: as in `FigureRow`.
    """

    cell_error: ProblemItem | None = None
    written: str = ""


def _filled_rows(
    rows: Iterable[Sequence[str]], header: Header, values: ValueReader, *, locale: str, template: bool
) -> Iterator[_RowTexts]:
    positions = [header.positions.get(name, -1) for name in FIGURE_FIELDS]
    periods = PeriodReader()
    for padded in _filled_cells(rows, header, template=template):
        texts = _RowTexts([padded[position] for position in positions])
        plain, fault, texts.written = values.read(texts[_VALUE], texts[0])
        code, period_fault = periods.read(texts[_PERIOD])
        texts.cell_error = _cell_fault(texts, has_more=any(padded[header.width :])) or period_fault or fault
        texts[_PERIOD], texts[_VALUE], texts[_DAY] = code, plain, _read_day(texts[_DAY], locale)
        if texts.cell_error:
            texts[0] = f"{texts[0]} "  # the fast path accepts no code with a space
        for position in (_SOURCE, _NOTE):
            if texts[position][:1] == "'":
                texts[position] = unescape_formula(texts[position])
        texts[:] = [cell if type(cell) is str else str(cell) for cell in texts]
        yield texts


def _filled_cells(rows: Iterable[Sequence[str]], header: Header, *, template: bool) -> Iterator[list[str]]:
    """The cells of the rows that hold a figure. The last one, at -1, is empty: it stands for fields without a column."""
    value, reason = (header.positions.get(name, -1) for name in ("value", "missing_reason"))
    for cells in rows:
        if not any(cells) or not any(map(str.strip, cells)):
            continue
        padded = [*cells, *[""] * (header.width - len(cells)), ""]
        if not template or padded[value] or padded[reason]:
            yield padded


def _cell_fault(texts: Sequence[str], *, has_more: bool) -> ProblemItem | None:
    for name, cell in zip(FIGURE_FIELDS, texts, strict=True):
        if type(cell) is UnresolvedFormula:
            return _unresolved_formula(name, cell)
    if isinstance(texts[_PERIOD], DateText):
        return _DATE_CELL
    if has_more:
        return _TOO_MANY_CELLS
    if not texts[_PERIOD] and (not texts[0].isascii() or " " in texts[0].strip()):
        return _NO_FIGURE
    return None


def _parse_strict(parser: RowParser, number: int, texts: _RowTexts) -> FigureRow | Rejection:
    if texts.cell_error:
        return parser.reject(number, texts.cell_error, texts[0].strip(), texts[_PERIOD])
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
_NO_FIGURE = ProblemItem(
    "/indicator",
    "invalid-code",
    text(
        "This row has no period, and its first cell is no code of an indicator. Delete notes and totals from the table.",
        "Dòng này không có kỳ và ô đầu không phải mã chỉ số. Hãy xóa dòng ghi chú, dòng tổng khỏi bảng.",
    ),
)


def _unresolved_formula(field: str, cell: str) -> ProblemItem:
    return ProblemItem(
        f"/{field}",
        "invalid-number" if field == "value" else "invalid-text",
        text(
            f"The cell {cell} holds a formula without a result. Open the file in a spreadsheet program, save it and send it "
            "again, or type the result.",
            f"Ô {cell} có công thức chưa có kết quả. Hãy mở tệp bằng chương trình bảng tính, lưu lại rồi gửi, hoặc gõ kết quả.",
        ),
    )


def _read_day(cell: str, locale: str) -> str:
    if isinstance(cell, MomentText):
        return cell[:10]
    match = _VIETNAMESE_DAY.fullmatch(cell) if locale == "vi" else None
    return f"{match[3]}-{int(match[2]):02}-{int(match[1]):02}" if match else cell
