"""Seasonal shares: the part of a sum that earlier years had reached by the same day (domain.md section 5)."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

from indicators.domain.choices import Accumulation
from indicators.domain.figures import Figure
from indicators.domain.periods import ONE_DAY, Period, day_years_before
from indicators.domain.provenance import SourceFigure
from indicators.domain.series import FigureSeries
from indicators.domain.value_resolver import ValueResolver

MAX_YEARS: Final = 5
MAX_DAYS: Final = 366


class SeasonalShare(NamedTuple):
    """A part of a whole, in the unit of the indicator; both are above 0 where it is used as a season.

    `figures` are those of the values used. `interpolated`: the part lies between two known days.
    `years_before`: the number of years before the period.
    """

    part: Decimal
    whole: Decimal
    interpolated: bool
    figures: tuple[Figure, ...]
    years_before: int = 1

    @property
    def ratio(self) -> Decimal:
        return self.part / self.whole

    def apply_to(self, edge: Decimal) -> Decimal:
        return self.part * edge / self.whole

    def source_figures(self, code: str) -> list[SourceFigure]:
        return [SourceFigure(code, figure) for figure in self.figures]


def seasonal_shares(resolver: ValueResolver, code: str, period: Period, through: date) -> tuple[SeasonalShare, ...]:
    """Return share(1) and those of share(2) to share(5) that exist; empty if share(1) does not exist."""
    if period.days > MAX_DAYS or resolver.terms(code).accumulation != Accumulation.SUM:
        return ()
    series = resolver.series(code)

    def share_of_year(years: int) -> SeasonalShare | None:
        if not resolver.is_of_this_territory(code, period.years_before(years)):
            return None
        return _share_of_year(series, period, through, years)

    first_share = share_of_year(1)
    if first_share is None:
        return ()
    return first_share, *(share for share in map(share_of_year, range(2, MAX_YEARS + 1)) if share is not None)


def _share_of_year(series: FigureSeries, period: Period, through: date, years: int) -> SeasonalShare | None:
    earlier = period.years_before(years)
    if not has_figures_by(series, earlier.end) or series.find_break(earlier.start, through):
        return None
    share = earlier_share(series, period, through, years)
    return share if share is not None and share.whole > 0 and share.part > 0 else None


def has_figures_by(series: FigureSeries, day: date) -> bool:
    """Whether the series begins by a day: most series have figures of few years."""
    return bool(series.starts) and series.starts[0] <= day


def earlier_share(series: FigureSeries, period: Period, through: date, years: int) -> SeasonalShare | None:
    """Return the part and the whole of an earlier year, of any sign; None when the whole is not known."""
    earlier = period.years_before(years)
    whole = series.value(earlier)
    if whole is None:
        return None
    ends = season_ends(series, earlier, day_years_before(through, years))
    parts = [Decimal(0) if end < earlier.start else series.value(earlier.until(end)) or Decimal(0) for end in ends]
    figures = tuple(figure for end in {*ends, earlier.end} for figure in series.figures(earlier.until(end)))
    part = parts[0]
    if len(ends) > 1:
        days_from_left = (day_years_before(through, years) - ends[0]).days
        part += (parts[1] - parts[0]) * days_from_left / (ends[1] - ends[0]).days
    return SeasonalShare(part, whole, len(ends) > 1, figures, years)


def season_ends(series: FigureSeries, year: Period, day: date) -> Sequence[date]:
    """The days of the curve of an earlier year that give its value on a day: the day itself, else its two neighbours.

    The curve goes through every day on which a figure ends and there is a value from the first day of the year; on the
    day before it is 0. The whole year must have a value.
    """
    ends = series.ends_inside(year)
    index = bisect_left(ends, day)
    right = next(end for end in ends[index:] if series.has_value(year.until(end)))
    if right == day:
        return [day]
    earlier_ends = (end for end in reversed(ends[: bisect_right(ends, day)]) if series.has_value(year.until(end)))
    return [next(earlier_ends, year.start - ONE_DAY), right]
