"""The value of a figure as a cell writes it: numbers of a spreadsheet, and texts in either notation."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from indicators.domain.choices import PERCENT_UNITS, IndicatorKind
from indicators.models import Indicator
from kpitracker.lib import numbers, text_validation
from kpitracker.lib.actor import Actor
from kpitracker.lib.errors import ProblemItem
from kpitracker.lib.i18n.text import text
from kpitracker.lib.spreadsheets.reading import ClockText, DateText, LogicalText, NumberCell, PercentCell

LOCALES = ("vi", "en")
_VIETNAMESE_NUMBER = re.compile(r"-?[0-9]{1,3}(\.[0-9]{3})+(,[0-9]+)?|-?[0-9]+(,[0-9]+)?", re.ASCII)
# 140.000 and 12.500: one point, three digits behind it, and what may be a group of thousands in front of it.
_AMBIGUOUS = re.compile(r"-?[1-9][0-9]{0,2}\.[0-9]{3}", re.ASCII)
_LONG_NUMBER = re.compile(r"-?[0-9]{1,18}\.[0-9]{7,}", re.ASCII)
_GROUP_DIGITS = 3


class IndicatorNotation(NamedTuple):
    is_percent: bool
    decimals: int


class IndicatorNotations:
    """How the indicators that a user sees are written, by code. Read when the first cell needs it."""

    def __init__(self, by: Actor) -> None:
        self._by = by
        self._notations: Mapping[str, IndicatorNotation] | None = None

    def find(self, code: str) -> IndicatorNotation | None:
        """None: there is no such indicator, so its row is rejected for that."""
        if self._notations is None:
            rows = Indicator.objects.visible_to(self._by).values_list("code", "kind", "unit", "unit_en", "decimals")
            self._notations = {
                code: IndicatorNotation(_is_percent(kind, unit or unit_en), decimals)
                for code, kind, unit, unit_en, decimals in rows
            }
        return self._notations.get(code)


def _is_percent(kind: str, unit: str) -> bool:
    """A rate is in percent unless its unit says otherwise."""
    return unit in PERCENT_UNITS or (not unit and kind == IndicatorKind.RATE)


class CellValue(NamedTuple):
    """The text in plain notation, or the fault of the cell. `written`: as in `FigureRow`."""

    plain: str
    fault: ProblemItem | None = None
    written: str = ""


class ValueReader:
    """`locale`: how the texts of the file are written, "" when nothing says it.

    `groups_thousands`: a point may group thousands in this file, as in a file with `;` or a text in a spreadsheet.
    """

    def __init__(self, notations: IndicatorNotations, locale: str, *, groups_thousands: bool, is_export: bool) -> None:
        self._notations, self._locale = notations, locale
        self._groups_thousands, self._is_export = groups_thousands, is_export

    def read(self, cell: str, code: str) -> CellValue:
        if isinstance(cell, NumberCell):
            return self._read_number(cell, code)
        if isinstance(cell, DateText | ClockText | LogicalText):
            return CellValue(cell, _no_number_cell(cell))
        # An export writes as programs do: only a file that is said to be Vietnamese can be meant otherwise.
        is_written_by_program = self._is_export and self._locale != "vi"
        is_ambiguous = "." in cell and not is_written_by_program and _AMBIGUOUS.fullmatch(cell) is not None
        if self._locale:
            read = _read_vietnamese(cell) if self._locale == "vi" else CellValue(cell)
            return read._replace(written=cell) if is_ambiguous and self._contradicts(code) else read
        if not is_ambiguous:
            return CellValue(cell)
        notation = None if self._groups_thousands else self._notations.find(code)
        if not self._groups_thousands and (notation is None or notation.decimals >= _GROUP_DIGITS):
            return CellValue(cell)
        return CellValue(cell, _ambiguous_value(cell))

    def _contradicts(self, code: str) -> bool:
        """Whether the decimals of the indicator speak for the other reading of one point and three digits."""
        notation = self._notations.find(code)
        has_decimals = notation is not None and notation.decimals >= _GROUP_DIGITS
        return notation is not None and has_decimals == (self._locale == "vi")

    def _read_number(self, cell: NumberCell, code: str) -> CellValue:
        plain = str(cell)
        if isinstance(cell, PercentCell) and (notation := self._notations.find(code)) is not None:
            if not notation.is_percent:
                return CellValue(plain, _percent_cell(cell, code))
            plain = format(numbers.canonical_decimal(Decimal(plain) * 100), "f")
        if not _LONG_NUMBER.fullmatch(plain):
            return CellValue(plain)
        return CellValue(format(numbers.round_decimals(Decimal(plain)), "f"), written=plain)


def _read_vietnamese(cell: str) -> CellValue:
    """1.234.567,5 → 1234567.5. A point that groups no thousands is a fault: 7.5 would be a number otherwise."""
    if _VIETNAMESE_NUMBER.fullmatch(cell):
        return CellValue(cell.replace(".", "").replace(",", "."))
    return CellValue(cell, _no_vietnamese_number(cell) if "." in cell else None)


def _no_vietnamese_number(value: str) -> ProblemItem:
    shown = text_validation.visible_preview(value)
    return ProblemItem(
        "/value",
        "invalid-number",
        text(
            f"“{shown}” is no number as Vietnamese writes it, such as 1.234,5.",
            f"“{shown}” không phải số viết theo kiểu Việt Nam, ví dụ 1.234,5.",
        ),
    )


def _no_number_cell(cell: DateText | ClockText | LogicalText) -> ProblemItem:
    if isinstance(cell, LogicalText):
        detail = text(
            f"The cell holds the logical value {cell.upper()}, not a number. Write 1 for yes and 0 for no.",
            f"Ô chứa giá trị lô-gic {cell.upper()}, không phải số. Hãy ghi 1 nếu có, 0 nếu không.",
        )
    elif isinstance(cell, DateText):
        detail = text(
            f"The cell holds the date {cell}, not a number. Give the cell the format Number and type the value again.",
            f"Ô chứa ngày {cell}, không phải số. Hãy đổi định dạng ô thành Số (Number) rồi nhập lại giá trị.",
        )
    else:
        detail = text(
            f"The cell holds the time {cell}, not a number. Give the cell the format Number and type the value again.",
            f"Ô chứa giờ {cell}, không phải số. Hãy đổi định dạng ô thành Số (Number) rồi nhập lại giá trị.",
        )
    return ProblemItem("/value", "invalid-number", detail)


def _ambiguous_value(value: str) -> ProblemItem:
    small, large = format(numbers.canonical_decimal(Decimal(value)), "f"), value.replace(".", "")
    return ProblemItem(
        "/value",
        "invalid-number",
        text(
            f"“{value}” may be {small} or {large}. Write {small} or {large}, or say how the file writes numbers "
            "(Vietnamese: 1.234,5; English: 1234.5; in the API locale=vi or locale=en).",
            f"“{value}” có thể là {small} hoặc {large}. Hãy ghi {small} hoặc {large}, hoặc chọn cách ghi số của tệp "
            "(tiếng Việt: 1.234,5; tiếng Anh: 1234.5; API: locale=vi hoặc locale=en).",
        ),
    )


def _percent_cell(cell: PercentCell, code: str) -> ProblemItem:
    shown = format(numbers.canonical_decimal(Decimal(cell) * 100), "f")
    return ProblemItem(
        "/value",
        "invalid-number",
        text(
            f"The cell {cell.place} shows {shown} %, but {code} is not in percent. Type the number in a cell without percent format.",
            f"Ô {cell.place} hiển thị {shown} %, nhưng {code} không tính bằng phần trăm. Hãy gõ số vào ô không định dạng phần trăm.",
        ),
    )
