"""Inlines whose rows are added through a service and are never edited."""

from functools import partial
from typing import Any, ClassVar

from django import forms
from django.contrib.admin.utils import flatten
from django.http import HttpRequest

from kpitracker.lib.actor import Actor
from kpitracker.lib.admin.base import BaseInline, actor, dry_run_service
from kpitracker.lib.admin.forms import clean_texts
from kpitracker.lib.admin.number_fields import ask_about_numbers
from kpitracker.lib.admin.types import BaseInlineFormSet, PageRow, Values


class AppendOnlyForm(forms.ModelForm):  # type: ignore[type-arg]
    """A form without model validation: the service reports what is wrong."""

    # Fields that may be left empty although their columns may not be null: the service fills them in.
    optional_fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.optional_fields:
            if name in self.fields:
                self.fields[name].required = False

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        ask_about_numbers(self, self.decimals_by_field())
        clean_texts(self, cleaned)
        return cleaned

    def decimals_by_field(self) -> dict[str, int]:
        """The decimals of the indicator, by the names of the number fields that are in its unit."""
        return {}

    def _post_clean(self) -> None:
        # The service creates and checks the row. Model validation would require values that the service fills in.
        pass


class AppendOnlyFormSet(forms.BaseInlineFormSet):  # type: ignore[type-arg]
    """Writes new rows in their order. `clean` first runs the service for each row and rolls it back.

    Each row counts, also one that was saved as it was offered: the page offers none that was not added.
    """

    by: Actor
    given: tuple[str, ...]  # names of the fields that are passed to the service

    def _construct_form(self, i: int, **kwargs: Any) -> Any:
        return super()._construct_form(i, **{"empty_permitted": False, **kwargs})  # type: ignore[misc]

    def clean(self) -> None:
        super().clean()
        for form in self.valid_forms():
            dry_run_service(form, partial(self.write_row, self.service_values(form)))

    def valid_forms(self) -> list[Any]:
        return [form for form in self.extra_forms if not form.errors]

    def service_values(self, form: Any) -> dict[str, Any]:
        return {name: value for name, value in form.cleaned_data.items() if name in self.given}

    def write_row(self, values: Values) -> object:
        raise NotImplementedError

    def write_all(self) -> None:
        for form in self.valid_forms():
            self.write_row(self.service_values(form))
        self.new_objects, self.changed_objects, self.deleted_objects = [], [], []


class AppendOnlyInline(BaseInline):
    form = AppendOnlyForm
    formset: type[AppendOnlyFormSet] = AppendOnlyFormSet
    fields: ClassVar[tuple[Any, ...]]
    max_num = 1000

    def get_formset(self, request: HttpRequest, obj: PageRow = None, **kwargs: object) -> type[BaseInlineFormSet]:
        formset = super().get_formset(request, obj, **kwargs)
        service_fields = tuple(name for name in flatten(self.fields) if name not in self.readonly_fields)
        return type(formset.__name__, (formset,), {"by": actor(request), "given": service_fields})

    def has_add_permission(self, request: HttpRequest, obj: PageRow = None) -> bool:
        return super().has_change_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: PageRow = None) -> bool:
        return False
