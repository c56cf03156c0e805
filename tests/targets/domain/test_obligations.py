"""Which figures were to be reported, by when, by whom, and when they came."""

from datetime import date

import pytest

from indicators.domain.calendars import WEEKENDS_ONLY
from indicators.domain.periods import Period, ValidityRange
from indicators.domain.terms import IndicatorTerms
from targets.domain.reporting_obligations import (
    ReportedFigure,
    ReportRevision,
    RequestedPeriods,
    first_report_day,
    list_due_periods,
    reporters_on,
    was_obligated,
)
from tests.indicators.domain.builders import day, indicator

MONTHLY, YEARLY, STOCK = indicator(), indicator(frequency="year"), indicator("last")
YEAR = RequestedPeriods(Period.parse("2024"))


def came(period: str, known: str) -> ReportedFigure:
    return ReportedFigure(*Period.parse(period), day(known))


def told(
    asked: list[RequestedPeriods],
    figures: list[ReportedFigure],
    first: str | None = None,
    of: IndicatorTerms = MONTHLY,
    since: str = "2024-01-01",
    as_of: str = "2024-04-01",
) -> list[str]:
    result = list_due_periods(asked, figures, day(first) if first else None, of, WEEKENDS_ONLY, day(since), day(as_of))
    return [f"{row.period} {row.due_day} {row.reported_on or '-'}" for row in result]


@pytest.mark.parametrize(
    ("asked", "first", "of", "as_of", "expected"),
    [
        pytest.param([], None, MONTHLY, "2024-04-01", [], id="nobody asks and nothing ever came"),
        pytest.param([YEAR], None, MONTHLY, "2024-01-31", [], id="nothing on the last day of the period"),
        pytest.param([YEAR], None, MONTHLY, "2024-02-01", ["2024-01 2024-02-10 -"], id="from the day after"),
        pytest.param([YEAR], None, YEARLY, "2024-12-31", [], id="a year that is not over"),
        pytest.param([YEAR], "2023-01-31", MONTHLY, "2024-02-01", ["2024-01 2024-02-10 -"], id="targets decide alone"),
        pytest.param([YEAR], None, MONTHLY, "2026-01-01", 12, id="and behind their period nothing is asked for"),
        pytest.param([], "2024-02-29", MONTHLY, "2024-04-01", ["2024-02 2024-03-10 -", "2024-03 2024-04-10 -"], id="from the first figure on"),
        pytest.param([], "2024-02-15", MONTHLY, "2024-03-01", ["2024-02 2024-03-10 -"], id="which may end within a period"),
        pytest.param([], "2019-12-31", YEARLY, "2026-01-01", ["2024 2025-01-10 -", "2025 2026-01-10 -"], id="not before what is looked back to"),
        pytest.param([RequestedPeriods(Period.parse("2024"), day("2025-10-31"))], None, YEARLY, "2025-02-01", ["2024 2025-10-31 -"], id="a result that is due later"),
        pytest.param([RequestedPeriods(Period.parse("2024"), day("2025-10-31")), YEAR], None, YEARLY, "2025-02-01", ["2024 2025-01-10 -"], id="of two plans the earlier day"),
        pytest.param([YEAR, RequestedPeriods(Period.parse("2021/2025"))], None, MONTHLY, "2024-02-01", ["2024-01 2024-02-10 -"], id="two plans ask for one figure once"),
    ],
)  # fmt: skip
def test_what_is_due(
    asked: list[RequestedPeriods], first: str | None, of: IndicatorTerms, as_of: str, expected: list[str] | int
) -> None:
    result = told(asked, [], first, of, as_of=as_of)
    assert (len(result) if isinstance(expected, int) else result) == expected


@pytest.mark.parametrize(
    ("of", "figure", "day_it_came"),
    [
        pytest.param(MONTHLY, came("2024-02", "2024-03-09"), "2024-03-09", id="a single month"),
        pytest.param(MONTHLY, came("2024-01/2024-02", "2024-03-11"), "2024-03-11", id="a cumulative figure"),
        pytest.param(MONTHLY, came("2024-01/2024-03", "2024-04-01"), "-", id="one that ends later"),
        pytest.param(MONTHLY, came("2024-02-15/2024-02-29", "2024-03-09"), "-", id="one that begins later"),
        pytest.param(STOCK, came("2024-02-29", "2024-03-09"), "2024-03-09", id="of what stands its last day is enough"),
    ],
)
def test_what_counts_as_reported(of: IndicatorTerms, figure: ReportedFigure, day_it_came: str) -> None:
    assert told([YEAR], [figure], of=of, since="2024-02-01", as_of="2024-03-15") == [
        f"2024-02 2024-03-10 {day_it_came}"
    ]


