"""The actor of a request or a job: an API key, a user, a command or a job, in one form for every service."""

import re
from enum import StrEnum
from typing import Any, NamedTuple

from kpitracker.lib.errors import Forbidden
from kpitracker.lib.i18n.text import text

API_KEY_PATTERN = re.compile(r"kpi_[A-Za-z0-9]{8}_[A-Za-z0-9]+", re.ASCII)


class Scope(StrEnum):
    """What an actor may do. No scope implies another."""

    READ = "read"
    FIGURES_WRITE = "figures:write"
    FIGURES_HISTORY = "figures:history"
    PLANS_WRITE = "plans:write"
    ALERTS_WRITE = "alerts:write"
    ADMIN = "admin"


class Actor(NamedTuple):
    """`department` is the id of the department that the actor acts for; None: the whole organisation.

    `address` is the client's IP address. `person` is the id of the user, None for machines.
    """

    name: str
    department: int | None = None
    scopes: frozenset[str] = frozenset()
    address: str = ""
    person: int | None = None

    def may(self, scope: Scope) -> bool:
        return scope in self.scopes

    @property
    def sees_everything(self) -> bool:
        """Actors of the whole organisation, and administrators.

        Administrators keep the catalogue: hidden objects would block codes without a visible reason.
        """
        return self.department is None or self.may(Scope.ADMIN)


ALL_SCOPES = frozenset(Scope)
# Everyone, without a login. Its department does not exist: restricted rows of all departments are hidden from it.
PUBLIC_READER = Actor("public", department=0, scopes=frozenset({Scope.READ}))


def refuse_scope(actor: Actor, scope: str) -> Forbidden:
    """The error (insufficient-scope) to raise for an actor without a scope: people have roles, and no keys."""
    if actor.person is not None:
        return Forbidden(
            "insufficient-scope", text("Your role may not do this.", "Vai trò của bạn không được làm việc này.")
        )
    return Forbidden("insufficient-scope", text(f"The key lacks the scope {scope}.", f"Khóa không có quyền {scope}."))


def system_actor(name: str) -> Actor:
    """The actor of a command or a job, with all scopes."""
    return Actor(name=name, department=None, scopes=ALL_SCOPES)


def get_actor(request: Any) -> Actor:
    """The actor that the authentication of the API has set."""
    request_actor: Actor = request.user.actor
    return request_actor
