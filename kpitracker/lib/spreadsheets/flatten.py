"""Rows of API responses as flat tables: columns and cells."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import msgspec
from rest_framework import serializers

from kpitracker.lib.rest.serializers import StrictDecimalField


class Column(NamedTuple):
    name: str
    path: tuple[str, ...]
    is_number: bool = False


def columns_of(serializer: type[Any], leading: Sequence[str] = ()) -> list[Column]:
    """A column for each readable field, those named in `leading` first; nested objects give one for each field."""
    columns = list(_iter_columns(serializer(), ()))
    order = {name: index for index, name in enumerate(leading)}
    return sorted(columns, key=lambda column: order.get(column.path[0], len(order)))


def _iter_columns(serializer: Any, prefix: tuple[str, ...]) -> Iterator[Column]:
    for name, field in serializer.fields.items():
        path = (*prefix, str(name))
        if isinstance(field, serializers.Serializer):
            yield from _iter_columns(field, path)
        elif not field.write_only:
            yield Column(".".join(path), path, isinstance(field, StrictDecimalField | serializers.IntegerField))


Cell = str | bool


def row_cells(row: Any, columns: Sequence[Column]) -> list[Cell]:
    """The cells of a row: texts and booleans. Missing values are empty texts; lists and objects are compact JSON."""
    return [_cell_value(row, column.path) for column in columns]


def _cell_value(row: Any, path: tuple[str, ...]) -> Cell:
    for name in path:
        row = row.get(name) if row is not None else None
    if row is None:
        return ""
    if isinstance(row, list | dict):
        return msgspec.json.encode(row, enc_hook=str).decode()
    return row if isinstance(row, bool) else str(row)
