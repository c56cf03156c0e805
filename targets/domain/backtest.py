"""Back-test: what outlooks and plain methods said on past days, against what came (domain.md section 6)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

from indicators.domain.choices import Frequency, IndicatorKind
from indicators.domain.periods import Period, reporting_periods
from indicators.domain.rounding import exact_arithmetic, round_for_comparison
from indicators.domain.value_resolver import ValueResolver

from .assessment import AssessmentResult
from .choices import ErrorUnit, OutlookMethod, PlainMethod
from .earlier_years import current_year, line_start
from .outlook_methods import plain_methods_of
from .terms import TargetTerms

_UNITS: Final = {
    IndicatorKind.LEVEL: ErrorUnit.PERCENT,
    IndicatorKind.COUNT: ErrorUnit.PERCENT,
    IndicatorKind.RATE: ErrorUnit.POINTS,
    IndicatorKind.SHARE: ErrorUnit.POINTS,
    IndicatorKind.INDEX: ErrorUnit.POINTS,
    IndicatorKind.RANK: ErrorUnit.PLACES,
}


class OutlookWithResult(NamedTuple):
    """An outlook of a past day beside the result, in the unit of the indicator. Without a range `low` and `high` are None."""

    kind: IndicatorKind
    result: Decimal
    value: Decimal
    method: OutlookMethod
    low: Decimal | None = None
    high: Decimal | None = None
    plain: Mapping[PlainMethod, Decimal] = {}

    @property
    def unit(self) -> ErrorUnit | None:
        return error_unit(self.kind)

    @property
    def error(self) -> Decimal | None:
        return comparable_error(self.kind, self.value, self.result)

    @property
    def is_inside_range(self) -> bool | None:
        """Whether the result lies in the range; None without a range."""
        return None if self.low is None or self.high is None else self.low <= self.result <= self.high


class MethodErrors(NamedTuple):
    """The errors of outlooks by one method, or by any (None). All in `unit`; `mean` shows whether they lie too high."""

    unit: ErrorUnit
    method: OutlookMethod | None
    outlooks: int
    mean_absolute: Decimal
    mean: Decimal


class PlainComparison(NamedTuple):
    """Mean absolute errors of a plain method, and of the outlooks at the same points."""

    unit: ErrorUnit
    method: PlainMethod
    outlooks: int
    mean_absolute: Decimal
    mean_absolute_of_outlooks: Decimal


class RangeCount(NamedTuple):
    """How many outlooks had a range, and in how many of these the result lay."""

    ranges: int
    inside: int


def error_unit(kind: IndicatorKind) -> ErrorUnit | None:
    """Return what errors are measured in, so that targets can be compared; None: a yes or no has no error."""
    return _UNITS.get(kind)


def comparable_error(kind: IndicatorKind, predicted: Decimal, result: Decimal) -> Decimal | None:
    """Return predicted minus real in the error unit of the kind, rounded to 12 places.

    None without a unit, and for percent of a result of 0.
    """
    unit, error = error_unit(kind), predicted - result
    if unit is None or (unit == ErrorUnit.PERCENT and result == 0):
        return None
    with exact_arithmetic():
        return round_for_comparison(error / abs(result) * 100 if unit == ErrorUnit.PERCENT else error)


def quarter_ends(period: Period) -> list[date]:
    """Return the last days of calendar quarters inside a period, in order."""
    quarters = reporting_periods(Period(period.start.replace(month=1, day=1), period.end), Frequency.QUARTER)
    return [quarter.end for quarter in quarters if quarter.end >= period.start and _ends_quarter(quarter.end)]


def _ends_quarter(day: date) -> bool:
    return (day.month, day.day) in ((3, 31), (6, 30), (9, 30), (12, 31))


def move_terms(terms: TargetTerms, code: str, resolver: ValueResolver, years: int) -> TargetTerms:
    """Return terms that expect the value of the same period `years` earlier: no target existed then.

    Its line starts where that of an earlier year does. Milestones and due days are those of the target's own year.
    """
    start = line_start(terms, code, resolver, years)
    return terms._replace(
        period=terms.period.years_before(years),
        profile=None,
        milestones=(),
        baseline=start.value if start else None,
        baseline_date=start.day if start else None,
        result_due=None,
    )


def expect_plainly(assessment: AssessmentResult) -> dict[PlainMethod, Decimal]:
    """Return what plain methods expected on the day of an assessment that is not final, where they give a value."""
    inputs, outlook = assessment.inputs.with_actual(), assessment.outlook
    if inputs is None or outlook.method is None:
        return {}
    with exact_arithmetic():
        last_period = inputs.terms.period.years_before(1)
        last_year = [year for year in outlook.years if year.period == last_period]
        year = current_year(inputs.terms, inputs.actual)
        methods = plain_methods_of(inputs.resolver.terms(inputs.indicator).accumulation)
        predictions = {name: method(year, last_year) for name, method in methods.items()}
    return {name: value for name, value in predictions.items() if value is not None}


def sum_up_errors(outlooks: Iterable[OutlookWithResult]) -> list[MethodErrors]:
    """Return the errors by unit: of all outlooks, then by method. Those without an error are left out."""
    errors: dict[tuple[ErrorUnit, OutlookMethod | None], list[Decimal]] = defaultdict(list)
    for outlook in outlooks:
        unit, error = outlook.unit, outlook.error
        if unit is not None and error is not None:
            errors[unit, None].append(error)
            errors[unit, outlook.method].append(error)
    with exact_arithmetic():
        return [
            MethodErrors(unit, method, len(values), _mean(list(map(abs, values))), _mean(values))
            for (unit, method), values in sorted(errors.items(), key=lambda item: _place(*item[0]))
        ]


def compare_with_plain(outlooks: Iterable[OutlookWithResult]) -> list[PlainComparison]:
    """Return, by unit and plain method, its errors and those of the outlooks where it gives a value."""
    errors: dict[tuple[ErrorUnit, PlainMethod], list[tuple[Decimal, Decimal]]] = defaultdict(list)
    for outlook in outlooks:
        unit, error = outlook.unit, outlook.error
        for method, value in outlook.plain.items():
            plain_error = comparable_error(outlook.kind, value, outlook.result)
            if unit is not None and error is not None and plain_error is not None:
                errors[unit, method].append((plain_error, error))
    with exact_arithmetic():
        return [
            PlainComparison(
                unit,
                method,
                len(pairs),
                _mean([abs(plain) for plain, _ in pairs]),
                _mean([abs(own) for _, own in pairs]),
            )
            for (unit, method), pairs in sorted(errors.items(), key=lambda item: _place(*item[0]))
        ]


def count_ranges(outlooks: Iterable[OutlookWithResult]) -> RangeCount:
    verdicts = [outlook.is_inside_range for outlook in outlooks if outlook.is_inside_range is not None]
    return RangeCount(len(verdicts), sum(verdicts))


def _place(unit: ErrorUnit, method: OutlookMethod | PlainMethod | None) -> tuple[int, int]:
    return list(ErrorUnit).index(unit), -1 if method is None else list(type(method)).index(method)


def _mean(values: Sequence[Decimal]) -> Decimal:
    return sum(values, Decimal(0)) / len(values)
