"""Targets, figures and days at random: what may be accepted, in all combinations."""

from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from hypothesis import strategies as st

from indicators.domain.choices import Accumulation, Frequency, IndicatorKind, Qualifier, Stage
from indicators.domain.figures import Figure, figures_in_force
from indicators.domain.periods import Period
from indicators.domain.terms import IndicatorTerms
from indicators.domain.value_resolver import ValueResolver
from targets.domain.assessment import AssessmentResult, assess
from targets.domain.choices import Goal, Profile
from targets.domain.terms import Milestone, TargetTerms
from targets.domain.terms_validation import find_problems

FIRST_DAY = date(2024, 1, 1)
SPANS = [
    Period.parse(code)
    for year in (2023, 2024)
    for code in [
        *(f"{year}-{month:02d}" for month in range(1, 13)),
        *(f"{year}-01/{year}-{month:02d}" for month in range(2, 13)),
        f"{year}-Q2",
        f"{year}-Q4",
        f"{year}-05-03",
    ]
]


class Scenario(NamedTuple):
    """A target of the indicator `code`; the revisions are of the stored indicator x."""

    indicators: tuple[IndicatorTerms, ...]
    code: str
    target: TargetTerms
    revisions: tuple[Figure, ...]
    as_of: date

    def assessed(self) -> AssessmentResult:
        book = ValueResolver(self.indicators, {"x": figures_in_force(self.revisions, self.as_of)})
        return assess(terms=self.target, indicator=self.code, resolver=book, as_of=self.as_of)

    def with_revisions(self, *revisions: Figure) -> "Scenario":
        return self._replace(revisions=revisions)


values = st.integers(-40, 200).map(lambda tenths: Decimal(tenths) / 10)
edges = st.one_of(st.none(), values, values)
days = st.integers(0, 420).map(lambda offset: FIRST_DAY + timedelta(days=offset))
milestones = st.lists(st.builds(Milestone, days, edges, edges), max_size=3, unique_by=lambda each: each.date).map(tuple)


rows = st.lists(
    st.tuples(
        st.sampled_from(SPANS),
        st.one_of(values, values, values, st.none()),
        st.sampled_from(Qualifier),
        st.sampled_from(Stage),
        st.integers(0, 400),
    ),
    max_size=14,
    unique_by=lambda row: row[4],
)


def figures(rows: list[tuple[Period, Decimal | None, str, str, int]]) -> tuple[Figure, ...]:
    """Revisions in the order of recording, no two of them published on one day."""
    return tuple(
        Figure(str(order), 1, *span, value, qualifier, stage, FIRST_DAY + timedelta(days=offset), order)
        for order, (span, value, qualifier, stage, offset) in enumerate(rows)
    )


revisions = rows.map(figures)

PERIODS = [Period.parse(code) for code in ["2024", "2024-H1", "2024-Q2", "2024-02-10/2025-01-20"]]
amounts = st.none() | values.map(abs)

targets = st.builds(
    TargetTerms,
    period=st.sampled_from(PERIODS),
    goal=st.sampled_from(Goal),
    lower=edges,
    upper=edges,
    lower_open=st.booleans(),
    upper_open=st.booleans(),
    profile=st.none() | st.sampled_from(Profile),
    milestones=st.just(()) | milestones,
    baseline=edges,
    baseline_date=st.none() | days,
    tolerance=amounts,
    tolerance_percent=amounts,
    result_due=st.none() | days,
)


def mended(terms: TargetTerms) -> TargetTerms:
    """With the edges its goal needs, in order, so that few draws are in vain."""
    lower, upper = terms.lower, terms.upper
    if lower is not None and upper is not None and lower > upper:
        lower, upper = upper, lower
    lower = lower if lower is not None or terms.goal == Goal.AT_MOST else (upper or Decimal(0)) - 1
    upper = upper if upper is not None or terms.goal == Goal.AT_LEAST else (lower or Decimal(0)) + 1
    return terms._replace(lower=lower, upper=upper)


@st.composite
def accepted(draw: st.DrawFn, formulas: list[str]) -> Scenario:
    """Whatever the checks accept."""
    frequency = draw(st.sampled_from([Frequency.MONTH, Frequency.QUARTER, Frequency.DAY]))
    kind = draw(st.sampled_from(IndicatorKind))
    stored = IndicatorTerms("x", kind, frequency, draw(st.sampled_from(Accumulation)))
    formula = draw(st.sampled_from(formulas))
    judged = IndicatorTerms("f", kind, frequency, None, formula) if formula else stored
    target = draw(targets.map(mended).filter(lambda terms: not find_problems(terms, judged)))
    return Scenario((stored, judged), judged.code, target, draw(revisions), draw(days))


scenarios = accepted([*[""] * 4, "yoy(x)", "x / 3", "2 * x - previous(x)"])


@st.composite
def rivals(draw: st.DrawFn) -> tuple[Scenario, Scenario]:
    """Twice one target of a stored indicator, with a greater value in one figure of the second."""
    scenario = draw(accepted([""]))
    span = draw(st.sampled_from([span for span in SPANS if span.start.year == 2024]))
    least, most = sorted([draw(values), draw(values)])
    figure = Figure("rival", 1, *span, least, "", "official", FIRST_DAY, 99)
    others = [revision for revision in scenario.revisions if revision.period != span]
    return (
        scenario.with_revisions(*others, figure),
        scenario.with_revisions(*others, figure._replace(value=most)),
    )
