"""Rows on the page of another row that are added there, by a service, and never edited."""

from functools import partial
from typing import Any

from django import forms
from django.http import HttpRequest

from indicators.admin.base import Inline, actor, try_in_vain
from indicators.admin.forms import clean_texts
from kpitracker.lib.actor import Actor


class AppendedForm(forms.ModelForm):  # type: ignore[type-arg]
    """The service says what is wrong with it."""

    # What may be left empty, though the column may not: the service knows what is meant then.
    optional: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.optional:
            if name in self.fields:
                self.fields[name].required = False

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        clean_texts(self, cleaned)
        return cleaned

    def _post_clean(self) -> None:
        # The row is made by the service, which checks it; the model would want what the service fills in.
        pass


class AppendedFormSet(forms.BaseInlineFormSet):  # type: ignore[type-arg]
    """New rows are written in their order; each is tried in vain before."""

    by: Actor
    given: tuple[str, ...]  # names of the fields that the service is given

    def clean(self) -> None:
        super().clean()
        for form in self.fresh():
            try_in_vain(form, partial(self.write, self.values(form)))

    def fresh(self) -> list[Any]:
        return [form for form in self.extra_forms if form.has_changed() and not form.errors]

    def values(self, form: Any) -> dict[str, Any]:
        return {name: value for name, value in form.cleaned_data.items() if name in self.given}

    def write(self, values: dict[str, Any]) -> Any:
        raise NotImplementedError

    def write_all(self) -> None:
        for form in self.fresh():
            self.write(self.values(form))
        self.new_objects, self.changed_objects, self.deleted_objects = [], [], []


class AppendedInline(Inline):
    form: Any = AppendedForm
    formset: Any = AppendedFormSet
    max_num = 1000

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        formset = super().get_formset(request, obj, **kwargs)
        given = tuple(name for name in self.fields if name not in self.readonly_fields)
        return type(formset.__name__, (formset,), {"by": actor(request), "given": given})

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
