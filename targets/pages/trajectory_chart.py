"""The trajectory of a target as SVG: the expected path, the actuals, the band, the outlook, and what is known beside them.

The same numbers stand in a table below it. Colours come from the style sheet.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import ROUND_CEILING, Decimal
from typing import NamedTuple

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from targets.pages.charts import BulletValues
from targets.services.reports.trajectories import TrajectoryPoint
from targets.services.reports.trajectory_details import TrajectoryDetails

_WIDTH, _HEIGHT = 760, 280
_LEFT, _RIGHT, _TOP, _BOTTOM = 90, 20, 14, 34
_LINES = 4  # the number of horizontal lines, about


class _TrajectoryFrame(NamedTuple):
    """Places days and values in the chart. `start`: the day before the period, where what grows from 0 begins."""

    start: date
    end: date
    least: Decimal
    greatest: Decimal

    def x(self, day: date) -> str:
        share = (day - self.start).days / max((self.end - self.start).days, 1)
        return f"{_LEFT + share * (_WIDTH - _LEFT - _RIGHT):.1f}"

    def y(self, value: Decimal) -> str:
        share = (value - self.least) / (self.greatest - self.least)
        return f"{_HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM):.1f}"


def trajectory_chart(
    details: TrajectoryDetails,
    values: BulletValues,
    start: date,
    label: object,
    format_value: Callable[[Decimal], str],
    format_day: Callable[[date], str],
) -> SafeString:
    """Return the chart of a period, or nothing without numbers. `start`: the day before the period begins.

    `values`: the band of the target and its outlook. Texts of the axes come from `format_value` and `format_day`.
    """
    points = details.points
    numbers = [*(value for value in values if value is not None), *_numbers(points), *_numbers_beside(details)]
    if not numbers or not points:
        return SafeString()
    frame = _frame(points, numbers, start)
    parts = [
        *_grid(frame, format_value),
        *_days(frame, points, format_day),
        *_band(frame, values),
        *_beside(frame, details),
        *_paths(frame, points),
        *_outlook(frame, points, values),
    ]
    return format_html(
        '<svg class="trajectory" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>',
        _WIDTH, _HEIGHT, label, format_html_join("", "{}", ((part,) for part in parts)),
    )  # fmt: skip


def _numbers(points: Iterable[TrajectoryPoint]) -> Iterable[Decimal]:
    for point in points:
        yield from (value for value in (point.actual, point.lower, point.upper) if value is not None)


def _numbers_beside(details: TrajectoryDetails) -> Iterable[Decimal]:
    yield from (value for _, value in details.year_before)
    yield from (earlier.value for earlier in details.earlier)
    yield from (forecast.value for forecast in details.forecasts)
    yield from details.needed


def _frame(points: Sequence[TrajectoryPoint], numbers: Sequence[Decimal], start: date) -> _TrajectoryFrame:
    least, greatest = min(numbers), max(numbers)
    room = (greatest - least or abs(greatest) or Decimal(1)) / 12
    return _TrajectoryFrame(start, max(points[-1].day, start), least - room, greatest + room)


def _grid(frame: _TrajectoryFrame, format_value: Callable[[Decimal], str]) -> Iterable[SafeString]:
    for value in round_values(frame.least, frame.greatest):
        y = frame.y(value)
        yield format_html('<path class="grid" d="M{} {}H{}"/>', _LEFT, y, _WIDTH - _RIGHT)
        yield format_html('<text x="{}" y="{}" text-anchor="end" dy="4">{}</text>', _LEFT - 6, y, format_value(value))


def round_values(least: Decimal, greatest: Decimal) -> Iterable[Decimal]:
    """Multiples of 1, 2 or 5 times a power of ten between two values: at most six."""
    rough_step = (greatest - least) / _LINES
    power = Decimal(10) ** rough_step.adjusted()
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough_step)
    value = (least / step).to_integral_value(ROUND_CEILING) * step
    while value <= greatest:
        yield value
        value += step


def _days(
    frame: _TrajectoryFrame, points: Sequence[TrajectoryPoint], format_day: Callable[[date], str]
) -> Iterable[SafeString]:
    """At most five days below the chart, the last one among them."""
    step = max(1, -(-len(points) // 5))
    for point in points[::-1][::step]:
        yield format_html(
            '<text x="{}" y="{}" text-anchor="{}">{}</text>',
            frame.x(point.day), _HEIGHT - 12, "end" if point is points[-1] else "middle", format_day(point.day),
        )  # fmt: skip


def _band(frame: _TrajectoryFrame, values: BulletValues) -> Iterable[SafeString]:
    """Where the target wants the value at the end, as a bar at the right edge. An open side runs on."""
    if values.lower is None and values.upper is None:
        return
    top = frame.y(frame.greatest if values.upper is None else values.upper)
    bottom = frame.y(frame.least if values.lower is None else values.lower)
    height = f"{max(float(bottom) - float(top), 2):.1f}"
    left = _WIDTH - _RIGHT - 6
    yield format_html('<rect class="bullet-band" x="{}" y="{}" width="12" height="{}"/>', left, top, height)


def _beside(frame: _TrajectoryFrame, details: TrajectoryDetails) -> Iterable[SafeString]:
    """The year before as a line, earlier actuals as rings, forecasts as diamonds, and the way to what is needed."""
    yield from _line("before", ((frame.x(day), value) for day, value in details.year_before), frame)
    for earlier in details.earlier:
        x, y = frame.x(earlier.day), frame.y(earlier.value)
        yield format_html('<circle class="earlier" cx="{}" cy="{}" r="3.5"/>', x, y)
    for forecast in details.forecasts:
        x, y = frame.x(forecast.day), frame.y(forecast.value)
        yield format_html('<path class="forecast" d="M{} {}m0 -6l5 6l-5 6l-5 -6z"/>', x, y)
    if last := last_actual(details.points):
        start, end = f"M{frame.x(last[0])} {frame.y(last[1])}", frame.x(frame.end)
        for edge in details.needed:
            yield format_html('<path class="needed" d="{}L{} {}"/>', start, end, frame.y(edge))


def last_actual(points: Sequence[TrajectoryPoint]) -> tuple[date, Decimal] | None:
    """The last day with an actual, and that actual."""
    return next(((point.day, point.actual) for point in reversed(points) if point.actual is not None), None)


def _paths(frame: _TrajectoryFrame, points: Sequence[TrajectoryPoint]) -> Iterable[SafeString]:
    days = [frame.x(point.day) for point in points]
    yield from _line("due", zip(days, (point.lower for point in points), strict=True), frame)
    yield from _line("due", zip(days, (point.upper for point in points), strict=True), frame)
    yield from _line("actual", zip(days, (point.actual for point in points), strict=True), frame)
    for x, point in zip(days, points, strict=True):
        if point.actual is not None:
            yield format_html('<circle class="actual" cx="{}" cy="{}" r="3"/>', x, frame.y(point.actual))


def _line(name: str, places: Iterable[tuple[str, Decimal | None]], frame: _TrajectoryFrame) -> Iterable[SafeString]:
    corners = [f"{x},{frame.y(value)}" for x, value in places if value is not None]
    if len(corners) > 1:
        yield format_html('<polyline class="{}" points="{}"/>', name, " ".join(corners))


def _outlook(frame: _TrajectoryFrame, points: Sequence[TrajectoryPoint], values: BulletValues) -> Iterable[SafeString]:
    """From the last actual to what is expected at the end of the period, and its range there."""
    last, end = last_actual(points), frame.x(frame.end)
    if last is None or values.outlook is None:
        return
    day, actual = last
    if day < frame.end:
        start = f"M{frame.x(day)} {frame.y(actual)}"
        yield format_html('<path class="outlook" d="{}L{} {}"/>', start, end, frame.y(values.outlook))
    if values.outlook_low is not None and values.outlook_high is not None:
        low, high = frame.y(values.outlook_low), frame.y(values.outlook_high)
        yield format_html('<path class="bullet-range" d="M{} {}V{}"/>', end, low, high)
