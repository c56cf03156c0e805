"""A small world with every kind of rule in it, histories within it, and batches upon them."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from hypothesis import strategies as st

from indicators.domain.figures import RevisionContent
from indicators.domain.periods import Period
from indicators.models import Approval, Department
from indicators.services.batches.rows import FigureRow
from indicators.services.catalogue import reporting_duties
from indicators.services.figures import approvals, recording
from indicators.services.figures.recording import FigureInput
from kpitracker.lib.actor import ALL_SCOPES, Actor, Scope
from kpitracker.lib.errors import DomainError
from targets.services.planning import period_locks, plans
from tests import factories

NOW = datetime(2024, 6, 15, 3, tzinfo=UTC)
TODAY = date(2024, 6, 15)
SECOND = Actor("second person", None, ALL_SCOPES, "", 7)
CLOSED = "2023-12"

GOOD = ["sales", "sales", "guarded", "stock"]
BAD = ["foreign", "foreign", "hidden", "computed", "nothing"]
AREAS = ["", "city", "city", "north"]
PERIODS = [CLOSED, "2024-01", "2024-01/2024-02", "2024-01/2024-03"]
KNOWN_DAYS = [None, *(date(2024, month, day) for month, day in ((1, 31), (3, 1), (6, 14), (6, 15), (6, 15)))]
DAYS = [*KNOWN_DAYS, date(2024, 6, 16)]
CONTENTS = [
    ("", "not_available", "", "", "", ""),
    ("", "suppressed", "", "", "", "withdrawn"),
    *((value, "", "", stage, "", "") for value in ("0", "5", "7.5", "-200") for stage in ("", "estimate", "official")),
    ("5", "", "about", "preliminary", "Báo cáo", "dòng 1\ndòng 2"),
]

ACTORS = ["the organisation", "a department", "a department without history"]


class Step(NamedTuple):
    """Something that happened before: a figure posted so many days ago, or what waited decided (None: not)."""

    row: FigureRow
    days: int
    approve: bool | None


Figure = tuple[str, str, str]
FIGURES = st.tuples(st.sampled_from(GOOD), st.sampled_from(AREAS), st.sampled_from(PERIODS))
REFUSED = st.tuples(st.sampled_from(["sales", *BAD]), st.sampled_from([*AREAS, "nowhere"]), st.sampled_from(PERIODS))


def _row(figure: Figure, day: date | None, content: tuple[str, ...]) -> FigureRow:
    indicator, area, period = figure
    return FigureRow(0, indicator, area, Period.parse(period), day, *content)


def _rows(figures: st.SearchStrategy[Figure], days: Sequence[date | None]) -> st.SearchStrategy[FigureRow]:
    return st.builds(_row, figures, st.sampled_from(days), st.sampled_from(CONTENTS))


class Example(NamedTuple):
    """What had happened, and the rows that come at once."""

    past: list[Step]
    rows: list[FigureRow]
    by: str


@st.composite
def examples(draw: st.DrawFn) -> Example:
    """Few figures, so that much is about the same ones, and now and then a row that nobody may post."""
    figures = st.sampled_from(draw(st.lists(FIGURES, min_size=1, max_size=3)))
    steps = st.builds(
        Step, _rows(figures, KNOWN_DAYS[:-2]), st.sampled_from([1, 1, 40, 120]), st.sampled_from([None, True, False])
    )
    rows = draw(st.lists(_rows(figures, DAYS), min_size=1, max_size=5)) + draw(
        st.lists(_rows(REFUSED, DAYS), max_size=2)
    )
    rows = [row._replace(number=number) for number, row in enumerate(draw(st.permutations(rows)), 1)]
    return Example(draw(st.lists(steps, max_size=4)), rows, draw(st.sampled_from(ACTORS)))


def world() -> None:
    factories.area("city")
    factories.area("north", parent="city")
    for code in ("statistics", "health"):
        factories.department(code)
    factories.indicator("sales", department="statistics", usual_low=Decimal(0), usual_high=Decimal(6))
    factories.indicator("guarded", department="statistics", needs_approval=True)
    factories.indicator("stock", department="statistics", accumulation="last")
    factories.indicator("foreign", department="health")
    factories.indicator("hidden", department="health", restricted=True)
    factories.indicator("computed", formula="2 * sales", department="statistics")
    reporting_duties.create_duty(by=factories.BY, indicator="foreign", area="north", department="statistics")
    plan = factories.plan("closed", "2023")
    for code in ("sales", "guarded"):
        factories.target(code, plan="closed", announced=date(2022, 12, 8))
    plans.update_plan(plan=plan, by=factories.BY, locked_through=date(2023, 12, 31))
    # What is in the history of a closed period came with leave, which has ended.
    before, until = NOW - timedelta(days=200), NOW - timedelta(hours=1)
    period_locks.grant_exception(plan=plan, by=factories.BY, now=before, reason="books", until=until)


def actors() -> dict[str, Actor]:
    statistics = Department.objects.get(code="statistics").pk
    write = {Scope.READ, Scope.FIGURES_WRITE}
    return {
        ACTORS[0]: Actor("machine", None, ALL_SCOPES),
        ACTORS[1]: Actor("own", statistics, frozenset(write | {Scope.FIGURES_HISTORY})),
        ACTORS[2]: Actor("own", statistics, frozenset(write)),
    }


def posted(row: FigureRow) -> FigureInput:
    content: RevisionContent = row.content
    return FigureInput(row.indicator, row.period, row.published, row.area or None, *content)


def happen(history: Sequence[Step]) -> None:
    """What had been posted and decided before; what was refused then is no part of it."""
    for step in sorted(history, key=lambda step: -step.days):
        now = NOW - timedelta(days=step.days)
        try:
            recorded = recording.record_figure(figure=posted(step.row), by=factories.BY, now=now)
        except DomainError:
            continue
        waiting = Approval.objects.filter(revision=recorded.revision, state="pending")
        if step.approve is not None and waiting:
            pks: Any = [recorded.revision.pk]
            approvals.decide_approvals(revisions=pks, approve=step.approve, by=SECOND, now=now, reason="x")
