"""Writing departments."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from indicators.models import Department, Measurement
from kpitracker.lib import writing
from kpitracker.lib.actor import Actor


@transaction.atomic
def create(*, by: Actor, **values: Any) -> Department:
    return writing.insert(Department(**_resolved(values, None)))


@transaction.atomic
def change(*, department: Department, by: Actor, **values: Any) -> Department:
    return writing.change(department, _resolved(values, department))


@transaction.atomic
def delete(*, department: Department, by: Actor) -> None:
    """Raises `Conflict` (in-use) when it has posted figures or anything else refers to it."""
    if Measurement.objects.filter(department=department).exists():
        raise writing.in_use()
    writing.delete(department)


def _resolved(values: Mapping[str, Any], department: Department | None) -> dict[str, Any]:
    found = dict(values)
    for name in ("parent", "successor"):
        if name in found and not isinstance(found[name], Department):
            found[name] = Department.objects.by_code_or_none(found[name], f"/{name}")
    writing.check_tree(department, found.get("parent"))
    writing.check_order(found, department)
    return found
