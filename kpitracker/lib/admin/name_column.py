"""The column of names in lists: in the language of the page."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from kpitracker.lib.admin.types import PageMixin, PageRow
from kpitracker.lib.i18n.text import text, translate


class NameColumnMixin(PageMixin):
    """Shows `name_en` in place of `name` on English pages."""

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        columns = super().get_list_display(request)
        has_english_name = hasattr(self.model, "name_en")
        return ["shown_name" if name == "name" and has_english_name else name for name in columns]

    @admin.display(description=text("name", "tên"), ordering="name")
    def shown_name(self, row: PageRow) -> str:
        return translate(row.name_en or row.name, row.name)
