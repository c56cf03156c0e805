"""Create, change and delete contacts: who receives alerts, and by which channel."""

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
    """Create a contact of a department (a row or its code), or without one of the whole organisation.

    Raises `Unfit` (unknown-department), `Invalid` (invalid-email, invalid-choice, required), `Conflict`
    (already-exists), `NotPermitted`.
    """
    row = Contact(**_known(values))
    _check_own(row, by)
    _check(row)
    return writing.insert(row, by=by, pointer="/address")


@transaction.atomic
def change(*, contact: Contact, by: Actor, **values: Any) -> Contact:
    """Messages that are queued keep their address. Raises the same errors as `create_contact`."""
    known = _known(values)
    after = Contact(**{field.name: getattr(contact, field.name) for field in contact._meta.concrete_fields} | known)
    _check_own(contact, by)
    _check_own(after, by)
    _check(after)
    return writing.change(contact, known, by=by)


@transaction.atomic
def delete(*, contact: Contact, by: Actor) -> None:
    """Messages that were sent to the contact stay on record with its address."""
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
    """The addresses of chats hold secrets, so the administrator configures them under a name in `CHAT_PLACES`."""
    if name not in settings.CHAT_PLACES:
        known = ", ".join(sorted(settings.CHAT_PLACES)) or "–"
        detail = text(f"A place in CHAT_PLACES is expected: {known}.", f"Cần một nhóm trong CHAT_PLACES: {known}.")
        raise Invalid("invalid-choice", detail, pointer="/address")


def _check_own(row: Contact, by: Actor) -> None:
    """An administrator of a department may edit only contacts with the role `department` of their own department and
    those below it: the link in a message lets its reader answer alerts.

    Raises `NotPermitted`.
    """
    if not by.may(Scope.ADMIN):
        raise NotPermitted("insufficient-scope", text("It needs the scope admin.", "Cần quyền admin."))
    own = row.role == ContactRole.DEPARTMENT
    if by.department is not None and not (own and row.department_id in Department.objects.family(by.department)):
        raise NotPermitted(
            detail=text(
                "Only contacts of your own department and those below it.", "Chỉ đầu mối của đơn vị mình và cấp dưới."
            )
        )
