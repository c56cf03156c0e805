"""The words that targets are described and judged in."""

from enum import StrEnum
from typing import Final


class Goal(StrEnum):
    """On which side of its band a target wants the figure to be."""

    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    WITHIN = "within"


class Profile(StrEnum):
    """How much of a target is due by a day inside its period."""

    EVEN = "even"
    SEASONAL = "seasonal"
    FLAT = "flat"
    PATH = "path"
    MILESTONES = "milestones"


class State(StrEnum):
    """How a version of a target came to be."""

    DRAFT = "draft"
    ADOPTED = "adopted"
    AMENDED = "amended"


class Status(StrEnum):
    """What a target looks like on a day."""

    EXCEEDED = "exceeded"
    MET = "met"
    MISSED = "missed"
    ON_TRACK = "on_track"
    AT_RISK = "at_risk"
    OFF_TRACK = "off_track"
    NOT_DUE = "not_due"
    NO_DATA = "no_data"

    @property
    def severity(self) -> int:
        """0 where nobody needs to be told, else greater for worse, up to 3."""
        return _SEVERITIES.get(self, 0)


class Rule(StrEnum):
    """Which rule gave a status; slugs are stable, texts for people belong to the edge."""

    NOT_DUE = "not-due"
    NOTHING_REPORTED = "nothing-reported"
    BELOW_LOWER = "final-below-lower"
    ABOVE_UPPER = "final-above-upper"
    ON_OPEN_EDGE = "final-on-the-edge"
    INSIDE = "final-met"
    BEYOND_AMBITION = "final-beyond-ambition"
    BEYOND_TOLERANCE = "final-beyond-tolerance"
    EARLY_REACHED = "early-reached"
    EARLY_BEYOND_AMBITION = "early-beyond-ambition"
    EARLY_BEYOND_TOLERANCE = "early-beyond-tolerance"
    EARLY_ABOVE_UPPER = "early-above-upper"
    EARLY_DONE = "early-done"
    NEVER_CAME = "result-never-came"
    NOT_DONE_YET = "not-done-yet"
    AS_EXPECTED = "as-expected"
    ON_THE_EDGE = "on-the-edge"
    WITHIN_TOLERANCE = "within-tolerance"
    SEASON_LENIENT = "season-lenient"
    BEHIND = "beyond-tolerance"
    JUDGED = "judged"


_SEVERITIES: Final = {Status.AT_RISK: 1, Status.OFF_TRACK: 2, Status.MISSED: 3}

WORRYING: Final = frozenset(_SEVERITIES)

# The result is known, if only by an estimate.
RESULTS: Final = frozenset({Status.EXCEEDED, Status.MET, Status.MISSED})
