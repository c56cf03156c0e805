"""What drawn targets are mostly about: each theme makes some rules frequent that chance would leave rare."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from random import Random
from typing import NamedTuple

from indicators.domain.choices import Accumulation, Frequency, IndicatorKind
from targets.domain.assessment import AssessmentResult
from targets.domain.choices import Goal, Profile
from targets.domain.terms import TargetTerms

Spans = Sequence[tuple[int, int]]
FORMULAS = (
    "yoy(x)",
    "x / 3",
    "2 * x - previous(x)",
    "100 * x / y",
    "yoy(x + y)",
    "g - yoy(x)",
    "previous(x)",
    "min(g, 50)",
)
NESTED = ("(x + y) / 2", "max(x, -y)", "yoy(y)")
MONTHS: Spans = [(month, month) for month in range(1, 13)]
CUMULATIVE: Spans = [(1, month) for month in range(1, 13)]
QUARTERS: Spans = [(1, 3), (1, 6), (1, 9), (1, 12)]
HALVES: Spans = [(1, 6), (7, 12)]
UNEQUAL: Spans = [(1, 3), (4, 4), (5, 5), (6, 6), (7, 9), (10, 12)]


class Theme(NamedTuple):
    """What is not left to chance. `aimed` puts the edges where something is decided, once the value is known."""

    ways: Sequence[Accumulation] = ()
    kinds: Sequence[IndicatorKind] = ()
    formulas: Sequence[str] = ()
    frequency: Frequency | None = None
    shapes: Sequence[Spans] = ()
    periods: Sequence[str] = ()
    profiles: Sequence[Profile | None] = ()
    broken: Sequence[int] = ()
    joined: bool | None = False
    scale: int = 0
    least: int = 5
    early: int = 3
    earliest: int = 60
    misses: float = 0.03
    foretold: bool = False
    rising: bool = False
    baseline: bool = False
    aimed: Callable[[Random, AssessmentResult], TargetTerms] | None = None


def onto_the_value(draw: Random, assessment: AssessmentResult) -> TargetTerms:
    """The required edge is what was reached."""
    terms, value = assessment.inputs.terms, assessment.actual
    goal = draw.choice([Goal.AT_LEAST, Goal.AT_MOST])
    lower, upper = (value, None) if goal == Goal.AT_LEAST else (None, value)
    opens = draw.random() < 0.85
    return terms._replace(
        goal=goal, lower=lower, upper=upper, lower_open=opens, upper_open=opens, milestones=(), profile=Profile.FLAT
    )


def between_two_years(draw: Random, assessment: AssessmentResult) -> TargetTerms:
    """Behind the season of last year, and not behind that of another."""
    terms, expected, value = assessment.inputs.terms, assessment.inputs.expected, assessment.actual
    shares = [share.ratio for share in expected.shares] if expected else []
    if not value or len(shares) < 2 or min(shares) >= shares[0]:
        return terms
    due = value / ((min(shares) + shares[0]) / 2)
    return terms._replace(goal=Goal.AT_LEAST, lower=round(due, 3), upper=None, tolerance=Decimal(0))


def almost(draw: Random, assessment: AssessmentResult) -> TargetTerms:
    """What was reached falls just short of what is due."""
    terms, value = assessment.inputs.terms, assessment.actual or Decimal(1)
    lower = round(value + Decimal(draw.randint(1, 4)) / 4, 3)
    return terms._replace(goal=Goal.AT_LEAST, lower=lower, upper=None, milestones=(), tolerance=Decimal(1))


def a_task(draw: Random, assessment: AssessmentResult) -> TargetTerms:
    terms = assessment.inputs.terms
    return terms._replace(goal=Goal.AT_LEAST, lower=Decimal(1), upper=None, milestones=(), profile=None)


def beyond_what_was_promised(draw: Random, assessment: AssessmentResult) -> TargetTerms:
    """Less was promised than is there, by a little or by much, with an ambition or without."""
    terms, value = assessment.inputs.terms, assessment.actual or Decimal(1)
    lower = round(value * draw.choice([Decimal("0.98"), Decimal("0.5")]), 2)
    upper = draw.choice([None, round(lower * Decimal("1.01"), 2)])
    return terms._replace(goal=Goal.AT_LEAST, lower=lower, upper=upper, milestones=())


SUM, MEAN, LAST, NONE = Accumulation.SUM, Accumulation.MEAN, Accumulation.LAST, Accumulation.NONE
AMOUNTS = (IndicatorKind.LEVEL, IndicatorKind.COUNT)
RATES = (IndicatorKind.RATE, IndicatorKind.INDEX)
ANY = (2022, 2023, 2024)
SEASON = (None, Profile.SEASONAL)
YEAR = ("2024",)
THEMES = (
    Theme(joined=None, earliest=0),
    Theme(formulas=["yoy(x)"], ways=[SUM, MEAN], kinds=AMOUNTS, periods=YEAR, shapes=[QUARTERS, MONTHS], joined=True, early=0, earliest=180, misses=0.15),
    Theme(ways=[SUM, LAST, NONE], early=50, periods=YEAR, foretold=True),
    Theme(ways=[SUM, MEAN, LAST, NONE], early=50, periods=YEAR, foretold=True, baseline=True),
    Theme(ways=[SUM], shapes=[CUMULATIVE, QUARTERS], periods=["2024-Q2", "2024-H2"], scale=20, least=0, earliest=180, early=0, misses=0),
    Theme(ways=[SUM], shapes=[CUMULATIVE], periods=["2024-Q2", "2024-Q3"], least=0, earliest=180, early=0, misses=0),
    Theme(ways=[MEAN], frequency=Frequency.MONTH, shapes=[UNEQUAL], periods=["2024", "2024-H1", "2024-02-10/2025-01-20"], earliest=120, early=0, misses=0),
    Theme(ways=[MEAN], frequency=Frequency.QUARTER, shapes=[MONTHS, UNEQUAL], periods=YEAR, broken=[2024], early=0, misses=0),
    Theme(ways=[MEAN], frequency=Frequency.MONTH, shapes=[UNEQUAL], periods=YEAR, broken=[2024], earliest=200, early=0, misses=0),
    Theme(ways=[SUM], shapes=[MONTHS, CUMULATIVE], periods=YEAR, broken=[2024], earliest=200, early=0, misses=0),
    Theme(ways=[SUM], shapes=[MONTHS, UNEQUAL, QUARTERS], periods=YEAR, profiles=SEASON, broken=[2023, 2024], earliest=120, early=0, misses=0),
    Theme(ways=[LAST], shapes=[MONTHS, QUARTERS], periods=YEAR, broken=ANY, early=0, baseline=True),
    Theme(ways=[LAST], shapes=[MONTHS, QUARTERS], periods=YEAR, broken=[2024], early=0, baseline=True),
    Theme(formulas=["yoy(x)"], ways=[SUM], shapes=[MONTHS, QUARTERS], periods=YEAR, least=30, early=0, misses=0),
    Theme(formulas=["yoy(x)"], ways=[SUM], shapes=[MONTHS], periods=YEAR, scale=400, least=0, early=0, misses=0),
    Theme(formulas=["yoy(x)"], ways=[SUM, LAST], shapes=[QUARTERS, MONTHS], periods=YEAR, least=0, broken=[2023, 2024], early=0, misses=0),
    Theme(ways=[SUM, SUM, LAST], kinds=AMOUNTS, periods=YEAR, shapes=[MONTHS, QUARTERS], profiles=SEASON, joined=True, early=0, misses=0),
    Theme(ways=[SUM], kinds=AMOUNTS, shapes=[MONTHS, QUARTERS], periods=YEAR, profiles=SEASON, joined=True, early=0, misses=0),
    Theme(ways=[SUM, SUM, LAST], kinds=AMOUNTS, joined=True, early=0, profiles=SEASON),
    Theme(ways=[SUM, LAST], kinds=AMOUNTS, periods=YEAR, shapes=[MONTHS, QUARTERS], joined=True, early=0, earliest=250, misses=0.2),
    Theme(formulas=["yoy(x)", "100 * x / y"], ways=[SUM, LAST, MEAN], kinds=AMOUNTS, periods=YEAR, shapes=[MONTHS, QUARTERS], joined=True, early=0, misses=0),
    Theme(ways=[SUM], periods=YEAR, shapes=[QUARTERS, HALVES, MONTHS], profiles=[None], scale=400, least=0, early=0, misses=0),
    Theme(ways=[SUM], periods=YEAR, shapes=[QUARTERS, HALVES], profiles=SEASON, scale=20, least=0, early=0, misses=0),
    Theme(ways=[SUM], periods=YEAR, shapes=[MONTHS, HALVES], profiles=[Profile.SEASONAL], scale=20, least=0, early=0, misses=0),
    Theme(ways=[SUM], periods=YEAR, shapes=[MONTHS], profiles=[Profile.SEASONAL], scale=20, least=0, early=0, misses=0, aimed=between_two_years),
    Theme(ways=[SUM], periods=YEAR, shapes=[QUARTERS, UNEQUAL], profiles=[Profile.SEASONAL], scale=20, least=0, early=0, misses=0, aimed=between_two_years),
    Theme(ways=[SUM], periods=YEAR, profiles=[Profile.MILESTONES], least=0, early=0),
    Theme(ways=[NONE], kinds=RATES, frequency=Frequency.QUARTER, shapes=[QUARTERS], periods=YEAR, early=0, misses=0, rising=True),
    Theme(ways=[MEAN, NONE], kinds=RATES, frequency=Frequency.MONTH, shapes=[QUARTERS, CUMULATIVE], periods=YEAR, scale=1, early=0, misses=0, rising=True),
    Theme(ways=[LAST], kinds=[IndicatorKind.YES_NO], periods=YEAR, shapes=[MONTHS, QUARTERS], early=0, aimed=a_task),
    Theme(ways=[LAST], kinds=[IndicatorKind.YES_NO], periods=YEAR, shapes=[MONTHS], early=0, aimed=a_task),
    Theme(ways=[LAST, NONE], kinds=[*AMOUNTS, *RATES], shapes=[CUMULATIVE], earliest=40, early=0, aimed=onto_the_value),
    Theme(ways=[LAST, NONE], kinds=[*IndicatorKind], shapes=[QUARTERS, CUMULATIVE], periods=YEAR, scale=20, early=0, aimed=onto_the_value),
    Theme(ways=[SUM, LAST, NONE], shapes=[CUMULATIVE], periods=["2024", "2024-H1"], earliest=345, early=0, aimed=onto_the_value),
    Theme(ways=[SUM, LAST, NONE], kinds=AMOUNTS, shapes=[CUMULATIVE], periods=["2024", "2024-H1"], earliest=345, early=0, misses=0, aimed=beyond_what_was_promised),
    Theme(ways=[MEAN, NONE, LAST], shapes=[QUARTERS, CUMULATIVE, UNEQUAL], periods=YEAR, aimed=almost),
    Theme(ways=[SUM], shapes=[MONTHS, QUARTERS, UNEQUAL], least=0, scale=3, early=0),
    Theme(ways=[SUM], kinds=AMOUNTS, periods=YEAR, shapes=[MONTHS, QUARTERS], least=0, scale=20, early=0, aimed=beyond_what_was_promised),
    Theme(ways=[SUM], kinds=AMOUNTS, periods=YEAR, shapes=[UNEQUAL, QUARTERS], least=0, scale=20, early=0, aimed=beyond_what_was_promised),
)  # fmt: skip
