"""Filters of lists that unfold lacks."""

from collections.abc import Iterator
from typing import Any

from django.contrib.admin.views.main import ChangeList
from unfold.contrib.filters.admin import AutocompleteSelectFilter


class VisibleAutocompleteFilter(AutocompleteSelectFilter):
    """Shows the name of the chosen row only if the user may see the row: ids in the address tell nothing."""

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        related_page = self.model_admin.admin_site._registry[self.field.remote_field.model]
        for choice in super().choices(changelist):
            choice["form"].fields[self.lookup_kwarg].queryset = related_page.get_queryset(self.request)
            yield choice
