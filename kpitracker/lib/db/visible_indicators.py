"""Which indicators an actor sees, for those who read version counters."""

from collections.abc import Callable
from functools import lru_cache
from typing import ClassVar, NamedTuple

from kpitracker.lib.actor import Actor

_REMEMBERED = 256  # departments, each with one state of the catalogue


class VisibleIndicators(NamedTuple):
    """Ids of the indicators that an actor may not see, and a digest of those that it sees, empty if it sees all."""

    hidden: frozenset[int]
    digest: str


class Visibility:
    """`find_visible` is set by the app of the indicators: its answer may depend on the department of the actor only."""

    find_visible: ClassVar[Callable[[Actor], VisibleIndicators]]


def visible_indicators(by: Actor, catalogue: int) -> VisibleIndicators:
    """Remembered until `catalogue` changes, which counts all changes of the catalogue, hidden ones too."""
    if by.sees_everything:
        return VisibleIndicators(frozenset(), "")
    return _remember_visible(by.department, catalogue, _Unkeyed(by))


class _Unkeyed:
    """An argument that does not distinguish remembered results."""

    def __init__(self, by: Actor) -> None:
        self.by = by

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Unkeyed)

    def __hash__(self) -> int:
        return 0


@lru_cache(_REMEMBERED)
def _remember_visible(department: int | None, catalogue: int, actor: _Unkeyed) -> VisibleIndicators:
    return Visibility.find_visible(actor.by)
