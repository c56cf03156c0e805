"""What should have been reported by a day."""

import pytest

from indicators.domain.calendars import WEEKENDS_ONLY, Calendar
from indicators.domain.choices import DueUnit
from indicators.domain.periods import ValidityRange
from indicators.domain.terms import IndicatorTerms
from indicators.domain.value_resolver import ValueResolver
from targets.domain.assessment import assess
from targets.domain.terms import TargetTerms
from tests.indicators.domain.builders import day, figure, indicator, months

from .builders import assessed, target

MONTHLY, QUARTERLY, DAILY = indicator(), indicator(frequency="quarter"), indicator(frequency="day", due_days=1)


@pytest.mark.parametrize(
    ("of", "as_of", "through", "next_due"),
    [
        pytest.param(MONTHLY, "2024-02-09", None, "2024-02-10", id="before the first due day"),
        pytest.param(MONTHLY, "2024-02-10", None, "2024-02-10", id="on it"),
        pytest.param(MONTHLY, "2024-02-11", "2024-01-31", "2024-03-10", id="behind it"),
        pytest.param(MONTHLY, "2025-01-10", "2024-11-30", "2025-01-10", id="on the last due day"),
        pytest.param(MONTHLY, "2025-01-11", "2024-12-31", None, id="behind the last"),
        pytest.param(QUARTERLY, "2024-07-10", "2024-03-31", "2024-07-10", id="quarters"),
        pytest.param(DAILY, "2024-01-05", "2024-01-03", "2024-01-05", id="days"),
    ],
)
def test_expected_through(of: IndicatorTerms, as_of: str, through: str | None, next_due: str | None) -> None:
    result = assessed(target("9"), [], of=of, as_of=as_of)
    shown = [None if row is None else row.isoformat() for row in (result.expected_through, result.next_due)]
    assert shown == [through, next_due]


@pytest.mark.parametrize(
    ("posted", "as_of", "overdue"),
    [
        pytest.param([], "2024-02-10", False, id="nothing is due"),
        pytest.param([], "2024-02-11", True, id="nothing came"),
        pytest.param(["2024-01"], "2024-03-11", True, id="February did not come"),
        pytest.param(["2024-01/2024-02"], "2024-03-11", False, id="February came"),
        pytest.param(["2024-01-01/2024-02-28"], "2024-03-11", False, id="February came but for a day"),
        pytest.param(["2024-01-01/2024-02-01"], "2024-03-11", False, id="February was touched"),
        pytest.param(["2024"], "2024-03-11", False, id="all of it came early"),
    ],
)
def test_overdue(posted: list[str], as_of: str, overdue: bool) -> None:
    assert assessed(target("9"), [figure(span, "1") for span in posted], as_of=as_of).overdue is overdue


@pytest.mark.parametrize(
    ("first", "last", "as_of", "expected"),
    [
        pytest.param(None, "2024-06-30", "2024-12-01", ("2024-06-30", True, None), id="ended on the last day of June"),
        pytest.param(None, "2024-06-29", "2024-12-01", ("2024-05-31", True, None), id="ended a day before"),
        pytest.param(None, "2024-06-30", "2024-07-09", ("2024-05-31", True, "2024-07-10"), id="June is due after the end"),
        pytest.param(None, "2023-12-31", "2024-12-01", (None, False, None), id="ended before the period"),
        pytest.param(None, "2030-01-01", "2024-12-01", ("2024-10-31", True, "2024-12-10"), id="ends later"),
        pytest.param("2024-09-30", None, "2024-10-10", (None, False, "2024-10-10"), id="begins: nothing was due before"),
        pytest.param("2024-09-30", None, "2024-10-11", ("2024-09-30", True, "2024-11-10"), id="begins on the last day of a month"),
        pytest.param("2025-01-01", None, "2025-02-01", (None, False, None), id="begins after the period"),
        pytest.param("2024-03-01", "2024-09-01", "2024-12-01", ("2024-08-31", True, None), id="exists for some months"),
    ],
)  # fmt: skip
def test_an_area_owes_while_it_exists(
    first: str | None, last: str | None, as_of: str, expected: tuple[object, ...]
) -> None:
    area = ValidityRange(day(first) if first else None, day(last) if last else None)
    result = assessed(target("9")._replace(area=area), [], as_of=as_of)
    through, next_due = (shown and shown.isoformat() for shown in (result.expected_through, result.next_due))
    assert (through, result.overdue, next_due) == expected


