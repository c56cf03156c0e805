"""An actual beside the same span a year before, and beside the required edge (domain.md section 6)."""

from decimal import Decimal
from typing import Final, NamedTuple

from indicators.domain.choices import Accumulation, IndicatorKind
from indicators.domain.formula_ast import MissingValueError
from indicators.domain.missing_values import MissingSlug, MissingValue
from indicators.domain.periods import ONE_DAY, Period
from indicators.domain.value_resolver import ValueResolver

from .actual import Actual
from .choices import Goal
from .missing_actuals import find_missing_reason
from .terms import TargetTerms

# Two values of these are compared by their difference, not in percent.
KINDS_OF_DIFFERENCE: Final = frozenset({IndicatorKind.RATE, IndicatorKind.SHARE, IndicatorKind.RANK})
_KINDS_OF_AMOUNT: Final = frozenset({IndicatorKind.LEVEL, IndicatorKind.COUNT})


class SamePeriod(NamedTuple):
    """The value over the same span a year before, in the unit of the indicator, and the change since.

    `change` is in percent of that value; of rates, shares and ranks (`is_difference`) in the unit of the indicator.
    `reason`: why there is no value, or no change in percent.
    """

    span: Period
    value: Decimal | None = None
    change: Decimal | None = None
    is_difference: bool = False
    reason: MissingValue | None = None


def compare_with_year_before(code: str, resolver: ValueResolver, actual: Actual) -> SamePeriod:
    """Compare an actual with the same span a year before, like with like: the resolver must be that `beside` the actual."""
    span, kind = actual.span.years_before(1), resolver.terms(code).kind
    is_difference = kind in KINDS_OF_DIFFERENCE
    try:
        resolver.require_comparable((code,), span, actual.span)
    except MissingValueError as error:
        return SamePeriod(span, None, None, is_difference, error.reason)
    value = _value_before(code, resolver, span)
    if value is None:
        return SamePeriod(span, None, None, is_difference, _missing_reason(code, resolver, span))
    if is_difference:
        return SamePeriod(span, value, actual.value - value, is_difference)
    if kind == IndicatorKind.YES_NO:
        return SamePeriod(span, value)
    if value <= 0:
        return SamePeriod(span, value, reason=MissingValue(MissingSlug.BASE_NOT_ABOVE_ZERO, code, span))
    return SamePeriod(span, value, (actual.value / value - 1) * 100)


def _value_before(code: str, resolver: ValueResolver, span: Period) -> Decimal | None:
    """Return the value a year before. A stored indicator costs less without the way through the resolver."""
    return resolver.value(code, span) if resolver.terms(code).formula else resolver.series(code).value(span)


def _missing_reason(code: str, resolver: ValueResolver, span: Period) -> MissingValue:
    """Why there is no value over a span; where its last days are missing, these days."""
    ends = resolver.ends_inside(code, span)
    reason = resolver.missing_reason(code, span)
    if not ends:
        # Of an area that began with the merger no figure ends there: those of the merged areas are missing.
        is_merged = reason.slug == MissingSlug.TERRITORY_CHANGED and reason.areas
        return reason if is_merged else find_missing_reason(resolver, code, span)
    if reason.slug != MissingSlug.NOTHING_REPORTED or ends[-1] == span.end:
        return reason
    # Something was reported of that span, but not what is asked for.
    if resolver.terms(code).accumulation == Accumulation.LAST:
        return MissingValue(MissingSlug.GAP, code, Period(span.end, span.end))
    if resolver.terms(code).accumulation == Accumulation.NONE:
        return MissingValue(MissingSlug.GAP, code, span)
    return MissingValue(MissingSlug.GAP, code, Period(ends[-1] + ONE_DAY, span.end))


def percent_of_target(terms: TargetTerms, kind: IndicatorKind, actual: Actual) -> Decimal | None:
    """Return the actual in percent of the required edge: of levels and counts, and of an edge above 0.

    `within` has two required edges: None unless they are equal.
    """
    edge = terms.upper if terms.goal == Goal.AT_MOST else terms.lower
    if terms.goal == Goal.WITHIN and terms.lower != terms.upper:
        return None
    if kind not in _KINDS_OF_AMOUNT or edge is None or edge <= 0:
        return None
    return actual.value / edge * 100
