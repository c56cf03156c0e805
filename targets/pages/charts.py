"""Small charts as SVG: a bullet graph and a sparkline.

They hold numbers only, no text of a user. What they show stands in words and numbers beside them. Colours come from the
style sheet.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

_WIDTH = 220  # of the bullet graph in pixels; the style sheet names it too, so that nothing moves when a row comes
_MARGIN = 3  # so that a mark on the edge is whole
_SPARK_WIDTH, _SPARK_HEIGHT = 90, 24
_MEDIUM = Decimal("0.5")  # the least value above this part of the greatest: bars from 0 would all look alike


class BulletValues(NamedTuple):
    """Numbers of one target in the unit of its indicator. None: there is no such number.

    `lower`, `upper`: the edges of the target. `due_lower`, `due_upper`: those expected by now.
    """

    actual: Decimal | None
    lower: Decimal | None
    upper: Decimal | None
    due_lower: Decimal | None
    due_upper: Decimal | None
    outlook: Decimal | None
    outlook_low: Decimal | None
    outlook_high: Decimal | None


class _Scale(NamedTuple):
    """Places values on the width of the graph. `from_zero`: bars may be drawn, their length is the value."""

    least: Decimal
    greatest: Decimal
    from_zero: bool

    def place(self, value: Decimal) -> int:
        span = self.greatest - self.least or Decimal(1)
        share = (value - self.least) / span
        return round(_MARGIN + share * (_WIDTH - 2 * _MARGIN))


def bullet(values: BulletValues, *, adds_up: bool) -> SafeString:
    """Return a bullet graph of three paths: the band; the actual with the marks due by now; the outlook with its range.

    `adds_up`: the actual grows from 0 through the period, so its bar begins at 0 however far it has come.
    """
    numbers = [value for value in values if value is not None]
    if not numbers:
        return SafeString()
    scale = _scale(numbers, adds_up=adds_up)
    paths = (
        _band_path(values, scale),
        _actual_path(values, scale) + _due_path(values, scale),
        _outlook_path(values, scale),
    )
    parts = format_html_join("", '<path d="{}"/>', ((path,) for path in paths))
    return format_html('<svg aria-hidden="true">{}</svg>', parts)


def _scale(numbers: Sequence[Decimal], *, adds_up: bool) -> _Scale:
    least, greatest = min(numbers), max(numbers)
    is_far_from_zero = least > greatest * _MEDIUM if least > 0 else greatest < 0 and greatest < least * _MEDIUM
    from_zero = adds_up or not is_far_from_zero
    if from_zero:
        least, greatest = min(least, Decimal(0)), max(greatest, Decimal(0))
    room = (greatest - least or abs(greatest) or Decimal(1)) / 12
    return _Scale(least if from_zero and least == 0 else least - room, greatest + room, from_zero)


def _rectangle(left: int, right: int, top: int, height: int) -> str:
    x, end = sorted((left, right))
    return f"M{x} {top}h{max(end - x, 1)}v{height}H{x}z"


def _band_path(values: BulletValues, scale: _Scale) -> str:
    """Where the target wants the value at the end of its period: a broad line. An open side runs on."""
    if values.lower is None and values.upper is None:
        return ""
    left, right = scale.place(scale.least), scale.place(scale.greatest)
    start = left if values.lower is None else scale.place(values.lower)
    end = right if values.upper is None else scale.place(values.upper)
    return f"M{start} 13h{max(end - start, 1)}"


def _actual_path(values: BulletValues, scale: _Scale) -> str:
    """A bar from 0; a diamond where a bar would have no meaning."""
    if values.actual is None:
        return ""
    place = scale.place(values.actual)
    if scale.from_zero:
        return _rectangle(scale.place(Decimal(0)), place, 9, 8)
    return f"M{place} 8l5 5-5 5-5-5z"


def _due_path(values: BulletValues, scale: _Scale) -> str:
    edges = dict.fromkeys((values.due_lower, values.due_upper))
    return "".join(f"M{scale.place(edge)} 2v22" for edge in edges if edge is not None)


def _outlook_path(values: BulletValues, scale: _Scale) -> str:
    path = ""
    if values.outlook_low is not None and values.outlook_high is not None:
        path = f"M{scale.place(values.outlook_low)} 22H{scale.place(values.outlook_high)}"
    if values.outlook is not None:
        path += f"M{scale.place(values.outlook)} 17l4 8h-8z"
    return path


def sparkline(points: Sequence[tuple[date, Decimal]]) -> SafeString:
    """Return a line through the values by day. Fewer than two points give no line."""
    if len(points) < 2:
        return SafeString()
    first_day, days = points[0][0], Decimal((points[-1][0] - points[0][0]).days)
    values = [value for _, value in points]
    least, spread = min(values), max(values) - min(values) or Decimal(1)
    places = [
        (
            round(_MARGIN + Decimal((day - first_day).days) / days * (_SPARK_WIDTH - 2 * _MARGIN)),
            round(_SPARK_HEIGHT - _MARGIN - (value - least) / spread * (_SPARK_HEIGHT - 2 * _MARGIN)),
        )
        for day, value in points
    ]
    line = " ".join(f"{x} {y}" for x, y in places)
    return format_html('<svg aria-hidden="true"><path d="M{}"/></svg>', line)
