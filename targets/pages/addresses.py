"""Addresses of pages that keep the day as of which one reads."""

from datetime import date

from django.urls import reverse
from django.utils.http import urlencode

from targets.models import Plan, Target


def keep_day(address: str, as_of: date, today: date, **parameters: str) -> str:
    """Return the address with these parameters; of another day than today also with that day, as `as_of`."""
    if as_of != today:
        parameters = {**parameters, "as_of": as_of.isoformat()}
    return f"{address}?{urlencode(parameters)}" if parameters else address


def target_address(target: Target, as_of: date, today: date) -> str:
    return keep_day(reverse("target", args=[target.identifier]), as_of, today)


def plan_query(plan: Plan) -> str:
    """Behind the address of a department: its page shows this plan, not its current one."""
    return f"?{urlencode({'plan': plan.code})}"
