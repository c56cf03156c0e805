"""A batch does what its rows would do one by one: the same answers, revisions, figures in force, warnings, approvals."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings

from indicators.domain.periods import Period
from indicators.models import Measurement, Revision, SeriesChange
from indicators.services.batches import decide, existing_figures, record
from indicators.services.batches.record import record_batch
from indicators.services.batches.rows import FigureRow
from indicators.services.figures import recording, revision_store
from kpitracker.lib.actor import Actor
from kpitracker.lib.errors import DomainError
from tests.example_counts import amount
from tests.indicators.services.batches import generated
from tests.indicators.services.batches.generated import NOW, Example, Step

pytestmark = [pytest.mark.django_db, pytest.mark.database]
EXAMPLES = amount(90, 90, full=130)
ALWAYS = settings(
    derandomize=True, phases=[Phase.generate], database=None, deadline=None, suppress_health_check=list(HealthCheck)
)
FALLS = "cumulative-falls"


class Seen(NamedTuple):
    """What came of it. `falls`: warnings that speak of other figures of the same batch, apart."""

    answers: dict[int, str]
    figures: dict[Any, Any]
    revisions: dict[Any, Any]
    marks: set[Any]
    falls: set[Any]


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def one_by_one(rows: list[FigureRow], by: Actor) -> dict[int, str]:
    """By number, what each row is answered alone, in the order of their days; a repeated row as batches have it."""
    answers: dict[int, str] = {}
    known: set[Any] = set()
    for row in sorted(rows, key=lambda row: (row.published is not None, row.published)):
        key = row.indicator, row.area or "city", row.period, row.published
        try:
            with transaction.atomic():
                outcome = recording.record_figure(figure=generated.posted(row), by=by, now=NOW).outcome.value
                if key in known:
                    transaction.set_rollback(True)
                    outcome = "duplicate-row"
        except DomainError as error:
            outcome = error.items[0].slug if error.items else error.slug
            if key in known and outcome in ("stage-regression", "period-locked"):
                outcome = "duplicate-row"
        known.add(key)
        answers[row.number] = outcome
    return answers


def at_once(rows: list[FigureRow], by: Actor) -> dict[int, str]:
    written = record_batch(rows=rows, by=by, now=NOW, origin=uuid4().hex, atomic=False, results=True)
    report = written.report
    answers = {number: result.outcome.value for number, result in report.results.items()}
    return answers | {each.number: each.item.slug for each in report.rejections}


def seen(answers: dict[int, str]) -> Seen:
    figures, revisions, falls = {}, {}, set()
    for row in Measurement.objects.select_related("indicator", "area"):
        place = row.indicator.code, row.area.code, row.period_start, row.period_end
        figures[place] = [getattr(row, name) for name in (*COLUMNS, "revision", "revisions")]
        for each in Revision.objects.filter(measurement=row).order_by("number"):
            warned = [warning["slug"] for warning in each.warnings]
            falls |= {(place, each.number)} if FALLS in warned else set()
            revisions[place, each.number] = (
                [getattr(each, name) for name in (*COLUMNS, "quiet")],
                [slug for slug in warned if slug != FALLS],
                revision_store.state_of(each),
                row.current_revision == each.pk,
            )
        assert revision_store.project_current(row) == {}
    marks = set(SeriesChange.objects.values_list("indicator__code", "area__code", "quiet"))
    return Seen(answers, figures, revisions, marks, falls)


def both_ways(example: Example, by: Actor) -> tuple[Seen, Seen]:
    with undone():
        generated.happen(example.past)
        SeriesChange.objects.all().delete()
        with undone():
            alone = seen(one_by_one(example.rows, by))
        with undone():
            together = seen(at_once(example.rows, by))
    return alone, together


@pytest.fixture(autouse=True)
def world() -> None:
    generated.world()


def check(examples: int) -> Counter[str]:
    """How often there was each answer."""
    actors, answers = generated.actors(), Counter[str]()

    @settings(ALWAYS, max_examples=examples)
    @given(example=generated.examples())
    def same(example: Example) -> None:
        alone, together = both_ways(example, actors[example.by])
        assert together[:4] == alone[:4]
        assert set(alone.answers) == {row.number for row in example.rows}
        # Rows of a batch also see those that come after them.
        if len({row[1:4] for row in example.rows}) == len(example.rows):
            assert together.falls >= alone.falls
        answers.update(together.answers.values())

    same()
    return answers


def test_a_batch_is_what_its_rows_are_one_by_one() -> None:
    answers = check(EXAMPLES)
    assert set(answers) >= {
        "created", "revised", "unchanged", "stage-regression", "duplicate-row", "period-locked", "invalid-date",
        "insufficient-scope", "unknown-indicator", "unknown-area", "computed-indicator",
    }  # fmt: skip


def rows_in_the_order_of_the_file(patch: pytest.MonkeyPatch) -> None:
    once = record.BatchRecorder._first_per_day

    def unsorted(self: Any, group: list[FigureRow]) -> list[FigureRow]:
        return sorted(once(self, group), key=lambda row: row.number)

    patch.setattr(record.BatchRecorder, "_first_per_day", unsorted)


def what_waits_counts(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(decide, "_IN_FORCE_STATES", {"valid", "approved", "pending", "rejected"})


@pytest.mark.parametrize("fault", [rows_in_the_order_of_the_file, what_waits_counts])
def test_the_control_finds_a_planted_fault(
    fault: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    fault(monkeypatch)
    with pytest.raises(AssertionError):
        check(EXAMPLES)


SAID = {
    "a value that was replaced twice": (["5", "0", "7.5"], "5.0", ["repeats-earlier-revision"]),
    "a value that was never said": (["5", "0", "7.5"], "4", []),
    "the value in force, as official now": (["5", "0"], "0", []),
    "the value in force, that was said before, too": (["0", "5", "0"], "0", []),
    "no value": (["5", "0"], "", []),
}


@pytest.mark.parametrize(("values", "new", "slugs"), SAID.values(), ids=SAID)
def test_what_was_said_before_is_told(values: list[str], new: str, slugs: list[str]) -> None:
    def row(value: str, stage: str, day: date) -> FigureRow:
        words = ("", "", stage) if value else ("not_available", "", "")
        canonical = str(Decimal(value).normalize()) if value else ""
        return FigureRow(1, "stock", "city", Period.parse("2024-01"), day, canonical, *words, "", "")

    past = [Step(row(v, "estimate", date(2024, 2, n)), 100 - n, None) for n, v in enumerate(values, 1)]
    alone, together = both_ways(
        Example(past, [row(new, "official", generated.TODAY)], generated.ACTORS[0]),
        generated.actors()["the organisation"],
    )
    assert together == alone
    assert [warned for (_, number), (_, warned, *_) in together.revisions.items() if number > len(values)] == [slugs]


def test_the_control_finds_that_what_was_said_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(existing_figures, "figures_needing_history", lambda said, now: set())
    with pytest.raises(AssertionError):
        test_what_was_said_before_is_told(*SAID["a value that was replaced twice"])


COLUMNS = (
    "value", "missing_reason", "qualifier", "stage", "source", "note", "published", "recorded_at", "department_id",
    "posted_by",
)  # fmt: skip
