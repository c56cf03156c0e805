"""Writing what stands in a tree: areas and departments."""

from collections.abc import Mapping
from typing import Any, TypeVar

from indicators.models import Measurement
from indicators.models.branch import Branch
from kpitracker.lib import writing

Kind = TypeVar("Kind", bound=Branch)


def create(model: type[Kind], values: Mapping[str, Any]) -> Kind:
    return writing.insert(model(**_resolved(model, values, None)))


def change(row: Kind, values: Mapping[str, Any]) -> Kind:
    return writing.change(row, _resolved(type(row), values, row))


def delete(row: Branch) -> None:
    """Raises `Conflict` (in-use) when figures name it (`area`, `department`) or anything else refers to it."""
    if Measurement.objects.filter(**{type(row).__name__.lower(): row}).exists():
        raise writing.in_use()
    writing.delete(row)


def _resolved(model: Any, values: Mapping[str, Any], row: Branch | None) -> dict[str, Any]:
    """Codes of other branches as their rows. Raises `Unfit` for a tree that would run in a circle."""
    found = dict(values)
    for name in ("parent", "successor"):
        if name in found and not isinstance(found[name], model):
            found[name] = model.objects.by_code_or_none(found[name], f"/{name}")
    writing.check_tree(row, found.get("parent"))
    writing.check_order(found, row)
    return found
