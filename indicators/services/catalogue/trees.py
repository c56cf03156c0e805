"""Create, change and delete rows of the trees: areas and departments."""

from collections.abc import Mapping
from typing import Any, TypeVar

from indicators.models import Measurement
from indicators.models.tree_node import TreeModel
from indicators.services.catalogue.succession import check_succession
from kpitracker.lib import crud
from kpitracker.lib.actor import Actor

NodeT = TypeVar("NodeT", bound=TreeModel)


def create_node(model: type[NodeT], values: Mapping[str, object], *, by: Actor) -> NodeT:
    resolved = _resolve_references(model, values, None)
    check_succession(model, resolved, None)
    return crud.insert_row(model(**resolved), by=by)


def update_node(row: NodeT, values: Mapping[str, object], *, by: Actor) -> NodeT:
    resolved = _resolve_references(type(row), values, row)
    check_succession(type(row), resolved, row)
    return crud.change_row(row, resolved, by=by)


def delete_node(row: TreeModel, *, by: Actor) -> None:
    """Raises `Conflict` (in-use) when figures (by `area` or `department`) or other rows refer to it."""
    if Measurement.objects.filter(**{type(row).__name__.lower(): row}).exists():
        raise crud.in_use_conflict(row)
    crud.delete_row(row, by=by)


def _resolve_references(model: Any, values: Mapping[str, Any], row: TreeModel | None) -> dict[str, Any]:
    """Replace the codes of parent and successor by rows. Raises `Unprocessable` for unknown codes and for a cycle."""
    resolved = dict(values)
    for name in ("parent", "successor"):
        if name in resolved and not isinstance(resolved[name], model):
            resolved[name] = model.objects.by_code_or_none(resolved[name], f"/{name}")
    crud.check_parent(row, resolved.get("parent"))
    crud.check_date_order(resolved, row)
    return resolved
