"""What there is beside the demo: a user for each kind of reader, a plan of drafts, a closing. Run with the service's
environment.
"""

from datetime import date

import django

# User name, role, department: None is the whole organisation.
USERS = (
    ("mayor", "viewer", None),
    ("officer", "officer", "so-lao-dong"),
    ("planner", "planner", None),
)
DRAFTS = "hcmc-2025"
# Inside the period: the figures of the plan stay open.
CLOSED_ON = date(2024, 10, 9)


def make_rows() -> None:
    from kpitracker.lib import clock
    from kpitracker.lib.actor import system_actor
    from targets.models import Plan
    from targets.services.planning.plan_copies import copy_plan
    from targets.services.reports.closings import close_plan
    from tests.admin_support import person

    for name, role, department in USERS:
        person(name, role=role, department=department)
    plan, by, now = Plan.objects.get(code="hcmc-2024"), system_actor("tests"), clock.now()
    copy_plan(plan=plan, by=by, now=now, code=DRAFTS)
    close_plan(plan=plan, by=by, now=now, reason="Nine months", as_of=CLOSED_ON)


if __name__ == "__main__":
    django.setup()
    make_rows()
