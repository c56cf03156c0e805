"""The audiences of a rule: groups that receive its alerts in addition to subscribers of everything."""

from enum import StrEnum


class Audience(StrEnum):
    """`LEAD`: the department responsible for the target; `COOPERATING`: its cooperating departments; `OWNER`: the owner
    of the plan; `LEADERS`: the leadership group.
    """

    LEAD = "lead"
    COOPERATING = "cooperating"
    OWNER = "owner"
    LEADERS = "leaders"


DEFAULT_AUDIENCE = (Audience.LEAD, Audience.COOPERATING)
