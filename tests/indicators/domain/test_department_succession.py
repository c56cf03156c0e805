"""Who stands for a department that has ended."""

import pytest

from indicators.domain.department_succession import Succession, successors_on, with_predecessors
from tests.indicators.domain.builders import day

# 1 became 2 in March 2025, 2 became 3 in July; 8 and 9 name each other.
ENDS = {
    1: Succession(day("2025-02-28"), 2),
    2: Succession(day("2025-06-30"), 3),
    8: Succession(day("2025-02-28"), 9),
    9: Succession(day("2025-02-28"), 8),
}


@pytest.mark.parametrize(
    ("department", "on", "heir", "stands_for"),
    [
        pytest.param(1, "2025-02-28", 1, {1}, id="on its last day it stands for itself"),
        pytest.param(1, "2025-03-01", 2, {1, 2}, id="from the day after its successor does"),
        pytest.param(1, "2025-07-01", 3, {1, 2, 3}, id="and that one's in turn"),
        pytest.param(4, "2025-07-01", 4, {4}, id="who did not end has none"),
        pytest.param(8, "2025-07-01", 9, {8, 9}, id="a circle ends somewhere"),
    ],
)
def test_succession(department: int, on: str, heir: int, stands_for: set[int]) -> None:
    assert successors_on({department}, day(on), ENDS) == {heir}
    if department != 8:
        assert with_predecessors({heir}, day(on), ENDS) == stands_for
