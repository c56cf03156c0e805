"""Targets drawn by a seed over all that a target may be, each judged by the core."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any, NamedTuple

from indicators.domain.calendars import WEEKENDS_ONLY, Calendar
from indicators.domain.choices import Accumulation, DueUnit, Frequency, IndicatorKind
from indicators.domain.figures import Figure, figures_in_force
from indicators.domain.periods import Period
from indicators.domain.terms import IndicatorTerms
from indicators.domain.value_resolver import ValueResolver
from targets.domain.assessment import AssessmentResult, assess
from targets.domain.choices import Goal, Profile
from targets.domain.terms import Milestone, TargetTerms
from targets.domain.terms_validation import find_problems

from .drawn_areas import CITY, FigureDraw, Places, Revision, draw_forecast, draw_places, draw_revisions, draw_shapes
from .drawn_themes import ANY, FORMULAS, NESTED, THEMES, Theme

Json = dict[str, Any]

PERIODS = ("2024", "2024", "2024", "2024-H1", "2024-Q2", "2024-02-10/2025-01-20", "2023/2024")
_SUMMER = Calendar(
    days_off=frozenset(date(2024, 2, day) for day in range(8, 15))
    | {date(2024, 4, 30), date(2024, 5, 1), date(2024, 9, 2)},
    working_weekend_days=frozenset({date(2024, 5, 4), date(2024, 2, 10)}),
)


class Drawn(NamedTuple):
    """A target as it was judged, and all that was posted: of its own area and of those that merged into it."""

    terms: TargetTerms
    assessment: AssessmentResult
    as_of: date
    places: Places
    revisions: tuple[Revision, ...]
    indicators: tuple[IndicatorTerms, ...]
    calendar: Calendar

    def without_breaks(self) -> AssessmentResult:
        unbroken = [each._replace(breaks=()) for each in self.indicators]
        book = resolver_of(unbroken, self.places, self.revisions, self.as_of, self.calendar)
        return assess(terms=self.terms, indicator=unbroken[-1].code, resolver=book, as_of=self.as_of)

    def world(self, explanation: Json) -> Json:
        """What the second evaluator gets: the terms as the explanation writes them, and what was posted."""
        written = {name: explanation[name] for name in ("as_of", "terms", "indicators", "due")}
        return written | {"area": CITY, "areas": self.places.document(), "revisions": [*map(_document, self.revisions)]}


def drawn(seed: int) -> Drawn:
    """The same target for the same seed. Every theme has its turn, so that no rule is left to chance."""
    draw, theme = Random(seed), THEMES[seed % len(THEMES)]  # noqa: S311
    indicators = _with_breaks(draw, _indicators(draw, theme), theme)
    judged = indicators[-1]
    as_of = date(2024, 2, 1) + timedelta(days=draw.randint(theme.earliest, 400))
    scale = 2 if judged.kind == IndicatorKind.YES_NO else theme.scale or draw.choice([1, 3, 20, 400])
    places = draw_places(draw, theme.joined)
    revisions: list[Revision] = []
    for code in ("x", "y") if judged.formula else ("x",):
        shapes = draw_shapes(draw, theme.shapes)
        revisions += draw_revisions(draw, places, code, shapes, FigureDraw(scale, as_of, theme))
    if theme.foretold:
        revisions.append(Revision(CITY, "x", draw_forecast(draw, scale)))
    calendar = _SUMMER if draw.random() < 0.3 else WEEKENDS_ONLY
    book = resolver_of(indicators, places, revisions, as_of, calendar)
    terms = _terms(draw, judged, scale, theme)
    assessment = assess(terms=terms, indicator=judged.code, resolver=book, as_of=as_of)
    if theme.aimed is not None and assessment.actual is not None:
        terms = theme.aimed(draw, assessment)
        if not find_problems(terms, judged):
            assessment = assess(terms=terms, indicator=judged.code, resolver=book, as_of=as_of)
    terms = assessment.inputs.terms
    return Drawn(terms, assessment, as_of, places, tuple(revisions), tuple(indicators), calendar)


def resolver_of(
    indicators: Sequence[IndicatorTerms],
    places: Places,
    revisions: Sequence[Revision],
    as_of: date,
    calendar: Calendar,
) -> ValueResolver:
    series: dict[str, dict[str, list[Figure]]] = {}
    for area, code, figure in revisions:
        series.setdefault(area, {}).setdefault(code, []).append(figure)
    in_force = {
        area: {code: figures_in_force(posted, as_of) for code, posted in by_code.items()}
        for area, by_code in series.items()
    }
    return ValueResolver(indicators, in_force.get(CITY, {}), calendar, territory=places.territory(in_force))


def _document(revision: Revision) -> Json:
    figure = revision.figure
    return {
        "id": figure.id,
        "area": revision.area,
        "indicator": revision.indicator,
        "period": str(figure.period),
        "value": None if figure.value is None else str(figure.value),
        "qualifier": figure.qualifier,
        "stage": figure.stage,
        "published": str(figure.published),
        "order": figure.order,
    }


def _indicators(draw: Random, theme: Theme) -> list[IndicatorTerms]:
    """Two that are stored, a formula over them and, last, the one that is judged: x or a formula."""
    frequency = draw.choice([Frequency.MONTH, Frequency.MONTH, Frequency.QUARTER, Frequency.HALF, Frequency.YEAR])
    kind = draw.choice(theme.kinds or [IndicatorKind.LEVEL, IndicatorKind.COUNT, *IndicatorKind])
    if kind == IndicatorKind.YES_NO and draw.random() < 0.5:
        frequency = Frequency.YEAR
    frequency = theme.frequency or frequency
    due = {"due_days": draw.choice([0, 10, 60]), "due_unit": draw.choice([DueUnit.DAYS, *DueUnit])}
    how = draw.choice(theme.ways or [Accumulation.SUM, Accumulation.SUM, *Accumulation])
    x = IndicatorTerms("x", kind, frequency, how, **due)
    y = IndicatorTerms("y", kind, frequency, draw.choice([how, Accumulation.LAST]), **due)
    g = IndicatorTerms("g", kind, frequency, None, draw.choice(NESTED), **due)
    formulas = theme.formulas or (() if theme.ways or draw.random() < 0.7 else FORMULAS)
    if not formulas:
        return [y, g, x]
    return [x, y, g, IndicatorTerms("f", kind, frequency, None, draw.choice(formulas), **due)]


def _with_breaks(draw: Random, indicators: list[IndicatorTerms], theme: Theme) -> list[IndicatorTerms]:
    """One series in eight has a break in one of the years."""
    return [
        each._replace(
            breaks=(date(draw.choice(theme.broken or ANY), draw.randint(1, 12), draw.choice([1, 1, 15, 28])),)
        )
        if draw.random() < (0.9 if theme.broken else 1 / 8)
        else each
        for each in indicators
    ]


def _terms(draw: Random, indicator: IndicatorTerms, scale: int, theme: Theme) -> TargetTerms:
    while True:
        terms = _draft(draw, indicator, scale, theme)
        if not find_problems(terms, indicator):
            return terms


def _draft(draw: Random, indicator: IndicatorTerms, scale: int, theme: Theme) -> TargetTerms:
    goal = draw.choice(list(Goal))
    size = scale if indicator.accumulation != Accumulation.SUM else scale * draw.choice([1, 3, 6])
    lower, upper = sorted(Decimal(draw.randint(-2, 2 * size)) / 4 for _ in range(2))
    period = Period.parse(draw.choice(theme.periods or PERIODS))
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
        profile=draw.choice(theme.profiles or [None, None, Profile.SEASONAL, Profile.SEASONAL, *Profile]),
        milestones=milestones if draw.random() < 0.2 else (),
        baseline=Decimal(draw.randint(-4, scale)) / 2 if draw.random() < (0.9 if theme.baseline else 0.4) else None,
        baseline_date=date(2023, draw.randint(1, 12), 15) if draw.random() < 0.3 else None,
        tolerance=Decimal(draw.randint(0, 4)) / 2 if draw.random() < 0.2 else None,
        tolerance_percent=Decimal(draw.randint(0, 60)) if draw.random() < 0.4 else None,
        result_due=date(2025, draw.randint(1, 12), 20) if draw.random() < 0.2 else None,
    )
