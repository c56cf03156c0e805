"""Which version of a target applies (domain.md section 5)."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from .vocabulary import State


class Announced(NamedTuple):
    """The values by which a version is chosen."""

    number: int
    announced: date
    state: str


def version_at(versions: Sequence[Announced], day: date) -> Announced | None:
    """Return the version in force at the end of a day: announced last, ties by the higher number.

    A draft is in force only while no other version was announced. None before the first announcement.
    """
    known = [version for version in versions if version.announced <= day]
    settled = [version for version in known if version.state != State.DRAFT]
    return max(settled or known, key=lambda version: (version.announced, version.number), default=None)


def original(versions: Sequence[Announced]) -> Announced | None:
    """Return the first adopted version."""
    adopted = [version for version in versions if version.state != State.DRAFT]
    return min(adopted, key=lambda version: version.number, default=None)
