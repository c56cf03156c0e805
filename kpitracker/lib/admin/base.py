"""Base classes of all admin pages: services save, roles decide permissions, search ignores diacritics."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from django import forms
from django.apps import apps
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from unfold.widgets import UnfoldAdminTextareaWidget

from kpitracker.lib.admin.attention import AttentionMixin
from kpitracker.lib.admin.forms import ServiceForm, dry_run_service
from kpitracker.lib.admin.history import HistoryMixin
from kpitracker.lib.admin.list_files import ListFilesMixin
from kpitracker.lib.admin.list_parameters import ListParametersMixin
from kpitracker.lib.admin.name_column import NameColumnMixin
from kpitracker.lib.admin.number_columns import NumberColumnsMixin
from kpitracker.lib.admin.number_fields import NumberField, NumberWidget, WholeNumberField
from kpitracker.lib.admin.optimistic_lock import VERSION_FIELD
from kpitracker.lib.admin.permissions import ScopePermissionsMixin, VisibleChoicesMixin
from kpitracker.lib.admin.person_columns import PersonColumnsMixin, PersonSearchMixin
from kpitracker.lib.admin.request_actor import actor
from kpitracker.lib.admin.types import Context, ModelAdmin, ModelForm, PageRow, Rows, TabularInline, Values
from kpitracker.lib.db.fields import ExactDecimalField
from kpitracker.lib.db.search import search_rows, split_words
from kpitracker.lib.errors import DomainError
from kpitracker.lib.i18n.text import text
from kpitracker.lib.own_part import OwnPartModel

__all__ = [
    "BaseAdmin",
    "BaseInline",
    "ReadOnlyAdmin",
    "ServiceAdmin",
    "ServiceForm",
    "actor",
    "dry_run_service",
]


# Numbers are read as the language of the page writes them; most texts are one or two lines long.
_FORMFIELD_OVERRIDES: dict[Any, dict[str, Any]] = {
    ExactDecimalField: {"form_class": NumberField, "widget": NumberWidget},
    models.IntegerField: {"form_class": WholeNumberField, "widget": NumberWidget},
    models.TextField: {"widget": UnfoldAdminTextareaWidget(attrs={"rows": 3})},
}


class BaseAdmin(
    AttentionMixin,
    ListFilesMixin,
    ListParametersMixin,
    NameColumnMixin,
    NumberColumnsMixin,
    PersonColumnsMixin,
    PersonSearchMixin,
    HistoryMixin,
    ScopePermissionsMixin,
    VisibleChoicesMixin,
    ModelAdmin,
):
    """The module `permissions` decides what a user sees and may do."""

    list_per_page = 50
    search_help_text = text("Search, also without diacritics", "Tìm, không cần dấu")
    formfield_overrides = _FORMFIELD_OVERRIDES
    # What to write in a field, with an example, where the model says nothing.
    help_texts: Mapping[str, str] = {}

    def get_form(
        self, request: HttpRequest, obj: PageRow = None, change: bool = False, **kwargs: Any
    ) -> type[ModelForm]:
        form = super().get_form(request, obj, change=change, **kwargs)
        for name, field in form.base_fields.items():
            self._add_help(name, field)
        return form

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> forms.Field | None:
        # Also here: a form that is derived from another one makes its fields again.
        return self._add_help(db_field.name, super().formfield_for_dbfield(db_field, request, **kwargs))

    def _add_help(self, name: str, field: forms.Field | None) -> forms.Field | None:
        if field is not None and not field.help_text:
            field.help_text = self.help_texts.get(name, "")
        return field

    def get_search_results(self, request: HttpRequest, queryset: Rows, search_term: str) -> tuple[Rows, bool]:
        """Search `search_fields` for each word, with or without diacritics. They lead to one row each, never to many."""
        match_person = partial(self.match_person, request)
        rows = search_rows(queryset, split_words(search_term), self.get_search_fields(request), match_person)
        return filter_autocomplete(self.admin_site, request, rows), False

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A new row of a user of a department starts in this department."""
        department = actor(request).department
        own_fields = self.model.part_fields if department and issubclass(self.model, OwnPartModel) else ()
        return {**dict.fromkeys(own_fields, str(department)), **super().get_changeform_initial_data(request)}

    def response_action(self, request: HttpRequest, queryset: Rows, *args: Any) -> HttpResponse | None:
        """Run an action on the selected rows. Ids that no row can have are refused: the query would fail on them."""
        try:
            for value in request.POST.getlist(ACTION_CHECKBOX_NAME):
                self.opts.pk.run_validators(self.opts.pk.to_python(value))
        except ValidationError:
            notice = text("A selected row does not exist. Nothing was done.", "Có dòng không tồn tại. Chưa làm gì.")
            self.message_user(request, notice, messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())
        try:
            response: HttpResponse | None = super().response_action(request, queryset, *args)
        except DomainError as error:
            self.message_user(request, str(error.detail), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())
        return response


