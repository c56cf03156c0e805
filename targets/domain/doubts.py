"""Terms that are saved, but that somebody should look at again (domain.md section 5)."""

from collections.abc import Iterator

from indicators.domain.periods import Period, months_in
from indicators.domain.terms import IndicatorTerms
from indicators.domain.vocabulary import Accumulation, Frequency, Kind

from .findings import Finding, Slug
from .profiles import declared_profile
from .terms import TargetTerms
from .vocabulary import Goal, Profile


def warnings(terms: TargetTerms, indicator: IndicatorTerms) -> list[Finding]:
    """What is doubtful about terms that are not refused; nothing for a qualitative target."""
    return [] if terms.qualitative else list(_doubts(terms, indicator))


def _doubts(terms: TargetTerms, indicator: IndicatorTerms) -> Iterator[Finding]:
    if not _can_begin(terms.period, indicator.frequency):
        detail = "no figure of frequency %(frequency)s can begin on %(day)s"
        params = {"frequency": indicator.frequency, "day": terms.period.start.isoformat()}
        yield Finding("/period", Slug.START_NOT_REPORTED, detail, params)
    if _grows_but_is_flat(terms, indicator):
        detail = "the whole is asked for from the first day: give milestones or a baseline"
        yield Finding("/profile", Slug.FLAT_WHILE_GROWING, detail)


def _can_begin(period: Period, frequency: Frequency) -> bool:
    months = months_in(frequency)
    if not months:
        return True
    if period.start.day != 1:
        return False
    # Years are also those of a budget, which begin in other months; halves and quarters are not.
    return frequency == Frequency.YEAR or (period.start.month - 1) % months == 0


def _grows_but_is_flat(terms: TargetTerms, indicator: IndicatorTerms) -> bool:
    """A rate of disbursement judged flat is behind all year. What is done or not is never behind."""
    return (
        indicator.accumulation == Accumulation.LAST
        and indicator.kind != Kind.YES_NO
        and terms.goal == Goal.AT_LEAST
        and declared_profile(terms, indicator) == Profile.FLAT
    )
