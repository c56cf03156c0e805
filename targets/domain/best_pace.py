"""The best pace ever, which decides whether a required pace is out of reach (domain.md section 6)."""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from functools import lru_cache, partial

from indicators.domain.choices import Accumulation
from indicators.domain.periods import ONE_DAY, Period, month_number, month_start, months_in
from indicators.domain.value_resolver import ValueResolver

from .choices import Goal
from .terms import TargetTerms


def best_ever(terms: TargetTerms, code: str, resolver: ValueResolver) -> Decimal | None:
    """Return the best value of one reporting period, among the periods aligned with those of the target.

    Of a stock the value is the change since the end of the period before. The best is the least for at_most, else the
    greatest.
    """
    months = months_in(resolver.terms(code).frequency)
    is_stock = resolver.terms(code).accumulation == Accumulation.LAST
    paces = (
        _period_changes(terms, code, resolver, months) if is_stock else _period_values(terms, code, resolver, months)
    )
    choose = min if terms.goal == Goal.AT_MOST else max
    return choose(paces, default=None)


def find_best_period(terms: TargetTerms, code: str, resolver: ValueResolver, best: Decimal) -> Period | None:
    """Return the first period with the best pace."""
    months = months_in(resolver.terms(code).frequency)
    if resolver.terms(code).accumulation == Accumulation.LAST:
        series = resolver.series(code)
        for period in sorted(_aligned_periods(terms.period, [end + ONE_DAY for end in series.ends], months)):
            current, previous = series.ending_on(period.end), series.ending_on(period.start - ONE_DAY)
            if current is not None and previous is not None and current.numeric_value - previous.numeric_value == best:
                return period
        return None
    first_days = {day for input_code in resolver.stored_inputs(code) for day in resolver.series(input_code).starts}
    periods = sorted(_aligned_periods(terms.period, first_days, months))
    return next((period for period in periods if resolver.value(code, period) == best), None)


def _period_values(terms: TargetTerms, code: str, resolver: ValueResolver, months: int) -> Iterator[Decimal]:
    input_codes = resolver.stored_inputs(code)
    first_days = {day for input_code in input_codes for day in resolver.series(input_code).starts}
    value_over = resolver.series(code).value if input_codes == (code,) else partial(resolver.value, code)
    for period in _aligned_periods(terms.period, first_days, months):
        value = value_over(period)
        if value is not None:
            yield value


def _period_changes(terms: TargetTerms, code: str, resolver: ValueResolver, months: int) -> Iterator[Decimal]:
    series = resolver.series(code)
    first_days = [end + ONE_DAY for end in series.ends]
    for period in _aligned_periods(terms.period, first_days, months):
        current, previous = series.ending_on(period.end), series.ending_on(period.start - ONE_DAY)
        if current is not None and previous is not None:
            yield current.numeric_value - previous.numeric_value


def _aligned_periods(target: Period, first_days: Iterable[date], months: int) -> Iterator[Period]:
    """Yield the periods that begin on the given days and are aligned with the reporting periods of the target."""
    if not months:
        yield from (Period(first_day, first_day) for first_day in first_days)
        return
    phase = month_number(target.start) % months
    for first_day in first_days:
        period = _aligned_period(first_day, months, phase)
        if period is not None:
            yield period


@lru_cache(maxsize=4096)
def _aligned_period(first_day: date, months: int, phase: int) -> Period | None:
    month = month_number(first_day)
    if first_day.day != 1 or month % months != phase:
        return None
    return Period(first_day, month_start(month + months) - ONE_DAY)
