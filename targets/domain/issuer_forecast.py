"""What the issuer of the figures expects at the end of a target's period: shown beside the assessment, judged never."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from indicators.domain.choices import Accumulation
from indicators.domain.figures import figure_precedence
from indicators.domain.value_resolver import ValueResolver

from .choices import Goal
from .terms import TargetTerms


class IssuerForecast(NamedTuple):
    """A posted forecast of the value at the end of the period, in the unit of the indicator.

    `variance`: from the required edge; within, the distance from the band (inside: 0). None without that edge.
    """

    value: Decimal
    published: date | None
    source: str
    variance: Decimal | None


def find_issuer_forecast(terms: TargetTerms, code: str, resolver: ValueResolver) -> IssuerForecast | None:
    """Return the forecast in force over the whole period; None without one, and for a formula, which is never posted."""
    indicator = resolver.terms(code)
    if indicator.formula or terms.qualitative:
        return None
    forecasts = [
        figure
        for figure in resolver.forecasts(code)
        if figure.end == terms.period.end
        and (figure.start == terms.period.start or indicator.accumulation == Accumulation.LAST)
    ]
    if not forecasts:
        return None
    figure = max(forecasts, key=figure_precedence)
    source = resolver.forecast_sources.get((figure.id, figure.revision), "")
    return IssuerForecast(
        figure.numeric_value, figure.published, source, _variance_from_edge(terms, figure.numeric_value)
    )


def _variance_from_edge(terms: TargetTerms, value: Decimal) -> Decimal | None:
    if terms.goal == Goal.AT_MOST:
        edge = terms.upper
    elif terms.goal == Goal.AT_LEAST or (terms.lower is not None and value < terms.lower):
        edge = terms.lower
    elif terms.upper is not None and value > terms.upper:
        edge = terms.upper
    else:
        return Decimal(0)
    return None if edge is None else value - edge
