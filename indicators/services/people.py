"""User accounts: their scopes, invitation, change, deactivation."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from indicators.domain.roles import ROLES, Role
from indicators.models import Letter, User
from indicators.services import letters
from kpitracker.lib import writing
from kpitracker.lib.actor import ALL_SCOPES, Actor, Scope
from kpitracker.lib.audit import notes
from kpitracker.lib.errors import Conflict, Invalid, NotPermitted
from kpitracker.lib.models import Counter
from kpitracker.lib.texts import text


def scopes_of(user: User) -> frozenset[Scope]:
    """The scopes of the user's role. A superuser has the scopes of an administrator."""
    return ALL_SCOPES if user.is_superuser else frozenset(Scope(name) for name in ROLES[Role(user.role)].scopes)


def actor_of(user: User, address: str = "") -> Actor:
    """The actor that services get for a user."""
    return Actor(f"admin {user.get_username()}", user.department_id, scopes_of(user), address, user.pk)


@transaction.atomic
def invite(*, by: Actor, now: datetime, username: str, email: str, role: str = Role.VIEWER, **values: Any) -> User:
    """Create a user without a password, and queue the e-mail with the link to set one.

    Raises `Invalid`, `Conflict` (already-exists) for a user name or address that is in use, `NotPermitted`.
    """
    _check_may(by)
    user = User(username=username, email=email, role=role, date_joined=now, **values)
    _check_email(user)
    if User.objects.filter(username__iexact=username).exists():
        raise Conflict("already-exists", text("It exists already.", "Đã tồn tại."), pointer="/username")
    user.set_unusable_password()
    writing.insert(user, by=by, pointer="/username", verb="invited")
    letters.write(user=user, kind="invitation", by=by, now=now)
    return user


@transaction.atomic
def invite_again(*, user: User, by: Actor, now: datetime) -> Letter:
    """Queue another invitation. Raises `Conflict` (in-use) when the user is inactive or has a password."""
    _check_may(by)
    user = _locked(user)
    if not user.is_active or user.has_usable_password():
        raise Conflict(
            "in-use",
            text(f"{user} needs no invitation.", f"{user} không cần thư mời."),
        )
    notes.note(by=by, verb="invited", row=user)
    return letters.write(user=user, kind="invitation", by=by, now=now)


@transaction.atomic
def change(*, user: User, by: Actor, **values: Any) -> User:
    """Change names, e-mail, role or department.

    Raises `Invalid`, `Conflict` (already-exists, last-administrator), `NotPermitted`, also for raising one's own role.
    """
    _check_may(by)
    user = _locked(user)
    if "username" in values and values["username"] != user.username:
        raise Invalid("immutable", text("A user name never changes.", "Tên đăng nhập không đổi."), pointer="/username")
    _check_role(user, values.get("role", user.role), by)
    if values.get("role", Role.ADMINISTRATOR) != Role.ADMINISTRATOR:
        values["is_superuser"] = False
    if "email" in values:
        _check_email(user, values["email"])
    return writing.change(user, values, by=by)


@transaction.atomic
def deactivate(*, user: User, by: Actor) -> User:
    """End all sessions of the user and refuse further logins. Raises `Conflict` (last-administrator)."""
    _check_may(by)
    user = _locked(user)
    _check_not_last(user)
    return writing.change(user, {"is_active": False, "sessions": user.sessions + 1}, by=by)


@transaction.atomic
def reactivate(*, user: User, by: Actor) -> User:
    """Raises `Conflict` (already-exists) when another active user has the address by now."""
    _check_may(by)
    user = _locked(user)
    if user.email:
        _check_email(user)
    return writing.change(user, {"is_active": True}, by=by)


def _locked(user: User) -> User:
    # Lock the row first, as forms do. Then one change at a time: two concurrent changes could each remove one of the
    # last two administrators.
    locked = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    Counter.hold("people")
    return locked


def _check_may(by: Actor) -> None:
    if not by.may(Scope.ADMIN):
        raise NotPermitted("forbidden", text("Only administrators do this.", "Chỉ quản trị viên được làm việc này."))


def _check_role(user: User, role: str, by: Actor) -> None:
    if role not in list(Role):
        raise Invalid("invalid-choice", text("There is no such role.", "Không có vai trò này."), pointer="/role")
    gained = {Scope(name) for name in ROLES[Role(role)].scopes} - scopes_of(user)
    if gained and by.person == user.pk:
        raise NotPermitted(
            "forbidden",
            text("You may not raise your own role.", "Không ai tự nâng vai trò của mình."),
            pointer="/role",
        )
    if role != Role.ADMINISTRATOR:
        _check_not_last(user)


def _check_not_last(user: User) -> None:
    left = User.objects.administrators().exclude(pk=user.pk)
    if user in User.objects.administrators() and not left.exists():
        raise Conflict(
            "last-administrator",
            text("At least one active administrator must remain.", "Sẽ không còn ai quản trị hệ thống."),
            pointer="/role",
        )


def _check_email(user: User, email: str | None = None) -> None:
    """Raises `Invalid` (required, invalid-email), `Conflict` (already-exists) for an address in use."""
    Counter.hold("people")
    address = user.email if email is None else email
    if not address:
        raise Invalid("required", text("An e-mail address is needed.", "Cần địa chỉ thư điện tử."), pointer="/email")
    try:
        validate_email(address)
    except ValidationError as error:
        raise Invalid("invalid-email", " ".join(error.messages), pointer="/email") from error
    if User.objects.filter(email__iexact=address, is_active=True).exclude(pk=user.pk).exists():
        raise Conflict(
            "already-exists",
            text("Another user has this address.", "Địa chỉ này đã có người dùng."),
            pointer="/email",
        )