def history(*rows: tuple[str, str]) -> list[ReportRevision]:
    """Revisions in the order of recording: the day of publication, and what was posted."""
    return [
        ReportRevision(day(published), (day(published), number), content == "withdrawn")
        for number, (published, content) in enumerate(rows)
    ]


@pytest.mark.parametrize(
    ("revisions", "reported_on"),
    [
        pytest.param(history(("2024-03-01", "5")), "2024-03-01", id="posted"),
        pytest.param(history(("2024-03-01", "5"), ("2024-03-09", "6")), "2024-03-01", id="corrected"),
        pytest.param(history(("2024-03-09", "6"), ("2024-03-01", "5")), "2024-03-01", id="an earlier one came later"),
        pytest.param(history(("2024-03-01", "5"), ("2024-03-09", "withdrawn")), None, id="taken back"),
        pytest.param(history(("2024-03-01", "5"), ("2024-03-01", "withdrawn")), None, id="taken back for its own day"),
        pytest.param(
            history(("2024-03-01", "5"), ("2024-03-09", "withdrawn"), ("2024-03-20", "7")),
            "2024-03-20",
            id="posted again: since then",
        ),
        pytest.param(
            history(("2024-03-01", "5"), ("2024-03-09", "withdrawn"), ("2024-03-09", "7")),
            "2024-03-09",
            id="posted again on the same day",
        ),
        pytest.param(
            history(("2024-03-01", "5"), ("2024-03-09", "withdrawn"), ("2024-02-20", "7")),
            None,
            id="an earlier revision that comes later does not undo it",
        ),
        pytest.param(history(("2024-03-01", "withdrawn")), None, id="never anything else"),
    ],
)
def test_what_is_taken_back_is_owed_again(revisions: list[ReportRevision], reported_on: str | None) -> None:
    assert first_report_day(revisions) == (day(reported_on) if reported_on else None)


def test_the_first_of_several_counts() -> None:
    figures = [came("2024-01/2024-02", "2024-03-20"), came("2024-02", "2024-03-05")]
    assert told([YEAR], figures, since="2024-02-01", as_of="2024-03-15") == ["2024-02 2024-03-10 2024-03-05"]


HALVES = [(1, ValidityRange(None, day("2024-06-30"))), (2, ValidityRange(day("2024-07-01"), None))]


@pytest.mark.parametrize(
    ("duties", "default", "on", "expected"),
    [
        pytest.param([], 9, "2024-01-01", {9}, id="the indicator's department"),
        pytest.param([], None, "2024-01-01", set(), id="nobody"),
        pytest.param(HALVES, 9, "2024-06-30", {1}, id="a duty replaces it"),
        pytest.param(HALVES, 9, "2024-07-01", {2}, id="and passes on"),
        pytest.param(HALVES[1:], 9, "2024-06-30", {9}, id="not before it begins"),
        pytest.param([(1, ValidityRange()), (2, ValidityRange())], 9, "2024-06-30", {1, 2}, id="two share one"),
    ],
)
def test_who_reports(duties: list[tuple[int, ValidityRange]], default: int | None, on: str, expected: set[int]) -> None:
    assert reporters_on(duties, default, date.fromisoformat(on)) == expected


ENDED = ValidityRange(None, day("2024-06-30"))


@pytest.mark.parametrize(
    ("duties", "default", "departments", "held"),
    [
        pytest.param([], 9, {9: ValidityRange()}, True, id="a department that there is"),
        pytest.param([], 9, {9: ENDED}, False, id="a department that has ended"),
        pytest.param([], None, {9: ValidityRange()}, False, id="no department"),
        pytest.param(
            HALVES,
            9,
            {1: ValidityRange(), 2: ENDED, 9: ValidityRange()},
            False,
            id="a duty of one that has ended",
        ),
        pytest.param(
            [(1, ValidityRange()), (2, ValidityRange())],
            9,
            {1: ValidityRange(), 2: ENDED},
            True,
            id="one of two is left",
        ),
    ],
)
def test_what_was_held_on_the_last_day(
    duties: list[tuple[int, ValidityRange]],
    default: int | None,
    departments: dict[int, ValidityRange],
    held: bool,
) -> None:
    assert was_obligated(duties, default, day("2024-07-01"), departments, {}) is held
