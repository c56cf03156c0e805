"""Who asks: a key, a person or a command, told the same way to every service."""

from enum import StrEnum
from typing import NamedTuple


class Scope(StrEnum):
    """What a key may do. None implies another."""

    READ = "read"
    FIGURES_WRITE = "figures:write"
    FIGURES_HISTORY = "figures:history"
    PLANS_WRITE = "plans:write"
    ALERTS_WRITE = "alerts:write"
    ADMIN = "admin"


class Actor(NamedTuple):
    """`department` is the id of the department spoken for; None: the whole organisation."""

    name: str
    department: int | None = None
    scopes: frozenset[str] = frozenset()

    def may(self, scope: Scope) -> bool:
        return scope in self.scopes


ALL_SCOPES = frozenset(Scope)


def operator(name: str) -> Actor:
    """Somebody at the machine itself or in the admin, with every right."""
    return Actor(name=name, department=None, scopes=ALL_SCOPES)
