"""User accounts: invitation, change, deactivation."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from indicators.domain.roles import ROLES, Role
from indicators.models import AccountEmail, User
from indicators.services.access import account_emails
from kpitracker.lib import crud
from kpitracker.lib.actor import Actor, Scope
from kpitracker.lib.audit import log
from kpitracker.lib.errors import Conflict, Forbidden, ValidationProblem
from kpitracker.lib.i18n.text import text
from kpitracker.lib.models import CommitSequence


@transaction.atomic
def invite_user(
    *, by: Actor, now: datetime, username: str, email: str, role: str = Role.VIEWER, **values: object
) -> User:
    """Create a user without a password, and queue the e-mail with the link to set one.

    Raises `ValidationProblem`, `Conflict` (already-exists) for a user name or address that is in use, `Forbidden`.
    """
    _check_is_administrator(by)
    user = User(username=username, email=email, role=role, date_joined=now, **values)
    _check_email(user)
    if User.objects.filter(username__iexact=username).exists():
        raise Conflict("already-exists", text("It exists already.", "Đã tồn tại."), pointer="/username")
    user.set_unusable_password()
    crud.insert_row(user, by=by, pointer="/username", verb="invited")
    account_emails.queue_email(user=user, kind="invitation", by=by, now=now)
    return user


@transaction.atomic
def resend_invitation(*, user: User, by: Actor, now: datetime) -> AccountEmail:
    """Queue another invitation. Raises `Conflict` (in-use) when the user is inactive or has a password."""
    _check_is_administrator(by)
    user = _lock_user(user)
    user.check_own_part(by)
    if not user.is_active or user.has_usable_password():
        raise Conflict(
            "in-use",
            text(f"{user} needs no invitation.", f"{user} không cần thư mời."),
        )
    log.write_entry(by=by, verb="invited", row=user)
    return account_emails.queue_email(user=user, kind="invitation", by=by, now=now)


@transaction.atomic
def update_user(*, user: User, by: Actor, **values: Any) -> User:
    """Change names, e-mail, role or department.

    Raises `ValidationProblem`, `Conflict` (already-exists, last-administrator), `Forbidden`: for users and departments
    outside the own part, and for raising one's own role.
    """
    _check_is_administrator(by)
    user = _lock_user(user)
    if "username" in values and values["username"] != user.username:
        raise ValidationProblem(
            "immutable", text("A user name never changes.", "Tên đăng nhập không đổi."), pointer="/username"
        )
    _check_role(user, values.get("role", user.role), by)
    if values.get("role", Role.ADMINISTRATOR) != Role.ADMINISTRATOR:
        values["is_superuser"] = False
    if "email" in values:
        _check_email(user, values["email"])
    return crud.change_row(user, values, by=by)


@transaction.atomic
def deactivate_user(*, user: User, by: Actor) -> User:
    """End all sessions of the user and refuse further logins. Raises `Conflict` (last-administrator)."""
    _check_is_administrator(by)
    user = _lock_user(user)
    _check_not_last(user)
    return crud.change_row(user, {"is_active": False, "sessions": user.sessions + 1}, by=by)


@transaction.atomic
def reactivate_user(*, user: User, by: Actor) -> User:
    """Raises `Conflict` (already-exists) when another active user has the address by now."""
    _check_is_administrator(by)
    user = _lock_user(user)
    if user.email:
        _check_email(user)
    return crud.change_row(user, {"is_active": True}, by=by)


def _lock_user(user: User) -> User:
    # Lock the row first, as forms do. Then one change at a time: two concurrent changes could each remove one of the
    # last two administrators.
    locked_user: User = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    CommitSequence.lock("people")
    return locked_user


def _check_is_administrator(by: Actor) -> None:
    if not by.may(Scope.ADMIN):
        raise Forbidden("forbidden", text("Only administrators do this.", "Chỉ quản trị viên được làm việc này."))


def _check_role(user: User, role: str, by: Actor) -> None:
    if role not in list(Role):
        raise ValidationProblem(
            "invalid-choice", text("There is no such role.", "Không có vai trò này."), pointer="/role"
        )
    gained_scopes = {Scope(name) for name in ROLES[Role(role)].scopes} - user.scopes
    if gained_scopes and by.person == user.pk:
        raise Forbidden(
            "forbidden",
            text("You may not raise your own role.", "Không ai tự nâng vai trò của mình."),
            pointer="/role",
        )
    if role != Role.ADMINISTRATOR:
        _check_not_last(user)


def _check_not_last(user: User) -> None:
    other_administrators = User.objects.administrators().exclude(pk=user.pk)
    if user in User.objects.administrators() and not other_administrators.exists():
        raise Conflict(
            "last-administrator",
            text("At least one active administrator must remain.", "Sẽ không còn ai quản trị hệ thống."),
            pointer="/role",
        )


def _check_email(user: User, email: str | None = None) -> None:
    """Raises `ValidationProblem` (required, invalid-email), `Conflict` (already-exists) for an address in use."""
    CommitSequence.lock("people")
    address = user.email if email is None else email
    if not address:
        raise ValidationProblem(
            "required", text("An e-mail address is needed.", "Cần địa chỉ thư điện tử."), pointer="/email"
        )
    try:
        validate_email(address)
    except ValidationError as error:
        raise ValidationProblem("invalid-email", " ".join(error.messages), pointer="/email") from error
    if User.objects.filter(email__iexact=address, is_active=True).exclude(pk=user.pk).exists():
        raise Conflict(
            "already-exists",
            text("Another user has this address.", "Địa chỉ này đã có người dùng."),
            pointer="/email",
        )
