"""The methods that expect a value at the end of the period, by accumulation (domain.md section 6)."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Final

from indicators.domain.choices import Accumulation

from .choices import OutlookMethod, PlainMethod
from .earlier_years import CourseOfYear

# From the course of a year until the day, and from other years: the value at its end; None where there is none.
Method = Callable[[CourseOfYear, Sequence[CourseOfYear]], Decimal | None]


def _even(year: CourseOfYear, others: Sequence[CourseOfYear]) -> Decimal | None:
    return year.reached * year.period.days / year.period.until(year.through).days


def mean_share(years: Sequence[CourseOfYear]) -> Decimal | None:
    """Return the mean of the shares that exist."""
    shares = [year.share for year in years if year.share is not None]
    return sum(shares, Decimal(0)) / len(shares) if shares else None


def _seasonal(year: CourseOfYear, others: Sequence[CourseOfYear]) -> Decimal | None:
    share = mean_share(others)
    return None if share is None else year.reached / share


def _add_rest(year: CourseOfYear, others: Sequence[CourseOfYear]) -> Decimal | None:
    return year.reached + sum((other.rest for other in others), Decimal(0)) / len(others) if others else None


def _stay(year: CourseOfYear, others: Sequence[CourseOfYear]) -> Decimal | None:
    return year.reached


def _line(year: CourseOfYear, others: Sequence[CourseOfYear]) -> Decimal | None:
    if year.start is None or year.start.day >= year.through:
        return None
    days_left = (year.period.end - year.through).days
    rise = (year.reached - year.start.value) * days_left / (year.through - year.start.day).days
    return year.reached + rise


def follow_milestones(edge: Decimal, expected: Decimal) -> Method:
    """Return the method that takes the value as the part of the whole that the milestones expect by the day."""
    return lambda year, others: year.reached * edge / expected


# In the order in which methods of equal error are preferred.
_SUM_METHODS: Final[Mapping[OutlookMethod, Method]] = {
    OutlookMethod.EVEN: _even,
    OutlookMethod.SEASONAL: _seasonal,
    OutlookMethod.REST: _add_rest,
}
_STOCK_METHODS: Final[Mapping[OutlookMethod, Method]] = {
    OutlookMethod.LINE: _line,
    OutlookMethod.REST: _add_rest,
    OutlookMethod.STAY: _stay,
}
_OTHER_METHODS: Final[Mapping[OutlookMethod, Method]] = {
    OutlookMethod.STAY: _stay,
    OutlookMethod.DRIFT: _add_rest,
}


def methods_of(accumulation: Accumulation | None) -> Mapping[OutlookMethod, Method]:
    """Return the methods of an accumulation (None: of a formula) that need no milestones."""
    if accumulation == Accumulation.SUM:
        return _SUM_METHODS
    return _STOCK_METHODS if accumulation == Accumulation.LAST else _OTHER_METHODS


def plain_methods_of(accumulation: Accumulation | None) -> Mapping[PlainMethod, Method]:
    """Return the plain methods that a back-test compares an outlook with. LAST_YEAR takes last year alone as `others`."""
    methods: dict[PlainMethod, Method] = {PlainMethod.STAY: _stay}
    if accumulation == Accumulation.SUM:
        methods[PlainMethod.EVEN] = _even
    if accumulation == Accumulation.LAST:
        methods[PlainMethod.LINE] = _line
    if accumulation in (Accumulation.SUM, Accumulation.LAST):
        methods[PlainMethod.LAST_YEAR] = _seasonal
    return methods
