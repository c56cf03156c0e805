"""The filter of targets by section, with the names of the sections in the language of the page."""

from collections.abc import Iterator
from typing import Any

from django.contrib.admin import AllValuesFieldListFilter
from django.contrib.admin.views.main import ChangeList

from kpitracker.lib.i18n.text import translate_name


class SectionFilter(AllValuesFieldListFilter):
    """Chooses by `section`, which groups the targets; `section_en` is only shown."""

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        rows = changelist.root_queryset.exclude(section_en="").order_by("-identifier")
        english_names = dict(rows.values_list("section", "section_en"))
        for choice in super().choices(changelist):
            name = str(choice["display"])
            yield {**choice, "display": translate_name(name, english_names.get(name, ""))}
