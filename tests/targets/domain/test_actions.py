"""What is done about targets."""

from datetime import date

import pytest

from targets.domain.actions import ActionState, ReminderReason, due_reminder, is_overdue, resolve_closed_day

TODAY = date(2024, 9, 30)


@pytest.mark.parametrize(
    "state, due, late, reason",
    [
        pytest.param("open", "2024-10-04", False, None, id="four days before"),
        pytest.param("open", "2024-10-03", False, ReminderReason.DUE_SOON, id="three days before"),
        pytest.param("in_progress", "2024-09-30", False, ReminderReason.DUE_SOON, id="on the day itself"),
        pytest.param("in_progress", "2024-09-29", True, ReminderReason.OVERDUE, id="the day after"),
        pytest.param("done", "2024-09-29", False, None, id="done"),
        pytest.param("cancelled", "2024-10-01", False, None, id="cancelled"),
    ],
)
def test_lateness_and_reminders(state: str, due: str, late: bool, reason: ReminderReason | None) -> None:
    day = date.fromisoformat(due)
    assert is_overdue(ActionState(state), day, TODAY) is late
    assert due_reminder(ActionState(state), day, TODAY, 3) == reason


@pytest.mark.parametrize(
    "state, given, known, expected",
    [
        pytest.param("done", None, None, TODAY, id="done today, unless somebody says otherwise"),
        pytest.param("done", date(2024, 9, 1), None, date(2024, 9, 1), id="done on the day that is given"),
        pytest.param("cancelled", None, date(2024, 9, 1), date(2024, 9, 1), id="the day stays that is known"),
        pytest.param("open", None, date(2024, 9, 1), None, id="opened again"),
    ],
)
def test_the_day_on_which_it_ended(state: str, given: date | None, known: date | None, expected: date | None) -> None:
    assert resolve_closed_day(ActionState(state), given, known, TODAY) == expected
