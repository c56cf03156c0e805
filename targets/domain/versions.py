"""Which version of a target applies (domain.md section 5)."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from .choices import VersionState


class VersionSummary(NamedTuple):
    """The values by which a version is chosen."""

    number: int
    announced: date
    state: str


def version_in_force(versions: Sequence[VersionSummary], day: date) -> VersionSummary | None:
    """Return the version in force at the end of a day: announced last, ties by the higher number.

    A draft is in force only while no other version was announced. After a withdrawal no other version comes into force.
    None before the first announcement.
    """
    announced = [version for version in versions if version.announced <= day]
    adopted = [version for version in announced if version.state != VersionState.DRAFT]
    withdrawn = [version for version in adopted if version.state == VersionState.WITHDRAWN]
    return max(withdrawn or adopted or announced, key=lambda version: (version.announced, version.number), default=None)


def assessed_day(versions: Sequence[VersionSummary], day: date) -> date:
    """Return the day as of which a target is assessed: of a suspended or withdrawn one, the day before that.

    So later figures change nothing.
    """
    version = version_in_force(versions, day)
    while version is not None and VersionState(version.state).is_ended:
        day = version.announced - timedelta(days=1)
        version = version_in_force(versions, day)
    return day


def original_version(versions: Sequence[VersionSummary]) -> VersionSummary | None:
    """Return the first adopted version."""
    adopted = [version for version in versions if version.state != VersionState.DRAFT]
    return min(adopted, key=lambda version: version.number, default=None)
