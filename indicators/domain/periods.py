"""Spans of days, both ends inclusive, and the reporting periods of a span (domain.md section 2)."""

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import NamedTuple, Self

from . import period_codes
from .choices import Frequency
from .date_math import (
    ONE_DAY,
    day_months_later,
    day_years_before,
    is_month_end,
    month_number,
    month_start,
    start_months_later,
    start_years_before,
)
from .period_codes import InvalidPeriod

__all__ = ["InvalidPeriod", "Period", "day_years_before", "months_in", "reporting_periods"]

_MONTHS_BY_FREQUENCY = {Frequency.MONTH: 1, Frequency.QUARTER: 3, Frequency.HALF: 6, Frequency.YEAR: 12}


class Period(NamedTuple):
    """First and last day of a span. Two codes with the same days are the same period."""

    start: date
    end: date

    @classmethod
    def parse(cls, code: str) -> Self:
        """Parse a code such as 2024, 2024-Q3, 2024-07-15, 2024-01/2024-07; raises InvalidPeriod.

        Strict: ASCII, no white space, years 1900 to 2199. An interval runs from the start of its left part to the
        end of its right part; the parts may be of different length.
        """
        return cls(*period_codes.parse_code(code))

    def __str__(self) -> str:
        return period_codes.format_code(self.start, self.end)

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    @property
    def whole_months(self) -> int:
        """Number of calendar months in the span; 0 when it does not consist of whole months."""
        if self.start.day != 1 or not is_month_end(self.end):
            return 0
        return month_number(self.end) - month_number(self.start) + 1

    def contains(self, other: "Period") -> bool:
        return self.start <= other.start and other.end <= self.end

    def until(self, day: date) -> "Period":
        """The span from its first day to `day`."""
        return Period(self.start, day)

    def years_before(self, years: int) -> "Period":
        """The same span `years` earlier, in one step; a single day moves like a last day.

        Raises OverflowError before the first year of the calendar.
        """
        end = day_years_before(self.end, years)
        if self.start == self.end:
            return Period(end, end)
        return Period(start_years_before(self.start, years), end)

    def months_later(self, months: int) -> "Period":
        """The same span `months` later: the start keeps its day, the end of a month stays the end of a month."""
        end = day_months_later(self.end, months)
        if self.start == self.end:
            return Period(end, end)
        return Period(start_months_later(self.start, months), end)

    def following(self) -> "Period":
        """The span of the same length just after: counted in months if it is whole months, else in days."""
        if months := self.whole_months:
            return self.months_later(months)
        return Period(self.end + ONE_DAY, self.end + ONE_DAY * self.days)

    def previous(self) -> "Period":
        """The span of the same length just before: counted in months if it is whole months, else in days.

        Raises OverflowError before the first year of the calendar.
        """
        end = self.start - ONE_DAY
        if months := self.whole_months:
            return Period(month_start(month_number(self.start) - months), end)
        return Period(self.start - ONE_DAY * self.days, end)


def months_in(frequency: Frequency) -> int:
    """Length of a reporting period in months; 0 for frequency `day`."""
    return _MONTHS_BY_FREQUENCY.get(frequency, 0)


# A small cache: a period of centuries in days has a hundred thousand spans.
@lru_cache(maxsize=256)
def reporting_periods(period: Period, frequency: Frequency) -> tuple[Period, ...]:
    """The spans for which figures of this frequency are due, in order, at least one.

    They run from the first day of the month in which the period begins (frequency `day`: from its first day). The
    last one is cut to the end of the period.
    """
    return tuple(_iter_reporting_periods(period, frequency))


def _iter_reporting_periods(period: Period, frequency: Frequency) -> Iterator[Period]:
    if frequency == Frequency.DAY:
        for offset in range(period.days):
            day = period.start + ONE_DAY * offset
            yield Period(day, day)
        return
    months = _MONTHS_BY_FREQUENCY[frequency]
    last_month = month_number(period.end)
    for first_month in range(month_number(period.start), last_month + 1, months):
        end = month_start(first_month + months) - ONE_DAY
        yield Period(month_start(first_month), min(end, period.end))
