"""Why a target has no actual (domain.md section 6)."""

from datetime import date

from indicators.domain.choices import Accumulation, MissingReason
from indicators.domain.figures import Figure
from indicators.domain.missing_values import MissingSlug, MissingValue
from indicators.domain.periods import Period
from indicators.domain.value_resolver import ValueResolver


def find_missing_reason(resolver: ValueResolver, code: str, period: Period) -> MissingValue:
    """Return why an indicator has no actual inside a period: of the latest day on which a figure ends there."""
    ends = resolver.ends_inside(code, period)
    if ends:
        return resolver.missing_reason(code, period.until(ends[-1]))
    return _find_uncounted_figure(resolver, code, period) or MissingValue(MissingSlug.NOTHING_REPORTED, code, period)


def find_later_reason(resolver: ValueResolver, code: str, period: Period, through: date) -> MissingValue | None:
    """Return why figures that end after the day that an actual covers do not count; None where there are none.

    Only of what is put together: of single figures (`last`, `none`) the one that counts is chosen, not computed.
    """
    terms = resolver.terms(code)
    if not terms.formula and terms.accumulation in (Accumulation.LAST, Accumulation.NONE):
        return None
    ends = [end for end in resolver.ends_inside(code, period) if end > through]
    return resolver.missing_reason(code, period.until(ends[-1])) if ends else None


def _find_uncounted_figure(resolver: ValueResolver, code: str, period: Period) -> MissingValue | None:
    """Why the latest figure inside a period counts nowhere: it has no value, is a forecast, or waits for predecessors."""
    figures = [
        (figure.end, figure.start, input_code, figure)
        for input_code in resolver.stored_inputs(code)
        if resolver.has_indicator(input_code)
        for figure in resolver.posted_figures(input_code)
        if period.start <= figure.end <= period.end
    ]
    if not figures:
        return None
    # What was taken back was never reported: it says why only where there is nothing else.
    end, start, input_code, figure = max(figures, key=lambda row: (not _was_taken_back(row[3]), *row[:3]))
    span, known_on = Period(start, end), figure.published or figure.recorded_on
    if _was_taken_back(figure):
        return MissingValue(MissingSlug.NOTHING_REPORTED, code, period, known_on, missing_reason=figure.missing_reason)
    if figure.value is None:
        return MissingValue(MissingSlug.WITHOUT_VALUE, input_code, span, known_on, missing_reason=figure.missing_reason)
    if span in {forecast.period for forecast in resolver.forecasts(input_code)}:
        return MissingValue(MissingSlug.ONLY_FORECAST, input_code, span)
    return resolver.missing_reason(code, period.until(end))


def _was_taken_back(figure: Figure) -> bool:
    return figure.missing_reason == MissingReason.WITHDRAWN
