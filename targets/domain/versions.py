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

    A draft is in force only while no other version was announced. After a withdrawal no other version comes into force,
    after a suspension no amendment: only a version that adopts the target again, or withdraws it.
    None before the first announcement.
    """
    announced = [version for version in versions if version.announced <= day]
    adopted = [version for version in announced if version.state != VersionState.DRAFT]
    withdrawn = [version for version in adopted if version.state == VersionState.WITHDRAWN]
    if not withdrawn and any(version.state == VersionState.SUSPENDED for version in adopted):
        return _last_that_counts(sorted(adopted, key=_by_day))
    return max(withdrawn or adopted or announced, key=_by_day, default=None)


def _by_day(version: VersionSummary) -> tuple[date, int]:
    return version.announced, version.number


def _last_that_counts(versions: Sequence[VersionSummary]) -> VersionSummary:
    """The last of some versions in order, without amendments of a suspended target: they were recorded before it was suspended."""
    last = versions[0]
    for version in versions[1:]:
        if last.state != VersionState.SUSPENDED or version.state != VersionState.AMENDED:
            last = version
    return last


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
