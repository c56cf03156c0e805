"""The whole reporting periods of a target and of the five spans of its length before it, numbered in order."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple, Protocol

from indicators.domain.choices import Frequency
from indicators.domain.periods import ONE_DAY, Period, month_number, month_start, months_in, reporting_periods

_SPANS_BEFORE: Final = 5
# No figure begins earlier.
_FIRST_DAY: Final = date(1900, 1, 1)


class DayNumbers(Protocol):
    """The number of the reporting period of a first or last day; None for other days."""

    def get(self, day: date, /) -> int | None: ...


class _Ordinals:
    """Every day is a reporting period."""

    def get(self, day: date, /) -> int | None:
        return day.toordinal()


class ReportingGrid(NamedTuple):
    """`size`: the number of reporting periods of the target. `window`: from the first of the days to the last."""

    size: int
    window: Period
    by_start: DayNumbers
    by_end: DayNumbers
    months: int
    first_month: int

    def span(self, first: int, last: int) -> Period:
        """The span from one reporting period to another."""
        if not self.months:
            return Period(date.fromordinal(first), date.fromordinal(last))
        start, end = (month_start(self.first_month + number * self.months) for number in (first, last + 1))
        return Period(start, end - ONE_DAY)


@lru_cache(maxsize=256)
def reporting_grid(period: Period, frequency: Frequency) -> ReportingGrid:
    """Return the grid of a target. A reporting period that the period of the target cuts short is not in it."""
    size, months = len(reporting_periods(period, frequency)), months_in(frequency)
    window = Period(max(_start_of_window(period), _FIRST_DAY), period.end)
    if not months:
        return ReportingGrid(size, window, _Ordinals(), _Ordinals(), 0, 0)
    by_start: dict[date, int] = {}
    month, last_month = month_number(period.start), month_number(period.end)
    earlier = (month - month_number(window.start)) // months
    first_month = month - earlier * months
    by_end: dict[date, int] = {month_start(first_month) - ONE_DAY: -1}
    for number, start_month in enumerate(range(first_month, last_month + 1, months)):
        start, end = month_start(start_month), month_start(start_month + months) - ONE_DAY
        if end <= period.end:
            by_start[start] = by_end[end] = number
    return ReportingGrid(size, window, _as_numbers(by_start), _as_numbers(by_end), months, first_month)


def _as_numbers(numbers: Mapping[date, int]) -> DayNumbers:
    return numbers


def _start_of_window(period: Period) -> date:
    if whole_months := period.whole_months:
        return month_start(month_number(period.start) - _SPANS_BEFORE * whole_months)
    return period.start - ONE_DAY * (_SPANS_BEFORE * period.days)
