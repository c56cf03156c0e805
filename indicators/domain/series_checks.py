"""What speaks against a figure beside the other figures of its series (domain.md section 3)."""

from bisect import bisect_left
from collections import ChainMap, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

from .choices import Accumulation, Frequency, IndicatorKind
from .figures import Figure
from .periods import Period, whole_reporting_periods
from .rounding import exact_arithmetic
from .series import build_tilings

# A figure this number of times what its neighbours say, or as small a part of it: a wrong unit, or a point in the wrong place.
_SCALE_LIMIT: Final = 70
# The greatest and the least number of figures that are compared.
_MOST_COMPARED, _LEAST_COMPARED = 6, 2
# Rates come near 0, ranks and answers of yes or no are small numbers: they may well be a hundred times the last one.
_SCALED_KINDS: Final = frozenset({IndicatorKind.LEVEL, IndicatorKind.COUNT, IndicatorKind.SHARE, IndicatorKind.INDEX})
_TILED_ACCUMULATIONS: Final = (Accumulation.SUM, Accumulation.MEAN)
# Months of 28 and 31 days are of one length.
_LENGTH_TOLERANCE: Final = 1.2
# A longer figure is not compared with its parts: a term of years with its days would take long.
_LONGEST_WHOLE_DAYS: Final = 366
_MOST_WHOLES: Final = 6


class ScaleJump(NamedTuple):
    """A figure that says as many times less, or more. `times` is rounded to one digit; `is_more`: the checked one is more."""

    period: Period
    value: Decimal
    times: Decimal
    is_more: bool


class DifferentTotal(NamedTuple):
    """A whole and the total of its parts, which differ beyond rounding. `part_count`: of its parts."""

    whole: Period
    value: Decimal
    total: Decimal
    part_count: int


def is_impossible(value: Decimal, kind: IndicatorKind) -> bool:
    """Whether a share lies outside 0 to 100, a rank below 1, or a count below 0."""
    if kind == IndicatorKind.SHARE:
        return not 0 <= value <= 100
    return (kind == IndicatorKind.RANK and value < 1) or (kind == IndicatorKind.COUNT and value < 0)


def average_per_period(
    value: Decimal, period: Period, accumulation: Accumulation | None, frequency: Frequency
) -> tuple[Decimal, int]:
    """The value of one reporting period, and how many the figure covers; 1 where its parts are not added up."""
    count = whole_reporting_periods(period, frequency) if accumulation == Accumulation.SUM else 1
    with exact_arithmetic():
        return (value / count, count) if count > 1 else (value, 1)


def differs_beyond_rounding(value: Decimal, total: Decimal, numbers: Iterable[Decimal], decimals: int) -> bool:
    """Whether a whole differs from a total by more than the rounding of all these numbers can explain.

    They were rounded to `decimals` places, or to fewer if none of them has as many.
    """
    rounded = [value, *numbers]
    places = min(decimals, max(_decimal_places(number) for number in rounded))
    with exact_arithmetic():
        return abs(value - total) > Decimal(len(rounded)).scaleb(-places) / 2


def _decimal_places(number: Decimal) -> int:
    exponent = number.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def is_checked(kind: IndicatorKind, accumulation: Accumulation) -> bool:
    """Whether the other figures of a series of this sort can speak against one."""
    return kind in _SCALED_KINDS or accumulation in _TILED_ACCUMULATIONS


class SeriesRange(NamedTuple):
    """The least and the greatest size of the figures of a series (without signs and zeros; 0: none), and their days."""

    least: float
    greatest: float
    shortest: int
    longest: int

    def is_suspect(self, kind: IndicatorKind, accumulation: Accumulation) -> bool:
        """Whether one of these figures may be of another scale than the others, or a whole of them; else none is."""
        if accumulation in _TILED_ACCUMULATIONS and self.longest > self.shortest * _LENGTH_TOLERANCE:
            return True
        # One less than the limit: these numbers are not exact.
        return kind in _SCALED_KINDS and self.greatest > self.least * (_SCALE_LIMIT - 1)


