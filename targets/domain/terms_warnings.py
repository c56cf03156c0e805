"""Warnings about target terms that are accepted but probably wrong (domain.md section 5)."""

from collections.abc import Iterator

from indicators.domain.choices import Accumulation, Frequency, IndicatorKind
from indicators.domain.periods import Period, months_in
from indicators.domain.rounding import to_plain_string
from indicators.domain.terms import IndicatorTerms

from .choices import Goal, Profile
from .profiles import declared_profile
from .terms import TargetTerms
from .terms_problems import TermsProblem, TermsProblemSlug


def find_warnings(terms: TargetTerms, indicator: IndicatorTerms) -> list[TermsProblem]:
    """Return the warnings about accepted terms; none for a qualitative target."""
    return [] if terms.qualitative else list(_iter_warnings(terms, indicator))


def _iter_warnings(terms: TargetTerms, indicator: IndicatorTerms) -> Iterator[TermsProblem]:
    if not _is_reporting_start(terms.period, indicator.frequency):
        message = "no figure of frequency %(frequency)s can begin on %(day)s"
        params = {"frequency": indicator.frequency, "day": terms.period.start.isoformat()}
        yield TermsProblem("/period", TermsProblemSlug.START_NOT_REPORTED, message, params)
    if _is_cumulative_but_flat(terms, indicator):
        message = "the full band is expected from the first day on: add milestones or a baseline"
        yield TermsProblem("/profile", TermsProblemSlug.FLAT_WHILE_GROWING, message)

    if indicator.kind == IndicatorKind.RANK and terms.goal == Goal.AT_LEAST:
        message = "rank 1 is the best, so at least %(edge)s means %(edge)s or worse: for %(edge)s or better use the goal at_most"
        edge = "" if terms.lower is None else to_plain_string(terms.lower)
        yield TermsProblem("/goal", TermsProblemSlug.WORSE_RANK_PROMISED, message, {"edge": edge})


def _is_reporting_start(period: Period, frequency: Frequency) -> bool:
    months = months_in(frequency)
    if not months:
        return True
    if period.start.day != 1:
        return False
    # A year may be a budget year, which begins in another month. Halves and quarters follow the calendar.
    return frequency == Frequency.YEAR or (period.start.month - 1) % months == 0


def _is_cumulative_but_flat(terms: TargetTerms, indicator: IndicatorTerms) -> bool:
    """Whether a cumulative rate, such as disbursement, has a flat profile: it would be off track all year.

    A yes/no target is never behind.
    """
    return (
        indicator.accumulation == Accumulation.LAST
        and indicator.kind != IndicatorKind.YES_NO
        and terms.goal == Goal.AT_LEAST
        and declared_profile(terms, indicator) == Profile.FLAT
    )
