"""Equations of projection, required pace and the numbers beside the variance, with the numbers inserted."""

from collections.abc import Iterator
from decimal import Decimal

from indicators.domain.choices import Accumulation
from indicators.domain.periods import day_years_before, reporting_periods
from indicators.domain.rounding import to_plain_string

from .actual import Actual
from .choices import Goal, Profile
from .equations import CompleteBasis, Equation, format_operand
from .pace import required_pace
from .projection import project_value
from .seasonality import SeasonalShare
from .terms import TargetTerms
from .variance import reference_edge


def outlook_equations(basis: CompleteBasis) -> Iterator[Equation]:
    """Yield the equations of variance in percent, position, projection and required pace. Call inside `exact()`."""
    yield from _variance_equations(basis)
    if basis.actual.through == basis.terms.period.end and not basis.actual.partial:
        return
    yield from _projection_equations(basis)
    yield from _required_pace_equations(basis)


def _variance_equations(basis: CompleteBasis) -> Iterator[Equation]:
    variance_result, lower, upper = basis.variance_result, basis.expected.lower, basis.expected.upper
    edge = reference_edge(basis.terms, basis.actual, basis.expected).expected
    if variance_result.percent is not None and edge is not None:
        expression = f"{format_operand(variance_result.variance)} / {to_plain_string(abs(edge))} * 100"
        yield Equation("variance percent", expression, variance_result.percent)
    if variance_result.position is not None and lower is not None and upper is not None:
        actual, lower_operand = to_plain_string(basis.actual.value), format_operand(lower)
        yield Equation(
            "position",
            f"({actual} - {lower_operand}) / ({to_plain_string(upper)} - {lower_operand})",
            variance_result.position,
        )


def _projection_equations(basis: CompleteBasis) -> Iterator[Equation]:
    projection = project_value(basis.terms, basis.indicator, basis.resolver, basis.actual, basis.expected, final=False)
    if projection.value is None:
        return
    accumulation = basis.resolver.terms(basis.indicator).accumulation
    expression = to_plain_string(basis.actual.value)
    if accumulation == Accumulation.SUM:
        yield from _sum_projection_equations(basis, projection.value, projection.low, projection.high)
        return
    if accumulation == Accumulation.LAST:
        start_day, start_value = basis.terms.baseline_day, basis.terms.baseline
        if projection.origin is not None:
            start_day, start_value = projection.origin.end, projection.origin.numeric_value
        if start_value is not None and start_day < basis.actual.through:
            days_left = (basis.terms.period.end - basis.actual.through).days
            days_elapsed = (basis.actual.through - start_day).days
            expression = f"{expression} + ({expression} - {format_operand(start_value)}) * {days_left} / {days_elapsed}"
    yield Equation("projection", expression, projection.value)


def _sum_projection_equations(
    basis: CompleteBasis, value: Decimal, low: Decimal | None, high: Decimal | None
) -> Iterator[Equation]:
    terms, expected, actual = basis.terms, basis.expected, format_operand(basis.actual.value)
    if expected.profile == Profile.MILESTONES:
        final_edge, expected_edge = terms.lower, expected.lower
        if terms.goal == Goal.AT_MOST:
            final_edge, expected_edge = terms.upper, expected.upper
        if final_edge is not None and expected_edge is not None:
            yield Equation(
                "projection", f"{actual} * {format_operand(final_edge)} / {format_operand(expected_edge)}", value
            )
        return
    if not expected.shares:
        ratio = f"{terms.period.days} / {basis.actual.span.days}"
        yield Equation("projection", f"{actual} * {ratio}", value)
        return
    yield _share_equation("projection", basis.actual, expected.shares[0])
    if low is not None and high is not None:
        share_by_projection = {basis.actual.value * share.whole / share.part: share for share in expected.shares}
        yield _share_equation("projection low", basis.actual, share_by_projection[low])
        yield _share_equation("projection high", basis.actual, share_by_projection[high])


def _share_equation(name: str, actual: Actual, share: SeasonalShare) -> Equation:
    expression = f"{format_operand(actual.value)} * {to_plain_string(share.whole)} / {to_plain_string(share.part)}"
    return Equation(name, expression, actual.value * share.whole / share.part)


def _required_pace_equations(basis: CompleteBasis) -> Iterator[Equation]:
    required = required_pace(basis.terms, basis.indicator, basis.resolver, basis.actual)
    edges = ("lower", basis.terms.lower, required.lower), ("upper", basis.terms.upper, required.upper)
    for name, edge, value in edges:
        if edge is not None and value is not None:
            yield Equation(f"required {name}", _pace_expression(basis, edge, value), value)


def _pace_expression(basis: CompleteBasis, edge: Decimal, value: Decimal) -> str:
    terms, indicator, actual = basis.terms, basis.resolver.terms(basis.indicator), basis.actual
    if indicator.formula:
        return _growth_pace_expression(basis, edge)
    if indicator.accumulation == Accumulation.MEAN:
        days, days_covered = terms.period.days, actual.span.days
        return f"({to_plain_string(edge)} * {days} - {format_operand(actual.value)} * {days_covered}) / {days - days_covered}"
    remaining = count_periods_left(terms, basis)
    expression = f"({to_plain_string(edge)} - {format_operand(actual.value)}) / {remaining}"
    return expression if value or edge == actual.value else f"max({expression}, 0)"


def count_periods_left(terms: TargetTerms, basis: CompleteBasis) -> int:
    """Count the reporting periods that end after the covered day."""
    periods = reporting_periods(terms.period, basis.resolver.terms(basis.indicator).frequency)
    return sum(period.end > basis.actual.through for period in periods)


def _growth_pace_expression(basis: CompleteBasis, edge: Decimal) -> str:
    formula = basis.resolver.formula(basis.indicator)
    base_code = formula.growth_input() if formula else None
    if base_code is None:
        return ""
    year = basis.terms.period.years_before(1)
    so_far = year.until(day_years_before(basis.actual.through, 1))
    base_total, base_reached = (
        basis.resolver.explain(base_code, year).formula,
        basis.resolver.explain(base_code, so_far).formula,
    )
    reached = basis.resolver.explain(base_code, basis.actual.span).formula
    return f"(((1 + {format_operand(edge)} / 100) * ({base_total}) - ({reached})) / (({base_total}) - ({base_reached})) - 1) * 100"
