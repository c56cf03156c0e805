"""Why a target has no actual (domain.md section 6)."""

from indicators.domain.missing_values import MissingSlug, MissingValue
from indicators.domain.periods import Period
from indicators.domain.value_resolver import ValueResolver


def find_missing_reason(resolver: ValueResolver, code: str, period: Period) -> MissingValue:
    """Return why an indicator has no actual inside a period: of the latest day on which a figure ends there."""
    ends = resolver.ends_inside(code, period)
    if not ends:
        return MissingValue(MissingSlug.NOTHING_REPORTED, code, period)
    return resolver.missing_reason(code, period.until(ends[-1]))
