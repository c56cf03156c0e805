"""Equations of outlook, required pace and the numbers beside the variance, with the numbers inserted."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from indicators.domain.periods import day_years_before, reporting_periods
from indicators.domain.rounding import round_for_comparison, to_plain_string

from .choices import Goal, OutlookMethod, RangeBasis
from .equations import Equation, InputsWithActual, format_operand
from .outlook import RANGE_WIDTH, Outlook, expect_value
from .pace import average_weights, required_pace
from .same_period import compare_with_year_before, percent_of_target
from .terms import TargetTerms
from .variance import reference_edge


def outlook_equations(inputs: InputsWithActual) -> Iterator[Equation]:
    """Yield the equations of the numbers beside the variance, of outlook and required pace.

    Call inside `exact_arithmetic()`.
    """
    yield from _variance_equations(inputs)
    yield from _comparison_equations(inputs)
    if inputs.actual.through == inputs.terms.period.end and not inputs.actual.partial:
        return
    yield from _outlook_equations(inputs)
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


def _comparison_equations(inputs: InputsWithActual) -> Iterator[Equation]:
    """Yield the same period of the year before, the change since, and the percent of the required edge."""
    terms, code, actual = inputs.terms, inputs.indicator, inputs.actual
    same_period, shown = compare_with_year_before(code, inputs.resolver, actual), format_operand(actual.value)
    if same_period.value is not None:
        yield Equation("same period", inputs.resolver.explain(code, same_period.span).formula, same_period.value)
    if same_period.value is not None and same_period.change is not None:
        base = _plain(same_period.value)
        expression = f"{shown} - {base}" if same_period.is_difference else f"({shown} / {base} - 1) * 100"
        yield Equation("same period change", expression, same_period.change)
    percent = percent_of_target(terms, inputs.resolver.terms(code).kind, actual)
    edge = terms.upper if terms.goal == Goal.AT_MOST else terms.lower
    if percent is not None and edge is not None:
        yield Equation("percent of target", f"{shown} / {to_plain_string(edge)} * 100", percent)


def _outlook_equations(inputs: InputsWithActual) -> Iterator[Equation]:
    outlook = expect_value(inputs.terms, inputs.indicator, inputs.resolver, inputs.actual, inputs.expected, final=False)
    if outlook.method is None or outlook.value is None:
        return
    expressions = {name: _method_expression(inputs, outlook, name) for name in outlook.by_method}
    yield Equation("outlook", _bounded(outlook, expressions[outlook.method]), outlook.value)
    if outlook.low is None or outlook.high is None:
        return
    low, high = (_range_expression(outlook, expressions, sign) for sign in "-+")
    yield Equation("outlook low", _bounded(outlook, low), outlook.low)
    yield Equation("outlook high", _bounded(outlook, high), outlook.high)


def _range_expression(outlook: Outlook, expressions: Mapping[OutlookMethod, str], sign: str) -> str:
    if outlook.range_from == RangeBasis.ERRORS and outlook.past and outlook.method:
        deviation = to_plain_string(round_for_comparison(outlook.past.deviation))
        return f"{expressions[outlook.method]} {sign} {RANGE_WIDTH} * {deviation}"
    choose = min if sign == "-" else max
    return expressions[choose(outlook.by_method, key=lambda name: outlook.by_method[name])]


def _bounded(outlook: Outlook, expression: str) -> str:
    least, greatest = outlook.bounds
    if least is not None:
        expression = f"max({expression}, {to_plain_string(least)})"
    return expression if greatest is None else f"min({expression}, {to_plain_string(greatest)})"


def _method_expression(inputs: InputsWithActual, outlook: Outlook, method: OutlookMethod) -> str:
    terms, actual = inputs.terms, inputs.actual
    value = format_operand(actual.value)
    match method:
        case OutlookMethod.EVEN:
            return f"{value} * {terms.period.days} / {terms.period.until(actual.through).days}"
        case OutlookMethod.SEASONAL:
            shares = [f"{_plain(year.reached)} / {_plain(year.whole)}" for year in outlook.years if year.share]
            return f"{value} / (({' + '.join(shares)}) / {len(shares)})"
        case OutlookMethod.REST | OutlookMethod.DRIFT:
            rests = [f"({_plain(year.whole)} - {_plain(year.reached)})" for year in outlook.years]
            return f"{value} + ({' + '.join(rests)}) / {len(rests)}"
        case OutlookMethod.MILESTONES:
            at_most = terms.goal == Goal.AT_MOST
            edge = terms.upper if at_most else terms.lower
            return f"{value} * {_plain(edge)} / {_plain(inputs.expected.upper if at_most else inputs.expected.lower)}"
        case OutlookMethod.LINE:
            days_left = (terms.period.end - actual.through).days
            days_elapsed = (actual.through - terms.baseline_day).days
            return f"{value} + ({value} - {_plain(terms.baseline)}) * {days_left} / {days_elapsed}"
    return value


def _plain(value: Decimal | None) -> str:
    """Format a number that exists in this method as an operand."""
    return format_operand(round_for_comparison(value or Decimal(0)))


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
