"""Trial of an alert rule: what it would have sent in the past, before it is created, changed or switched on."""

from datetime import date, timedelta
from itertools import islice
from typing import NamedTuple

from django.utils.formats import date_format

from kpitracker.lib.actor import Actor, Scope
from kpitracker.lib.errors import Forbidden, ValidationProblem
from kpitracker.lib.i18n.text import text
from targets.models import AlertRule, Plan
from targets.services.alerting.replay import ReplayedMessage, replay

MAX_DAYS, MAX_ROWS = 366, 1000


class TrialResult(NamedTuple):
    """The notifications from the first day to the last. `is_complete`: none were cut off by the limit."""

    first: date
    last: date
    notifications: list[ReplayedMessage]
    is_complete: bool


def try_rule(
    *, rule: AlertRule, plan: str | Plan, by: Actor, today: date, first: date | None = None, last: date | None = None
) -> TrialResult:
    """Replay a rule over the targets of a plan that the actor sees, as if it were active and no user had responded.

    Default days: from the first day of the plan, for 366 days or through today. Raises `Forbidden` (forbidden),
    `Unprocessable` (unknown-plan), `ValidationProblem` (invalid-date) for future days, an empty range, or more than 366 days.
    """
    if not by.may(Scope.ADMIN):
        raise Forbidden("forbidden", text("Only administrators do this.", "Chỉ quản trị viên được làm việc này."))
    trial_plan = plan if isinstance(plan, Plan) else Plan.objects.by_code(plan, "/plan")
    start = first or trial_plan.period_start
    end = last or min(start + timedelta(days=MAX_DAYS - 1), today)
    _check_days(start, end, today)
    notifications = list(
        islice(replay(plan=trial_plan, rules=[rule], first=start, last=end, today=today, by=by), MAX_ROWS + 1)
    )
    return TrialResult(start, end, notifications[:MAX_ROWS], len(notifications) <= MAX_ROWS)


def _check_days(start: date, end: date, today: date) -> None:
    if start > today:
        raise ValidationProblem(
            "invalid-date",
            text(f"Not after today ({date_format(today)}).", f"Không sau {date_format(today)}."),
            pointer="/from",
        )
    if not start <= end <= today:
        detail = text(
            f"From {date_format(start)} through today ({date_format(today)}).",
            f"Từ {date_format(start)} đến hôm nay ({date_format(today)}).",
        )
        raise ValidationProblem("invalid-date", detail, pointer="/to")
    if (end - start).days >= MAX_DAYS:
        raise ValidationProblem(
            "invalid-date", text(f"{MAX_DAYS} days at most.", f"Nhiều nhất {MAX_DAYS} ngày."), pointer="/to"
        )
