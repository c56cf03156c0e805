"""The rules that determine a status, in the order in which they are tried (domain.md section 6)."""

from decimal import Decimal
from typing import NamedTuple

from indicators.domain.rounding import compared
from indicators.domain.vocabulary import Kind

from .actual import Actual
from .profiles import Expected
from .terms import TargetTerms
from .variance import Measured, tolerance_of
from .vocabulary import Goal, Rule, Status

NEVER_EXCEEDED = (Kind.RANK, Kind.YES_NO)


class Verdict(NamedTuple):
    status: Status
    rule: Rule


class Facts(NamedTuple):
    """The inputs of the status rules. `non_decreasing`: the actual is a sum of figures none of which is below 0."""

    terms: TargetTerms
    kind: Kind
    actual: Actual
    expected: Expected
    measured: Measured
    final: bool
    growing: bool
    result_overdue: bool


def without_value(*, first_due_passed: bool) -> Verdict:
    """Return the verdict on a target without a value."""
    if first_due_passed:
        return Verdict(Status.NO_DATA, Rule.NOTHING_REPORTED)
    return Verdict(Status.NOT_DUE, Rule.NOT_DUE)


def judge(facts: Facts) -> Verdict:
    """Return the verdict on a target with an actual."""
    if facts.final:
        return _by_plain_edges(facts)
    early = _early(facts)
    if early is not None:
        return early
    if facts.result_overdue:
        return Verdict(Status.NO_DATA, Rule.NEVER_CAME)
    return _on_the_way(facts)


def _by_plain_edges(facts: Facts) -> Verdict:
    below, on_edge, above = _against(facts, facts.terms.lower, facts.terms.upper)
    if below:
        return Verdict(Status.MISSED, Rule.BELOW_LOWER)
    if above:
        return Verdict(Status.MISSED, Rule.ABOVE_UPPER)
    if on_edge:
        return Verdict(Status.MISSED, Rule.ON_OPEN_EDGE)
    return _met(facts)


def _against(facts: Facts, lower: Decimal | None, upper: Decimal | None) -> tuple[bool, bool, bool]:
    """Return whether the actual is below the required lower edge, on an open required edge, above the upper one."""
    terms, actual = facts.terms, facts.actual
    low = high = None
    if terms.goal != Goal.AT_MOST and lower is not None:
        low = actual.side(lower)
    if terms.goal != Goal.AT_LEAST and upper is not None:
        high = actual.side(upper)
    on_edge = (low == 0 and terms.lower_open) or (high == 0 and terms.upper_open)
    return low == -1, on_edge, high == 1


def _met(facts: Facts) -> Verdict:
    """Return met or exceeded, for a target whose required edges are met."""
    terms = facts.terms
    if terms.goal == Goal.WITHIN:
        return Verdict(Status.MET, Rule.INSIDE)
    sign = -1 if terms.goal == Goal.AT_MOST else 1
    required, ambition = (terms.lower, terms.upper)[::sign]
    if required is None:
        return Verdict(Status.MET, Rule.INSIDE)
    if ambition is not None and sign * (ambition - required) > 0:
        if sign * facts.actual.side(ambition) > 0:
            return Verdict(Status.EXCEEDED, Rule.BEYOND_AMBITION)
    elif facts.kind not in NEVER_EXCEEDED:
        beyond = sign * (facts.actual.value - required)
        if beyond > tolerance_of(terms, facts.expected.profile, required):
            return Verdict(Status.EXCEEDED, Rule.BEYOND_TOLERANCE)
    return Verdict(Status.MET, Rule.INSIDE)


_EARLY_RULES = {
    Rule.INSIDE: Rule.EARLY_REACHED,
    Rule.BEYOND_AMBITION: Rule.EARLY_BEYOND_AMBITION,
    Rule.BEYOND_TOLERANCE: Rule.EARLY_BEYOND_TOLERANCE,
}


def _early(facts: Facts) -> Verdict | None:
    """Return a verdict that no later figure can change: a non-decreasing sum beyond its edge, a finished task."""
    if _is_done(facts):
        return Verdict(Status.MET, Rule.EARLY_DONE)
    if not facts.growing:
        return None
    terms, actual = facts.terms, facts.actual
    if terms.goal == Goal.AT_LEAST:
        if terms.lower is None or actual.side(terms.lower) < terms.lower_open:
            return None
        status, rule = _met(facts)
        return Verdict(status, _EARLY_RULES[rule])
    if terms.upper is not None and actual.side(terms.upper) > -terms.upper_open:
        return Verdict(Status.MISSED, Rule.EARLY_ABOVE_UPPER)
    return None


def _on_the_way(facts: Facts) -> Verdict:
    below, on_edge, above = _against(facts, facts.expected.lower, facts.expected.upper)
    if _awaited(facts):
        return Verdict(Status.ON_TRACK, Rule.NOT_DONE_YET)
    if below or above:
        return _behind(facts)
    if on_edge:
        return Verdict(Status.AT_RISK, Rule.ON_THE_EDGE)
    return Verdict(Status.ON_TRACK, Rule.AS_EXPECTED)


def _behind(facts: Facts) -> Verdict:
    shortfall, tolerance = facts.measured.shortfall, facts.measured.tolerance or 0
    # A figure qualified "less than" its edge is behind although its shortfall is 0.
    if shortfall <= tolerance and tolerance > 0:
        return Verdict(Status.AT_RISK, Rule.WITHIN_TOLERANCE)
    if _as_in_some_year(facts):
        return Verdict(Status.AT_RISK, Rule.SEASON_LENIENT)
    return Verdict(Status.OFF_TRACK, Rule.BEHIND)


def _as_in_some_year(facts: Facts) -> bool:
    """Whether the actual is not behind the most lenient of two or more earlier years."""
    shares, terms = facts.expected.shares, facts.terms
    if len(shares) < 2:
        return False
    lower = upper = None
    if terms.lower is not None:
        lower = min(compared(share.of(terms.lower)) for share in shares)
    if terms.upper is not None:
        upper = max(compared(share.of(terms.upper)) for share in shares)
    below, _, above = _against(facts, lower, upper)
    return not below and not above


def _is_done(facts: Facts) -> bool:
    return _is_task(facts) and facts.actual.value == 1


def _awaited(facts: Facts) -> bool:
    return _is_task(facts) and facts.actual.value < 1


def _is_task(facts: Facts) -> bool:
    """Whether the target is a task to be done. A yes/no target with another goal follows the general rules."""
    return facts.kind == Kind.YES_NO and facts.terms.goal == Goal.AT_LEAST
