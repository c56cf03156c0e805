"""Who is told of an alert besides those who asked for everything."""

from enum import StrEnum


class Audience(StrEnum):
    """`LEAD`: who answers for the target; `COOPERATING`: who works for it; `OWNER`: whose plan it is; `LEADERS`: the
    group of leaders.
    """

    LEAD = "lead"
    COOPERATING = "cooperating"
    OWNER = "owner"
    LEADERS = "leaders"


USUAL = (Audience.LEAD, Audience.COOPERATING)
