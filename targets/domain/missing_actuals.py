"""Why a target has no actual (domain.md section 6)."""

from indicators.domain.missing_values import MissingSlug, MissingValue
from indicators.domain.periods import Period
from indicators.domain.value_resolver import ValueResolver


def find_missing_reason(resolver: ValueResolver, code: str, period: Period) -> MissingValue:
    """Return why an indicator has no actual inside a period: of the latest day on which a figure ends there."""
    ends = resolver.ends_inside(code, period)
    if not ends:
        return _find_uncounted_figure(resolver, code, period) or MissingValue(
            MissingSlug.NOTHING_REPORTED, code, period
        )
    return resolver.missing_reason(code, period.until(ends[-1]))


def _find_uncounted_figure(resolver: ValueResolver, code: str, period: Period) -> MissingValue | None:
    """The latest figure inside a period that counts nowhere, because it has no value or is a forecast."""
    uncounted_figures = [
        (
            figure.end,
            figure.start,
            input_code,
            MissingSlug.WITHOUT_VALUE if figure.value is None else MissingSlug.ONLY_FORECAST,
        )
        for input_code in resolver.stored_inputs(code)
        if resolver.has_indicator(input_code)
        for figure in resolver.posted_figures(input_code)
        if period.start <= figure.end <= period.end
    ]
    if not uncounted_figures:
        return None
    end, start, input_code, slug = max(uncounted_figures)
    return MissingValue(slug, input_code, Period(start, end))
