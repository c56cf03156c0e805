"""What should have been reported by a day."""

import pytest

from indicators.domain.calendars import WEEKENDS_ONLY, Calendar
from indicators.domain.choices import DueUnit
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
