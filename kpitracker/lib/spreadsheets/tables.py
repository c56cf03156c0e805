"""Rows of API responses as flat tables: columns and cells."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import msgspec
from rest_framework import serializers

from kpitracker.lib.serializers import NumberField


class Column(NamedTuple):
    name: str
    path: tuple[str, ...]
    number: bool = False


def columns_of(serializer: type[Any], first: Sequence[str] = ()) -> list[Column]:
    """A column for each readable field, those named in `leading` first; nested objects give one for each field."""
    found = list(_columns(serializer(), ()))
    front = {name: place for place, name in enumerate(first)}
    return sorted(found, key=lambda column: front.get(column.path[0], len(front)))


def _columns(serializer: Any, above: tuple[str, ...]) -> Iterator[Column]:
    for name, field in serializer.fields.items():
        path = (*above, str(name))
        if isinstance(field, serializers.Serializer):
            yield from _columns(field, path)
        elif not field.write_only:
            yield Column(".".join(path), path, isinstance(field, NumberField | serializers.IntegerField))


Cell = str | bool


def cells(row: Any, columns: Sequence[Column]) -> list[Cell]:
    """The cells of a row: texts and booleans. Missing values are empty texts; lists and objects are compact JSON."""
    return [_cell(row, column.path) for column in columns]


def _cell(row: Any, path: tuple[str, ...]) -> Cell:
    for name in path:
        row = row.get(name) if row is not None else None
    if row is None:
        return ""
    if isinstance(row, list | dict):
        return msgspec.json.encode(row, enc_hook=str).decode()
    return row if isinstance(row, bool) else str(row)
