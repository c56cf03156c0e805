"""What the pages of the admin ask of their site."""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol, cast

from django.contrib.admin import AdminSite
from django.db.models import QuerySet

from kpitracker.lib.actor import Actor
from kpitracker.lib.models import AuditEntry

DepartmentIds = set[int]  # ids of a department and its subdepartments


class ScopedSite(Protocol):
    """An admin site that decides which departments and which entries of the audit a user may see."""

    def shown_actor(self, actor: str) -> str: ...

    def actors_named(self, word: str) -> Sequence[QuerySet[Any]]: ...

    def visible_department_ids(self, by: Actor) -> DepartmentIds | None: ...

    def history_shown_to(self, by: Actor, entries: Iterable[AuditEntry]) -> list[AuditEntry]: ...


def shown_actor(site: AdminSite, actor: str) -> str:
    """The name of the person or key behind the stored name of an actor."""
    return cast(ScopedSite, site).shown_actor(actor)


def actors_named(site: AdminSite, word: str) -> Sequence[QuerySet[Any]]:
    """Queries of the stored names of actors whose shown name, login or prefix has this word, normalized."""
    return cast(ScopedSite, site).actors_named(word)


def visible_department_ids(site: AdminSite, by: Actor) -> DepartmentIds | None:
    """Ids of the departments whose rows the user may see; None: of all departments."""
    return cast(ScopedSite, site).visible_department_ids(by)


def history_shown_to(site: AdminSite, by: Actor, entries: Iterable[AuditEntry]) -> list[AuditEntry]:
    """The entries in the history of one row that the user may see, without the names that the user may not."""
    return cast(ScopedSite, site).history_shown_to(by, entries)
