"""Reads the cells of a sheet as input for the serializers of the API."""

from typing import Any

from rest_framework import serializers

from kpitracker.lib import strict_json
from kpitracker.lib.errors import Invalid, Item
from kpitracker.lib.numbers import NumberText
from kpitracker.lib.spreadsheets.defusing import restore
from kpitracker.lib.texts import both, text

Header = list[str | None]


def read_header(cells: list[str], fields: dict[str, Any], model: Any) -> Header:
    """The field of each column, by its name or by its label in the admin in either language; None: an empty column.

    Raises `Invalid` (unknown-field) for any other column, and for a repeated one.
    """
    known = _captions(fields, model) | {name: name for name in fields}
    found: Header = []
    items = []
    for cell in cells:
        name = known.get(cell.strip().lower()) if cell.strip() else None
        if cell.strip() and (name is None or name in found):
            names = ", ".join(fields)
            detail = text(
                f"Column {cell!r} is unknown or repeated. The columns are: {names}.",
                f"Không có cột {cell!r}, hoặc bị lặp. Có: {names}.",
            )
            items.append(Item(f"/{cell.strip()}", "unknown-field", detail))
        found.append(name)
    if items:
        raise Invalid(items=items)
    return found


def _captions(fields: dict[str, Any], model: Any) -> dict[str, str]:
    named = {field.name: field.verbose_name for field in model._meta.get_fields() if hasattr(field, "verbose_name")}
    captions = {"kỳ": "period"} if "period" in fields else {}
    for name in fields.keys() & named.keys():
        for caption in both(named[name]).values():
            captions.setdefault(caption.lower(), name)
    return captions


def read_row(cells: list[str], header: Header, fields: dict[str, Any]) -> dict[str, Any]:
    """The values of a row without its empty cells. Raises `Invalid` (invalid-type) for a list that cannot be parsed."""
    return {
        name: _value(restore(cell), fields[name], name)
        for cell, name in zip(cells, header, strict=True)
        if name is not None and cell.strip()
    }


def _value(cell: str, field: Any, name: str) -> Any:
    if isinstance(field, serializers.BooleanField):
        return {"true": True, "false": False}.get(cell.strip().lower(), cell)
    if isinstance(field, serializers.IntegerField):
        return NumberText(cell.strip())
    if isinstance(field, serializers.ListField):
        if not cell.lstrip().startswith("["):
            return [part.strip() for part in cell.split(",")]
        try:
            return strict_json.loads(cell.encode())
        except Invalid as error:
            raise Invalid("invalid-type", error.detail, pointer=f"/{name}") from error
    return cell
