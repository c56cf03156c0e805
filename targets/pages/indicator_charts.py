"""The charts of an indicator's page: values and change, years over each other, and a small one for each area."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.utils.safestring import SafeString

from indicators.models import Area
from kpitracker.lib.i18n.text import translate
from targets.pages.indicator_rows import format_places, places_of, short_day
from targets.pages.series_chart import SMALL, Axis, ChartLine, line_chart, split_at_days
from targets.services.reports.indicator_history import (
    AreaSeries,
    IndicatorHistory,
    SeriesPoint,
    choose_points_to_draw,
)

MAX_AREAS = 12
_MONTH_DAYS = (31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365)  # the day of the year that ends each month


def value_chart(series: AreaSeries, points: Sequence[SeriesPoint], label: object) -> SafeString:
    """The values by day; a line ends where the series breaks or other areas merge into this one."""
    return _chart_over_days(series, [(point.period.end, point.value) for point in points], "actual", label)


def change_chart(
    history: IndicatorHistory, series: AreaSeries, points: Sequence[SeriesPoint], label: object
) -> SafeString:
    """The change against the year before, by day."""
    changes = [(point.period.end, history.compare(series.area, point).change) for point in points]
    return _chart_over_days(series, changes, "due", label)


def _chart_over_days(
    series: AreaSeries, values: Sequence[tuple[date, Decimal | None]], name: str, label: object
) -> SafeString:
    places = [(day.toordinal(), value) for day, value in values if value is not None]
    if not places:
        return SafeString()
    first, last = places[0][0], places[-1][0]
    marks = [
        *((day.toordinal(), translate("break", "gián đoạn")) for day in series.breaks),
        *((day.toordinal(), translate("merger", "sáp nhập")) for day in series.mergers),
    ]
    marks = [(place, words) for place, words in marks if first < place <= last]
    lines = [ChartLine(name, segment) for segment in split_at_days(places, [place for place, _ in marks])]
    return line_chart(lines, Axis(first, last, _year_ticks(first, last), marks), label, shown_on_axis)


def _year_ticks(first: int, last: int) -> list[tuple[int, str]]:
    """The first days of years, at most about eight; the ends of the line where no year begins in between."""
    start, end = date.fromordinal(first), date.fromordinal(last)
    years = range(start.year + 1, end.year + 1)
    step = max(1, -(-len(years) // 8))
    ticks = [(date(year, 1, 1).toordinal(), str(year)) for year in years[::step]]
    return ticks or [(first, short_day(start)), *([(last, short_day(end))] if last > first else [])]


def shown_on_axis(value: Decimal) -> str:
    return format_places(value, 6)


def years_chart(
    series: AreaSeries, points: Sequence[SeriesPoint], years: Sequence[int], label: object
) -> tuple[SafeString, list[tuple[str, str]]]:
    """Each year as a line over the months, and the keys of the lines: style class and year. `years`: the latest first."""
    lines, keys = list[ChartLine](), list[tuple[str, str]]()
    for number, year in reversed(list(enumerate(years))):
        places = [
            (_day_of_year(point.period.end), point.value)
            for point in points
            if point.period.end.year == year and point.value is not None
        ]
        breaks = [_day_of_year(day) for day in (*series.breaks, *series.mergers) if day.year == year]
        lines += [ChartLine(f"year-{number}", segment) for segment in split_at_days(places, breaks)]
        keys.insert(0, (f"year-{number}", str(year)))
    ticks = [(day - 15, str(month)) for month, day in enumerate(_MONTH_DAYS, 1)]
    return line_chart(lines, Axis(1, 366, ticks), label, shown_on_axis), keys


def _day_of_year(day: date) -> int:
    return day.timetuple().tm_yday


class AreaChart(NamedTuple):
    """A small chart of one area with its last value."""

    area: Area
    picture: SafeString
    value: str
    until: str


class AreaCharts(NamedTuple):
    """`total`: the number of all areas that could be shown."""

    charts: list[AreaChart]
    total: int


def list_lines_below(history: IndicatorHistory, shown: Area) -> dict[Area, list[SeriesPoint]]:
    """The areas directly below the shown one, without such those beside it: the largest last value first."""
    lines = {row.area: choose_points_to_draw(history.indicator, row.points).points for row in history.series}
    areas = [area for area, points in lines.items() if points and area.parent_id == shown.pk]
    areas = areas or [area for area, points in lines.items() if points and area.parent_id == shown.parent_id]
    areas.sort(key=lambda area: (-last_value(lines[area]), area.code))
    return {area: lines[area] for area in areas}


def build_area_charts(
    history: IndicatorHistory, lines: Mapping[Area, Sequence[SeriesPoint]], *, all_areas: bool
) -> AreaCharts:
    """Small charts of one scale for the first of these areas, or for all; none where there is one area only."""
    if len(lines) < 2:
        return AreaCharts([], 0)
    drawn = list(lines) if all_areas else list(lines)[:MAX_AREAS]
    points = [point for area in drawn for point in lines[area]]
    days = [point.period.end.toordinal() for point in points]
    numbers = [point.value for point in points if point.value is not None]
    axis = Axis(min(days, default=0), max(days, default=0))
    series = {row.area: row for row in history.series}
    return AreaCharts([_area_chart(history, series[area], lines[area], axis, numbers) for area in drawn], len(lines))


def last_value(points: Sequence[SeriesPoint]) -> Decimal:
    return next((point.value for point in reversed(points) if point.value is not None), Decimal(0))


def _area_chart(
    history: IndicatorHistory, series: AreaSeries, points: Sequence[SeriesPoint], axis: Axis, numbers: Sequence[Decimal]
) -> AreaChart:
    places = [(point.period.end.toordinal(), point.value) for point in points if point.value is not None]
    breaks = [day.toordinal() for day in (*series.breaks, *series.mergers)]
    axis = axis._replace(marks=[(place, "") for place in breaks if axis.first < place <= axis.last])
    lines = [ChartLine("actual", segment) for segment in split_at_days(places, breaks)]
    picture = line_chart(lines, axis, str(series.area), size=SMALL, numbers=numbers)
    value = format_places(last_value(points), places_of(history.indicator, points))
    return AreaChart(series.area, picture, value, short_day(points[-1].period.end))
