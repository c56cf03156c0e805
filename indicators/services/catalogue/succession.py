"""What follows an area or department that ends: on the day after its last, its successor must exist."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.utils.formats import date_format

from indicators.models.tree_node import TreeModel
from kpitracker.lib.errors import Unprocessable, ValidationProblem
from kpitracker.lib.i18n.text import text
from kpitracker.lib.models import CommitSequence

_FIELDS = ("valid_from", "valid_to", "successor")


class _Node(NamedTuple):
    """A row as it will be. `successor`: the row itself, not yet with its changes."""

    pk: int | None
    name: str
    valid_from: date | None
    valid_to: date | None
    successor: TreeModel | None


def check_succession(model: Any, values: Mapping[str, Any], row: TreeModel | None) -> None:
    """Check a new row, or the changes of one: also that it still follows what names it as successor.

    Figures of the days between two areas would count nowhere, and between two departments would be owed by none. What was
    stored before is not asked for while its days and its successor stay. Raises `ValidationProblem` (invalid-date) at the
    field to change, `Unprocessable` (tree-cycle) for one that would follow itself.
    """
    changed = [name for name in _FIELDS if name in values and values[name] != getattr(row, name, None)]
    if not changed or (row is None and values.get("successor") is None):
        return
    CommitSequence.lock("structure")
    node = _node_after(model, values, row)
    pointer = "/successor" if "successor" in changed else f"/{changed[-1]}"
    _check_follower(node, node, pointer)
    if row is not None:
        for before in model._base_manager.filter(successor=row, valid_to__isnull=False).select_related("successor"):
            _check_follower(_read(before), node, pointer)


def _node_after(model: Any, values: Mapping[str, Any], row: TreeModel | None) -> _Node:
    current = {name: values.get(name, getattr(row, name, None)) for name in _FIELDS}
    named = row or model(code=values.get("code", ""), name=values.get("name", ""))
    title = str(model(name=values.get("name", named.name), name_en=values.get("name_en") or named.name_en))
    return _Node(row.pk if row else None, title, **current)


def _read(row: TreeModel) -> _Node:
    return _Node(row.pk, str(row), row.valid_from, row.valid_to, row.successor)


def _check_follower(ending: _Node, changed: _Node, pointer: str) -> None:
    """Raises the errors of `check_succession` for one that ends. `changed`: the row that is being saved, as it will be."""
    day_after = None if ending.valid_to is None else ending.valid_to + timedelta(days=1)
    seen, following = {ending.pk}, ending.successor
    while following is not None:
        if following.pk in seen:
            raise Unprocessable(
                "tree-cycle", text("It would succeed itself.", "Kế thừa chính nó."), pointer="/successor"
            )
        seen.add(following.pk)
        node = changed if following.pk == changed.pk else _read(following)
        if day_after is not None:
            if node.valid_from is not None and node.valid_from > day_after:
                raise _gap(ending, node, node.valid_from, begins=True, pointer=pointer)
            if node.valid_to is None or node.valid_to >= day_after:
                return
            if node.successor is None:
                raise _gap(ending, node, node.valid_to, begins=False, pointer=pointer)
        following = node.successor


def _gap(ending: _Node, node: _Node, day: date, *, begins: bool, pointer: str) -> ValidationProblem:
    assert ending.valid_to is not None
    last, needed = date_format(ending.valid_to), date_format(ending.valid_to + timedelta(days=1))
    on = date_format(day)
    when = f"begins on {on}" if begins else f"ends on {on}"
    when_vi = f"chỉ có từ ngày {on}" if begins else f"đã kết thúc ngày {on}"
    return ValidationProblem(
        "invalid-date",
        text(
            f"{ending.name} ends on {last}, and {node.name} {when}: what comes after would count nowhere. "
            f"The successor must exist on {needed}.",
            f"{ending.name} kết thúc ngày {last} nhưng {node.name} {when_vi}: số liệu sau đó sẽ không được tính vào đâu. "
            f"Nơi kế thừa phải có từ ngày {needed}.",
        ),
        pointer=pointer,
    )
