"""What the pages of the admin ask of their site."""

from typing import Protocol, cast

from django.contrib.admin import AdminSite

from kpitracker.lib.actor import Actor

DepartmentIds = set[int]  # ids of a department and its subdepartments


class ScopedSite(Protocol):
    """An admin site that decides which departments a user may see."""

    def visible_department_ids(self, by: Actor) -> DepartmentIds | None: ...


def visible_department_ids(site: AdminSite, by: Actor) -> DepartmentIds | None:
    """Ids of the departments whose rows the user may see; None: of all departments."""
    return cast(ScopedSite, site).visible_department_ids(by)
