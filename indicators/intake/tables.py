"""CSV and XLSX: a header with the names of the fields, and a row a figure."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, NoReturn

from indicators.intake.checking import FIELDS, Checker
from indicators.services.batches.rows import Rejection, Row
from kpitracker.lib import plain_text
from kpitracker.lib.errors import Invalid, Item, TooLarge
from kpitracker.lib.plain_text import MAX_BYTES
from kpitracker.lib.spreadsheets.defusing import restore
from kpitracker.lib.spreadsheets.reading import DateText, Workbook
from kpitracker.lib.spreadsheets.template import is_template
from kpitracker.lib.texts import text

# What exports and templates show beside the fields, so that a file comes back as it went out.
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
    """Rows of the sheet `figures`, else of the first, header first; and whether the file is one of our templates."""
    book = Workbook(file)
    return book.rows(SHEET if SHEET in book.sheets else None), is_template(book)


def table_rows(
    cells: Iterable[Sequence[str]], checker: Checker, *, locale: str = "", template: bool = False
) -> Iterator[Row | Rejection]:
    """Rows of a table, header first. Empty rows are none; `template`: rows that nobody has filled in neither."""
    rows = iter(cells)
    header = next(rows, None)
    if header is None or not any(header):
        _refuse("It is empty.", "Tệp rỗng.")
    places = _places(header)
    order = [places.get(name, -1) for name in FIELDS]
    number = 0
    for given in rows:
        if not any(given):
            continue
        padded = [*given, ""]  # what the header does not name lies at -1
        values = [padded[place] if place < len(given) else "" for place in order]
        if template and not values[_VALUE] and not values[_REASON]:
            continue
        number += 1
        if any(given[len(header) :]):
            yield Rejection(number, _TOO_MANY, plain_text.visible(values[0]), plain_text.visible(values[_PERIOD]))
        else:
            yield _row(checker, number, values, locale)


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
    """Field → column. Raises `Invalid` for names that are no fields, come twice, or are missing."""
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
        Item(f"/{name}", "invalid-csv", text(f"{name} stands twice.", f"Cột {name} bị lặp."))
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


def _row(checker: Checker, number: int, values: list[str], locale: str) -> Row | Rejection:
    if isinstance(values[_PERIOD], DateText):
        return Rejection(number, _DATED, plain_text.visible(values[0]), values[_PERIOD])
    if locale == "vi":
        values[_VALUE], values[_DAY] = _vietnamese_number(values[_VALUE]), _vietnamese_day(values[_DAY])
    for place in (_SOURCE, _NOTE):
        if values[place][:1] == "'":
            values[place] = restore(values[place])
    row = checker.quick(number, *values)
    if row is not None:
        return row
    given = {name: value for name, value in zip(FIELDS, values, strict=True) if value}
    if any(len(value) * 4 > MAX_BYTES and len(value.encode()) > MAX_BYTES for value in values):
        raise TooLarge("too-large", text("A cell is longer than 64 KB.", "Ô dài quá 64 KB."), pointer="")
    return checker.careful(number, given)


def _vietnamese_number(value: str) -> str:
    """1.234.567,5 → 1234567.5; what is no such number stays as it is, and is refused with a pointer to it."""
    if not value or not _GROUPED.fullmatch(value):
        return value.replace(".", "·") if value else value
    return value.replace(".", "").replace(",", ".")


def _vietnamese_day(value: str) -> str:
    found = _VIETNAMESE_DAY.fullmatch(value)
    return f"{found[3]}-{int(found[2]):02}-{int(found[1]):02}" if found else value
