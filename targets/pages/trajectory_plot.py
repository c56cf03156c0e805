"""The chart of a target's page: its picture without scripts, its data for the script, and its numbers in a table."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple, TypedDict

from django.utils.safestring import SafeString
from django.utils.translation import get_language

from indicators.domain.choices import IndicatorKind
from kpitracker.lib.i18n.text import text, translate
from targets.pages.board_rows import bullet_values
from targets.pages.charts import BulletValues
from targets.pages.trajectory_chart import last_actual, trajectory_chart
from targets.payloads.assessments import ExplainedAssessment
from targets.services.evaluation.evaluate import Evaluation
from targets.services.reports.trajectory_details import TrajectoryDetails, build_trajectory_details
from targets.services.text import formatting, measures

# Writes a number of the chart; – for None.
ShowNumber = Callable[[Decimal | None], str]

# The marks of the chart in the order of its legend. The names are those of the style classes.
_KEYS = {
    "actual": text("actual", "thực hiện"),
    "due": text("due by then", "mức cần đạt đến từng ngày"),
    "band": text("target", "chỉ tiêu"),
    "outlook": text("outlook and its range", "dự kiến cuối kỳ và khoảng của nó"),
    "needed": text("needed to reach the target", "mức cần để đạt chỉ tiêu"),
    "before": text("same span of the year before", "cùng kỳ năm trước"),
    "earlier": text("known earlier, since revised", "số liệu trước khi sửa"),
    "forecast": text("forecast of the issuer", "dự báo của cơ quan công bố"),
}


class PlotPoint(TypedDict):
    """A number of the chart. `x`: days since the beginning; `y`: the number; `text`: day and number as they are shown."""

    x: int
    y: float
    text: str


class PlotSeries(TypedDict):
    name: str
    label: str
    points: list[PlotPoint]


class PlotData(TypedDict):
    """What the script draws. `days`: places and texts of the axis. `band`: the edges of the target; null: open.

    `words`: those of 0 and 1, of what is done or not done; else null.
    """

    language: str
    last: int
    days: list[tuple[int, str]]
    band: tuple[float | None, float | None] | None
    series: list[PlotSeries]
    words: list[str] | None


class TrajectoryPlot(NamedTuple):
    """`keys`: style class and words of what is drawn. `rows`: the table below, all numbers that are drawn."""

    picture: SafeString
    data: PlotData
    keys: list[tuple[str, str]]
    heads: list[str]
    rows: list[list[str]]


def build_plot(evaluation: Evaluation, status: ExplainedAssessment) -> TrajectoryPlot | None:
    """Return the chart of a target; None without numbers."""
    details, values = build_trajectory_details(evaluation), bullet_values(status)
    start = evaluation.target.period_start - timedelta(days=1)
    label = translate("trajectory; the numbers stand below", "diễn biến; số liệu ở bảng dưới")
    is_task = evaluation.target.indicator.kind == IndicatorKind.YES_NO
    picture = trajectory_chart(
        details, values, start, label, lambda value: _shown_on_axis(value, is_task=is_task), _day_of_axis
    )
    if not picture:
        return None
    places = measures.status_places(status)

    def shown(value: Decimal | None) -> str:
        return _shown_in_words(value) if is_task else _shown(value, places)

    series = [row for row in _series(details, values, start, shown) if row["points"]]
    has_band = values.lower is not None or values.upper is not None
    drawn = {row["name"] for row in series} | ({"band"} if has_band else set())
    heads, rows = _table(details, values, shown)
    return TrajectoryPlot(
        picture,
        {
            "language": get_language() or "vi",
            "last": (details.points[-1].day - start).days,
            "days": [((point.day - start).days, _day_of_axis(point.day)) for point in details.points],
            "band": (_plain(values.lower), _plain(values.upper)) if has_band else None,
            "series": series,
            "words": [_shown_in_words(Decimal(value)) for value in (0, 1)] if is_task else None,
        },
        [(name, str(words)) for name, words in _KEYS.items() if name in drawn],
        heads,
        rows,
    )


def _series(details: TrajectoryDetails, values: BulletValues, start: date, shown: ShowNumber) -> Iterable[PlotSeries]:
    last = last_actual(details.points)

    def line(name: str, numbers: Iterable[tuple[date, Decimal | None]]) -> PlotSeries:
        label, actual_label = str(_KEYS[name]), str(_KEYS["actual"])
        points: list[PlotPoint] = [
            {
                "x": (day - start).days,
                "y": float(value),
                "text": f"{short_day(day)}: {label if (day, value) != last else actual_label} {shown(value)}",
            }
            for day, value in numbers
            if value is not None
        ]
        return {"name": name, "label": label, "points": points}

    points, end = details.points, details.points[-1].day
    yield line("before", details.year_before)
    yield line("due", ((point.day, point.lower) for point in points))
    yield line("due", ((point.day, point.upper) for point in points))
    yield line("earlier", ((row.day, row.value) for row in details.earlier))
    yield line("forecast", ((row.day, row.value) for row in details.forecasts))
    if last:
        for edge in details.needed:
            yield line("needed", [last, (end, edge)])
        if values.outlook is not None:
            yield line("outlook", [last, (end, values.outlook)])
            yield line("outlook", [(end, values.outlook_low), (end, values.outlook_high)])
    yield line("actual", ((point.day, point.actual) for point in points))


def _table(details: TrajectoryDetails, values: BulletValues, shown: ShowNumber) -> tuple[list[str], list[list[str]]]:
    """The heads and rows of all numbers that are drawn. A column without a number is left out."""
    points, end = {point.day: point for point in details.points}, details.points[-1].day
    before = dict(details.year_before)
    rows: list[list[str]] = []
    for day in sorted({*points, *(row.day for row in details.forecasts)}):
        point = points.get(day)
        needed = details.needed if day == end and last_actual(details.points) else []
        rows.append([
            short_day(day),
            shown(point.actual if point else None),
            _earlier_cell([(row.value, row.known_until) for row in details.earlier if row.day == day], shown),
            shown(point.lower if point else None),
            shown(point.upper if point else None),
            shown(before.get(day)),
            _forecast_cell([(row.value, row.published) for row in details.forecasts if row.day == day], shown),
            _outlook_cell(values, shown) if day == end else "–",
            " – ".join(map(shown, needed)) or "–",
            " – ".join(shown(edge) for edge in (values.lower, values.upper) if edge is not None) if day == end else "–",
        ])  # fmt: skip
    heads = [
        text("Until", "Đến ngày"),
        text("Actual", "Thực hiện"),
        text("Known earlier", "Trước khi sửa"),
        text("Due, lower edge", "Cần đạt, cận dưới"),
        text("Due, upper edge", "Cần đạt, cận trên"),
        text("Year before", "Cùng kỳ năm trước"),
        text("Forecast of the issuer", "Dự báo của cơ quan công bố"),
        text("Outlook", "Dự kiến"),
        text("Needed by then", "Cần đạt để hoàn thành"),
        text("Target", "Chỉ tiêu"),
    ]
    kept = [column for column in range(len(heads)) if column < 2 or any(row[column] not in ("–", "") for row in rows)]
    return [str(heads[column]) for column in kept], [[row[column] for column in kept] for row in rows]


def _earlier_cell(values: Sequence[tuple[Decimal, date]], shown: ShowNumber) -> str:
    parts = [
        translate(f"{shown(value)} (until {short_day(day)})", f"{shown(value)} (đến {short_day(day)})")
        for value, day in values
    ]
    return "; ".join(parts) or "–"


def _forecast_cell(values: Sequence[tuple[Decimal, date | None]], shown: ShowNumber) -> str:
    return "; ".join(f"{shown(value)}{f' ({short_day(day)})' if day else ''}" for value, day in values) or "–"


def _outlook_cell(values: BulletValues, shown: ShowNumber) -> str:
    if values.outlook is None or values.outlook_low is None or values.outlook_low == values.outlook_high:
        return shown(values.outlook)
    return f"{shown(values.outlook)} ({shown(values.outlook_low)} – {shown(values.outlook_high)})"


def short_day(day: date) -> str:
    return formatting.format_short_day(day.isoformat())


def _day_of_axis(day: date) -> str:
    return day.strftime("%d/%m/%Y") if (get_language() or "").startswith("vi") else f"{day.day} {day:%b %Y}"


def _shown(value: Decimal | None, places: int) -> str:
    return formatting.format_number(None if value is None else str(value), places)


def _shown_in_words(value: Decimal | None) -> str:
    """What is done or not done; a number where it is neither, such as a forecast between them."""
    if value not in (Decimal(0), Decimal(1)):
        return _shown(value, 2)
    return formatting.format_done(is_done=value == 1)


def _shown_on_axis(value: Decimal, *, is_task: bool) -> str:
    if is_task:
        return _shown_in_words(value) if value in (Decimal(0), Decimal(1)) else ""
    return _shown(value, 6)


def _plain(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
