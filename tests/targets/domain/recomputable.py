"""Targets drawn by a seed over all that a target may be, each judged by the core."""

from calendar import monthrange
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import NamedTuple

from indicators.domain.calendars import WEEKENDS_ONLY, Calendar
from indicators.domain.choices import Accumulation, DueUnit, Frequency, IndicatorKind, Qualifier, Stage
from indicators.domain.figures import Figure, figures_in_force
from indicators.domain.periods import Period
from indicators.domain.terms import IndicatorTerms
from indicators.domain.value_resolver import ValueResolver
from targets.domain.assessment import AssessmentResult, assess
from targets.domain.choices import Goal, Profile
from targets.domain.terms import Milestone, TargetTerms
from targets.domain.terms_validation import find_problems

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
PERIODS = ("2024", "2024", "2024", "2024-H1", "2024-Q2", "2024-02-10/2025-01-20", "2023/2024")
SHAPES = (
    [(month, month) for month in range(1, 13)],
    [(1, month) for month in range(1, 13)],
    [(1, 3), (4, 6), (7, 9), (10, 12)],
    [(1, 6), (7, 12), (1, 12)],
    [(1, 12), (1, 3), (1, 9), (4, 5)],
)
_QUALIFIERS, _STAGES = [qualifier.value for qualifier in Qualifier], [stage.value for stage in Stage]
_SUMMER = Calendar(
    days_off=frozenset(date(2024, 2, day) for day in range(8, 15))
    | {date(2024, 4, 30), date(2024, 5, 1), date(2024, 9, 2)},
    working_weekend_days=frozenset({date(2024, 5, 4), date(2024, 2, 10)}),
)


class Drawn(NamedTuple):
    """A target as it was judged; `book` holds what was in force."""

    terms: TargetTerms
    assessment: AssessmentResult
    as_of: date


def drawn(seed: int) -> Drawn:
    """The same target for the same seed."""
    draw = Random(seed)  # noqa: S311
    indicators = _with_breaks(seed, _indicators(draw))
    judged = indicators[-1]
    as_of = date(2024, 2, 1) + timedelta(days=draw.randint(0, 400))
    scale = draw.choice([1, 3, 20, 400])
    needed = ("x", "y") if judged.formula else ("x",)
    series = {
        code: figures_in_force(
            [figure._replace(id=f"{code}-{figure.id}") for figure in _figures(draw, scale, as_of)], as_of
        )
        for code in needed
    }
    calendar = _SUMMER if draw.random() < 0.3 else WEEKENDS_ONLY
    book = ValueResolver(indicators, series, calendar)
    terms = _terms(draw, judged, scale)
    return Drawn(terms, assess(terms=terms, indicator=judged.code, resolver=book, as_of=as_of), as_of)


def _indicators(draw: Random) -> list[IndicatorTerms]:
    """Two that are stored, a formula over them and, last, the one that is judged: x or a formula."""
    frequency = draw.choice([Frequency.MONTH, Frequency.MONTH, Frequency.QUARTER, Frequency.HALF, Frequency.YEAR])
    kind = draw.choice([IndicatorKind.LEVEL, IndicatorKind.COUNT, *IndicatorKind])
    if kind == IndicatorKind.YES_NO and draw.random() < 0.5:
        frequency = Frequency.YEAR
    due = {"due_days": draw.choice([0, 10, 60]), "due_unit": draw.choice([DueUnit.DAYS, *DueUnit])}
    how = draw.choice([Accumulation.SUM, Accumulation.SUM, *Accumulation])
    x = IndicatorTerms("x", kind, frequency, how, **due)
    y = IndicatorTerms("y", kind, frequency, draw.choice([how, Accumulation.LAST]), **due)
    g = IndicatorTerms("g", kind, frequency, None, draw.choice(NESTED), **due)
    if draw.random() < 0.7:
        return [y, g, x]
    return [x, y, g, IndicatorTerms("f", kind, frequency, None, draw.choice(FORMULAS), **due)]


