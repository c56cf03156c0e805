"""Enumerations of targets and assessments."""

from enum import StrEnum
from typing import Final


class Goal(StrEnum):
    """The side of its band on which the figure should be."""

    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    WITHIN = "within"


class Profile(StrEnum):
    """How the expected edges develop inside the period."""

    EVEN = "even"
    SEASONAL = "seasonal"
    FLAT = "flat"
    PATH = "path"
    MILESTONES = "milestones"


class VersionState(StrEnum):
    """The state of a version of a target."""

    DRAFT = "draft"
    ADOPTED = "adopted"
    AMENDED = "amended"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"

    @property
    def is_ended(self) -> bool:
        """Whether the target counts no more: its last assessment stays, and nothing is owed for it."""
        return self in (VersionState.SUSPENDED, VersionState.WITHDRAWN)


class Status(StrEnum):
    """The status of a target on a day."""

    EXCEEDED = "exceeded"
    MET = "met"
    MISSED = "missed"
    ON_TRACK = "on_track"
    AT_RISK = "at_risk"
    OFF_TRACK = "off_track"
    NOT_DUE = "not_due"
    NO_DATA = "no_data"

    @property
    def worst_first(self) -> int:
        """The place in lists that show the worst first: 0 for missed."""
        return WORST_FIRST.index(self)

    @property
    def severity_rank(self) -> int:
        """0 if the status needs no attention, else 1 to 3, greater for worse."""
        return _SEVERITY_RANKS.get(self, 0)


class StatusRule(StrEnum):
    """The rule that determined a status. Slugs are stable; the outer layers translate them."""

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
    OF_PARTS = "of-parts"


class OutlookMethod(StrEnum):
    """How the value at the end of the period follows from the value until now."""

    EVEN = "even"
    SEASONAL = "seasonal"
    REST = "rest"
    MILESTONES = "milestones"
    LINE = "line"
    STAY = "stay"
    DRIFT = "drift"


class PlainMethod(StrEnum):
    """How people expect the value at the end of a period without any test. LAST_YEAR: by the share of last year."""

    STAY = "stay"
    EVEN = "even"
    LINE = "line"
    LAST_YEAR = "last_year"


class ErrorUnit(StrEnum):
    """What errors of outlooks are measured in: percent of the result, points of a rate or an index, places of a rank."""

    PERCENT = "percent"
    POINTS = "points"
    PLACES = "places"


class RangeBasis(StrEnum):
    """What the range of an outlook comes from: errors of earlier years, or what the methods say."""

    ERRORS = "errors"
    METHODS = "methods"


class PaceUnit(StrEnum):
    """What a required pace is of: one reporting period, or all that is left of the period of the target."""

    DAY = "day"
    MONTH = "month"
    QUARTER = "quarter"
    HALF = "half"
    YEAR = "year"
    REST = "rest"


class PaceAssumption(StrEnum):
    """What a required pace takes for granted: that all reporting periods weigh the same in a posted rate."""

    EQUAL_WEIGHTS = "equal-weights"


_SEVERITY_RANKS: Final = {Status.AT_RISK: 1, Status.OFF_TRACK: 2, Status.MISSED: 3}

WORST_FIRST: Final = (
    Status.MISSED,
    Status.OFF_TRACK,
    Status.NO_DATA,
    Status.AT_RISK,
    Status.NOT_DUE,
    Status.ON_TRACK,
    Status.MET,
    Status.EXCEEDED,
)

PROBLEM_STATUSES: Final = frozenset(_SEVERITY_RANKS)

# The result is known, possibly by an estimate.
RESULT_STATUSES: Final = frozenset({Status.EXCEEDED, Status.MET, Status.MISSED})


class BoardMessage(StrEnum):
    """A message about a whole plan: the board in a weekly digest, or the report for a meeting, which has the board too."""

    BOARD = "board"
    REPORT = "report"
