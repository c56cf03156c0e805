"""Lines over days or months as SVG: the values of an indicator, its years over each other, and small ones by area.

The same numbers stand in tables below them. Colours come from the style sheet.
"""

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from targets.pages.trajectory_chart import round_values


class ChartLine(NamedTuple):
    """A line through points (place on the axis, value). `name`: its style class."""

    name: str
    points: Sequence[tuple[int, Decimal]]


class Axis(NamedTuple):
    """From place `first` to `last`. `ticks`: texts below the chart; `marks`: places with a line from top to bottom."""

    first: int
    last: int
    ticks: Sequence[tuple[int, str]] = ()
    marks: Sequence[tuple[int, str]] = ()


class Size(NamedTuple):
    """In the units of the picture; the margins leave room for the texts."""

    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int


WIDE = Size(760, 280, 90, 20, 24, 34)
SMALL = Size(220, 80, 4, 4, 4, 4)


class _Frame(NamedTuple):
    axis: Axis
    size: Size
    least: Decimal
    greatest: Decimal

    def x(self, place: int) -> str:
        width = self.size.width - self.size.left - self.size.right
        return f"{self.size.left + (place - self.axis.first) / max(self.axis.last - self.axis.first, 1) * width:.1f}"

    def y(self, value: Decimal) -> str:
        share = (value - self.least) / (self.greatest - self.least)
        height = self.size.height - self.size.top - self.size.bottom
        return f"{self.size.height - self.size.bottom - share * height:.1f}"


def line_chart(
    lines: Sequence[ChartLine],
    axis: Axis,
    label: object,
    format_value: Callable[[Decimal], str] | None = None,
    *,
    size: Size = WIDE,
    numbers: Iterable[Decimal] | None = None,
) -> SafeString:
    """Return the chart, or nothing without numbers. `numbers`: those that its scale must hold; without them, the lines'.

    `format_value` None: without texts at the left.
    """
    values = list(numbers) if numbers is not None else [value for line in lines for _, value in line.points]
    if not values or not any(line.points for line in lines):
        return SafeString()
    frame = _frame(values, axis, size)
    parts = [
        *(_grid(frame, format_value) if format_value else ()),
        *_ticks(frame),
        *_marks(frame),
        *(part for line in lines for part in _line(frame, line)),
    ]
    return format_html(
        '<svg class="trajectory" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>',
        size.width, size.height, label, format_html_join("", "{}", ((part,) for part in parts)),
    )  # fmt: skip


def split_at_days(points: Sequence[tuple[int, Decimal]], places: Iterable[int]) -> list[list[tuple[int, Decimal]]]:
    """The points before and from each place on: no line leads over a break."""
    segments, edges = [list[tuple[int, Decimal]]()], sorted(places)
    for point in points:
        while edges and point[0] >= edges[0]:
            edges.pop(0)
            segments.append([])
        segments[-1].append(point)
    return [segment for segment in segments if segment]


def _frame(values: Sequence[Decimal], axis: Axis, size: Size) -> _Frame:
    least, greatest = min(values), max(values)
    room = (greatest - least or abs(greatest) or Decimal(1)) / 12
    return _Frame(axis, size, least - room, greatest + room)


def _grid(frame: _Frame, format_value: Callable[[Decimal], str]) -> Iterable[SafeString]:
    left, right = frame.size.left, frame.size.width - frame.size.right
    for value in round_values(frame.least, frame.greatest):
        y = frame.y(value)
        yield format_html('<path class="grid" d="M{} {}H{}"/>', left, y, right)
        yield format_html('<text x="{}" y="{}" text-anchor="end" dy="4">{}</text>', left - 6, y, format_value(value))


def _ticks(frame: _Frame) -> Iterable[SafeString]:
    for place, words in frame.axis.ticks:
        # Centred on the last place, a day would be cut at the edge of the picture.
        anchor = "end" if place == frame.axis.last else "middle"
        yield format_html(
            '<text x="{}" y="{}" text-anchor="{}">{}</text>', frame.x(place), frame.size.height - 12, anchor, words
        )


def _marks(frame: _Frame) -> Iterable[SafeString]:
    for place, words in frame.axis.marks:
        x, bottom = frame.x(place), frame.size.height - frame.size.bottom
        yield format_html('<path class="needed" d="M{} {}V{}"/>', x, frame.size.top, bottom)
        yield format_html('<text x="{}" y="{}" text-anchor="middle">{}</text>', x, frame.size.top - 8, words)


def _line(frame: _Frame, line: ChartLine) -> Iterable[SafeString]:
    places = [(frame.x(place), frame.y(value)) for place, value in line.points]
    if len(places) > 1:
        corners = " ".join(f"{x},{y}" for x, y in places)
        yield format_html('<polyline class="{}" points="{}"/>', line.name, corners)
    elif places:
        yield format_html('<circle class="{}" cx="{}" cy="{}" r="3"/>', line.name, *places[0])
