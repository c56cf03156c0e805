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

    Periods before a break of the series are left out where the target begins after it. Of a stock the value is the change since the end of the period before. The best is the least for at_most, else the
    greatest.
    """
    months = months_in(resolver.terms(code).frequency)
    is_stock = resolver.terms(code).accumulation == Accumulation.LAST
    paces = (
        _period_changes(terms, code, resolver, months) if is_stock else _period_values(terms, code, resolver, months)
    )
    choose = min if terms.goal == Goal.AT_MOST else max
    return choose((pace for _, pace in paces), default=None)


def find_best_period(terms: TargetTerms, code: str, resolver: ValueResolver, best: Decimal) -> Period | None:
    """Return the first period with the best pace."""
    months = months_in(resolver.terms(code).frequency)
    if resolver.terms(code).accumulation == Accumulation.LAST:
        changes = _period_changes(terms, code, resolver, months)
        return min((period for period, change in changes if change == best), default=None)
    values = _period_values(terms, code, resolver, months)
    return min((period for period, value in values if value == best), default=None)


def _period_values(
    terms: TargetTerms, code: str, resolver: ValueResolver, months: int
) -> Iterator[tuple[Period, Decimal]]:
    input_codes = resolver.stored_inputs(code)
    first_days = {day for input_code in input_codes for day in resolver.series(input_code).starts}
    series = resolver.series(code) if input_codes == (code,) else None
    value_over = partial(resolver.value, code) if series is None else series.value
    for period in _aligned_periods(terms.period, first_days, months):
        value = value_over(period)
        if value is not None and not (series and series.find_break(period.start, terms.period.start)):
            yield period, value


def _period_changes(
    terms: TargetTerms, code: str, resolver: ValueResolver, months: int
) -> Iterator[tuple[Period, Decimal]]:
    series = resolver.series(code)
    first_days = [end + ONE_DAY for end in series.ends]
    for period in _aligned_periods(terms.period, first_days, months):
        day_before = period.start - ONE_DAY
        current, previous = series.ending_on(period.end), series.ending_on(day_before)
        if current is None or previous is None or series.find_break(day_before, terms.period.start):
            continue
        yield period, current.numeric_value - previous.numeric_value


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
