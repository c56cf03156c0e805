"""The values of an indicator in words: rows of the table, columns of years, and what was said when."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.urls import reverse

from indicators.domain.choices import IndicatorKind, Stage
from indicators.domain.rounding import shown_places
from indicators.models import Indicator
from indicators.models.measurement import MISSING_REASONS, STAGES
from indicators.services.figures.figure_words import format_value
from kpitracker.lib.i18n.text import translate
from targets.services.reports.indicator_history import (
    AreaSeries,
    Change,
    IndicatorHistory,
    RevisionTriangle,
    SeriesPoint,
)
from targets.services.text import formatting

MAX_YEARS = 6


class ValueRow(NamedTuple):
    """One line of the table. `url`: the figure in the back office. `note` stands above it: a break or a merger."""

    period: str
    value: str
    before: str
    change: str
    stage: str
    published: str
    revision: str
    url: str
    note: str


def list_value_rows(history: IndicatorHistory, series: AreaSeries, *, with_links: bool) -> list[ValueRow]:
    """All values, the latest first. The note of a break stands above the first value that is measured in the new way."""
    rows, places, last_end = [], places_of(history.indicator, series.points), date.min
    for point in series.points:
        notes = [note for day, note in list_marks(series) if last_end < day <= point.period.end]
        last_end = max(last_end, point.period.end)
        rows.append(_value_row(history, series, point, places, with_links, " ".join(notes)))
    return rows[::-1]


def places_of(indicator: Indicator, points: Sequence[SeriesPoint]) -> int:
    """With how many decimal places all values are shown."""
    values = [point.value for point in points if point.value is not None]
    return shown_places(values, indicator.decimals, computed=bool(indicator.formula))


def list_marks(series: AreaSeries) -> list[tuple[date, str]]:
    """Breaks of the series and mergers into the area, with what they mean, in order."""
    breaks = [
        (
            day,
            translate(
                f"From {short_day(day)} on it is measured in another way.",
                f"Từ ngày {short_day(day)} đo theo cách khác.",
            ),
        )
        for day in series.breaks
    ]
    mergers = [
        (
            day,
            translate(
                f"On {short_day(day)} other areas merged into {series.area}.",
                f"Ngày {short_day(day)} sáp nhập các địa bàn khác vào {series.area}.",
            ),
        )
        for day in series.mergers
    ]
    return sorted(breaks + mergers)


def _value_row(
    history: IndicatorHistory, series: AreaSeries, point: SeriesPoint, places: int, with_links: bool, note: str
) -> ValueRow:
    indicator, figure = history.indicator, point.figure
    change = history.compare(series.area, point)
    value = format_places(point.value, places)
    if figure and figure.value is None:
        value = str(MISSING_REASONS.get(figure.missing_reason, "–"))  # type: ignore[call-overload]
    is_posted = figure is not None and not figure.parts
    url = reverse("admin:indicators_measurement_change", args=[figure.id]) if figure and is_posted else ""
    return ValueRow(
        period=formatting.format_period(str(point.period)),
        value=value,
        before=format_places(change.before, places),
        change=change_in_words(indicator, change),
        stage=stage_of(point),
        published=short_day(figure.published) if figure and figure.published else "–",
        revision=str(figure.revision) if figure and is_posted else "–",
        url=url if with_links else "",
        note=note,
    )


def stage_of(point: SeriesPoint) -> str:
    """The stage; what is computed, a sum or counted as a forecast says so."""
    if point.figure is None:
        return translate("computed", "tính toán")
    label = str(STAGES[Stage(point.figure.stage)])
    if point.figure.parts:
        label = translate(f"{label}, sum of areas", f"{label}, tổng các địa bàn")
    if point.is_forecast and point.figure.stage != Stage.FORECAST:
        return translate(f"{label} (counts as a forecast)", f"{label} (được coi là dự báo)")
    return label


def change_in_words(indicator: Indicator, change: Change) -> str:
    """The change with its sign: in percent, of rates and shares in percentage points, of ranks in places."""
    if change.change is None:
        return "–"
    sign = "+" if change.change > 0 else ""
    if not change.is_difference:
        number = formatting.format_number(format(change.change, "f"), shown_places([change.change], 1, computed=False))
        return f"{sign}{number} %"
    number = formatting.format_number(
        format(change.change, "f"), shown_places([change.change], indicator.decimals, computed=False)
    )
    if indicator.kind == IndicatorKind.RANK:
        return translate(f"{sign}{number} places", f"{sign}{number} bậc")
    unit = "percentage points" if indicator.unit == "%" else indicator.shown_unit
    return sign + formatting.format_amount(number, unit)


class YearTable(NamedTuple):
    """Columns: years, the latest first; rows: how far in the year, with a value or "–" for each year."""

    years: list[int]
    rows: list[tuple[str, list[str]]]


def build_year_table(points: Sequence[SeriesPoint], places: int) -> YearTable:
    """The drawn values by the month and day on which their spans end, for the last years."""
    years = sorted({point.period.end.year for point in points}, reverse=True)[:MAX_YEARS]
    cells: dict[tuple[int, int], dict[int, SeriesPoint]] = {}
    for point in points:
        end = point.period.end
        # The end of February is one row, whatever the year.
        place = (2, 28) if (end.month, end.day) == (2, 29) else (end.month, end.day)
        cells.setdefault(place, {})[end.year] = point
    return YearTable(years, list(_year_rows(cells, years, places)))


def _year_rows(
    cells: dict[tuple[int, int], dict[int, SeriesPoint]], years: Sequence[int], places: int
) -> Iterator[tuple[str, list[str]]]:
    for (month, day), by_year in sorted(cells.items()):
        if not by_year.keys() & set(years):
            continue
        values = [by_year[year].value if year in by_year else None for year in years]
        yield f"{day:02}/{month:02}", [format_places(value, places) for value in values]


def list_triangle_rows(triangle: RevisionTriangle) -> list[tuple[str, list[str]]]:
    """Each period with what was said of it on each day of the columns."""
    return [
        (
            formatting.format_period(str(period)),
            [format_value(stated[day]) if day in stated else "" for day in triangle.days],
        )
        for period, stated in triangle.rows
    ]


def format_places(value: Decimal | None, places: int) -> str:
    return formatting.format_number(None if value is None else format(value, "f"), places)


def short_day(day: date) -> str:
    return formatting.format_short_day(day.isoformat())