def filter_autocomplete(site: AdminSite, request: HttpRequest, rows: Any) -> Any:
    """Limit the rows of an autocomplete response to those that the requesting form accepts."""
    match = request.resolver_match
    if match is None or match.url_name != "autocomplete":
        return rows
    requesting_admin: object = site._registry.get(apps.get_model(request.GET["app_label"], request.GET["model_name"]))
    if not isinstance(requesting_admin, VisibleChoicesMixin):
        return rows
    return requesting_admin.limit_choices(request, request.GET["field_name"], rows)


class BaseInline(PersonColumnsMixin, ScopePermissionsMixin, VisibleChoicesMixin, TabularInline):
    """Rows shown on the page of their parent row."""

    extra = 0
    can_delete = False
    formfield_overrides = _FORMFIELD_OVERRIDES


class ServiceAdmin(BaseAdmin):
    """Saves through services. `row_name` is the keyword by which `change` and `delete_service` take their row."""

    create: Any = None
    change: Any = None
    delete_service: Any = None
    row_name = ""
    compressed_fields = True
    warn_unsaved_form = True

    def get_form(
        self, request: HttpRequest, obj: PageRow = None, change: bool = False, **kwargs: object
    ) -> type[ModelForm]:
        form = super().get_form(request, obj, change=change, **kwargs)
        return type(form.__name__, (form,), {"service_call": self._build_service_call(request)})

    def _build_service_call(self, request: HttpRequest) -> Callable[[Any], Any]:
        model_admin = self

        def call(form: Any) -> Any:
            if form.instance._state.adding:
                return model_admin.create_row(request, form.values())
            # Read the row again: the form has already put its values into the instance.
            row = type(form.instance)._base_manager.get(pk=form.instance.pk)
            return model_admin.change_row(request, row, form.values())

        return call

    def create_row(self, request: HttpRequest, values: Values) -> object:
        return type(self).create(by=actor(request), **values)

    def change_row(self, request: HttpRequest, row: PageRow, values: Values) -> object:
        return type(self).change(**{self.row_name: row}, by=actor(request), **values)

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        return form.instance

    def save_model(self, request: HttpRequest, obj: PageRow, form: ServiceForm, change: bool) -> None:
        obj.pk = form.service_call().pk
        obj.refresh_from_db()

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        for formset in formsets:
            self.save_formset(request, form, formset, change=change)

    def get_fields(self, request: HttpRequest, obj: PageRow = None) -> tuple[str, ...]:
        # The base model puts `note` first; move it behind the fields that it describes.
        fields = [str(name) for name in super().get_fields(request, obj) if name != VERSION_FIELD]
        version_fields = [VERSION_FIELD] if obj is not None and self.has_change_permission(request, obj) else []
        return (*sorted(fields, key="note".__eq__), *version_fields)

    def get_readonly_fields(self, request: HttpRequest, obj: PageRow = None) -> tuple[str, ...]:
        code_fields = ("code",) if obj is not None and hasattr(obj, "code") else ()
        return (*super().get_readonly_fields(request, obj), *code_fields)

    def delete_model(self, request: HttpRequest, obj: PageRow) -> None:
        type(self).delete_service(**{self.row_name: obj}, by=actor(request))

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Context | None = None) -> Any:
        try:
            return super().delete_view(request, object_id, extra_context)
        except DomainError as error:
            self.message_user(request, str(error.detail), messages.ERROR)
            return HttpResponseRedirect("../change/")

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        # The service decides whether related rows block the deletion, not the delete permissions of their admin pages.
        deleted, count, _, protected = super().get_deleted_objects(objs, request)
        return deleted, count, set(), protected

    def get_actions(self, request: HttpRequest) -> Any:
        # Bulk deletion would bypass the services.
        return {name: value for name, value in super().get_actions(request).items() if name != "delete_selected"}


class ReadOnlyAdmin(BaseAdmin):
    """Read-only: services alone write these rows."""

    actions: Any = None

    def has_add_permission(self, request: HttpRequest, obj: PageRow = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: PageRow = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: PageRow = None) -> bool:
        return False
