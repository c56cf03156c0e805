"""Numbers in lists: whole ones in the notation of the page (12.345 rows are not 12345), and all sorted as numbers."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import get_fields_from_path
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models.functions import Cast
from django.http import HttpRequest

from kpitracker.lib.admin.types import PageMixin, PageRow
from kpitracker.lib.db.fields import ExactDecimalField
from kpitracker.lib.numbers import localize_number


def _grouped_column(field: "models.IntegerField[Any, Any]") -> Callable[[PageRow], str]:
    @admin.display(description=field.verbose_name, ordering=field.name)
    def column(row: PageRow) -> str:
        number = getattr(row, field.name)
        return "–" if number is None else localize_number(str(number))

    # The name becomes the class of the cells.
    column.__name__ = field.name
    column.number_field = field  # type: ignore[attr-defined]
    return column


class _NumericOrderMixin(ChangeList):
    def get_ordering_field(self, field_name: Any) -> Any:
        """Sort exact decimals as numbers: SQLite stores them as text, and would put -17 before -4990."""
        name = super().get_ordering_field(field_name)
        return Cast(name, models.FloatField()) if isinstance(name, str) and _is_exact(self.model, name) else name


def _is_exact(model: Any, path: str) -> bool:
    try:
        return isinstance(get_fields_from_path(model, path.strip("-"))[-1], ExactDecimalField)
    except FieldDoesNotExist:
        return False


class NumberColumnsMixin(PageMixin):
    """Groups the digits of every column that is a field of whole numbers; sorts exact decimals as numbers."""

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> Any:
        base = super().get_changelist(request, **kwargs)
        return type(base.__name__, (_NumericOrderMixin, base), {})

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        return [self._in_notation(column) for column in super().get_list_display(request)]

    def _in_notation(self, column: Any) -> Any:
        try:
            field = self.model._meta.get_field(column) if isinstance(column, str) else None
        except FieldDoesNotExist:
            return column
        return _grouped_column(field) if isinstance(field, models.IntegerField) else column
