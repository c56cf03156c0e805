"""What every admin page has in common: saves go through the services, search ignores diacritics."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.db import models, transaction
from django.http import HttpRequest, HttpResponseRedirect
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminDecimalFieldWidget

from kpitracker.lib import plain_text
from kpitracker.lib.actor import Actor, operator
from kpitracker.lib.errors import DomainError, Invalid
from kpitracker.lib.fields import ExactDecimalField
from kpitracker.lib.plain_text import searchable


def actor(request: HttpRequest) -> Actor:
    return operator(f"admin {request.user.get_username()}")


def try_in_vain(form: forms.BaseForm, service: Callable[[], Any]) -> None:
    """Call the service, roll it back, and put what it complains about at the fields of the form."""
    try:
        with transaction.atomic():
            service()
            transaction.set_rollback(True)
    except DomainError as error:
        for item in error.items:
            name = item.pointer.strip("/").partition("/")[0]
            form.add_error(name if name in form.fields else None, str(item.detail))
        if not error.items:
            form.add_error(None, str(error.detail))


class ServiceForm(forms.ModelForm):  # type: ignore[type-arg]
    """A form whose faults are those of the service: it is called once in vain, and rolled back, to find them."""

    service: Callable[[], Any]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        for name, value in cleaned.items():
            if isinstance(value, str):
                self._clean_text(name, value)
        if not self.errors:
            try_in_vain(self, self.service_call)
        return cleaned

    def _clean_text(self, name: str, value: str) -> None:
        try:
            self.cleaned_data[name] = plain_text.clean(value)
        except Invalid as error:
            self.add_error(name, str(error.detail))

    def _post_clean(self) -> None:
        # The model's own checks would repeat those of the service, in other words and without its codes.
        pass

    def service_call(self) -> Any:
        raise NotImplementedError

    def values(self) -> dict[str, Any]:
        """Of a new row everything, of an existing one what was changed."""
        names = self.fields if self.instance.pk is None else self.changed_data
        return {name: self.cleaned_data[name] for name in names if name in self.cleaned_data}


class ServiceAdmin(ModelAdmin):
    """`create` and `change` are the services; `row_name` is the keyword under which `change` takes its row."""

    create: Any = None
    change: Any = None
    delete_service: Any = None
    row_name = ""
    list_per_page = 50
    compressed_fields = True
    formfield_overrides = {ExactDecimalField: {"widget": UnfoldAdminDecimalFieldWidget}}
    warn_unsaved_form = True

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        return type(form.__name__, (form,), {"service_call": self._service(request)})

    def _service(self, request: HttpRequest) -> Callable[[Any], Any]:
        site = self

        def call(form: Any) -> Any:
            if form.instance.pk is None:
                return site.create_row(request, form.values())
            # Read anew: the form has already put its values into the instance.
            row = type(form.instance)._base_manager.get(pk=form.instance.pk)
            return site.change_row(request, row, form.values())

        return call

    def create_row(self, request: HttpRequest, values: dict[str, Any]) -> Any:
        return type(self).create(by=actor(request), **values)

    def change_row(self, request: HttpRequest, row: Any, values: dict[str, Any]) -> Any:
        return type(self).change(**{self.row_name: row}, by=actor(request), **values)

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        return form.instance

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj.pk = form.service_call().pk
        obj.refresh_from_db()

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        for formset in formsets:
            self.save_formset(request, form, formset, change=change)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        # Notes come from the base class, and so before what they are about.
        return sorted(super().get_fields(request, obj), key="note".__eq__)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fixed = ("code",) if obj is not None and hasattr(obj, "code") else ()
        return (*super().get_readonly_fields(request, obj), *fixed)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        type(self).delete_service(**{self.row_name: obj}, by=actor(request))

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        try:
            return super().delete_view(request, object_id, extra_context)
        except DomainError as error:
            self.message_user(request, str(error.detail), messages.ERROR)
            return HttpResponseRedirect("../change/")

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        # What hangs on the row goes with it or holds it, as its service decides, not as these pages may delete.
        deleted, count, _, protected = super().get_deleted_objects(objs, request)
        return deleted, count, set(), protected

    def get_actions(self, request: HttpRequest) -> Any:
        # Deleting many at once would pass the services by.
        return {name: value for name, value in super().get_actions(request).items() if name != "delete_selected"}


class SearchMixin:
    """Names typed in a hurry, without diacritics, are found."""

    search_fields = ("search_text",)
    search_help_text = "Tìm không cần dấu · search without diacritics"

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        for word in searchable(search_term).split():
            queryset = queryset.filter(self.found(word))
        return queryset, False

    def found(self, word: str) -> models.Q:  # another row may hold the name
        return models.Q(search_text__contains=word)


class ReadOnlyAdmin(ModelAdmin):
    """To look at: what stands here is written by services alone."""

    list_per_page = 50
    actions = None

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
