"""Which version of a target applies (domain.md section 5)."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from .choices import VersionState


class VersionSummary(NamedTuple):
    """The values by which a version is chosen."""

    number: int
    announced: date
    state: str


def version_in_force(versions: Sequence[VersionSummary], day: date) -> VersionSummary | None:
    """Return the version in force at the end of a day: announced last, ties by the higher number.

    A draft is in force only while no other version was announced. None before the first announcement.
    """
    announced = [version for version in versions if version.announced <= day]
    adopted = [version for version in announced if version.state != VersionState.DRAFT]
    return max(adopted or announced, key=lambda version: (version.announced, version.number), default=None)


def original_version(versions: Sequence[VersionSummary]) -> VersionSummary | None:
    """Return the first adopted version."""
    adopted = [version for version in versions if version.state != VersionState.DRAFT]
    return min(adopted, key=lambda version: version.number, default=None)
