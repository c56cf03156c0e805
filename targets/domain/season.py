"""Seasonal shares: the part of a sum that earlier years had reached by the same day (domain.md section 5)."""

from bisect import bisect_left
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

from indicators.domain.accounts import Used
from indicators.domain.book import Book
from indicators.domain.days import day_years_before
from indicators.domain.periods import Period
from indicators.domain.series import Series
from indicators.domain.tilings import Tile
from indicators.domain.vocabulary import Accumulation

YEARS: Final = 5
LONGEST: Final = 366


class Share(NamedTuple):
    """A part of a whole, both above 0 and in the unit of the indicator.

    `tiles` are the last tiles of the tilings used. `interpolated`: the part lies between two known days.
    `years_before`: the number of years before the period.
    """

    part: Decimal
    whole: Decimal
    interpolated: bool
    tiles: tuple[Tile, ...]
    years: int = 1

    def of(self, edge: Decimal) -> Decimal:
        return self.part * edge / self.whole

    def used(self, code: str) -> list[Used]:
        return [Used(code, figure) for tile in self.tiles for figure in tile.figures()]


def shares(book: Book, code: str, period: Period, through: date) -> tuple[Share, ...]:
    """Return share(1) and those of share(2) to share(5) that exist; empty if share(1) does not exist."""
    if period.days > LONGEST or book.terms(code).accumulation != Accumulation.SUM:
        return ()
    series = book.series(code)
    first = _share(series, period, through, 1)
    if first is None:
        return ()
    others = (_share(series, period, through, years) for years in range(2, YEARS + 1))
    return first, *(share for share in others if share is not None)


def _share(series: Series, period: Period, through: date, years: int) -> Share | None:
    earlier = period.years_before(years)
    reached = series.tilings(earlier)
    whole = reached.get(earlier.end)
    if whole is None or whole.total <= 0:
        return None
    day = day_years_before(through, years)
    known = reached.get(day)
    if known is not None:
        share = Share(known.total, whole.total, False, (known, whole))
    else:
        share = _between(reached, earlier, day, whole)
    return share._replace(years=years) if share.part > 0 else None


def _between(reached: Mapping[date, Tile], year: Period, day: date, whole: Tile) -> Share:
    """Interpolate linearly between the known days around a day; a year begins at 0."""
    days = sorted(reached)
    place = bisect_left(days, day)
    right = reached[days[place]]
    left = reached[days[place - 1]] if place else None
    low = left.total if left else Decimal(0)
    first = year.until(day).days - (year.until(left.figure.end).days if left else 0)
    length = year.until(days[place]).days - (year.until(left.figure.end).days if left else 0)
    part = low + (right.total - low) * first / length
    return Share(part, whole.total, True, (left, right, whole) if left else (right, whole))
