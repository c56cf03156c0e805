"""Seasonal shares: the part of a sum that earlier years had reached by the same day (domain.md section 5)."""

from bisect import bisect_left
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

from indicators.domain.choices import Accumulation
from indicators.domain.periods import Period, day_years_before
from indicators.domain.provenance import SourceFigure
from indicators.domain.series import FigureSeries, Tile
from indicators.domain.value_resolver import ValueResolver

MAX_YEARS: Final = 5
MAX_DAYS: Final = 366


class SeasonalShare(NamedTuple):
    """A part of a whole, both above 0 and in the unit of the indicator.

    `tiles` are the last tiles of the tilings used. `interpolated`: the part lies between two known days.
    `years_before`: the number of years before the period.
    """

    part: Decimal
    whole: Decimal
    interpolated: bool
    tiles: tuple[Tile, ...]
    years_before: int = 1

    def apply_to(self, edge: Decimal) -> Decimal:
        return self.part * edge / self.whole

    def source_figures(self, code: str) -> list[SourceFigure]:
        return [SourceFigure(code, figure) for tile in self.tiles for figure in tile.figures()]


def seasonal_shares(resolver: ValueResolver, code: str, period: Period, through: date) -> tuple[SeasonalShare, ...]:
    """Return share(1) and those of share(2) to share(5) that exist; empty if share(1) does not exist."""
    if period.days > MAX_DAYS or resolver.terms(code).accumulation != Accumulation.SUM:
        return ()
    series = resolver.series(code)
    first_share = _share_of_year(series, period, through, 1)
    if first_share is None:
        return ()
    earlier_shares = (_share_of_year(series, period, through, years) for years in range(2, MAX_YEARS + 1))
    return first_share, *(share for share in earlier_shares if share is not None)


def _share_of_year(series: FigureSeries, period: Period, through: date, years: int) -> SeasonalShare | None:
    earlier = period.years_before(years)
    tilings_by_end = series.tilings(earlier)
    whole = tilings_by_end.get(earlier.end)
    if whole is None or whole.total <= 0:
        return None
    day = day_years_before(through, years)
    tiling = tilings_by_end.get(day)
    if tiling is not None:
        share = SeasonalShare(tiling.total, whole.total, False, (tiling, whole))
    else:
        share = _interpolate_share(tilings_by_end, earlier, day, whole)
    return share._replace(years_before=years) if share.part > 0 else None


def _interpolate_share(tilings_by_end: Mapping[date, Tile], year: Period, day: date, whole: Tile) -> SeasonalShare:
    """Interpolate linearly between the known days around a day; a year begins at 0."""
    days = sorted(tilings_by_end)
    index = bisect_left(days, day)
    right = tilings_by_end[days[index]]
    left = tilings_by_end[days[index - 1]] if index else None
    left_total = left.total if left else Decimal(0)
    days_from_left = year.until(day).days - (year.until(left.figure.end).days if left else 0)
    days_between = year.until(days[index]).days - (year.until(left.figure.end).days if left else 0)
    part = left_total + (right.total - left_total) * days_from_left / days_between
    return SeasonalShare(part, whole.total, True, (left, right, whole) if left else (right, whole))
