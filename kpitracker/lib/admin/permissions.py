"""Permissions of admin pages: the scopes of the user's role alone decide who sees and writes what."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.db.models import Q
from django.http import HttpRequest

from kpitracker.lib import own_part
from kpitracker.lib.actor import Actor, Scope
from kpitracker.lib.admin.request_actor import actor
from kpitracker.lib.admin.sites import DepartmentIds, visible_department_ids
from kpitracker.lib.admin.types import OptionsMixin, PageRow, Rows
from kpitracker.lib.own_part import OwnPartModel


class RequiredScopes(NamedTuple):
    """Scopes required to see and to write; write None: only services write."""

    see: Scope
    write: Scope | None = None


CATALOGUE_SCOPES = RequiredScopes(Scope.READ, Scope.ADMIN)
ADMIN_SCOPES = RequiredScopes(Scope.ADMIN, Scope.ADMIN)
READ_ONLY_SCOPES = RequiredScopes(Scope.READ)
PLANNING_SCOPES = RequiredScopes(Scope.READ, Scope.PLANS_WRITE)


class ScopePermissionsMixin(OptionsMixin):
    """Permission hooks of pages and of inlines. For an inline, `obj` is the parent row."""

    required_scopes: RequiredScopes
    # Maps department ids to a Q that limits the rows to those departments; None: users of a department see all rows.
    department_scope: Callable[[DepartmentIds], Q] | None = None

    def _has_scope(self, request: HttpRequest, scope: Scope | None) -> bool:
        return scope is not None and actor(request).may(scope)

    def may_edit(self, by: Actor, obj: PageRow) -> bool:
        """Whether a user with the write scope may edit this row. For an inline, `obj` is the parent row."""
        return own_part.may_write(obj, by)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._has_scope(request, self.required_scopes.see)

    def has_view_permission(self, request: HttpRequest, obj: PageRow = None) -> bool:
        return self._has_scope(request, self.required_scopes.see)

    def has_add_permission(self, request: HttpRequest, obj: PageRow = None) -> bool:
        return self.has_change_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: PageRow = None) -> bool:
        return self._has_scope(request, self.required_scopes.write) and (
            obj is None or self.may_edit(actor(request), obj)
        )

    def has_delete_permission(self, request: HttpRequest, obj: PageRow = None) -> bool:
        return self.has_change_permission(request, obj)

    def get_queryset(self, request: HttpRequest) -> Rows:
        """Rows that the user may see: not those of restricted indicators, and only those of the user's departments."""
        rows: Any = super().get_queryset(request)
        by = actor(request)
        if hasattr(rows, "visible_to"):
            rows = rows.visible_to(by)
        department_ids = visible_department_ids(self.admin_site, by)
        if department_ids is not None and self.department_scope is not None:
            rows = rows.filter(self.department_scope(department_ids))
        return rows  # type: ignore[no-any-return]


class VisibleChoicesMixin(OptionsMixin):
    """Limits the choices of form fields (lists, autocomplete, submitted values) to rows that the user may see."""

    def limit_choices(self, request: HttpRequest, field: str, rows: Rows) -> Rows:
        """Limit `rows`, all visible to the user, to those that may be chosen in `field`."""
        department = actor(request).department
        if department is None or not issubclass(self.model, OwnPartModel) or field not in self.model.part_fields:
            return rows
        return rows.filter(pk__in=self.model.own_ids(department))

    def _with_visible_choices(self, db_field: Any, request: HttpRequest, values: dict[str, Any]) -> dict[str, Any]:
        page = self.admin_site._registry.get(db_field.remote_field.model)
        if page is not None and "queryset" not in values:
            values["queryset"] = self.limit_choices(request, db_field.name, page.get_queryset(request))
        return values

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **values: Any) -> Any:
        limited = self._with_visible_choices(db_field, request, values)
        return super().formfield_for_foreignkey(db_field, request, **limited)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **values: Any) -> Any:
        limited = self._with_visible_choices(db_field, request, values)
        return super().formfield_for_manytomany(db_field, request, **limited)
