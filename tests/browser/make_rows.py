"""What there is beside the demo: a user for each kind of reader, and a plan of drafts. Run with the service's environment."""

import django

# User name, role, department: None is the whole organisation.
USERS = (
    ("mayor", "viewer", None),
    ("officer", "officer", "so-lao-dong"),
    ("planner", "planner", None),
)
DRAFTS = "hcmc-2025"


def make_rows() -> None:
    from kpitracker.lib import clock
    from kpitracker.lib.actor import system_actor
    from targets.models import Plan
    from targets.services.planning.plan_copies import copy_plan
    from tests.admin_support import person

    for name, role, department in USERS:
        person(name, role=role, department=department)
    copy_plan(plan=Plan.objects.get(code="hcmc-2024"), by=system_actor("tests"), now=clock.now(), code=DRAFTS)


if __name__ == "__main__":
    django.setup()
    make_rows()
