"""Rows of API responses as flat tables: columns and cells."""

from collections.abc import Iterator, Sequence
from types import UnionType
from typing import Annotated, Any, NamedTuple, NotRequired, Union, get_args, get_origin, get_type_hints, is_typeddict

import msgspec
from rest_framework import serializers

from kpitracker.lib.json_types import DateText, DecimalText, PublishedText


class Column(NamedTuple):
    """`is_day`: its texts that are days are dates in a workbook."""

    name: str
    path: tuple[str, ...]
    is_number: bool = False
    is_day: bool = False


def columns_of(row_type: type, leading: Sequence[str] = ()) -> list[Column]:
    """A column for each readable field of a serializer or a TypedDict, those named in `leading` first; nested objects give one for each field."""
    iter_columns = _payload_columns if is_typeddict(row_type) else _serializer_columns
    columns = list(iter_columns(row_type, ()))
    order = {name: index for index, name in enumerate(leading)}
    return sorted(columns, key=lambda column: order.get(column.path[0], len(order)))


def _serializer_columns(serializer: Any, prefix: tuple[str, ...]) -> Iterator[Column]:
    for name, field in (serializer() if isinstance(serializer, type) else serializer).fields.items():
        path = (*prefix, str(name))
        if isinstance(field, serializers.Serializer):
            yield from _serializer_columns(field, path)
        elif not field.write_only:
            yield Column(".".join(path), path, _is_number(field), isinstance(field, serializers.DateField))


def _is_number(field: object) -> bool:
    return isinstance(field, serializers.IntegerField) or getattr(field, "is_number", False)


def _payload_columns(payload: type, prefix: tuple[str, ...]) -> Iterator[Column]:
    for name, annotation in get_type_hints(payload, include_extras=True).items():
        path, options = (*prefix, name), _type_options(annotation)
        nested = next((option for option in options if is_typeddict(option)), None)
        if isinstance(nested, type):
            yield from _payload_columns(nested, path)
        else:
            is_day = DateText in options or PublishedText in options
            yield Column(".".join(path), path, int in options or DecimalText in options, is_day)


def _type_options(annotation: object) -> list[object]:
    """The types that a field may have: those of a union, without descriptions and `NotRequired`."""
    if annotation in (DecimalText, DateText, PublishedText):
        return [annotation]
    if get_origin(annotation) in (Union, UnionType):
        return [option for argument in get_args(annotation) for option in _type_options(argument)]
    if get_origin(annotation) in (Annotated, NotRequired):
        return _type_options(get_args(annotation)[0])
    return [annotation]


Cell = str | bool


def row_cells(row: object, columns: Sequence[Column]) -> list[Cell]:
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
