"""Due days."""

import pytest

from indicators.domain.due import due_day, has_passed

from .building import day


@pytest.mark.parametrize(
    ("end", "days", "due"),
    [
        pytest.param("2024-01-31", 10, "2024-02-10", id="ten days behind a month"),
        pytest.param("2024-02-19", 10, "2024-02-29", id="over the end of February"),
        pytest.param("2024-12-31", 0, "2024-12-31", id="on the last day itself"),
    ],
)
def test_due_day(end: str, days: int, due: str) -> None:
    assert due_day(day(end), days) == day(due)


def test_a_due_day_has_passed_the_day_after() -> None:
    due = day("2024-02-10")
    assert [has_passed(due, day(each)) for each in ("2024-02-09", "2024-02-10", "2024-02-11")] == [False, False, True]