class SeriesFigures:
    """The figures of one stored indicator in one area, those about to be stored in place of the stored ones."""

    def __init__(
        self,
        kind: IndicatorKind,
        accumulation: Accumulation,
        frequency: Frequency,
        decimals: int,
        figures: Iterable[Figure],
    ) -> None:
        self._kind, self._accumulation, self._frequency, self._decimals = kind, accumulation, frequency, decimals
        valued = sorted((figure for figure in figures if figure.value is not None), key=lambda figure: figure.period)
        self._by_span = {figure.period: figure for figure in valued}
        self._by_length: dict[int, list[Figure]] = defaultdict(list)
        self._by_start: dict[date, list[Figure]] = {}
        for figure in valued:
            self._by_length[_length_class(figure.period)].append(figure)
        for figure in reversed(valued):
            self._by_start.setdefault(figure.start, []).append(figure)
        shortest = min((figure.days for figure in valued), default=0)
        self._wholes = [
            figure for figure in valued if shortest * _LENGTH_TOLERANCE < figure.days <= _LONGEST_WHOLE_DAYS
        ]

    def scale_jump(self, period: Period, value: Decimal) -> ScaleJump | None:
        """The figure that the value is far from: the middle one of the last of its length, else of the next."""
        if self._kind not in _SCALED_KINDS:
            return None
        neighbours = self._neighbours(period)
        if len(neighbours) < _LEAST_COMPARED or not value:
            return None
        middle = sorted(neighbours, key=lambda figure: abs(figure.numeric_value))[(len(neighbours) - 1) // 2]
        with exact_arithmetic():
            ratio = abs(value / middle.numeric_value)
            is_more, times = ratio >= 1, max(ratio, 1 / ratio)
            if times < _SCALE_LIMIT:
                return None
            return ScaleJump(middle.period, middle.numeric_value, _round_to_one_digit(times), is_more)

    def different_totals(self, period: Period) -> list[DifferentTotal]:
        """The figure itself if its parts add up to another total, and the wholes of which it is a part."""
        if self._accumulation not in _TILED_ACCUMULATIONS or period not in self._by_span:
            return []
        wholes = [self._by_span[period]] if period.days <= _LONGEST_WHOLE_DAYS else []
        containing = [whole for whole in self._wholes if whole.period != period and whole.period.contains(period)]
        wholes += sorted(containing, key=lambda whole: whole.days)[:_MOST_WHOLES]
        different = (self._compare_with_parts(whole, period) for whole in wholes)
        return [total for total in different if total is not None]

    def _compare_with_parts(self, whole: Figure, part: Period) -> DifferentTotal | None:
        """The total of the parts of a whole, if it differs. Only parts with the given one, or of the given one, count."""
        others = [figure for figure in self._by_start[whole.start] if figure is not whole]
        without_whole = ChainMap({whole.start: others}, self._by_start)
        with exact_arithmetic():
            tile = build_tilings(without_whole, whole.start, whole.end).get(whole.end)
            parts = [] if tile is None else tile.figures()
            if not parts or not (part == whole.period or any(figure.period == part for figure in parts)):
                return None
            total = self._total_of(parts)
        numbers = [figure.numeric_value for figure in parts]
        if not differs_beyond_rounding(whole.numeric_value, total, numbers, self._decimals):
            return None
        return DifferentTotal(whole.period, whole.numeric_value, total, len(parts))

    def _total_of(self, parts: Sequence[Figure]) -> Decimal:
        """The sum; of averages their mean, in which each reporting period weighs the same, or else each day."""
        if self._accumulation == Accumulation.SUM:
            return sum((figure.numeric_value for figure in parts), Decimal(0))
        weights = [whole_reporting_periods(figure.period, self._frequency) for figure in parts]
        if not all(weights):
            weights = [figure.days for figure in parts]
        weighted = zip(weights, parts, strict=True)
        return sum((weight * figure.numeric_value for weight, figure in weighted), Decimal(0)) / sum(weights)

    def _neighbours(self, period: Period) -> Sequence[Figure]:
        same_length = self._by_length.get(_length_class(period), [])
        index = bisect_left(same_length, period, key=lambda figure: figure.period)
        earlier = [figure for figure in same_length[max(0, index - _MOST_COMPARED) : index] if figure.value]
        if len(earlier) >= _LEAST_COMPARED:
            return earlier
        following = same_length[index : index + _MOST_COMPARED + 1]
        return [figure for figure in following if figure.value and figure.period != period]


def _length_class(period: Period) -> int:
    """The number of months of a span, so that all months are of one length; of shorter spans minus their days."""
    return round(period.days / 30.44) if period.days > 27 else -period.days


def _round_to_one_digit(times: Decimal) -> Decimal:
    return Decimal(f"{times:.0e}")
