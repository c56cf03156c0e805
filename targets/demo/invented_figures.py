"""The figures of the living demo plan: invented, by a fixed rule, so that every loading gives the same ones.

A value depends on nothing but its indicator and its period. Today decides which figures there are: those of the years
of the living plans until now, and of five years before, from which the outlook learns. One series falls silent then.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Final, NamedTuple

from indicators.domain.periods import Period, month_length
from indicators.domain.rounding import round_half_up

EARLIER_YEARS: Final = 5
# The figures of a month come on the third of the next one; those that complete a year wait for January's.
_DAYS_TO_PUBLISH: Final = 3
_DAYS_OF_JANUARY: Final = 31


class InventedSeries(NamedTuple):
    """How one indicator runs through every year. Spreads are in percent: by how much years and periods vary.

    `whole`: the usual value of a year, in the unit of the indicator. `course`: what each reporting period brings, in percent of it;
    of a `cumulative` series what has been reached by its end. `late`: days after the usual day of publication.
    `is_silent`: the figures of the living plans say that there is no value.
    """

    indicator: str
    whole: Decimal
    course: tuple[Decimal, ...]
    decimals: int
    cumulative: bool = False
    year_spread: Decimal = Decimal(0)
    period_spread: Decimal = Decimal(0)
    most: Decimal | None = None
    late: int = 0
    is_silent: bool = False


class InventedFigure(NamedTuple):
    """One figure. `value` None: it was posted without a value."""

    indicator: str
    period: Period
    value: Decimal | None
    published: date


def _numbers(text: str) -> tuple[Decimal, ...]:
    return tuple(map(Decimal, text.split()))


_WHOLE_YEAR: Final = _numbers("100")
# The series whose target is off track: the last figure of the first loading is news.
OFF_TRACK: Final = "public-investment-disbursement-rate"

SERIES: Final = (
    InventedSeries(
        OFF_TRACK,
        Decimal(72),
        _numbers("2 3.5 6 10 15 20 26 32 38 46 60 100"),
        decimals=1,
        cumulative=True,
        year_spread=Decimal(4),
        period_spread=Decimal(3),
    ),
    InventedSeries(
        "budget-revenue-pct-estimate",
        Decimal("101.5"),
        _numbers("11.2 18.6 27.8 36.9 44.6 53.2 61.9 69.4 77.8 86.3 93.9 100"),
        decimals=2,
        cumulative=True,
        year_spread=Decimal(1),
        period_spread=Decimal(1),
        most=Decimal(100),
    ),
    InventedSeries(
        "tourism-revenue",
        Decimal(185_200),
        _numbers("8.6 9.2 7.9 8.2 7.8 7.7 8.2 8.3 7.6 7.9 8.4 10.2"),
        decimals=0,
        year_spread=Decimal("0.7"),
        period_spread=Decimal("0.8"),
    ),
    InventedSeries(
        "foreign-visitors",
        Decimal(6_700_000),
        _numbers("9 9.2 8.4 7.5 6.6 6.5 7.4 7.7 7 8.4 9.8 12.5"),
        decimals=0,
        year_spread=Decimal(2),
        period_spread=Decimal(4),
    ),
    InventedSeries(
        "domestic-visitors",
        Decimal(36_800_000),
        _numbers("8 9.8 7.4 8.4 8.3 8.9 9.6 8.6 7.2 7.3 7.6 8.9"),
        decimals=0,
        year_spread=Decimal(3),
        period_spread=Decimal(2),
        is_silent=True,
    ),
    InventedSeries(
        "new-jobs",
        Decimal(147_000),
        _numbers("8.6 7.9 8.5 8.3 8.4 8.3 8.4 8.4 8.3 8.4 8.1 8.4"),
        decimals=0,
        year_spread=Decimal(2),
        period_spread=Decimal(2),
        late=67,
    ),
    InventedSeries(
        "grdp-growth",
        Decimal("7.35"),
        _numbers("98.5 99.3 100 100"),
        decimals=2,
        cumulative=True,
        year_spread=Decimal("0.6"),
        period_spread=Decimal("0.8"),
    ),
    InventedSeries("it-infrastructure-upgraded", Decimal(94), _WHOLE_YEAR, decimals=0, year_spread=Decimal(2)),
    InventedSeries("housing-new-area", Decimal(8), _WHOLE_YEAR, decimals=0, year_spread=Decimal(15)),
    InventedSeries("housing-area-per-capita", Decimal(22), _WHOLE_YEAR, decimals=0, year_spread=Decimal(3)),
    InventedSeries("dti-rank", Decimal(4), _WHOLE_YEAR, decimals=0, year_spread=Decimal(30), late=251),
)


def plan_years(today: date) -> list[int]:
    """Years that have a living plan: this one, and until its first figures come also the last one, which is still open."""
    first_figure = _published(Period.parse(f"{today.year}-01"), late=0)
    return [today.year] if today >= first_figure else [today.year - 1, today.year]


def list_figures(today: date) -> list[InventedFigure]:
    """Return all figures that are published by `today`, in the order of their publication."""
    first_plan_year = plan_years(today)[0]
    figures = [
        figure
        for series in SERIES
        for year in range(first_plan_year - EARLIER_YEARS, today.year + 1)
        for figure in _figures_of_year(series, year, has_values=not series.is_silent or year < first_plan_year)
        if figure.published <= today
    ]
    return sorted(figures, key=lambda figure: (figure.published, figure.indicator, figure.period))


def _figures_of_year(series: InventedSeries, year: int, *, has_values: bool) -> Iterator[InventedFigure]:
    months = 12 // len(series.course)
    for number, part in enumerate(series.course, start=1):
        first = 1 if series.cumulative else (number - 1) * months + 1
        last = number * months
        period = Period(date(year, first, 1), date(year, last, month_length(year, last)))
        value = _value(series, year, number, part) if has_values else None
        yield InventedFigure(series.indicator, period, value, _published(period, series.late))


def _value(series: InventedSeries, year: int, number: int, part: Decimal) -> Decimal:
    variation = series.year_spread * _wave(year * 2) + series.period_spread * _wave(year * 5 + number * 2)
    value = series.whole * part / 100 * (1 + variation / 100)
    if series.most is not None:
        value = min(value, series.most)
    return round_half_up(value, series.decimals)


def _wave(number: int) -> Decimal:
    """A number from -1 to 1 that jumps from one `number` to the next and comes again after eleven of them."""
    return Decimal(number * 7 % 11 - 5) / 5


def _published(period: Period, late: int) -> date:
    days = _DAYS_TO_PUBLISH + late
    if period.end.month == 12:
        days += _DAYS_OF_JANUARY
    return period.end + timedelta(days=days)
