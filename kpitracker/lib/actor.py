"""Who asks: a key, a person, a command or a job, told the same way to every service."""

from enum import StrEnum
from typing import Any, NamedTuple


class Scope(StrEnum):
    """What somebody may do. None implies another."""

    READ = "read"
    FIGURES_WRITE = "figures:write"
    FIGURES_HISTORY = "figures:history"
    PLANS_WRITE = "plans:write"
    ALERTS_WRITE = "alerts:write"
    ADMIN = "admin"


class Actor(NamedTuple):
    """`department` is the id of the department spoken for; None: the whole organisation. `address`: where from.

    `person` is the id of the user, None for machines.
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
        """The whole organisation, and whoever keeps the catalogue: codes of hidden things would stand in his way."""
        return self.department is None or self.may(Scope.ADMIN)


ALL_SCOPES = frozenset(Scope)


def operator(name: str) -> Actor:
    """Somebody at the machine itself, or a job, with every right."""
    return Actor(name=name, department=None, scopes=ALL_SCOPES)


def actor(request: Any) -> Actor:
    """Who asks, as the authentication of the API found out."""
    found: Actor = request.user.actor
    return found
