"""Reading XLSX files as rows of exact texts."""

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import IO, Any

import python_calamine

from kpitracker.lib.errors import ValidationProblem
from kpitracker.lib.i18n.text import text
from kpitracker.lib.spreadsheets.cell_marks import CellMarks
from kpitracker.lib.spreadsheets.zip_guard import IN_JOB, IN_REQUEST, Limits, check_archive, column_name

__all__ = ["IN_JOB", "IN_REQUEST", "Limits", "Workbook", "check_archive", "rows"]

_SHORT_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]{1,6})?", re.ASCII)


class Workbook:
    """A checked XLSX file. Raises `ValidationProblem` (invalid-xlsx), `TooLarge` (too-large)."""

    def __init__(self, file: IO[bytes], limits: Limits = IN_JOB) -> None:
        check_archive(file, limits)
        self._file = file
        self._book = _call_reader(python_calamine.CalamineWorkbook.from_filelike, file)
        tables = [sheet for sheet in self._book.sheets_metadata if sheet.typ is python_calamine.SheetTypeEnum.WorkSheet]
        self.sheets: list[str] = [sheet.name for sheet in tables]
        self.visible_sheets: list[str] = [
            sheet.name for sheet in tables if sheet.visible is python_calamine.SheetVisibleEnum.Visible
        ]
        if not self.sheets:
            raise _unusable_file("there is no sheet", "không có trang tính nào")

    def rows(self, sheet: str | None = None) -> Iterator[list[str]]:
        """All rows of the named sheet (default: the first), also empty ones, all of the same length."""
        if sheet is not None and sheet not in self.sheets:
            raise _unusable_file(f"there is no sheet {sheet}", f"không có trang tính {sheet}")
        name = sheet or self.sheets[0]
        worksheet = _call_reader(self._book.get_sheet_by_name, name)
        marks = CellMarks(self._file, name)
        cells, number = _call_reader(worksheet.iter_rows), 0
        while (row := _call_reader(next, cells, None)) is not None:
            number += 1
            texts = [cell_text(cell) for cell in row]
            yield _mark_cells(texts, number, marks) if number in marks.rows else texts


def rows(file: IO[bytes], sheet: str | None = None) -> Iterator[list[str]]:
    """Rows of a sheet of a checked file; see `Workbook`."""
    return Workbook(file).rows(sheet)


def _mark_cells(texts: list[str], row: int, marks: CellMarks) -> list[str]:
    return [
        UnresolvedFormula(f"{column_name(column)}{row}")
        if marks.is_unresolved(row, column)
        else _percent_cell(value, f"{column_name(column)}{row}")
        if marks.is_percent(row, column)
        else value
        for column, value in enumerate(texts, 1)
    ]


def _percent_cell(value: str, place: str) -> "PercentCell":
    cell = PercentCell(value)
    cell.place = place
    return cell


def cell_text(cell: object) -> str:
    """The value of a cell as text.

    Whole numbers without a point, others in plain notation; days as YYYY-MM-DD; times and durations as 36:00:00; true and
    false; texts unchanged.
    """
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return LogicalText("true" if cell else "false")
    if isinstance(cell, int | float):
        return NumberCell(_number_text(float(cell)) if isinstance(cell, float) else str(cell))
    if isinstance(cell, datetime):
        has_time = cell.time() != datetime.min.time()
        return MomentText(cell.isoformat()) if has_time else DateText(cell.date().isoformat())
    if isinstance(cell, date):
        return DateText(cell.isoformat())
    if isinstance(cell, time):
        return ClockText(cell.isoformat("seconds"))
    if isinstance(cell, timedelta):
        return ClockText(_duration_text(cell))
    return str(cell)


def _duration_text(duration: timedelta) -> str:
    """Hours, minutes and seconds, as a spreadsheet shows them with the format [h]:mm:ss."""
    seconds = abs(int(duration.total_seconds()))
    sign = "-" if duration < timedelta(0) else ""
    return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


class LogicalText(str):
    """TRUE or FALSE of a spreadsheet."""

    __slots__ = ()


class ClockText(str):
    """A time of day or a duration of a spreadsheet: a number whose format shows it as hours and minutes."""

    __slots__ = ()


class DateText(str):
    """A date of a spreadsheet. The user may have typed another text, such as 2024-07, that became a date."""

    __slots__ = ()


class MomentText(DateText):
    """A date with a time of day."""

    __slots__ = ()


class NumberCell(str):
    """A number of a spreadsheet in plain notation, however it is shown."""

    __slots__ = ()


class PercentCell(NumberCell):
    """A number that is shown as percent: 0.075 for 7.5 %. `place`: such as C2."""

    place = ""


class UnresolvedFormula(str):
    """The place of a cell whose formula has no stored result: a program wrote it, and no spreadsheet has computed it."""

    __slots__ = ()


def _number_text(value: float) -> str:
    """The shortest plain notation of the number.

    If that has more than six decimals: the 15 digits that a spreadsheet shows. 1.1 * 7 in a cell is stored as
    7.700000000000001 and shown as 7.7.
    """
    shortest = _plain_notation(Decimal(repr(value)))
    return shortest if _SHORT_NUMBER.fullmatch(shortest) else _plain_notation(Decimal(f"{value:.15g}"))


def _plain_notation(value: Decimal) -> str:
    if value.is_zero():
        return "0"
    digits = format(value, "f")
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def _call_reader(call: Any, *args: object) -> Any:
    """Call the library and turn its errors into invalid-xlsx. Its panics are not of type `Exception`."""
    try:
        return call(*args)
    except BaseException as error:
        if isinstance(error, Exception) or type(error).__name__ == "PanicException":
            raise _unusable_file("it cannot be read", "không đọc được") from error
        raise


def _unusable_file(reason: str, reason_vi: str) -> ValidationProblem:
    return ValidationProblem(
        "invalid-xlsx",
        text(f"Not a usable XLSX file: {reason}.", f"Tệp XLSX không dùng được: {reason_vi}."),
        pointer="",
    )
