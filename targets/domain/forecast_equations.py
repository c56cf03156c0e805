"""Equations of projection, required pace and the numbers beside the variance, with the numbers inserted."""

from collections.abc import Iterator
from decimal import Decimal

from indicators.domain.choices import Accumulation
from indicators.domain.periods import day_years_before, reporting_periods
from indicators.domain.rounding import to_plain_string

from .actual import Actual
from .choices import Goal, Profile
from .equations import Equation, InputsWithActual, format_operand
from .pace import average_weights, required_pace
from .projection import project_value
from .seasonality import SeasonalShare
from .terms import TargetTerms
from .variance import reference_edge


def outlook_equations(inputs: InputsWithActual) -> Iterator[Equation]:
    """Yield the equations of variance in percent, position, projection and required pace. Call inside `exact_arithmetic()`."""
    yield from _variance_equations(inputs)
    if inputs.actual.through == inputs.terms.period.end and not inputs.actual.partial:
        return
    yield from _projection_equations(inputs)
    yield from _required_pace_equations(inputs)


def _variance_equations(inputs: InputsWithActual) -> Iterator[Equation]:
    variance_result, lower, upper = inputs.variance_result, inputs.expected.lower, inputs.expected.upper
    edge = reference_edge(inputs.terms, inputs.actual, inputs.expected).expected
    if variance_result.percent is not None and edge is not None:
        expression = f"{format_operand(variance_result.variance)} / {to_plain_string(abs(edge))} * 100"
        yield Equation("variance percent", expression, variance_result.percent)
    if variance_result.position is not None and lower is not None and upper is not None:
        actual, lower_operand = to_plain_string(inputs.actual.value), format_operand(lower)
        yield Equation(
            "position",
            f"({actual} - {lower_operand}) / ({to_plain_string(upper)} - {lower_operand})",
            variance_result.position,
        )


def _projection_equations(inputs: InputsWithActual) -> Iterator[Equation]:
    projection = project_value(
        inputs.terms, inputs.indicator, inputs.resolver, inputs.actual, inputs.expected, final=False
    )
    if projection.value is None:
        return
    accumulation = inputs.resolver.terms(inputs.indicator).accumulation
    expression = to_plain_string(inputs.actual.value)
    if accumulation == Accumulation.SUM:
        yield from _sum_projection_equations(inputs, projection.value, projection.low, projection.high)
        return
    if accumulation == Accumulation.LAST:
        start_day, start_value = inputs.terms.baseline_day, inputs.terms.baseline
        if projection.origin is not None:
            start_day, start_value = projection.origin.end, projection.origin.numeric_value
        if start_value is not None and start_day < inputs.actual.through:
            days_left = (inputs.terms.period.end - inputs.actual.through).days
            days_elapsed = (inputs.actual.through - start_day).days
            expression = f"{expression} + ({expression} - {format_operand(start_value)}) * {days_left} / {days_elapsed}"
    yield Equation("projection", expression, projection.value)


def _sum_projection_equations(
    inputs: InputsWithActual, value: Decimal, low: Decimal | None, high: Decimal | None
) -> Iterator[Equation]:
    terms, expected, actual = inputs.terms, inputs.expected, format_operand(inputs.actual.value)
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
        ratio = f"{terms.period.days} / {inputs.actual.span.days}"
        yield Equation("projection", f"{actual} * {ratio}", value)
        return
    yield _share_equation("projection", inputs.actual, expected.shares[0])
    if low is not None and high is not None:
        share_by_projection = {inputs.actual.value * share.whole / share.part: share for share in expected.shares}
        yield _share_equation("projection low", inputs.actual, share_by_projection[low])
        yield _share_equation("projection high", inputs.actual, share_by_projection[high])


def _share_equation(name: str, actual: Actual, share: SeasonalShare) -> Equation:
    expression = f"{format_operand(actual.value)} * {to_plain_string(share.whole)} / {to_plain_string(share.part)}"
    return Equation(name, expression, actual.value * share.whole / share.part)


def _required_pace_equations(inputs: InputsWithActual) -> Iterator[Equation]:
    required = required_pace(inputs.terms, inputs.indicator, inputs.resolver, inputs.actual)
    edges = ("lower", inputs.terms.lower, required.lower), ("upper", inputs.terms.upper, required.upper)
    for name, edge, value in edges:
        if edge is not None and value is not None:
            yield Equation(f"required {name}", _pace_expression(inputs, edge, value), value)


def _pace_expression(inputs: InputsWithActual, edge: Decimal, value: Decimal) -> str:
    terms, indicator, actual = inputs.terms, inputs.resolver.terms(inputs.indicator), inputs.actual
    if indicator.formula:
        return _growth_pace_expression(inputs, edge)
    if weights := average_weights(terms, indicator, inputs.resolver, actual):
        covered, whole = weights
        return f"({to_plain_string(edge)} * {whole} - {format_operand(actual.value)} * {covered}) / {whole - covered}"
    remaining = count_periods_left(terms, inputs)
    expression = f"({to_plain_string(edge)} - {format_operand(actual.value)}) / {remaining}"
    return expression if value or edge == actual.value else f"max({expression}, 0)"


def count_periods_left(terms: TargetTerms, inputs: InputsWithActual) -> int:
    """Count the reporting periods that end after the covered day."""
    periods = reporting_periods(terms.period, inputs.resolver.terms(inputs.indicator).frequency)
    return sum(period.end > inputs.actual.through for period in periods)


def _growth_pace_expression(inputs: InputsWithActual, edge: Decimal) -> str:
    formula = inputs.resolver.formula(inputs.indicator)
    base_code = formula.growth_input() if formula else None
    if base_code is None:
        return ""
    year = inputs.terms.period.years_before(1)
    so_far = year.until(day_years_before(inputs.actual.through, 1))
    base_total, base_reached = (
        inputs.resolver.explain(base_code, year).formula,
        inputs.resolver.explain(base_code, so_far).formula,
    )
    reached = inputs.resolver.explain(base_code, inputs.actual.span).formula
    return f"(((1 + {format_operand(edge)} / 100) * ({base_total}) - ({reached})) / (({base_total}) - ({base_reached})) - 1) * 100"
