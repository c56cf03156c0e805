"""The roles of users, and the scopes that each role grants."""

from enum import StrEnum
from typing import NamedTuple


class Role(StrEnum):
    """A role applies to the user's department and all below it; without a department, to the whole organisation."""

    VIEWER = "viewer"
    OFFICER = "officer"
    PLANNER = "planner"
    ADMINISTRATOR = "administrator"


class RoleDefinition(NamedTuple):
    """The name of a role in both languages, and its scopes."""

    english: str
    vietnamese: str
    scopes: tuple[str, ...]


ROLES = {
    Role.VIEWER: RoleDefinition("viewer", "người xem", ("read",)),
    Role.OFFICER: RoleDefinition(
        "department officer",
        "cán bộ báo cáo",
        ("read", "figures:write", "figures:history", "alerts:write"),
    ),
    Role.PLANNER: RoleDefinition("plan owner", "cán bộ kế hoạch", ("read", "plans:write", "alerts:write")),
    Role.ADMINISTRATOR: RoleDefinition(
        "administrator",
        "quản trị viên",
        ("read", "figures:write", "figures:history", "plans:write", "alerts:write", "admin"),
    ),
}
