"""An assessment as arithmetic with the numbers inserted, so that it can be recomputed by hand."""

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from indicators.domain.rounding import exact_arithmetic, round_for_comparison, to_plain_string
from indicators.domain.value_resolver import ValueResolver

from .actual import Actual
from .choices import Profile
from .milestone_lines import Segment, lower_segment, upper_segment
from .profiles import ExpectedEdges
from .terms import TargetTerms
from .variance import Edge, VarianceResult, reference_edge, relative_tolerance


class Equation(NamedTuple):
    """A value and the expression it results from. Without a computation the expression is the value."""

    name: str
    expression: str
    value: Decimal

    def __str__(self) -> str:
        result = to_plain_string(round_for_comparison(self.value))
        arithmetic = result if self.expression == result else f"{self.expression} = {result}"
        return f"{self.name} = {arithmetic}"


class InputsWithActual(NamedTuple):
    """The inputs of the assessment of a target with an actual."""

    terms: TargetTerms
    indicator: str
    resolver: ValueResolver
    actual: Actual
    expected: ExpectedEdges
    variance_result: VarianceResult


class AssessmentInputs(NamedTuple):
    """The inputs of an assessment; without an actual only the first three are set."""

    terms: TargetTerms
    indicator: str
    resolver: ValueResolver
    actual: Actual | None = None
    expected: ExpectedEdges | None = None
    variance_result: VarianceResult | None = None

    def with_actual(self) -> InputsWithActual | None:
        if self.actual is None or self.expected is None or self.variance_result is None:
            return None
        return InputsWithActual(
            self.terms, self.indicator, self.resolver, self.actual, self.expected, self.variance_result
        )

    def as_text(self) -> str:
        """Return the equations joined by "; ", with results rounded half up to 12 places."""
        with exact_arithmetic():
            inputs = self.with_actual()
            return "" if inputs is None else "; ".join(map(str, assessment_equations(inputs)))


def assessment_equations(inputs: InputsWithActual) -> Iterator[Equation]:
    """Yield the equations of actual, expected edges, variance and tolerance. Call inside `exact_arithmetic()`."""
    actual = inputs.resolver.explain(inputs.indicator, inputs.actual.span)
    yield Equation("actual", actual.formula, inputs.actual.value)
    lower, upper = inputs.expected.lower, inputs.expected.upper
    if lower is not None and inputs.terms.lower is not None:
        yield Equation("expected lower", _edge_expression(inputs, inputs.terms.lower, upper=False), lower)
    if upper is not None and inputs.terms.upper is not None:
        yield Equation("expected upper", _edge_expression(inputs, inputs.terms.upper, upper=True), upper)
    edge = reference_edge(inputs.terms, inputs.actual, inputs.expected)
    value = to_plain_string(inputs.actual.value)
    if edge.expected is not None:
        expression = f"{value} - {format_operand(edge.expected)}"
        yield Equation("variance", expression, inputs.variance_result.variance)
    yield from _tolerance_equation(inputs, edge)


def format_operand(value: Decimal) -> str:
    """Format a number as the right operand of a sign: in parentheses if it is negative."""
    return f"({to_plain_string(value)})" if value < 0 else to_plain_string(value)


def _edge_expression(inputs: InputsWithActual, edge: Decimal, *, upper: bool) -> str:
    terms, expected = inputs.terms, inputs.expected
    days = f"{terms.period.until(inputs.actual.through).days} / {terms.period.days}"
    match expected.profile:
        case Profile.SEASONAL:
            share = expected.shares[0]
            return f"{to_plain_string(edge)} * {to_plain_string(round_for_comparison(share.part))} / {to_plain_string(share.whole)}"
        case Profile.EVEN:
            return f"{to_plain_string(edge)} * {days}"
        case Profile.PATH:
            start = to_plain_string(terms.baseline or Decimal(0))
            return f"{start} + ({to_plain_string(edge)} - {format_operand(terms.baseline or Decimal(0))}) * {days}"
        case Profile.MILESTONES:
            return _milestone_expression(inputs, upper=upper)
    return to_plain_string(edge)


def _milestone_expression(inputs: InputsWithActual, *, upper: bool) -> str:
    find_segment = upper_segment if upper else lower_segment
    segment = find_segment(inputs.terms, inputs.resolver.terms(inputs.indicator), inputs.actual.through)
    return "" if segment is None else _format_segment(segment, (inputs.actual.through - segment.first_day).days)


def _format_segment(segment: Segment, days: int) -> str:
    if segment.first_value == segment.last_value:
        return to_plain_string(segment.last_value)
    rise = f"({to_plain_string(segment.last_value)} - {format_operand(segment.first_value)})"
    return f"{to_plain_string(segment.first_value)} + {rise} * {days} / {(segment.last_day - segment.first_day).days}"


def _tolerance_equation(inputs: InputsWithActual, edge: Edge) -> Iterator[Equation]:
    terms, tolerance = inputs.terms, inputs.variance_result.tolerance
    if tolerance is None or edge.expected is None or edge.plain is None:
        return
    if terms.tolerance is not None:
        yield Equation("tolerance", to_plain_string(tolerance), tolerance)
        return
    percent, base_kind = relative_tolerance(terms, inputs.expected.profile)
    base = to_plain_string(abs(edge.expected))
    if base_kind == "distance":
        base = f"|{to_plain_string(edge.plain)} - {format_operand(terms.baseline or Decimal(0))}|"
    yield Equation("tolerance", f"{to_plain_string(percent)} / 100 * {base}", tolerance)
