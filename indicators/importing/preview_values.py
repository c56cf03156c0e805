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
from indicators.querysets import NO_REVISION
from indicators.services.batches.imports import MAX_DOUBTFUL_ROWS
from indicators.services.batches.rows import FigureRow
from kpitracker.lib import clock
from kpitracker.lib.actor import Actor
from kpitracker.lib.errors import DomainError
from kpitracker.lib.i18n.text import is_vietnamese, text, translate
from kpitracker.lib.numbers import localize_number
from kpitracker.lib.spreadsheets.reading import IN_REQUEST

MAX_ROWS = 100
# A workbook and JSON are decoded whole before their first row: larger files would delay the page.
MAX_DECODED_BYTES = 5 * 1024 * 1024
COLUMNS = (
    text("row", "dòng"),
    text("indicator", "chỉ số"),
    text("area", "địa bàn"),
    text("period", "kỳ"),
    text("value now → from the file", "giá trị hiện có → giá trị trong tệp"),
    text("remark", "lưu ý"),
)
TITLE = text("The values as they were read", "Giá trị đọc được từ tệp")
_TOO_LARGE = text(
    f"The values of an XLSX or JSON file over {MAX_DECODED_BYTES // 1024**2} MB are not shown. To see the first {MAX_ROWS} "
    "before you confirm, send the file as CSV or in smaller parts.",
    f"Không hiển thị giá trị của tệp XLSX hoặc JSON trên {MAX_DECODED_BYTES // 1024**2} MB. Muốn xem {MAX_ROWS} dòng đầu trước "
    "khi xác nhận, hãy gửi tệp dạng CSV hoặc chia nhỏ.",
)
_MORE = text(f"Only the first {MAX_ROWS} rows are shown.", f"Chỉ hiển thị {MAX_ROWS} dòng đầu.")


_NOTHING = text("no value", "chưa có")
_DOUBTFUL = text("Doubtful", "Đáng ngờ")


class PreviewLine(NamedTuple):
    """The cells of a row of the file in words, for `COLUMNS` without the last; `remark`: why it is doubtful."""

    cells: list[str]
    remark: str


class ReadValues(NamedTuple):
    """Rows of the table, doubtful ones first: how many these are, in words, and a note if rows are not shown."""

    rows: list[PreviewLine]
    doubtful: str = ""
    more: str = ""


class PreviewRow(NamedTuple):
    """A row as it was read. `warnings`: in the active language."""

    number: int
    indicator: str
    area: str
    period: Period
    value: str
    missing_reason: str
    warnings: list[str]


def read_values(batch: Import, by: Actor) -> ReadValues:
    """The doubtful rows of a dry run and the first ones of its file, for the user who sent it; no rows for others."""
    if not batch.dry_run or by.person != batch.person or hasattr(batch, "confirmed_by"):
        return ReadValues([])
    doubtful = [_doubtful_row(values) for values in batch.doubtful_rows]
    first_rows, more = _read_file(batch, by)
    # Wrong rows stand in the report with their errors: they will not be stored.
    other_numbers = {row.number for row in doubtful} | set(batch.problems.values_list("row", flat=True))
    rows = [*doubtful, *(row for row in first_rows if row.number not in other_numbers)]
    return ReadValues(_describe_rows(rows, by), _doubtful_text(len(doubtful)), more)


def _doubtful_row(values: dict[str, Any]) -> PreviewRow:
    warnings = [str(text(warning["en"], warning["vi"])) for warning in values["warnings"]]
    period = Period.parse(values["period"])
    return PreviewRow(
        values["row"],
        values["indicator"],
        values["area"],
        period,
        values["value"],
        values["missing_reason"],
        warnings,
    )


def _doubtful_text(count: int) -> str:
    if not count:
        return ""
    if count == MAX_DOUBTFUL_ROWS:
        return translate(
            f"The first {count} doubtful rows come first. Check them before you confirm.",
            f"{count} dòng đáng ngờ đầu tiên được xếp lên trước. Hãy kiểm tra trước khi xác nhận.",
        )
    return translate(
        f"{count} doubtful {'row comes' if count == 1 else 'rows come'} first. Check before you confirm.",
        f"{count} dòng đáng ngờ được xếp lên trước. Hãy kiểm tra trước khi xác nhận.",
    )


def _read_file(batch: Import, by: Actor) -> tuple[list[PreviewRow], str]:
    """The first rows of the file, and a note if it has more or cannot be shown."""
    if batch.format in ("xlsx", "json") and batch.size > MAX_DECODED_BYTES:
        return [], str(_TOO_LARGE)
    try:
        with jobs.upload_path(batch.pk).open("rb") as file:
            today = clock.local_day(batch.created_at)
            rows: Any = read_rows(
                batch.format, file, by=by, today=today, locale=batch.locale, sheet=batch.sheet, limits=IN_REQUEST
            )
            with closing(rows):
                read = list(islice(rows, MAX_ROWS + 1))
    except (DomainError, OSError):
        # The report of the dry run says what is wrong with the file; the file is kept for a day only.
        return [], ""
    figures = [row for row in read[:MAX_ROWS] if isinstance(row, FigureRow)]
    rows = [PreviewRow(*figure[:4], figure.value, figure.missing_reason, []) for figure in figures]
    return rows, str(_MORE) if len(read) > MAX_ROWS else ""


def _describe_rows(figures: list[PreviewRow], by: Actor) -> list[PreviewLine]:
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
        unit = f" {indicator.shown_unit}" if indicator and indicator.shown_unit and figure.value else ""
        lines.append(
            PreviewLine(
                [
                    str(figure.number),
                    str(indicator or figure.indicator),
                    str(area or figure.area),
                    period_in_words(figure.period, vietnamese=is_vietnamese()),
                    _change_text(current, _value_text(figure), unit),
                ],
                _remark(figure.warnings) or _decimals_remark(figure.value, indicator),
            )
        )
    return lines


def _change_text(current: str | None, new: str, unit: str) -> str:
    if current == new:
        return translate(f"{new}{unit}, no change", f"{new}{unit}, không đổi")
    return f"{current or _NOTHING} → {new}{unit}"


def _remark(warnings: list[str]) -> str:
    return f"{_DOUBTFUL}: {' '.join(warnings)}" if warnings else ""


def _decimals_remark(value: str, indicator: Indicator | None) -> str:
    """That a value has more decimals than its indicator shows; "" otherwise. It is stored as it is."""
    if indicator is None or len(value.partition(".")[2]) <= indicator.decimals:
        return ""
    count = indicator.decimals
    return translate(
        f"More decimals than the indicator has ({count}).", f"Nhiều chữ số thập phân hơn chỉ số ({count})."
    )


def _value_text(figure: PreviewRow) -> str:
    if not figure.value:
        return str(dict(MISSING_REASONS).get(figure.missing_reason, figure.missing_reason))  # type: ignore[call-overload]
    return localize_number(figure.value)


def _stored_values(indicators: Iterable[Indicator], figures: list[PreviewRow]) -> dict[tuple[int, int, Period], str]:
    """The values in force of the same indicators and periods, by the ids of indicator and area, and the period."""
    ends = {figure.period.end for figure in figures}
    figures_in_force = Measurement.objects.filter(indicator__in=list(indicators), period_end__in=ends).exclude(
        current_revision=NO_REVISION
    )
    rows = figures_in_force.only("indicator_id", "area_id", "period_start", "period_end", "value", "missing_reason")
    return {
        (row.indicator_id, row.area_id, Period(row.period_start, row.period_end)): (
            row.get_missing_reason_display() if row.value is None else localize_number(row.value)
        )
        for row in rows
    }
