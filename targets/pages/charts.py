"""Small charts as SVG: a bullet graph and a sparkline.

They hold numbers only, no text of a user. What they show stands in words and numbers beside them. Colours come from the
style sheet.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

_WIDTH, _HEIGHT = 220, 26
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

    def place(self, value: Decimal) -> str:
        span = self.greatest - self.least or Decimal(1)
        share = (value - self.least) / span
        return f"{_MARGIN + share * (_WIDTH - 2 * _MARGIN):.1f}"


def bullet(values: BulletValues, label: object, *, adds_up: bool) -> SafeString:
    """Return a bullet graph: the band of the target, what is due by now, the actual, and the range of the outlook.

    `adds_up`: the actual grows from 0 through the period, so its bar begins at 0 however far it has come.
    """
    numbers = [value for value in values if value is not None]
    if not numbers:
        return SafeString()
    scale = _scale(numbers, adds_up=adds_up)
    parts = [*_band_parts(values, scale), *_actual_parts(values, scale), *_due_parts(values, scale)]
    parts += _outlook_parts(values, scale)
    return format_html(
        '<svg class="bullet" viewBox="0 0 {} {}" width="{}" height="{}" preserveAspectRatio="xMinYMid" role="img" aria-label="{}">{}</svg>',
        _WIDTH, _HEIGHT, _WIDTH, _HEIGHT, label, format_html_join("", "{}", ((part,) for part in parts)),
    )  # fmt: skip


def _scale(numbers: Sequence[Decimal], *, adds_up: bool) -> _Scale:
    least, greatest = min(numbers), max(numbers)
    is_far_from_zero = least > greatest * _MEDIUM if least > 0 else greatest < 0 and greatest < least * _MEDIUM
    from_zero = adds_up or not is_far_from_zero
    if from_zero:
        least, greatest = min(least, Decimal(0)), max(greatest, Decimal(0))
    room = (greatest - least or abs(greatest) or Decimal(1)) / 12
    return _Scale(least if from_zero and least == 0 else least - room, greatest + room, from_zero)


def _rectangle(name: str, left: str, right: str, top: int, height: int) -> SafeString:
    x, end = sorted((float(left), float(right)))
    width = f"{max(end - x, 0.5):.1f}"
    return format_html('<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>', name, f"{x:.1f}", top, width, height)


def _band_parts(values: BulletValues, scale: _Scale) -> Iterable[SafeString]:
    """The whole width, and on it where the target wants the value at the end of its period. An open side runs on."""
    left, right = scale.place(scale.least), scale.place(scale.greatest)
    yield _rectangle("bullet-ground", left, right, 4, 18)
    if values.lower is not None or values.upper is not None:
        start = left if values.lower is None else scale.place(values.lower)
        end = right if values.upper is None else scale.place(values.upper)
        yield _rectangle("bullet-band", start, end, 4, 18)


def _actual_parts(values: BulletValues, scale: _Scale) -> Iterable[SafeString]:
    if values.actual is None:
        return
    place = scale.place(values.actual)
    if scale.from_zero:
        yield _rectangle("bullet-actual", scale.place(Decimal(0)), place, 9, 8)
    else:
        yield format_html('<circle class="bullet-actual" cx="{}" cy="13" r="5"/>', place)


def _due_parts(values: BulletValues, scale: _Scale) -> Iterable[SafeString]:
    for edge in dict.fromkeys((values.due_lower, values.due_upper)):
        if edge is not None:
            yield format_html('<path class="bullet-due" d="M{} 2v22"/>', scale.place(edge))


def _outlook_parts(values: BulletValues, scale: _Scale) -> Iterable[SafeString]:
    if values.outlook_low is not None and values.outlook_high is not None:
        low, high = scale.place(values.outlook_low), scale.place(values.outlook_high)
        yield format_html('<path class="bullet-range" d="M{} 22H{}"/>', low, high)
    if values.outlook is not None:
        place = scale.place(values.outlook)
        yield format_html('<path class="bullet-outlook" d="M{} 17l4 8h-8z"/>', place)


def sparkline(points: Sequence[tuple[date, Decimal]], label: object) -> SafeString:
    """Return a line through the values by day. Fewer than two points give no line."""
    if len(points) < 2:
        return SafeString()
    first_day, days = points[0][0], Decimal((points[-1][0] - points[0][0]).days)
    values = [value for _, value in points]
    least, spread = min(values), max(values) - min(values) or Decimal(1)
    places = [
        (
            f"{_MARGIN + Decimal((day - first_day).days) / days * (_SPARK_WIDTH - 2 * _MARGIN):.1f}",
            f"{_SPARK_HEIGHT - _MARGIN - (value - least) / spread * (_SPARK_HEIGHT - 2 * _MARGIN):.1f}",
        )
        for day, value in points
    ]
    line = " ".join(f"{x},{y}" for x, y in places)
    return format_html(
        '<svg class="spark" viewBox="0 0 {} {}" width="{}" height="{}" role="img" aria-label="{}">'
        '<polyline points="{}"/><circle cx="{}" cy="{}" r="2.5"/></svg>',
        _SPARK_WIDTH, _SPARK_HEIGHT, _SPARK_WIDTH, _SPARK_HEIGHT, label, line, *places[-1],
    )  # fmt: skip