def _with_breaks(seed: int, indicators: list[IndicatorTerms]) -> list[IndicatorTerms]:
    """One series in six has a break in one of the years; by another seed, so that all else is drawn as without."""
    draw = Random(f"breaks {seed}")  # noqa: S311
    return [
        each._replace(breaks=(date(draw.randint(2022, 2024), draw.randint(1, 12), draw.choice([1, 1, 15, 28])),))
        if draw.random() < 1 / 6
        else each
        for each in indicators
    ]


def _figures(draw: Random, scale: int, as_of: date) -> list[Figure]:
    """Of each year in one shape, most of them reported, published soon after; some are revised or withdrawn."""
    results: list[Figure] = []
    months = draw.random() < 0.4
    for year in range(2018 if months else 2021, 2026):
        for first, last in SHAPES[0] if months and year < 2024 else draw.choice(SHAPES):
            chance = draw.random()
            start, end = date(year, first, 1), date(year, last, monthrange(year, last)[1])
            if start < as_of and chance > 0.06:
                results += [_figure(draw, start, end, scale, len(results)) for _ in range(1 if chance < 0.9 else 2)]
    return results


def _figure(draw: Random, start: date, end: date, scale: int, order: int) -> Figure:
    chance = draw.random()
    least = 0 if chance < 0.95 else -scale
    value = None if chance < 0.01 else Decimal(draw.randint(least, scale)) / 2
    qualifier = draw.choice(_QUALIFIERS) if chance > 0.4 else ""
    stage = draw.choice(_STAGES) if chance > 0.6 else "official"
    if stage == Stage.FORECAST and draw.random() > 0.3:
        stage = ""
    published = end + timedelta(days=draw.randint(-20, 50))
    return Figure(f"figure-{order}", 1, start, end, value, qualifier, stage, published, order)


def _terms(draw: Random, indicator: IndicatorTerms, scale: int) -> TargetTerms:
    while True:
        terms = _draft(draw, indicator, scale)
        if not find_problems(terms, indicator):
            return terms


def _draft(draw: Random, indicator: IndicatorTerms, scale: int) -> TargetTerms:
    goal = draw.choice(list(Goal))
    size = scale if indicator.accumulation != Accumulation.SUM else scale * draw.choice([1, 3, 6])
    if indicator.kind == IndicatorKind.YES_NO:
        size = 2
    lower, upper = sorted(Decimal(draw.randint(-2, 2 * size)) / 4 for _ in range(2))
    period = Period.parse(draw.choice(PERIODS))
    milestones = tuple(
        Milestone(day, *sorted(Decimal(draw.randint(0, size)) / 2 for _ in range(2)))
        if draw.random() < 0.6
        else Milestone(day, *[Decimal(draw.randint(0, size)) / 2] * 2)
        for day in sorted({date(2024, draw.randint(1, 12), 15), date(2024, 4, 30)})
    )
    return TargetTerms(
        period=period,
        goal=goal,
        lower=lower if goal != Goal.AT_MOST or draw.random() < 0.3 else None,
        upper=upper if goal != Goal.AT_LEAST or draw.random() < 0.3 else None,
        lower_open=draw.random() < 0.3,
        upper_open=draw.random() < 0.3,
        profile=draw.choice([None, Profile.SEASONAL, Profile.SEASONAL, Profile.SEASONAL, *Profile]),
        milestones=milestones if draw.random() < 0.2 else (),
        baseline=Decimal(draw.randint(-4, scale)) / 2 if draw.random() < 0.4 else None,
        baseline_date=date(2023, draw.randint(1, 12), 15) if draw.random() < 0.3 else None,
        tolerance=Decimal(draw.randint(0, 4)) / 2 if draw.random() < 0.2 else None,
        tolerance_percent=Decimal(draw.randint(0, 60)) if draw.random() < 0.4 else None,
        result_due=date(2025, draw.randint(1, 12), 20) if draw.random() < 0.2 else None,
    )
