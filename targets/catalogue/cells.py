"""Reads the cells of a sheet as input for the serializers of the API."""

from collections.abc import Mapping

from django.db.models import Model
from rest_framework import serializers

from indicators.importing.written_periods import PeriodReader
from indicators.rest.fields import PeriodField
from kpitracker.lib import text_validation
from kpitracker.lib.errors import ProblemItem, ValidationProblem
from kpitracker.lib.i18n.text import in_both_languages, text
from kpitracker.lib.numbers import NumberText
from kpitracker.lib.rest import strict_json
from kpitracker.lib.spreadsheets.formula_injection import unescape_formula

_MAX_ERRORS = 20
Header = list[str | None]
Fields = Mapping[str, object]  # of the serializer, by name


def read_header(cells: list[str], fields: Fields, model: type[Model]) -> Header:
    """The field of each column, by its name or by its label in the admin in either language; None: an empty column.

    Raises `ValidationProblem` (unknown-field) for any other column, and for a repeated one.
    """
    names_by_caption = _names_by_caption(fields, model) | {name: name for name in fields}
    header: Header = []
    items = []
    for cell in cells:
        name = names_by_caption.get(cell.strip().lower()) if cell.strip() else None
        if cell.strip() and (name is None or name in header):
            names, caption = ", ".join(fields), text_validation.visible_preview(cell.strip())
            detail = text(
                f"Column “{caption}” is unknown or repeated. The columns are: {names}.",
                f"Không có cột “{caption}”, hoặc bị lặp. Có: {names}.",
            )
            items.append(ProblemItem(f"/{caption}", "unknown-field", detail))
        header.append(name)
    if items:
        raise ValidationProblem(items=items[:_MAX_ERRORS])
    return header


def _names_by_caption(fields: Fields, model: type[Model]) -> dict[str, str]:
    labels = {field.name: field.verbose_name for field in model._meta.get_fields() if hasattr(field, "verbose_name")}
    captions = {"kỳ": "period"} if "period" in fields else {}
    for name in fields.keys() & labels.keys():
        for caption in in_both_languages(labels[name]).values():
            captions.setdefault(caption.lower(), name)
    return captions


def read_row(cells: list[str], header: Header, fields: Fields) -> dict[str, object]:
    """The values of a row without its empty cells. Raises `ValidationProblem` (invalid-type) for a list that cannot be parsed."""
    return {
        name: _parse_cell(unescape_formula(cell), fields[name], name)
        for cell, name in zip(cells, header, strict=True)
        if name is not None and cell.strip()
    }


def _parse_cell(cell: str, field: object, name: str) -> object:
    if isinstance(field, serializers.BooleanField):
        return {"true": True, "false": False}.get(cell.strip().lower(), cell)
    if isinstance(field, PeriodField):
        return PeriodReader().read(cell.strip())[0]
    if isinstance(field, serializers.IntegerField):
        return NumberText(cell.strip())
    if isinstance(field, serializers.ListField):
        if not cell.lstrip().startswith("["):
            return [part.strip() for part in cell.split(",")]
        try:
            return strict_json.parse_json(cell.encode())
        except ValidationProblem as error:
            raise ValidationProblem("invalid-type", error.detail, pointer=f"/{name}") from error
    return cell
