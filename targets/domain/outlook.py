"""The outlook: the value to expect at the end of the period, with its range (domain.md section 6)."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from indicators.domain.choices import Accumulation, IndicatorKind
from indicators.domain.rounding import round_for_comparison
from indicators.domain.value_resolver import ValueResolver

from .actual import Actual
from .choices import Goal, OutlookMethod, Profile, RangeBasis
from .earlier_years import CourseOfYear, current_year, earlier_years, sources_of_years
from .outlook_methods import Method, follow_milestones, methods_of
from .profiles import MAX_SEASON_DEVIATION, ExpectedEdges
from .terms import TargetTerms

# Four of five results of a normal distribution lie within 1.28 standard deviations of its mean.
RANGE_WIDTH: Final = Decimal("1.28")
_LEAST_ERRORS: Final = 3
_KINDS_ABOVE_ZERO: Final = frozenset({IndicatorKind.LEVEL, IndicatorKind.COUNT})


class PastErrors(NamedTuple):
    """The errors (predicted minus real) of a method in earlier years, each predicted from the others."""

    errors: tuple[Decimal, ...]

    @property
    def mean_absolute(self) -> Decimal:
        return round_for_comparison(sum(map(abs, self.errors), Decimal(0)) / len(self.errors))

    @property
    def deviation(self) -> Decimal:
        """The standard deviation, with one degree of freedom less."""
        mean = sum(self.errors, Decimal(0)) / len(self.errors)
        squares = sum(((error - mean) ** 2 for error in self.errors), Decimal(0))
        return (squares / (len(self.errors) - 1)).sqrt()


class Bounds(NamedTuple):
    """The least and the greatest value that there can be; None: no bound."""

    least: Decimal | None = None
    greatest: Decimal | None = None

    def clip(self, value: Decimal) -> Decimal:
        value = value if self.least is None else max(value, self.least)
        return value if self.greatest is None else min(value, self.greatest)


class Outlook(NamedTuple):
    """Values in the unit of the indicator. `past` is None with fewer than two earlier years; `method` when final.

    `by_method` and `errors_by_method` hold every method that gives a value, before the bounds.
    """

    value: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    method: OutlookMethod | None = None
    past: PastErrors | None = None
    range_from: RangeBasis | None = None
    by_method: Mapping[OutlookMethod, Decimal] = {}
    errors_by_method: Mapping[OutlookMethod, PastErrors] = {}
    years: Sequence[CourseOfYear] = ()
    bounds: Bounds = Bounds()


NO_OUTLOOK: Final = Outlook()


def expect_value(
    terms: TargetTerms, code: str, resolver: ValueResolver, actual: Actual, expected: ExpectedEdges, *, final: bool
) -> Outlook:
    """Return the value to expect at the end of the period, by the method with the least error in earlier years."""
    if final:
        return Outlook(actual.value, actual.value, actual.value)
    year, years = current_year(terms, actual), earlier_years(terms, code, resolver, actual, expected.shares)
    accumulation = resolver.terms(code).accumulation
    methods = dict(methods_of(accumulation))
    if follow := _milestone_method(terms, accumulation, expected):
        methods[OutlookMethod.MILESTONES] = follow
    predictions = {name: method(year, years) for name, method in methods.items()}
    by_method = {name: value for name, value in predictions.items() if value is not None}
    errors_by_method = _past_errors({name: methods[name] for name in by_method}, years)
    chosen = _choose_method(accumulation, year, years, by_method, errors_by_method)
    value, past = by_method[chosen], errors_by_method.get(chosen)
    low, high, basis = _range(value, past, by_method)
    bounds = _bounds(terms, code, resolver, actual, value if low is None else min(value, low))
    return Outlook(
        bounds.clip(value),
        None if low is None else bounds.clip(low),
        None if high is None else bounds.clip(high),
        chosen,
        past,
        basis,
        by_method,
        errors_by_method,
        years,
        bounds,
    )


def _milestone_method(terms: TargetTerms, accumulation: Accumulation | None, expected: ExpectedEdges) -> Method | None:
    if accumulation != Accumulation.SUM or expected.profile != Profile.MILESTONES:
        return None
    at_most = terms.goal == Goal.AT_MOST
    edge, expected_edge = (terms.upper, expected.upper) if at_most else (terms.lower, expected.lower)
    return follow_milestones(edge, expected_edge) if edge and expected_edge else None


def _past_errors(
    methods: Mapping[OutlookMethod, Method], years: Sequence[CourseOfYear]
) -> dict[OutlookMethod, PastErrors]:
    """Return the errors of the methods that give a value in every year in which any does; none with one year."""
    if len(years) < 2:
        return {}
    errors: dict[OutlookMethod, list[Decimal]] = {name: [] for name in methods}
    tested_years = 0
    for index, year in enumerate(years):
        others = [*years[:index], *years[index + 1 :]]
        predictions = {name: method(year, others) for name, method in methods.items()}
        tested_years += any(value is not None for value in predictions.values())
        for name, value in predictions.items():
            if value is not None and year.whole is not None:
                errors[name].append(value - year.whole)
    return {name: PastErrors(tuple(values)) for name, values in errors.items() if len(values) == tested_years}


def _choose_method(
    accumulation: Accumulation | None,
    year: CourseOfYear,
    years: Sequence[CourseOfYear],
    by_method: Mapping[OutlookMethod, Decimal],
    errors_by_method: Mapping[OutlookMethod, PastErrors],
) -> OutlookMethod:
    if errors_by_method:
        # Of several methods with the least error, the first of the table.
        return min(errors_by_method, key=lambda name: errors_by_method[name].mean_absolute)
    if accumulation == Accumulation.SUM:
        is_usual = bool(years) and _is_usual_share(year, years[0])
        return OutlookMethod.SEASONAL if is_usual else OutlookMethod.EVEN
    if accumulation == Accumulation.LAST:
        preferred = OutlookMethod.REST if years else OutlookMethod.LINE
        return preferred if preferred in by_method else OutlookMethod.STAY
    return OutlookMethod.STAY


def _is_usual_share(year: CourseOfYear, last_year: CourseOfYear) -> bool:
    if last_year.share is None:
        return False
    elapsed = Decimal(year.period.until(year.through).days) / year.period.days
    return round_for_comparison(abs(last_year.share - elapsed)) <= MAX_SEASON_DEVIATION


def _range(
    value: Decimal, past: PastErrors | None, by_method: Mapping[OutlookMethod, Decimal]
) -> tuple[Decimal | None, Decimal | None, RangeBasis | None]:
    if past is not None and len(past.errors) >= _LEAST_ERRORS:
        width = RANGE_WIDTH * past.deviation
        return value - width, value + width, RangeBasis.ERRORS
    if len(by_method) > 1:
        return min(by_method.values()), max(by_method.values()), RangeBasis.METHODS
    return None, None, None


def _bounds(terms: TargetTerms, code: str, resolver: ValueResolver, actual: Actual, least: Decimal) -> Bounds:
    """Return the bounds by kind. `least` is the least value to bound: looking for figures below 0 costs time."""
    indicator = resolver.terms(code)
    if indicator.kind == IndicatorKind.SHARE:
        return Bounds(Decimal(0), Decimal(100))
    if indicator.kind == IndicatorKind.RANK:
        return Bounds(Decimal(1))
    if least >= 0 or indicator.kind not in _KINDS_ABOVE_ZERO or indicator.formula:
        return Bounds()
    used = [*resolver.series(code).figures(actual.span)]
    used += [source.figure for source in sources_of_years(terms, code, resolver, actual)]
    return Bounds(Decimal(0)) if all(figure.numeric_value >= 0 for figure in used) else Bounds()
