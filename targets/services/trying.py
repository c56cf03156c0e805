"""Trial of an alert rule: what it would have sent in the past, before it is created, changed or switched on."""

from datetime import date, timedelta
from itertools import islice
from typing import NamedTuple

from kpitracker.lib.actor import Actor, Scope
from kpitracker.lib.errors import Invalid, NotPermitted
from kpitracker.lib.texts import text
from targets.models import AlertRule, Plan
from targets.services.replaying import Happening, replay

DAYS, ROWS = 366, 1000


class Trial(NamedTuple):
    """The notifications from the first day to the last. `is_complete`: none were cut off by the limit."""

    first: date
    last: date
    happenings: list[Happening]
    whole: bool


def try_rule(
    *, rule: AlertRule, plan: str | Plan, by: Actor, today: date, first: date | None = None, last: date | None = None
) -> Trial:
    """Replay a rule over the targets of a plan that the actor sees, as if it were active and no user had responded.

    Default days: from the first day of the plan, for 366 days or through today. Raises `NotPermitted` (forbidden),
    `Unfit` (unknown-plan), `Invalid` (invalid-date) for future days, an empty range, or more than 366 days.
    """
    if not by.may(Scope.ADMIN):
        raise NotPermitted("forbidden", text("Only administrators do this.", "Chỉ quản trị viên được làm việc này."))
    found = plan if isinstance(plan, Plan) else Plan.objects.by_code(plan, "/plan")
    start = first or found.period_start
    end = last or min(start + timedelta(days=DAYS - 1), today)
    _check(start, end, today)
    told = list(islice(replay(plan=found, rules=[rule], first=start, last=end, today=today, by=by), ROWS + 1))
    return Trial(start, end, told[:ROWS], len(told) <= ROWS)


def _check(start: date, end: date, today: date) -> None:
    if start > today:
        raise Invalid("invalid-date", text(f"Not after today ({today}).", f"Không sau {today}."), pointer="/from")
    if not start <= end <= today:
        detail = text(f"From {start} through today ({today}).", f"Từ {start} đến hôm nay ({today}).")
        raise Invalid("invalid-date", detail, pointer="/to")
    if (end - start).days >= DAYS:
        raise Invalid("invalid-date", text(f"{DAYS} days at most.", f"Nhiều nhất {DAYS} ngày."), pointer="/to")
