"""Which department succeeds a department that has ended."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import NamedTuple


class Succession(NamedTuple):
    """The last day of a department, and the id of the department that succeeds it from the day after."""

    last_day: date
    successor: int


Successions = Mapping[int, Succession]


def successors_on(departments: Iterable[int], day: date, successions: Successions) -> set[int]:
    """Each department, or the one that had succeeded it by `day`, directly or through others."""
    return {_successor_on(department, day, successions) for department in departments}


def _successor_on(department: int, day: date, successions: Successions) -> int:
    visited = {department}
    while (
        department in successions
        and successions[department].last_day < day
        and successions[department].successor not in visited
    ):
        department = successions[department].successor
        visited.add(department)
    return department


def with_predecessors(departments: Collection[int], day: date, successions: Successions) -> set[int]:
    """These departments and all departments that they had succeeded by `day`."""
    return set(departments) | {
        department for department in successions if _successor_on(department, day, successions) in departments
    }
