"""Validation of target terms: what is refused (domain.md section 5). All other terms are accepted."""

from collections.abc import Iterator
from datetime import date

from indicators.domain.terms import IndicatorTerms
from indicators.domain.vocabulary import Accumulation

from .doubts import warnings
from .findings import Finding, Slug
from .terms import Milestone, TargetTerms
from .vocabulary import Goal, Profile

__all__ = ["Finding", "Slug", "problems", "warnings"]


def problems(terms: TargetTerms, indicator: IndicatorTerms) -> list[Finding]:
    """Return every reason to refuse the terms, in the order of their fields; an empty list for valid terms."""
    if terms.qualitative:
        return list(_of_the_qualitative(terms))
    return [*_of_the_band(terms), *_of_the_profile(terms, indicator), *_of_the_milestones(terms)]


def _of_the_qualitative(terms: TargetTerms) -> Iterator[Finding]:
    given = {"lower": terms.lower is not None, "upper": terms.upper is not None, "milestones": bool(terms.milestones)}
    for name in (name for name, is_given in given.items() if is_given):
        yield Finding(f"/{name}", Slug.INVALID_BAND, "a target without a number has no band")


def _of_the_band(terms: TargetTerms) -> Iterator[Finding]:
    if terms.goal is None:
        yield Finding("/goal", Slug.REQUIRED, "a target has a goal")
    for edge in _required_edges(terms):
        if getattr(terms, edge) is None:
            yield Finding(f"/{edge}", Slug.REQUIRED, "this goal needs its %(edge)s edge", {"edge": edge})
    if terms.lower is not None and terms.upper is not None and terms.lower > terms.upper:
        yield Finding("/upper", Slug.INVALID_BAND, "lower is above upper")


def _of_the_profile(terms: TargetTerms, indicator: IndicatorTerms) -> Iterator[Finding]:
    flow = indicator.accumulation == Accumulation.SUM
    if terms.profile == Profile.PATH and flow:
        yield Finding("/profile", Slug.INVALID_PROFILE, "a sum begins at 0: it has no path from a baseline")
    elif terms.profile == Profile.PATH and terms.baseline is None:
        yield Finding("/baseline", Slug.REQUIRED, "a path starts from a baseline")
    if terms.profile == Profile.SEASONAL and not flow:
        yield Finding("/profile", Slug.INVALID_PROFILE, "only a sum has a season")


def _of_the_milestones(terms: TargetTerms) -> Iterator[Finding]:
    seen: set[date] = set()
    for place, milestone in enumerate(terms.milestones):
        yield from _of_one(terms, milestone, f"/milestones/{place}", seen)
        seen.add(milestone.date)
    if not terms.milestones and terms.profile != Profile.MILESTONES:
        return
    for edge in _required_edges(terms):
        if all(getattr(milestone, edge) is None for milestone in terms.milestones):
            yield Finding("/milestones", Slug.REQUIRED, "a milestone must name the %(edge)s edge", {"edge": edge})


def _of_one(terms: TargetTerms, milestone: Milestone, pointer: str, seen: set[date]) -> Iterator[Finding]:
    if not terms.period.start <= milestone.date < terms.period.end:
        detail = "a milestone lies inside the period and before its last day"
        yield Finding(f"{pointer}/date", Slug.INVALID_MILESTONE, detail)
    if milestone.date in seen:
        yield Finding(f"{pointer}/date", Slug.INVALID_MILESTONE, "one milestone a day")
    lower, upper = milestone.lower, milestone.upper
    if lower is not None and upper is not None and lower > upper:
        yield Finding(f"{pointer}/upper", Slug.INVALID_BAND, "lower is above upper")


def _required_edges(terms: TargetTerms) -> tuple[str, ...]:
    match terms.goal:
        case Goal.AT_LEAST:
            return ("lower",)
        case Goal.AT_MOST:
            return ("upper",)
        case Goal.WITHIN:
            return ("lower", "upper")
    return ()
