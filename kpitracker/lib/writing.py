"""What every catalogue service does the same way: insert, change, delete, and say why not."""

from collections.abc import Mapping
from datetime import date
from typing import Any, TypeVar

from django.db import IntegrityError, models, transaction
from django.db.models import ProtectedError

from kpitracker.lib import plain_text
from kpitracker.lib.errors import Conflict, Invalid, Unfit
from kpitracker.lib.texts import text

Row = TypeVar("Row", bound=models.Model)


def insert(row: Row, *, pointer: str = "/code") -> Row:
    """Raises `Conflict` (already-exists) when its unique name is taken, by whoever was first; `Invalid` for a bad code."""
    if hasattr(row, "code"):
        _check_code(row.code)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        # Everything else was checked before; what is left is that somebody else had the name first.
        raise Conflict("already-exists", text("It exists already.", "Đã tồn tại."), pointer=pointer) from error
    return row


def _check_code(code: str) -> None:
    try:
        plain_text.check_code(code)
    except Invalid as error:
        raise Invalid(error.slug, error.detail, pointer="/code") from error


def change(row: Row, values: Mapping[str, Any]) -> Row:
    """Raises `Invalid` (immutable) when the code is to change."""
    if "code" in values and values["code"] != getattr(row, "code", None):
        raise Invalid("immutable", text("A code never changes.", "Mã không bao giờ thay đổi."), pointer="/code")
    for name, value in values.items():
        setattr(row, name, value)
    row.save()
    return row


def delete(row: models.Model) -> None:
    """Raises `Conflict` (in-use) when anything refers to it."""
    try:
        with transaction.atomic():
            row.delete()
    except (ProtectedError, IntegrityError) as error:
        raise in_use() from error


def in_use() -> Conflict:
    return Conflict(
        "in-use",
        text("It is in use: end it (valid_to, withdrawn) instead.", "Đang được sử dụng: hãy đặt ngày kết thúc."),
    )


def check_order(values: Mapping[str, Any], row: models.Model | None = None) -> None:
    """`valid_from` before `valid_to`, as they will stand after the change."""

    def after(name: str) -> date | None:
        found: date | None = values.get(name, getattr(row, name, None))
        return found

    start, end = after("valid_from"), after("valid_to")
    if start and end and start > end:
        raise Invalid(
            "invalid-date", text("It ends before it begins.", "Ngày kết thúc trước ngày bắt đầu."), pointer="/valid_to"
        )


def check_tree(row: Any, parent: Any) -> None:
    """Raises `Unfit` (tree-cycle) when the new parent is the row itself or lies below it."""
    if parent is None or row is None or row.pk is None:
        return
    above = {each.pk for each in type(parent).objects.ancestors(parent, include_self=True)}
    if row.pk in above:
        raise Unfit("tree-cycle", text("It lies below itself.", "Nằm dưới chính nó."), pointer="/parent")
