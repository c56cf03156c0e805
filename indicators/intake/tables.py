"""Read CSV and XLSX: a header with the names of the fields, then one row for each figure."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import IO, Any, NoReturn

from indicators.intake.checking import BLOCK, Checker
from indicators.services.batches.rows import Rejection, Row
from indicators.services.measurements import FIELDS
from kpitracker.lib import plain_text
from kpitracker.lib.errors import Invalid, Item, TooLarge
from kpitracker.lib.plain_text import MAX_BYTES
from kpitracker.lib.spreadsheets.defusing import restore
from kpitracker.lib.spreadsheets.reading import DateText, Workbook
from kpitracker.lib.spreadsheets.template import is_template
from kpitracker.lib.texts import text

# Further columns of exports and templates, which are ignored so that an exported file can be imported again.
SHOWN_ONLY = frozenset(
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
SHEET = "figures"
LOCALES = ("vi", "en")
_GROUPED = re.compile(r"-?[0-9]{1,3}(\.[0-9]{3})+(,[0-9]+)?|-?[0-9]+(,[0-9]+)?", re.ASCII)
_VIETNAMESE_DAY = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})", re.ASCII)
_VALUE, _REASON, _PERIOD = FIELDS.index("value"), FIELDS.index("missing_reason"), FIELDS.index("period")
_DAY, _SOURCE, _NOTE = (FIELDS.index(name) for name in ("published", "source", "note"))


def csv_cells(file: IO[bytes]) -> Iterator[list[str]]:
    """Rows of a CSV file in UTF-8, header first. Raises `Invalid` (invalid-csv), `TooLarge`."""
    try:
        lines = _lines(file)
        first = next(lines, "").removeprefix("\ufeff")
        separator = ";" if first.count(";") > first.count(",") else ","
        yield from csv.reader(_with(first, lines), delimiter=separator, strict=True)
    except UnicodeDecodeError as error:
        _refuse("It is not UTF-8.", "Tệp không phải UTF-8.", error)
    except csv.Error as error:
        if "field limit" in str(error):
            raise TooLarge("too-large", text("A cell is longer than 64 KB.", "Ô dài quá 64 KB."), pointer="") from error
        _refuse(f"{error}.", f"Lỗi CSV: {error}.", error)


def _lines(file: Iterable[bytes]) -> Iterator[str]:
    for number, encoded in enumerate(file, 1):
        line = encoded.decode()
        if "\x00" in line:
            _refuse(f"Line {number} holds the character U+0000.", f"Dòng {number} có ký tự U+0000.")
        yield line


def _with(first: str, rest: Iterable[str]) -> Iterator[str]:
    yield first
    yield from rest


def _refuse(english: str, vietnamese: str, cause: Exception | None = None) -> NoReturn:
    raise Invalid("invalid-csv", text(english, vietnamese), pointer="") from cause


def xlsx_cells(file: IO[bytes]) -> tuple[Iterator[list[str]], bool]:
    """Rows of the sheet `figures`, else of the first sheet, header first; and whether the file is our template."""
    book = Workbook(file)
    return book.rows(SHEET if SHEET in book.sheets else None), is_template(book)


def table_rows(
    cells: Iterable[Sequence[str]], checker: Checker, *, locale: str = "", template: bool = False
) -> Iterator[Row | Rejection]:
    """Parse the rows of a table, header first. Skips empty rows; `template`: also rows without value and reason."""
    rows = iter(cells)
    header = next(rows, None)
    if header is None or not any(header):
        _refuse("It is empty.", "Tệp rỗng.")
    places = _places(header)
    order = [places.get(name, -1) for name in FIELDS]
    filled = _filled(rows, order, len(header), locale=locale, template=template)
    first = 1
    while block := list(islice(filled, BLOCK)):
        columns: Any = zip(*block, strict=True)
        found = None if any(texts.fault for texts in block) else checker.together(first, list(columns))
        yield from found or _one_by_one(block, first, checker)
        first += len(block)


def _one_by_one(block: Sequence["_Texts"], first: int, checker: Checker) -> Iterator[Row | Rejection]:
    for number, (texts, row) in enumerate(zip(block, checker.quickly(first, block), strict=True), first):
        yield row or _careful(checker, number, texts)


class _Texts(list[str]):
    """The ten texts of a row; `cell_error`: an error of its cells that does not depend on the texts."""

    fault: Item | None = None


def _filled(
    rows: Iterable[Sequence[str]], order: Sequence[int], width: int, *, locale: str, template: bool
) -> Iterator[_Texts]:
    for cells in rows:
        if not any(cells):
            continue
        # The last cell, at -1, is empty: it stands for fields without a column. Short rows are padded.
        padded = [*cells, *[""] * (width - len(cells)), ""]
        texts = _Texts([padded[place] for place in order])
        if template and not texts[_VALUE] and not texts[_REASON]:
            continue
        if isinstance(texts[_PERIOD], DateText):
            texts.fault = _DATED
        elif any(padded[width:]):
            texts.fault = _TOO_MANY
        if texts.fault:
            texts[0] = f"{texts[0]} "  # the fast path accepts no code with a space
        if locale == "vi":
            texts[_VALUE], texts[_DAY] = _vietnamese_number(texts[_VALUE]), _vietnamese_day(texts[_DAY])
        for place in (_SOURCE, _NOTE):
            if texts[place][:1] == "'":
                texts[place] = restore(texts[place])
        yield texts


def _careful(checker: Checker, number: int, texts: _Texts) -> Row | Rejection:
    if texts.fault:
        return Rejection(number, texts.fault, plain_text.visible(texts[0].strip()), plain_text.visible(texts[_PERIOD]))
    if any(len(each) * 4 > MAX_BYTES and len(each.encode()) > MAX_BYTES for each in texts):
        raise TooLarge("too-large", text("A cell is longer than 64 KB.", "Ô dài quá 64 KB."), pointer="")
    return checker.careful(number, {name: value for name, value in zip(FIELDS, texts, strict=True) if value})


_TOO_MANY = Item("", "invalid-csv", text("More cells than the header has.", "Nhiều ô hơn dòng tiêu đề."))
_DATED = Item(
    "/period",
    "invalid-period",
    text(
        "The cell holds a date: a spreadsheet has changed what was typed. Write the period as text, such as '2024-07.",
        "Ô chứa ngày do bảng tính tự đổi. Hãy ghi kỳ dạng văn bản, ví dụ '2024-07.",
    ),
)


def _places(header: Sequence[str]) -> dict[str, int]:
    """Field → position of its column. Raises `Invalid` for unknown, repeated or missing names."""
    names = [name.strip() for name in header]
    while names and not names[-1]:
        names.pop()
    items = [
        Item(
            f"/{plain_text.visible(name)}",
            "unknown-field",
            text(
                f"There is no field {name!a}. There are: {', '.join(FIELDS)}.",
                f"Không có trường {name!a}. Có: {', '.join(FIELDS)}.",
            ),
        )
        for name in names
        if name not in FIELDS and name not in SHOWN_ONLY
    ]
    items += [
        Item(f"/{name}", "invalid-csv", text(f"The column {name} occurs twice.", f"Cột {name} bị lặp."))
        for name in FIELDS
        if names.count(name) > 1
    ]
    items += [
        Item(f"/{name}", "required", text(f"The column {name} is missing.", f"Thiếu cột {name}."))
        for name in ("indicator", "period")
        if name not in names
    ]
    if items:
        raise Invalid(items=items[:20])
    return {name: place for place, name in enumerate(names)}


def _vietnamese_number(value: str) -> str:
    """1.234.567,5 → 1234567.5. Any other text gets `·` for its points, so that it is refused as a number."""
    if not value or not _GROUPED.fullmatch(value):
        return value.replace(".", "·") if value else value
    return value.replace(".", "").replace(",", ".")


def _vietnamese_day(value: str) -> str:
    found = _VIETNAMESE_DAY.fullmatch(value)
    return f"{found[3]}-{int(found[2]):02}-{int(found[1]):02}" if found else value
