"""Spans of days, both ends inclusive, their codes, and the reporting periods of a span (domain.md section 2).

A result before the first year of the calendar raises OverflowError.
"""

import re
from calendar import isleap
from collections.abc import Iterator
from datetime import MINYEAR, date, timedelta
from functools import lru_cache
from typing import NamedTuple, Self

from .choices import Frequency

ONE_DAY = timedelta(days=1)

_MONTH_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def month_length(year: int, month: int) -> int:
    """Number of days in a month, 28 to 31."""
    return 29 if month == 2 and isleap(year) else _MONTH_LENGTHS[month - 1]


def is_month_end(day: date) -> bool:
    return day.day >= 28 and day.day == month_length(day.year, day.month)


def month_number(day: date) -> int:
    """Months since the year 0, so that differences count months."""
    return day.year * 12 + day.month - 1


def month_start(number: int) -> date:
    """First day of a month that is given by its `month_number`."""
    year, month = divmod(number, 12)
    _check_year(year)
    return date(year, month + 1, 1)


def start_months_later(day: date, months: int) -> date:
    """Move the first day of a span by `months`: same day of the month, or the last day of a shorter month."""
    first = month_start(month_number(day) + months)
    return first.replace(day=min(day.day, month_length(first.year, first.month)))


def day_months_later(day: date, months: int) -> date:
    """Move the last day of a span by `months`; the end of a month stays the end of a month."""
    later = start_months_later(day, months)
    return later.replace(day=month_length(later.year, later.month)) if is_month_end(day) else later


# An assessment of many targets asks for the same few days again and again.
@lru_cache(maxsize=4096)
def start_years_before(day: date, years: int) -> date:
    """Move the first day of a span `years` back: same day; 29 February becomes 28 in other years."""
    year = _check_year(day.year - years)
    return date(year, day.month, min(day.day, month_length(year, day.month)))


@lru_cache(maxsize=4096)
def day_years_before(day: date, years: int) -> date:
    """Move the last day of a span `years` back; the end of a month stays the end of a month.

    One step, not year by year (domain.md section 2): four years before 29 February 2024 is 29 February 2020.
    """
    year = _check_year(day.year - years)
    length = month_length(year, day.month)
    return date(year, day.month, length if is_month_end(day) else day.day)


def _check_year(year: int) -> int:
    if year < MINYEAR:
        raise OverflowError("before the first year of the calendar")
    return year


# ASCII digits only: digits of other scripts would give one period two codes.
_PART_PATTERN = re.compile(
    r"(?P<year>(?:19|20|21)\d\d)"
    r"(?:-(?:H(?P<half>[12])|Q(?P<quarter>[1-4])"
    r"|(?P<month>0[1-9]|1[0-2])(?:-(?P<day>0[1-9]|[12]\d|3[01]))?))?",
    re.ASCII,
)
_MAX_LENGTH = len("2024-01-01/2024-12-31")


class InvalidPeriod(ValueError):
    """A text is not the code of a period."""


def _parse_part(text: str) -> tuple[date, date]:
    match = _PART_PATTERN.fullmatch(text)
    if match is None:
        raise InvalidPeriod(
            f"{text!r} is no period: write 2024, 2024-H1, 2024-Q3, 2024-07, 2024-07-15 "
            "or two of them with / between; years 1900 to 2199"
        )
    if match["day"]:
        try:
            day = date.fromisoformat(text)
        except ValueError:
            raise InvalidPeriod(f"{text!r} is not a day of the calendar") from None
        return day, day
    first, last = 1, 12
    for name, months in (("half", 6), ("quarter", 3), ("month", 1)):
        if match[name]:
            last = int(match[name]) * months
            first = last - months + 1
    year = int(match["year"])
    return date(year, first, 1), date(year, last, month_length(year, last))


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
        if len(code) > _MAX_LENGTH:
            raise InvalidPeriod("a period has at most 21 characters")
        start_code, separator, end_code = code.partition("/")
        start, end = _parse_part(start_code)
        if separator:
            _, end = _parse_part(end_code)
        if start > end:
            raise InvalidPeriod(f"{code!r} ends before it begins")
        return cls(start, end)

    def __str__(self) -> str:
        """The shortest code: year, half, quarter, month or day, else an interval of years, of months, or of days."""
        start, end = self
        if start.day != 1 or not is_month_end(end):
            return f"{start}" if start == end else f"{start}/{end}"
        if start.month == 1 and end.month == 12:
            return f"{start.year:04d}" if start.year == end.year else f"{start.year:04d}/{end.year:04d}"
        months = end.month - start.month + 1 if start.year == end.year else 0
        if months == 3 and end.month % 3 == 0:
            return f"{start.year:04d}-Q{end.month // 3}"
        if months == 6 and end.month % 6 == 0:
            return f"{start.year:04d}-H{end.month // 6}"
        # The first seven characters of a day are its month.
        return f"{start}"[:7] if months == 1 else f"{f'{start}'[:7]}/{f'{end}'[:7]}"

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


class ValidityRange(NamedTuple):
    """The days on which something is valid, both inclusive; None: unlimited."""

    first: date | None = None
    last: date | None = None

    def is_valid_on(self, day: date) -> bool:
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


UNLIMITED = ValidityRange()


def months_in(frequency: Frequency) -> int:
    """Length of a reporting period in months; 0 for frequency `day`."""
    return _MONTHS_BY_FREQUENCY.get(frequency, 0)


def whole_reporting_periods(period: Period, frequency: Frequency) -> int:
    """Number of reporting periods of the calendar that make up a span; 0 when it is not made of whole ones.

    Quarters, halves and years begin in January.
    """
    months = months_in(frequency)
    if not months:
        return period.days
    is_aligned = period.whole_months % months == 0 and (period.start.month - 1) % months == 0
    return period.whole_months // months if is_aligned else 0


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
