"""Insert, change and delete of catalogue rows, with audit entries and errors of the API."""

from collections.abc import Container, Mapping
from datetime import date
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import ProtectedError

from kpitracker.lib import text_validation
from kpitracker.lib.actor import Actor
from kpitracker.lib.audit import log
from kpitracker.lib.db.check_constraints import constraint_of_error, violated_constraints
from kpitracker.lib.db.locks_and_triggers import lock_for_reference
from kpitracker.lib.errors import Conflict, ProblemItem, Unprocessable, ValidationProblem
from kpitracker.lib.i18n.text import text
from kpitracker.lib.models import CommitSequence
from kpitracker.lib.own_part import check_own_part
from kpitracker.lib.problem_types import TITLES

Row = TypeVar("Row", bound=models.Model)


# Error codes of Django's field validation → slugs of the API.
_SLUGS = {
    "invalid_choice": "invalid-choice",
    "max_length": "invalid-text",
    "null_characters_not_allowed": "invalid-text",
    "blank": "required",
    "null": "required",
    "max_value": "invalid-number",
    "min_value": "invalid-number",
    "invalid-number": "invalid-number",
}


def insert_row(row: Row, *, by: Actor, pointer: str = "/code", verb: str = "created") -> Row:
    """Raises `ValidationProblem` for invalid fields, `Conflict` (already-exists) when a unique value is taken,
    `Forbidden` outside the actor's own part.
    """
    check_row(row)
    check_own_part(row, by, {field.name for field in row._meta.concrete_fields})
    lock_referenced_rows(row, {field.name for field in row._meta.concrete_fields})
    saved = _save_row(row, pointer, force_insert=True)
    log.write_entry(by=by, verb=verb, row=saved, after=log.snapshot_row(saved))
    return saved


def change_row(row: Row, values: Mapping[str, object], *, by: Actor, verb: str = "changed") -> Row:
    """Raises as `insert_row`, and `ValidationProblem` (immutable) when `values` would change the code."""
    check_own_part(row, by)
    before = log.snapshot_row(row)
    if "code" in values and values["code"] != getattr(row, "code", None):
        raise ValidationProblem(
            "immutable", text("A code never changes.", "Mã không bao giờ thay đổi."), pointer="/code"
        )
    changed = {name for name, value in values.items() if getattr(row, name) != value}
    for name, value in values.items():
        setattr(row, name, value)
    check_row(row)
    check_own_part(row, by, changed)
    lock_referenced_rows(row, values)
    saved = _save_row(row, "")
    old_values, new_values = log.diff_snapshots(before, log.snapshot_row(saved))
    log.write_entry(by=by, verb=verb, row=saved, before=old_values, after=new_values)
    return saved


def lock_referenced_rows(row: models.Model, names: Container[str]) -> None:
    """Lock the rows that these foreign keys refer to. Raises `Unprocessable` (unknown-...) when one was deleted.

    The database checks foreign keys at the commit, when it is no longer known which field was wrong.
    """
    for field in row._meta.concrete_fields:
        pk = getattr(row, field.attname)
        if isinstance(field, models.ForeignKey) and field.name in names and pk is not None:
            model = field.remote_field.model
            if not lock_for_reference(model._base_manager.filter(pk=pk)):
                raise _deleted_meanwhile(model, field.name)


def _deleted_meanwhile(model: type[models.Model], name: str) -> Unprocessable:
    noun = str(model._meta.model_name)
    detail = text("It has just been deleted.", "Vừa bị xóa.")
    slug = f"unknown-{noun}"
    return Unprocessable(slug if slug in TITLES else "unprocessable", detail, pointer=f"/{name}")


def lock_structure(model: type[models.Model]) -> None:
    """Lock the structure of trees and formulas. Call it before locking a row: the other order can deadlock."""
    if getattr(model, "structured", False):
        CommitSequence.lock("structure")


def _save_row(row: Row, pointer: str, **save_options: Any) -> Row:
    try:
        with transaction.atomic():
            row.save(**save_options)
    except IntegrityError as error:
        if constraint := constraint_of_error(type(row), error):
            raise ValidationProblem(items=[_constraint_item(constraint)]) from error
        # Another transaction has taken the unique value.
        raise Conflict("already-exists", text("It exists already.", "Đã tồn tại."), pointer=pointer) from error
    return row


def check_row(row: models.Model) -> None:
    """Raises `ValidationProblem` for fields and combinations that the constraints of the table would refuse."""
    items = []
    if hasattr(row, "code"):
        items += _code_errors(row.code)
    exclude = {field.name for field in row._meta.fields if not field.editable or field.is_relation}
    try:
        row.clean_fields(exclude=exclude)
    except ValidationError as error:
        items += [
            ProblemItem(f"/{name}", _SLUGS.get(str(fault.code), "invalid-type"), " ".join(fault.messages))
            for name, faults in error.error_dict.items()
            for fault in faults
        ]
    if items:
        raise ValidationProblem(items=items)
    if items := [_constraint_item(constraint) for constraint in violated_constraints(row)]:
        raise ValidationProblem(items=items)


def _constraint_item(constraint: models.CheckConstraint) -> ProblemItem:
    return ProblemItem("", "invalid", str(constraint.get_violation_error_message()))


def _code_errors(code: str) -> list[ProblemItem]:
    try:
        text_validation.check_code(code)
    except ValidationProblem as error:
        return [ProblemItem("/code", error.slug, str(error.detail))]
    return []


def delete_row(row: models.Model, *, by: Actor) -> None:
    """Raises `Conflict` (in-use) when other rows refer to the row, `Forbidden` outside the actor's own part."""
    check_own_part(row, by)
    log.write_entry(by=by, verb="deleted", row=row, before=log.snapshot_row(row))
    try:
        with transaction.atomic():
            row.delete()
    except (ProtectedError, IntegrityError) as error:
        raise in_use_conflict(row) from error


def in_use_conflict(row: models.Model) -> Conflict:
    """What is in use cannot be deleted; a row with a last day can end instead."""
    if hasattr(row, "valid_to"):
        detail = text(
            "It is in use, so it cannot be deleted: give its last day (valid_to) instead.",
            "Đang được sử dụng nên không xóa được: hãy đặt ngày kết thúc (valid_to).",
        )
    else:
        detail = text("It is in use, so it cannot be deleted.", "Đang được sử dụng nên không xóa được.")
    return Conflict("in-use", detail)


def check_date_order(
    values: Mapping[str, Any], row: models.Model | None = None, *, names: tuple[str, str] = ("valid_from", "valid_to")
) -> None:
    """Raises `ValidationProblem` (invalid-date) when the last day would be before the first after the change."""

    def new_value(name: str) -> date | None:
        value: date | None = values.get(name, getattr(row, name, None))
        return value

    start, end = new_value(names[0]), new_value(names[1])
    if start and end and start > end:
        raise ValidationProblem(
            "invalid-date",
            text("It ends before it begins.", "Ngày kết thúc trước ngày bắt đầu."),
            pointer=f"/{names[1]}",
        )


def check_parent(row: Any, parent: Any) -> None:
    """Raises `Unprocessable` (tree-cycle) when the new parent is the row itself or one of its descendants."""
    if parent is None or row is None or row.pk is None:
        return
    # One move at a time: two concurrent moves could put each row below the other.
    CommitSequence.lock("structure")
    ancestors = {ancestor.pk for ancestor in type(parent).objects.ancestors(parent, include_self=True)}
    if row.pk in ancestors:
        raise Unprocessable("tree-cycle", text("It lies below itself.", "Nằm dưới chính nó."), pointer="/parent")
