"""The values that a dry run has read, as the language of the page writes them: the last check before they are stored."""

from collections.abc import Iterable
from contextlib import closing
from itertools import islice
from typing import Any, NamedTuple

from indicators.domain.period_words import period_in_words
from indicators.domain.periods import Period
from indicators.importing import jobs
from indicators.importing.readers import read_rows
from indicators.models import Area, Import, Indicator, Measurement
from indicators.models.measurement import MISSING_REASONS
from indicators.services.batches.rows import FigureRow
from kpitracker.lib import clock
from kpitracker.lib.actor import Actor
from kpitracker.lib.errors import DomainError
from kpitracker.lib.i18n.text import is_vietnamese, text
from kpitracker.lib.numbers import localize_number
from kpitracker.lib.spreadsheets.reading import IN_REQUEST

MAX_ROWS = 100
# A workbook and JSON are decoded whole before their first row: larger files would delay the page.
MAX_DECODED_BYTES = 5 * 1024 * 1024
COLUMNS = (
    text("row", "dòng"),
    text("indicator", "chỉ tiêu"),
    text("area", "địa bàn"),
    text("period", "kỳ"),
    text("value read", "giá trị đọc được"),
    text("value now", "giá trị hiện có"),
)
TITLE = text("The values as they were read", "Giá trị đọc được từ tệp")
_TOO_LARGE = text(
    f"The values of an XLSX or JSON file over {MAX_DECODED_BYTES // 1024**2} MB are not shown. To see the first {MAX_ROWS} "
    "before you confirm, send the file as CSV or in smaller parts.",
    f"Không hiển thị giá trị của tệp XLSX hoặc JSON trên {MAX_DECODED_BYTES // 1024**2} MB. Muốn xem {MAX_ROWS} dòng đầu trước "
    "khi xác nhận, hãy gửi tệp dạng CSV hoặc chia nhỏ.",
)
_MORE = text(f"Only the first {MAX_ROWS} rows are shown.", f"Chỉ hiển thị {MAX_ROWS} dòng đầu.")


class ReadValues(NamedTuple):
    """Rows of the table, and a note where it does not show all of them."""

    rows: list[list[str]]
    more: str


def read_values(batch: Import, by: Actor) -> ReadValues:
    """The first rows of the file that a dry run keeps, for the user who sent it; without rows for others."""
    if not batch.dry_run or by.person != batch.person:
        return ReadValues([], "")
    if batch.format in ("xlsx", "json") and batch.size > MAX_DECODED_BYTES:
        return ReadValues([], str(_TOO_LARGE))
    try:
        with jobs.upload_path(batch.pk).open("rb") as file:
            today = clock.local_day(batch.created_at)
            rows: Any = read_rows(
                batch.format, file, by=by, today=today, locale=batch.locale, sheet=batch.sheet, limits=IN_REQUEST
            )
            with closing(rows):
                read = list(islice(rows, MAX_ROWS + 1))
        figures = [row for row in read[:MAX_ROWS] if isinstance(row, FigureRow)]
        return ReadValues(_describe_figures(figures, by), str(_MORE) if len(read) > MAX_ROWS else "")
    except (DomainError, OSError):
        # The report of the dry run says what is wrong with the file; the file is kept for a day only.
        return ReadValues([], "")


def _describe_figures(figures: list[FigureRow], by: Actor) -> list[list[str]]:
    codes = {figure.indicator for figure in figures}
    indicators = {row.code: row for row in Indicator.objects.visible_to(by).filter(code__in=codes)}
    areas: dict[str, Area] = {row.code: row for row in Area.objects.filter(code__in={row.area for row in figures})}
    if any(not figure.area for figure in figures):
        areas[""] = Area.objects.by_code_or_home(None)
    stored = _stored_values(indicators.values(), figures)
    lines = []
    for figure in figures:
        indicator, area = indicators.get(figure.indicator), areas.get(figure.area)
        current = stored.get((indicator.pk, area.pk, figure.period)) if indicator and area else None
        unit = f" {indicator.shown_unit}" if indicator and indicator.shown_unit else ""
        lines.append(
            [
                str(figure.number),
                str(indicator or figure.indicator),
                str(area or figure.area),
                period_in_words(figure.period, vietnamese=is_vietnamese()),
                _value_text(figure.value, figure.missing_reason, unit),
                current or "–",
            ]
        )
    return lines


def _value_text(value: str, missing_reason: str, unit: str) -> str:
    if not value:
        return str(dict(MISSING_REASONS).get(missing_reason, missing_reason))  # type: ignore[call-overload]
    return localize_number(value) + unit


def _stored_values(indicators: Iterable[Indicator], figures: list[FigureRow]) -> dict[tuple[int, int, Period], str]:
    """The values in force of the same indicators and periods, by the ids of indicator and area, and the period."""
    ends = {figure.period.end for figure in figures}
    rows = Measurement.objects.filter(indicator__in=list(indicators), period_end__in=ends).only(
        "indicator_id", "area_id", "period_start", "period_end", "value", "missing_reason"
    )
    return {
        (row.indicator_id, row.area_id, Period(row.period_start, row.period_end)): (
            row.get_missing_reason_display() if row.value is None else localize_number(row.value)
        )
        for row in rows
    }
