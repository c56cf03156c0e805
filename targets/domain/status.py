"""The rules that determine a status, in the order in which they are tried (domain.md section 6)."""

from decimal import Decimal
from typing import NamedTuple

from indicators.domain.choices import IndicatorKind
from indicators.domain.rounding import round_for_comparison

from .actual import Actual
from .choices import Goal, Status, StatusRule
from .profiles import ExpectedEdges
from .terms import TargetTerms
from .variance import VarianceResult, edge_tolerance

NEVER_EXCEEDED = (IndicatorKind.RANK, IndicatorKind.YES_NO)


class StatusVerdict(NamedTuple):
    status: Status
    rule: StatusRule


class StatusInputs(NamedTuple):
    """The inputs of the status rules. `non_decreasing`: a sum, and neither it nor a figure used is below 0."""

    terms: TargetTerms
    kind: IndicatorKind
    actual: Actual
    expected: ExpectedEdges
    variance_result: VarianceResult
    final: bool
    non_decreasing: bool
    result_overdue: bool


def verdict_without_value(*, first_due_passed: bool) -> StatusVerdict:
    """Return the verdict on a target without a value."""
    if first_due_passed:
        return StatusVerdict(Status.NO_DATA, StatusRule.NOTHING_REPORTED)
    return StatusVerdict(Status.NOT_DUE, StatusRule.NOT_DUE)


def judge_status(inputs: StatusInputs) -> StatusVerdict:
    """Return the verdict on a target with an actual."""
    if inputs.final:
        return _final_verdict(inputs)
    verdict = _early_verdict(inputs)
    if verdict is not None:
        return verdict
    if inputs.result_overdue:
        return StatusVerdict(Status.NO_DATA, StatusRule.NEVER_CAME)
    return _in_progress_verdict(inputs)


def _final_verdict(inputs: StatusInputs) -> StatusVerdict:
    below, on_edge, above = _compare_to_edges(inputs, inputs.terms.lower, inputs.terms.upper)
    if below:
        return StatusVerdict(Status.MISSED, StatusRule.BELOW_LOWER)
    if above:
        return StatusVerdict(Status.MISSED, StatusRule.ABOVE_UPPER)
    if on_edge:
        return StatusVerdict(Status.MISSED, StatusRule.ON_OPEN_EDGE)
    return _met_or_exceeded(inputs)


def _compare_to_edges(inputs: StatusInputs, lower: Decimal | None, upper: Decimal | None) -> tuple[bool, bool, bool]:
    """Return whether the actual is below the required lower edge, on an open required edge, above the upper one."""
    terms, actual = inputs.terms, inputs.actual
    lower_side = upper_side = None
    if terms.goal != Goal.AT_MOST and lower is not None:
        lower_side = actual.compare_to(lower)
    if terms.goal != Goal.AT_LEAST and upper is not None:
        upper_side = actual.compare_to(upper)
    on_edge = (lower_side == 0 and terms.lower_open) or (upper_side == 0 and terms.upper_open)
    return lower_side == -1, on_edge, upper_side == 1


def _met_or_exceeded(inputs: StatusInputs) -> StatusVerdict:
    """Return met or exceeded, for a target whose required edges are met."""
    terms = inputs.terms
    if terms.goal == Goal.WITHIN:
        return StatusVerdict(Status.MET, StatusRule.INSIDE)
    sign = -1 if terms.goal == Goal.AT_MOST else 1
    required, ambition = (terms.lower, terms.upper)[::sign]
    if required is None:
        return StatusVerdict(Status.MET, StatusRule.INSIDE)
    if ambition is not None and sign * (ambition - required) > 0:
        if sign * inputs.actual.compare_to(ambition) > 0:
            return StatusVerdict(Status.EXCEEDED, StatusRule.BEYOND_AMBITION)
    elif inputs.kind not in NEVER_EXCEEDED:
        excess = sign * (inputs.actual.value - required)
        if excess > edge_tolerance(terms, inputs.expected.profile, required):
            return StatusVerdict(Status.EXCEEDED, StatusRule.BEYOND_TOLERANCE)
    return StatusVerdict(Status.MET, StatusRule.INSIDE)


_EARLY_RULES = {
    StatusRule.INSIDE: StatusRule.EARLY_REACHED,
    StatusRule.BEYOND_AMBITION: StatusRule.EARLY_BEYOND_AMBITION,
    StatusRule.BEYOND_TOLERANCE: StatusRule.EARLY_BEYOND_TOLERANCE,
}


def _early_verdict(inputs: StatusInputs) -> StatusVerdict | None:
    """Return a verdict that no later figure can change: a non-decreasing sum beyond its edge, a finished task."""
    if _is_done(inputs):
        return StatusVerdict(Status.MET, StatusRule.EARLY_DONE)
    if not inputs.non_decreasing:
        return None
    terms, actual = inputs.terms, inputs.actual
    if terms.goal == Goal.AT_LEAST:
        if terms.lower is None or actual.compare_to(terms.lower) < terms.lower_open:
            return None
        status, rule = _met_or_exceeded(inputs)
        return StatusVerdict(status, _EARLY_RULES[rule])
    if terms.upper is not None and actual.compare_to(terms.upper) > -terms.upper_open:
        return StatusVerdict(Status.MISSED, StatusRule.EARLY_ABOVE_UPPER)
    return None


def _in_progress_verdict(inputs: StatusInputs) -> StatusVerdict:
    below, on_edge, above = _compare_to_edges(inputs, inputs.expected.lower, inputs.expected.upper)
    if _is_not_done(inputs):
        return StatusVerdict(Status.ON_TRACK, StatusRule.NOT_DONE_YET)
    if below or above:
        return _behind_verdict(inputs)
    if on_edge:
        return StatusVerdict(Status.AT_RISK, StatusRule.ON_THE_EDGE)
    return StatusVerdict(Status.ON_TRACK, StatusRule.AS_EXPECTED)


def _behind_verdict(inputs: StatusInputs) -> StatusVerdict:
    shortfall, tolerance = inputs.variance_result.shortfall, inputs.variance_result.tolerance or 0
    # A figure qualified "less than" its edge is behind although its shortfall is 0.
    if shortfall <= tolerance and tolerance > 0:
        return StatusVerdict(Status.AT_RISK, StatusRule.WITHIN_TOLERANCE)
    if _is_as_in_lenient_year(inputs):
        return StatusVerdict(Status.AT_RISK, StatusRule.SEASON_LENIENT)
    return StatusVerdict(Status.OFF_TRACK, StatusRule.BEHIND)


def _is_as_in_lenient_year(inputs: StatusInputs) -> bool:
    """Whether the actual is not behind the most lenient of two or more earlier years."""
    shares, terms = inputs.expected.shares, inputs.terms
    if len(shares) < 2:
        return False
    lower = upper = None
    if terms.lower is not None:
        lower = min(round_for_comparison(share.apply_to(terms.lower)) for share in shares)
    if terms.upper is not None:
        upper = max(round_for_comparison(share.apply_to(terms.upper)) for share in shares)
    below, _, above = _compare_to_edges(inputs, lower, upper)
    return not below and not above


def _is_done(inputs: StatusInputs) -> bool:
    return _is_task(inputs) and inputs.actual.value == 1


def _is_not_done(inputs: StatusInputs) -> bool:
    return _is_task(inputs) and inputs.actual.value < 1


def _is_task(inputs: StatusInputs) -> bool:
    """Whether the target is a task to be done. A yes/no target with another goal follows the general rules."""
    return inputs.kind == IndicatorKind.YES_NO and inputs.terms.goal == Goal.AT_LEAST
