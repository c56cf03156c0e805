"""Short ways to write targets, and to judge them, in tests of the domain."""

from collections.abc import Sequence
from decimal import Decimal

from indicators.domain.figures import Figure
from indicators.domain.periods import Period
from indicators.domain.terms import IndicatorTerms
from indicators.domain.value_resolver import ValueResolver
from targets.domain.assessment import AssessmentResult, assess
from targets.domain.choices import Goal, Profile
from targets.domain.terms import Milestone, TargetTerms
from tests.indicators.domain.builders import day, indicator

MID_YEAR = "2024-07-05"


def number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def milestone(on: str, lower: str | None = None, upper: str | None = None) -> Milestone:
    return Milestone(day(on), number(lower), number(upper))


def target(
    lower: str | None = None,
    upper: str | None = None,
    *,
    goal: str | None = "at_least",
    period: str = "2024",
    lower_open: bool = False,
    upper_open: bool = False,
    profile: str | None = None,
    milestones: Sequence[Milestone] = (),
    baseline: str | None = None,
    baseline_date: str | None = None,
    tolerance: str | None = None,
    tolerance_percent: str | None = None,
    result_due: str | None = None,
    qualitative: bool = False,
) -> TargetTerms:
    """A target of the year 2024, at least `lower` unless another goal is given."""
    return TargetTerms(
        period=Period.parse(period),
        goal=Goal(goal) if goal else None,
        lower=number(lower),
        upper=number(upper),
        lower_open=lower_open,
        upper_open=upper_open,
        profile=Profile(profile) if profile else None,
        milestones=tuple(milestones),
        baseline=number(baseline),
        baseline_date=None if baseline_date is None else day(baseline_date),
        tolerance=number(tolerance),
        tolerance_percent=number(tolerance_percent),
        result_due=None if result_due is None else day(result_due),
        qualitative=qualitative,
    )


def assessed(
    terms: TargetTerms,
    figures: Sequence[Figure],
    *,
    of: IndicatorTerms | str = "sum",
    as_of: str = MID_YEAR,
    others: Sequence[IndicatorTerms] = (),
) -> AssessmentResult:
    """Judge a target of the indicator x, or of a formula over it, by the figures of x."""
    own = indicator(of) if isinstance(of, str) else of
    book = ValueResolver([own, *others], {"x": figures})
    return assess(terms=terms, indicator=own.code, resolver=book, as_of=day(as_of))