@pytest.mark.parametrize(
    ("first", "as_of", "status"),
    [
        pytest.param("2024-09-01", "2024-10-10", "not_due", id="the first due day of its area"),
        pytest.param("2024-09-01", "2024-10-11", "no_data", id="after it"),
        pytest.param("2025-01-01", "2024-02-11", "no_data", id="an area that owes nothing: that of the target"),
    ],
)
def test_a_target_is_not_due_before_its_area_owes(first: str, as_of: str, status: str) -> None:
    result = assessed(target("9")._replace(area=ValidityRange(day(first))), [], as_of=as_of)
    assert result.status == status


def test_the_result_of_an_area_that_ended_is_missing_after_the_last_due_day() -> None:
    """Nothing is owed any more, but the day on which the status changes is known."""
    of_area = target("90")._replace(area=ValidityRange(None, day("2024-06-30")))
    figures = [figure("2024-01/2024-06", "9")]
    before, after = (assessed(of_area, figures, as_of=on) for on in ("2025-01-10", "2025-01-11"))
    assert (before.next_due, before.unchanged_through) == (None, day("2025-01-10"))
    assert (before.status, after.status) == ("off_track", "no_data")


# A Friday off, and the Saturday behind it worked instead.
SWAPPED = Calendar(frozenset({day("2024-02-09")}), frozenset({day("2024-02-10")}))


@pytest.mark.parametrize(
    ("days", "calendar", "due"),
    [
        pytest.param(7, WEEKENDS_ONLY, "2024-02-09", id="weekends"),
        pytest.param(7, SWAPPED, "2024-02-10", id="a swapped day"),
        pytest.param(8, SWAPPED, "2024-02-12", id="behind it"),
    ],
)
def test_working_days_are_counted_by_the_calendar_of_the_book(days: int, calendar: Calendar, due: str) -> None:
    of = indicator(due_days=days)._replace(due_unit=DueUnit.WORKING_DAYS)
    result = assess(
        terms=target("9"), indicator="x", resolver=ValueResolver([of], {}, calendar), as_of=day("2024-02-01")
    )
    assert result.next_due == day(due)


RESULT = target("9", result_due="2025-10-31")


@pytest.mark.parametrize(
    ("terms", "of", "as_of", "status", "next_due"),
    [
        pytest.param(RESULT, indicator(frequency="year"), "2025-10-31", "not_due", "2025-10-31", id="the only one"),
        pytest.param(RESULT, indicator(frequency="year"), "2025-11-01", "no_data", None, id="behind the only one"),
        pytest.param(RESULT, MONTHLY, "2024-02-11", "no_data", "2024-03-10", id="the first of many stays"),
        pytest.param(RESULT, MONTHLY, "2025-02-01", "no_data", "2025-10-31", id="the last of many moves"),
    ],
)
def test_the_result_may_be_due_later(
    terms: TargetTerms, of: IndicatorTerms, as_of: str, status: str, next_due: str | None
) -> None:
    result = assessed(terms, [], of=of, as_of=as_of)
    assert result.status == status
    assert (None if result.next_due is None else result.next_due.isoformat()) == next_due


def test_a_result_that_is_due_later_keeps_its_target_going() -> None:
    posted = months(2024, [1])
    assert assessed(target("9"), posted, as_of="2025-02-01").status == "no_data"
    assert assessed(RESULT, posted, as_of="2025-02-01").status == "on_track"
