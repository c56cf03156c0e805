"""Whole numbers in lists, in the notation of the page: 12.345 rows are not 12345."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.http import HttpRequest

from kpitracker.lib.admin.types import PageMixin, PageRow
from kpitracker.lib.numbers import localize_number


def _grouped_column(field: "models.IntegerField[Any, Any]") -> Callable[[PageRow], str]:
    @admin.display(description=field.verbose_name, ordering=field.name)
    def column(row: PageRow) -> str:
        number = getattr(row, field.name)
        return "–" if number is None else localize_number(str(number))

    # The name becomes the class of the cells.
    column.__name__ = field.name
    return column


class NumberColumnsMixin(PageMixin):
    """Groups the digits of every column that is a field of whole numbers."""

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        return [self._in_notation(column) for column in super().get_list_display(request)]

    def _in_notation(self, column: Any) -> Any:
        try:
            field = self.model._meta.get_field(column) if isinstance(column, str) else None
        except FieldDoesNotExist:
            return column
        return _grouped_column(field) if isinstance(field, models.IntegerField) else column
