"""The expected edges on a day (domain.md section 5, table of profiles)."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from indicators.domain.book import Book
from indicators.domain.rounding import compared
from indicators.domain.terms import IndicatorTerms
from indicators.domain.vocabulary import Accumulation

from .lines import lower_segment, upper_segment
from .season import Share, shares
from .terms import TargetTerms
from .vocabulary import Profile

EdgeOf = Callable[[Decimal], Decimal]


class Expected(NamedTuple):
    """Expected edges in the unit of the indicator, rounded to 12 places, and the profile that was used.

    `fallback`: `even` replaced a seasonal profile. `shares`: the shares of earlier years, share(1) first; empty unless
    the profile used is seasonal.
    """

    lower: Decimal | None
    upper: Decimal | None
    profile: Profile
    fallback: bool = False
    shares: tuple[Share, ...] = ()

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
        return Profile.EVEN
    if indicator.accumulation == Accumulation.LAST and terms.baseline is not None:
        return Profile.PATH
    return Profile.FLAT


def expected_at(terms: TargetTerms, code: str, book: Book, through: date) -> Expected:
    """Return the edges that are expected by a day inside the period."""
    indicator = book.terms(code)
    profile = declared_profile(terms, indicator)
    if profile == Profile.SEASONAL:
        return _seasonal(terms, code, book, through)
    if profile == Profile.MILESTONES:
        return _by_milestones(terms, indicator, through)
    if profile == Profile.PATH:
        return _edges(terms, profile, lambda edge: _on_path(terms, edge, through))
    if profile == Profile.EVEN:
        return _edges(terms, profile, lambda edge: elapsed(terms, edge, through))
    return _edges(terms, profile, lambda edge: edge)


def elapsed(terms: TargetTerms, amount: Decimal, through: date) -> Decimal:
    """Return the part of an amount that is proportional to the days of the period up to a day."""
    return amount * terms.period.until(through).days / terms.period.days


def _seasonal(terms: TargetTerms, code: str, book: Book, through: date) -> Expected:
    found = shares(book, code, terms.period, through)
    if found:
        return _edges(terms, Profile.SEASONAL, found[0].of)._replace(shares=found)
    even = _edges(terms, Profile.EVEN, lambda edge: elapsed(terms, edge, through))
    return even._replace(fallback=True)


def _on_path(terms: TargetTerms, edge: Decimal, through: date) -> Decimal:
    baseline = terms.baseline or Decimal(0)
    return baseline + elapsed(terms, edge - baseline, through)


def _edges(terms: TargetTerms, profile: Profile, edge_of: EdgeOf) -> Expected:
    lower = None if terms.lower is None else compared(edge_of(terms.lower))
    upper = None if terms.upper is None else compared(edge_of(terms.upper))
    return Expected(lower, upper, profile)


def _by_milestones(terms: TargetTerms, indicator: IndicatorTerms, through: date) -> Expected:
    lower = lower_segment(terms, indicator, through)
    upper = upper_segment(terms, indicator, through)
    return Expected(
        None if lower is None else compared(lower.at(through)),
        None if upper is None else compared(upper.at(through)),
        Profile.MILESTONES,
    )
