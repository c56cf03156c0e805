"""Create, change and delete rows of the trees: areas and departments."""

from collections.abc import Mapping
from typing import Any, TypeVar

from indicators.models import Measurement
from indicators.models.branch import Branch
from kpitracker.lib import writing
from kpitracker.lib.actor import Actor

Kind = TypeVar("Kind", bound=Branch)


def create(model: type[Kind], values: Mapping[str, Any], *, by: Actor) -> Kind:
    return writing.insert(model(**_resolved(model, values, None)), by=by)


def change(row: Kind, values: Mapping[str, Any], *, by: Actor) -> Kind:
    return writing.change(row, _resolved(type(row), values, row), by=by)


def delete(row: Branch, *, by: Actor) -> None:
    """Raises `Conflict` (in-use) when figures (by `area` or `department`) or other rows refer to it."""
    if Measurement.objects.filter(**{type(row).__name__.lower(): row}).exists():
        raise writing.in_use()
    writing.delete(row, by=by)


def _resolved(model: Any, values: Mapping[str, Any], row: Branch | None) -> dict[str, Any]:
    """Replace the codes of parent and successor by rows. Raises `Unfit` for unknown codes and for a cycle."""
    found = dict(values)
    for name in ("parent", "successor"):
        if name in found and not isinstance(found[name], model):
            found[name] = model.objects.by_code_or_none(found[name], f"/{name}")
    writing.check_tree(row, found.get("parent"))
    writing.check_order(found, row)
    return found
