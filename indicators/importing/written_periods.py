"""Periods in the cells of a file: codes, and as people write them."""

import re

from indicators.domain.period_words import parse_written_period
from indicators.domain.periods import InvalidPeriod, Period
from kpitracker.lib.errors import ProblemItem
from kpitracker.lib.i18n.text import text
from kpitracker.lib.spreadsheets.reading import DateText, NumberCell

_MAX_LENGTH = 80
# A spreadsheet shows the month 7/2024 as the day 01/07/2024, and 2024.10 as the number 2024.1.
_DAY_OR_MONTH = re.compile(r"[0-9]{1,2}([/.\-])[0-9]{1,2}\1[0-9]{4}", re.ASCII)
_LOST_ZERO = re.compile(r"[0-9]{4}\.[0-9]", re.ASCII)


class PeriodReader:
    """Caches the periods that it has read: a file names few, in many rows."""

    def __init__(self) -> None:
        self._codes: dict[str, str] = {}

    def read(self, cell: str) -> tuple[str, ProblemItem | None]:
        """The code of the period, and no fault. What is no period stays as it is: its row is rejected like a single post."""
        if (code := self._codes.get(cell)) is not None:
            return code, None
        if _is_code(cell):
            self._codes[cell] = cell
            return cell, None
        # The type of these cells says that a spreadsheet has made a number or a day of what was typed.
        if isinstance(cell, NumberCell | DateText) or len(cell) > _MAX_LENGTH or cell.splitlines() != [cell]:
            return cell, None
        try:
            period = parse_written_period(cell)
        except InvalidPeriod:
            return cell, None
        if _DAY_OR_MONTH.fullmatch(cell.strip()):
            return cell, _day_of_a_spreadsheet(cell.strip(), period)
        if _LOST_ZERO.fullmatch(cell.strip()):
            return cell, None
        return self._codes.setdefault(cell, str(period)), None


def _is_code(cell: str) -> bool:
    try:
        Period.parse(cell)
    except InvalidPeriod:
        return False
    return True


def _day_of_a_spreadsheet(cell: str, day: Period) -> ProblemItem:
    month = f"{day.start:%Y-%m}"
    return ProblemItem(
        "/period",
        "invalid-period",
        text(
            f"“{cell}” may be a month that a spreadsheet has made a day. Write {day} for the day, or a month such as {month}.",
            f"“{cell}” có thể là tháng mà bảng tính đã đổi thành ngày. Hãy ghi {day} nếu là ngày, hoặc tháng như {month}.",
        ),
    )
