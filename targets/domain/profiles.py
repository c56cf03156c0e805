"""The expected edges on a day (domain.md section 5, table of profiles)."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

from indicators.domain.choices import Accumulation
from indicators.domain.rounding import round_for_comparison
from indicators.domain.terms import IndicatorTerms
from indicators.domain.value_resolver import ValueResolver

from .choices import Profile
from .milestone_lines import lower_segment, upper_segment
from .seasonality import SeasonalShare, seasonal_shares
from .terms import TargetTerms

# How far last year's share may be from the part of the days that has elapsed, when no profile is given.
MAX_SEASON_DEVIATION: Final = Decimal("0.15")
EdgeFunction = Callable[[Decimal], Decimal]


class ExpectedEdges(NamedTuple):
    """Expected edges in the unit of the indicator, rounded to 12 places, and the profile that was used.

    `fallback`: `even` replaced a seasonal profile. `shares`: the shares of earlier years, share(1) first; empty unless
    the profile used is seasonal.
    """

    lower: Decimal | None
    upper: Decimal | None
    profile: Profile
    fallback: bool = False
    shares: tuple[SeasonalShare, ...] = ()

    @property
    def interpolated(self) -> bool:
        return bool(self.shares) and self.shares[0].interpolated


def declared_profile(terms: TargetTerms, indicator: IndicatorTerms) -> Profile:
    """Return the profile of the terms, else the default."""
    if terms.profile is not None:
        return terms.profile
    if terms.milestones:
        return Profile.MILESTONES
    if indicator.accumulation == Accumulation.SUM:
        return Profile.SEASONAL
    if indicator.accumulation == Accumulation.LAST and terms.baseline is not None:
        return Profile.PATH
    return Profile.FLAT


def expected_edges_at(terms: TargetTerms, code: str, resolver: ValueResolver, through: date) -> ExpectedEdges:
    """Return the edges that are expected by a day inside the period."""
    indicator = resolver.terms(code)
    profile = declared_profile(terms, indicator)
    if profile == Profile.SEASONAL:
        return _seasonal_edges(terms, code, resolver, through)
    if profile == Profile.MILESTONES:
        return _milestone_edges(terms, indicator, through)
    if profile == Profile.PATH:
        return _build_edges(terms, profile, lambda edge: _path_edge(terms, edge, through))
    if profile == Profile.EVEN:
        return _build_edges(terms, profile, lambda edge: elapsed_part(terms, edge, through))
    return _build_edges(terms, profile, lambda edge: edge)


def elapsed_part(terms: TargetTerms, amount: Decimal, through: date) -> Decimal:
    """Return the part of an amount that is proportional to the days of the period up to a day."""
    return amount * terms.period.until(through).days / terms.period.days


def _seasonal_edges(terms: TargetTerms, code: str, resolver: ValueResolver, through: date) -> ExpectedEdges:
    year_shares = seasonal_shares(resolver, code, terms.period, through)
    if year_shares and (terms.profile is not None or _is_usual_season(terms, year_shares[0], through)):
        return _build_edges(terms, Profile.SEASONAL, year_shares[0].apply_to)._replace(shares=year_shares)
    even_edges = _build_edges(terms, Profile.EVEN, lambda edge: elapsed_part(terms, edge, through))
    return even_edges._replace(fallback=True)


def _is_usual_season(terms: TargetTerms, share: SeasonalShare, through: date) -> bool:
    """Whether last year's share is near the part of the days: after a year of shock its season would mislead."""
    elapsed = elapsed_part(terms, Decimal(1), through)
    return round_for_comparison(abs(share.ratio - elapsed)) <= MAX_SEASON_DEVIATION


def _path_edge(terms: TargetTerms, edge: Decimal, through: date) -> Decimal:
    baseline = terms.baseline or Decimal(0)
    return baseline + elapsed_part(terms, edge - baseline, through)


def _build_edges(terms: TargetTerms, profile: Profile, edge_of: EdgeFunction) -> ExpectedEdges:
    lower = None if terms.lower is None else round_for_comparison(edge_of(terms.lower))
    upper = None if terms.upper is None else round_for_comparison(edge_of(terms.upper))
    return ExpectedEdges(lower, upper, profile)


def _milestone_edges(terms: TargetTerms, indicator: IndicatorTerms, through: date) -> ExpectedEdges:
    lower = lower_segment(terms, indicator, through)
    upper = upper_segment(terms, indicator, through)
    return ExpectedEdges(
        None if lower is None else round_for_comparison(lower.value_on(through)),
        None if upper is None else round_for_comparison(upper.value_on(through)),
        Profile.MILESTONES,
    )
