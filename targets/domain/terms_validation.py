"""Validation of target terms: what is refused (domain.md section 5). All other terms are accepted."""

from collections.abc import Iterator
from datetime import date

from indicators.domain.choices import Accumulation
from indicators.domain.terms import IndicatorTerms

from .choices import Goal, Profile
from .terms import Milestone, TargetTerms
from .terms_problems import TermsProblem, TermsProblemSlug
from .terms_warnings import find_warnings

__all__ = ["TermsProblem", "TermsProblemSlug", "find_problems", "find_warnings"]


def find_problems(terms: TargetTerms, indicator: IndicatorTerms) -> list[TermsProblem]:
    """Return every reason to refuse the terms, in the order of their fields; an empty list for valid terms."""
    if terms.qualitative:
        return list(_qualitative_problems(terms))
    return [*_band_problems(terms), *_profile_problems(terms, indicator), *_milestones_problems(terms)]


def _qualitative_problems(terms: TargetTerms) -> Iterator[TermsProblem]:
    has_values = {
        "lower": terms.lower is not None,
        "upper": terms.upper is not None,
        "milestones": bool(terms.milestones),
    }
    for name in (name for name, has_value in has_values.items() if has_value):
        yield TermsProblem(f"/{name}", TermsProblemSlug.INVALID_BAND, "a qualitative target must not have a band")


def _band_problems(terms: TargetTerms) -> Iterator[TermsProblem]:
    if terms.goal is None:
        yield TermsProblem("/goal", TermsProblemSlug.REQUIRED, "a target needs a goal")
    for edge in _required_edges(terms):
        if getattr(terms, edge) is None:
            yield TermsProblem(
                f"/{edge}", TermsProblemSlug.REQUIRED, "this goal needs its %(edge)s edge", {"edge": edge}
            )
    if terms.lower is not None and terms.upper is not None and terms.lower > terms.upper:
        yield TermsProblem("/upper", TermsProblemSlug.INVALID_BAND, "lower is above upper")


def _profile_problems(terms: TargetTerms, indicator: IndicatorTerms) -> Iterator[TermsProblem]:
    is_sum = indicator.accumulation == Accumulation.SUM
    if terms.profile == Profile.PATH and is_sum:
        yield TermsProblem(
            "/profile",
            TermsProblemSlug.INVALID_PROFILE,
            "an indicator with accumulation sum starts at 0, so it cannot have the profile path",
        )
    elif terms.profile == Profile.PATH and terms.baseline is None:
        yield TermsProblem("/baseline", TermsProblemSlug.REQUIRED, "the profile path needs a baseline")
    if terms.profile == Profile.SEASONAL and not is_sum:
        yield TermsProblem(
            "/profile",
            TermsProblemSlug.INVALID_PROFILE,
            "the profile seasonal needs an indicator with accumulation sum",
        )


def _milestones_problems(terms: TargetTerms) -> Iterator[TermsProblem]:
    earlier_days: set[date] = set()
    for index, milestone in enumerate(terms.milestones):
        yield from _milestone_problems(terms, milestone, f"/milestones/{index}", earlier_days)
        earlier_days.add(milestone.date)
    if not terms.milestones and terms.profile != Profile.MILESTONES:
        return
    for edge in _required_edges(terms):
        if all(getattr(milestone, edge) is None for milestone in terms.milestones):
            yield TermsProblem(
                "/milestones",
                TermsProblemSlug.REQUIRED,
                "at least one milestone must have the %(edge)s edge",
                {"edge": edge},
            )


def _milestone_problems(
    terms: TargetTerms, milestone: Milestone, pointer: str, earlier_days: set[date]
) -> Iterator[TermsProblem]:
    if not terms.period.start <= milestone.date < terms.period.end:
        message = "a milestone must lie inside the period and before its last day"
        yield TermsProblem(f"{pointer}/date", TermsProblemSlug.INVALID_MILESTONE, message)
    if milestone.date in earlier_days:
        yield TermsProblem(
            f"{pointer}/date", TermsProblemSlug.INVALID_MILESTONE, "there can be only one milestone per day"
        )
    lower, upper = milestone.lower, milestone.upper
    if lower is not None and upper is not None and lower > upper:
        yield TermsProblem(f"{pointer}/upper", TermsProblemSlug.INVALID_BAND, "lower is above upper")


def _required_edges(terms: TargetTerms) -> tuple[str, ...]:
    match terms.goal:
        case Goal.AT_LEAST:
            return ("lower",)
        case Goal.AT_MOST:
            return ("upper",)
        case Goal.WITHIN:
            return ("lower", "upper")
    return ()
