"""The variance of the actual from the expected edge (domain.md section 6)."""

from decimal import Decimal
from typing import Final, NamedTuple

from indicators.domain.choices import IndicatorKind
from indicators.domain.rounding import round_for_comparison

from .actual import Actual
from .choices import Goal, Profile
from .profiles import ExpectedEdges
from .terms import TargetTerms

_KINDS_WITHOUT_PERCENT: Final = frozenset(
    {IndicatorKind.RATE, IndicatorKind.SHARE, IndicatorKind.INDEX, IndicatorKind.RANK, IndicatorKind.YES_NO}
)
DEFAULT_TOLERANCE: Final = Decimal(5)
DEFAULT_PATH_TOLERANCE: Final = Decimal(10)


class VarianceResult(NamedTuple):
    """Numbers are in the unit of the indicator, `percent` in percent of the expected edge.

    `tolerance` is None inside a `within` band without an absolute tolerance: there is no reference edge.
    """

    variance: Decimal
    percent: Decimal | None
    shortfall: Decimal
    position: Decimal | None
    tolerance: Decimal | None


class Edge(NamedTuple):
    """An edge on the covered day (`expected`) and at the end of the period (`plain`); both None: no edge."""

    expected: Decimal | None
    plain: Decimal | None


def measure_variance(
    terms: TargetTerms, kind: IndicatorKind, actual: Actual, expected: ExpectedEdges
) -> VarianceResult:
    """Return the variance from the reference edge, and the numbers derived from it."""
    edge = reference_edge(terms, actual, expected)
    variance = Decimal(0) if edge.expected is None else actual.value - edge.expected
    return VarianceResult(
        variance,
        _variance_percent(kind, variance, edge.expected),
        _compute_shortfall(terms, variance),
        _position_in_band(actual, expected),
        _find_tolerance(terms, expected.profile, edge),
    )


def edge_tolerance(terms: TargetTerms, profile: Profile, edge: Decimal) -> Decimal:
    """Return the tolerance of a plain edge."""
    tolerance = _find_tolerance(terms, profile, Edge(edge, edge))
    return Decimal(0) if tolerance is None else tolerance


def reference_edge(terms: TargetTerms, actual: Actual, expected: ExpectedEdges) -> Edge:
    """Return the edge that the variance is measured from; none inside the band of a `within` goal."""
    lower, upper = Edge(expected.lower, terms.lower), Edge(expected.upper, terms.upper)
    if terms.goal == Goal.AT_LEAST:
        return lower
    if terms.goal == Goal.AT_MOST:
        return upper
    if lower.expected is not None and actual.value < lower.expected:
        return lower
    if upper.expected is not None and actual.value > upper.expected:
        return upper
    return Edge(None, None)


def _variance_percent(kind: IndicatorKind, variance: Decimal, edge: Decimal | None) -> Decimal | None:
    if kind in _KINDS_WITHOUT_PERCENT or edge == 0:
        return None
    return Decimal(0) if edge is None else variance / abs(edge) * 100


def _compute_shortfall(terms: TargetTerms, variance: Decimal) -> Decimal:
    if terms.goal == Goal.WITHIN:
        return abs(variance)
    deficit = variance if terms.goal == Goal.AT_MOST else -variance
    return max(deficit, Decimal(0))


def _position_in_band(actual: Actual, expected: ExpectedEdges) -> Decimal | None:
    lower, upper = expected.lower, expected.upper
    if lower is None or upper is None or lower == upper:
        return None
    return (actual.value - lower) / (upper - lower)


def _find_tolerance(terms: TargetTerms, profile: Profile, edge: Edge) -> Decimal | None:
    if terms.tolerance is not None:
        return terms.tolerance
    if edge.expected is None or edge.plain is None:
        return None
    if profile == Profile.PATH:
        distance = abs(edge.plain - (terms.baseline or 0))
        return _percent_of(distance, terms.tolerance_percent, DEFAULT_PATH_TOLERANCE)
    return _percent_of(abs(edge.expected), terms.tolerance_percent, DEFAULT_TOLERANCE)


def relative_tolerance(terms: TargetTerms, profile: Profile) -> tuple[Decimal, str]:
    """Return the percentage of a tolerance without an absolute value, and its base: `distance` or `expected`."""
    on_path = profile == Profile.PATH
    default = DEFAULT_PATH_TOLERANCE if on_path else DEFAULT_TOLERANCE
    percent = default if terms.tolerance_percent is None else terms.tolerance_percent
    return percent, "distance" if on_path else "expected"


def _percent_of(amount: Decimal, percent: Decimal | None, default: Decimal) -> Decimal:
    return round_for_comparison(amount * (default if percent is None else percent) / 100)
