"""Which version of a target is judged (domain.md section 5)."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from .vocabulary import State


class Announced(NamedTuple):
    """What the choice between versions goes by."""

    number: int
    announced: date
    state: str


def version_at(versions: Sequence[Announced], day: date) -> Announced | None:
    """In force at the end of a day: announced last, ties the higher number; a draft only while nothing else is."""
    known = [version for version in versions if version.announced <= day]
    settled = [version for version in known if version.state != State.DRAFT]
    return max(settled or known, key=lambda version: (version.announced, version.number), default=None)


def original(versions: Sequence[Announced]) -> Announced | None:
    """The first adopted version."""
    adopted = [version for version in versions if version.state != State.DRAFT]
    return min(adopted, key=lambda version: version.number, default=None)
