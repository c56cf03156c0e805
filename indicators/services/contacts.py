"""Keeping contacts: who is told of alerts, and how."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from indicators.domain.vocabulary import ContactChannel, ContactRole
from indicators.models import Contact, Department
from kpitracker.lib import writing
from kpitracker.lib.actor import Actor, Scope
from kpitracker.lib.errors import Invalid, NotPermitted
from kpitracker.lib.texts import text


@transaction.atomic
def create(*, by: Actor, **values: Any) -> Contact:
    """A contact of a department (a row, or its code), else of the whole organisation.

    Raises `Unfit` (unknown-department), `Invalid` (invalid-email, invalid-choice, required), `Conflict`
    (already-exists), `NotPermitted`.
    """
    row = Contact(**_known(values))
    _check_own(row, by)
    _check(row)
    return writing.insert(row, by=by, pointer="/address")


@transaction.atomic
def change(*, contact: Contact, by: Actor, **values: Any) -> Contact:
    """Messages that are waiting keep their address. Raises as `create`."""
    known = _known(values)
    after = Contact(**{field.name: getattr(contact, field.name) for field in contact._meta.concrete_fields} | known)
    _check_own(contact, by)
    _check_own(after, by)
    _check(after)
    return writing.change(contact, known, by=by)


@transaction.atomic
def delete(*, contact: Contact, by: Actor) -> None:
    """What was sent to it stays on record, by its address."""
    _check_own(contact, by)
    writing.delete(contact, by=by)


def _known(values: dict[str, Any]) -> dict[str, Any]:
    department = values.get("department")
    if isinstance(department, str):
        return values | {"department": Department.objects.by_code(department, "/department")}
    return values


def _check(row: Contact) -> None:
    if row.channel == ContactChannel.CHAT:
        _check_place(row.address)
        return
    try:
        validate_email(row.address)
    except ValidationError as error:
        raise Invalid("invalid-email", " ".join(error.messages), pointer="/address") from error


def _check_place(name: str) -> None:
    """Chats are reached by addresses that hold secrets: the operator gives them, under a name."""
    if name not in settings.CHAT_PLACES:
        known = ", ".join(sorted(settings.CHAT_PLACES)) or "–"
        detail = text(f"A place in CHAT_PLACES is expected: {known}.", f"Cần một nhóm trong CHAT_PLACES: {known}.")
        raise Invalid("invalid-choice", detail, pointer="/address")


def _check_own(row: Contact, by: Actor) -> None:
    """As with keys: a department's administrator keeps contacts of his own department and those below it, told of its
    affairs: by the link of a message its reader answers alerts.
    """
    if not by.may(Scope.ADMIN):
        raise NotPermitted("insufficient-scope", text("It needs the scope admin.", "Cần quyền admin."))
    own = row.role == ContactRole.DEPARTMENT
    if by.department is not None and not (own and row.department_id in Department.objects.family(by.department)):
        raise NotPermitted(
            detail=text(
                "Contacts of your own department and those below it.", "Chỉ đầu mối của đơn vị mình và cấp dưới."
            )
        )
