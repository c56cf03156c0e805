"""Create, change and delete contacts: who receives alerts, and by which channel."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from indicators.domain.choices import ContactChannel, ContactRole
from indicators.models import Contact, Department
from kpitracker.lib import crud
from kpitracker.lib.actor import Actor, Scope, refuse_scope
from kpitracker.lib.errors import Forbidden, ValidationProblem
from kpitracker.lib.i18n.text import text


@transaction.atomic
def create_contact(*, by: Actor, **values: object) -> Contact:
    """Create a contact of a department (a row or its code), or without one of the whole organisation.

    Raises `Unprocessable` (unknown-department), `ValidationProblem` (invalid-email, invalid-choice, required), `Conflict`
    (already-exists), `Forbidden`.
    """
    contact = Contact(**_resolve_department(values))
    _check_may_edit(contact, by)
    _check_address(contact)
    return crud.insert_row(contact, by=by, pointer="/address")


@transaction.atomic
def update_contact(*, contact: Contact, by: Actor, **values: object) -> Contact:
    """Messages that are queued keep their address. Raises the same errors as `create_contact`."""
    changes = _resolve_department(values)
    updated_contact = Contact(
        **{field.name: getattr(contact, field.name) for field in contact._meta.concrete_fields} | changes
    )
    _check_may_edit(contact, by)
    _check_may_edit(updated_contact, by)
    _check_address(updated_contact)
    return crud.change_row(contact, changes, by=by)


@transaction.atomic
def delete_contact(*, contact: Contact, by: Actor) -> None:
    """Messages that were sent to the contact stay on record with its address."""
    _check_may_edit(contact, by)
    crud.delete_row(contact, by=by)


def _resolve_department(values: dict[str, object]) -> dict[str, object]:
    department = values.get("department")
    if isinstance(department, str):
        return values | {"department": Department.objects.by_code(department, "/department")}
    return values


def _check_address(contact: Contact) -> None:
    if contact.channel == ContactChannel.CHAT:
        _check_chat_place(contact.address)
        return
    try:
        validate_email(contact.address)
    except ValidationError as error:
        raise ValidationProblem("invalid-email", " ".join(error.messages), pointer="/address") from error


def _check_chat_place(name: str) -> None:
    """The addresses of chats hold secrets, so the administrator configures them under a name in `CHAT_PLACES`."""
    if name not in settings.CHAT_PLACES:
        place_names = ", ".join(sorted(settings.CHAT_PLACES)) or "–"
        detail = text(
            f"A place in CHAT_PLACES is expected: {place_names}.", f"Cần một nhóm trong CHAT_PLACES: {place_names}."
        )
        raise ValidationProblem("invalid-choice", detail, pointer="/address")


def _check_may_edit(contact: Contact, by: Actor) -> None:
    """An administrator of a department may edit only contacts with the role `department` of their own department and
    those below it: the link in a message lets its reader respond to alerts.

    Raises `Forbidden`.
    """
    if not by.may(Scope.ADMIN):
        raise refuse_scope(by, Scope.ADMIN)
    if by.department is not None and contact.role != ContactRole.DEPARTMENT:
        detail = text("Only for alerts of its department.", "Chỉ nhận việc của đơn vị.")
        raise Forbidden(detail=detail, pointer="/role")
    contact.check_own_part(by)
