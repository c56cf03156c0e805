"""Headings of a roll-up: which targets have parts, and how a heading without a number stands (domain.md section 7)."""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from .choices import Status, VersionState

_REACHED = frozenset({Status.MET, Status.EXCEEDED})


class HeadingInput(NamedTuple):
    """A target that the reader sees, and its own status. `heading`: the key of its heading (None: it has none)."""

    key: int | str
    heading: int | str | None
    status: Status
    state: VersionState
    qualitative: bool


def status_of_parts(statuses: Iterable[Status]) -> Status:
    """Return met when all parts are met or exceeded, else the worst of their statuses. There must be at least one."""
    worst = min(statuses, key=lambda status: status.worst_first)
    return Status.MET if worst in _REACHED else worst


def settle_headings(targets: Iterable[HeadingInput]) -> dict[int | str, Status]:
    """Return the status of each target that has parts, by its key; of a heading with a number it is its own.

    Suspended and withdrawn targets are no parts, and neither are targets that are not given.
    """
    by_key = {target.key: target for target in targets}
    parts: dict[int | str, list[int | str]] = defaultdict(list)
    for target in by_key.values():
        if target.heading in by_key and not target.state.is_ended:
            parts[target.heading].append(target.key)
    settled: dict[int | str, Status] = {}

    def status_of(key: int | str) -> Status:
        target = by_key[key]
        if key in parts and key not in settled:
            settled[key] = (
                status_of_parts(status_of(part) for part in parts[key]) if target.qualitative else target.status
            )
        return settled.get(key, target.status)

    for key in list(parts):
        status_of(key)
    return settled
