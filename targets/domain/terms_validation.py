"""Validation of target terms: what is refused (domain.md section 5). All other terms are accepted."""

from collections.abc import Iterator
from datetime import date

from indicators.domain.choices import Accumulation
from indicators.domain.terms import IndicatorTerms

from .choices import Goal, Profile
from .terms import Milestone, TargetTerms
from .terms_warnings import find_warnings
from .validation_findings import FindingSlug, TermsFinding

__all__ = ["FindingSlug", "TermsFinding", "find_problems", "find_warnings"]


def find_problems(terms: TargetTerms, indicator: IndicatorTerms) -> list[TermsFinding]:
    """Return every reason to refuse the terms, in the order of their fields; an empty list for valid terms."""
    if terms.qualitative:
        return list(_qualitative_problems(terms))
    return [*_band_problems(terms), *_profile_problems(terms, indicator), *_milestones_problems(terms)]


def _qualitative_problems(terms: TargetTerms) -> Iterator[TermsFinding]:
    has_values = {
        "lower": terms.lower is not None,
        "upper": terms.upper is not None,
        "milestones": bool(terms.milestones),
    }
    for name in (name for name, has_value in has_values.items() if has_value):
        yield TermsFinding(f"/{name}", FindingSlug.INVALID_BAND, "a target without a number has no band")


def _band_problems(terms: TargetTerms) -> Iterator[TermsFinding]:
    if terms.goal is None:
        yield TermsFinding("/goal", FindingSlug.REQUIRED, "a target has a goal")
    for edge in _required_edges(terms):
        if getattr(terms, edge) is None:
            yield TermsFinding(f"/{edge}", FindingSlug.REQUIRED, "this goal needs its %(edge)s edge", {"edge": edge})
    if terms.lower is not None and terms.upper is not None and terms.lower > terms.upper:
        yield TermsFinding("/upper", FindingSlug.INVALID_BAND, "lower is above upper")


def _profile_problems(terms: TargetTerms, indicator: IndicatorTerms) -> Iterator[TermsFinding]:
    is_sum = indicator.accumulation == Accumulation.SUM
    if terms.profile == Profile.PATH and is_sum:
        yield TermsFinding("/profile", FindingSlug.INVALID_PROFILE, "a sum begins at 0: it has no path from a baseline")
    elif terms.profile == Profile.PATH and terms.baseline is None:
        yield TermsFinding("/baseline", FindingSlug.REQUIRED, "a path starts from a baseline")
    if terms.profile == Profile.SEASONAL and not is_sum:
        yield TermsFinding("/profile", FindingSlug.INVALID_PROFILE, "only a sum has a season")


def _milestones_problems(terms: TargetTerms) -> Iterator[TermsFinding]:
    earlier_days: set[date] = set()
    for index, milestone in enumerate(terms.milestones):
        yield from _milestone_problems(terms, milestone, f"/milestones/{index}", earlier_days)
        earlier_days.add(milestone.date)
    if not terms.milestones and terms.profile != Profile.MILESTONES:
        return
    for edge in _required_edges(terms):
        if all(getattr(milestone, edge) is None for milestone in terms.milestones):
            yield TermsFinding(
                "/milestones", FindingSlug.REQUIRED, "a milestone must name the %(edge)s edge", {"edge": edge}
            )


def _milestone_problems(
    terms: TargetTerms, milestone: Milestone, pointer: str, earlier_days: set[date]
) -> Iterator[TermsFinding]:
    if not terms.period.start <= milestone.date < terms.period.end:
        message = "a milestone lies inside the period and before its last day"
        yield TermsFinding(f"{pointer}/date", FindingSlug.INVALID_MILESTONE, message)
    if milestone.date in earlier_days:
        yield TermsFinding(f"{pointer}/date", FindingSlug.INVALID_MILESTONE, "one milestone a day")
    lower, upper = milestone.lower, milestone.upper
    if lower is not None and upper is not None and lower > upper:
        yield TermsFinding(f"{pointer}/upper", FindingSlug.INVALID_BAND, "lower is above upper")


def _required_edges(terms: TargetTerms) -> tuple[str, ...]:
    match terms.goal:
        case Goal.AT_LEAST:
            return ("lower",)
        case Goal.AT_MOST:
            return ("upper",)
        case Goal.WITHIN:
            return ("lower", "upper")
    return ()
