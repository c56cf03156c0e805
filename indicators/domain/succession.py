"""Which department succeeds a department that has ended."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import NamedTuple


class End(NamedTuple):
    """The last day of a department, and the id of the department that succeeds it from the day after."""

    last: date
    successor: int


Ends = Mapping[int, End]


def heirs(departments: Iterable[int], day: date, ends: Ends) -> set[int]:
    """Each department, or the one that had succeeded it by `day`, directly or through others."""
    return {_heir(each, day, ends) for each in departments}


def _heir(department: int, day: date, ends: Ends) -> int:
    passed = {department}
    while department in ends and ends[department].last < day and ends[department].successor not in passed:
        department = ends[department].successor
        passed.add(department)
    return department


def stood_for(departments: Collection[int], day: date, ends: Ends) -> set[int]:
    """These departments and all departments that they had succeeded by `day`."""
    return set(departments) | {each for each in ends if _heir(each, day, ends) in departments}
