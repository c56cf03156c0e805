"""The versions of a target, as rows of texts for its page."""

from datetime import date
from typing import NamedTuple

from targets.domain.choices import VersionState
from targets.models import Target
from targets.models.target import VERSION_STATE_LABELS
from targets.services.text import formatting, target_terms


class Entry(NamedTuple):
    """One row. `url`: the page where it can be changed; empty where there is none."""

    day: str
    title: str
    text: str
    by: str
    url: str = ""
    is_open: bool = False


def list_versions(target: Target, as_of: date) -> list[Entry]:
    """The versions, newest first. `is_open`: announced by then."""
    return [
        Entry(
            formatting.format_short_day(version.announced.isoformat()),
            str(VERSION_STATE_LABELS[VersionState(version.state)]),
            ". ".join(part for part in (target_terms.describe_version(target, version), version.reason) if part),
            version.act,
            is_open=version.announced <= as_of,
        )
        for version in reversed(target.all_versions)
    ]
