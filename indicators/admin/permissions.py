"""Permissions of admin pages: the scopes of the user's role alone decide who sees and writes what."""

from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.http import HttpRequest

from indicators.accounts.request_actor import actor
from indicators.admin.scopes import visible_department_ids
from kpitracker.lib.actor import Actor, Scope


class RequiredScopes(NamedTuple):
    """Scopes required to see and to write; write None: only services write."""

    see: Scope
    write: Scope | None = None


CATALOGUE_SCOPES = RequiredScopes(Scope.READ, Scope.ADMIN)
ADMIN_SCOPES = RequiredScopes(Scope.ADMIN, Scope.ADMIN)
READ_ONLY_SCOPES = RequiredScopes(Scope.READ)
PLANNING_SCOPES = RequiredScopes(Scope.READ, Scope.PLANS_WRITE)

REQUIRED_SCOPES = {
    "indicators.area": CATALOGUE_SCOPES,
    "indicators.department": CATALOGUE_SCOPES,
    "indicators.indicator": CATALOGUE_SCOPES,
    "indicators.reportingduty": CATALOGUE_SCOPES,
    "indicators.holiday": CATALOGUE_SCOPES,
    "indicators.contact": ADMIN_SCOPES,
    "indicators.user": ADMIN_SCOPES,
    "indicators.apikey": ADMIN_SCOPES,
    "indicators.accountemail": RequiredScopes(Scope.ADMIN),
    "lib.auditentry": RequiredScopes(Scope.ADMIN),
    "indicators.measurement": RequiredScopes(Scope.READ, Scope.FIGURES_WRITE),
    "indicators.revision": READ_ONLY_SCOPES,
    "indicators.import": READ_ONLY_SCOPES,
    "indicators.approval": RequiredScopes(Scope.READ, Scope.FIGURES_WRITE),
    "targets.plan": PLANNING_SCOPES,
    "targets.lockexception": PLANNING_SCOPES,
    "targets.closing": READ_ONLY_SCOPES,
    "targets.target": PLANNING_SCOPES,
    "targets.targetversion": PLANNING_SCOPES,
    "targets.judgement": PLANNING_SCOPES,
    "targets.action": PLANNING_SCOPES,
    "targets.comment": READ_ONLY_SCOPES,
    "targets.assessment": READ_ONLY_SCOPES,
    "targets.statuschange": READ_ONLY_SCOPES,
    "targets.alert": READ_ONLY_SCOPES,
    "targets.silence": RequiredScopes(Scope.READ, Scope.ALERTS_WRITE),
    "targets.delivery": READ_ONLY_SCOPES,
    "targets.webhook": ADMIN_SCOPES,
    "targets.alertrule": CATALOGUE_SCOPES,
}


class ScopePermissionsMixin:
    """Permission hooks of pages and of inlines. For an inline, `obj` is the parent row."""

    opts: Any
    # Maps department ids to a Q that limits the rows to those departments; None: users of a department see all rows.
    department_scope: Any = None

    def _has_scope(self, request: HttpRequest, scope: Scope | None) -> bool:
        return scope is not None and actor(request).may(scope)

    @property
    def _required_scopes(self) -> RequiredScopes:
        return REQUIRED_SCOPES[self.opts.label_lower]

    def may_edit(self, by: Actor, obj: Any) -> bool:
        """Whether a user with the write scope may edit this row."""
        return True

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._has_scope(request, self._required_scopes.see)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._has_scope(request, self._required_scopes.see)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._has_scope(request, self._required_scopes.write) and (
            obj is None or self.may_edit(actor(request), obj)
        )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Rows that the user may see: not those of restricted indicators, and only those of the user's departments."""
        rows: Any = super().get_queryset(request)  # type: ignore[misc]
        by = actor(request)
        if hasattr(rows, "visible_to"):
            rows = rows.visible_to(by)
        department_ids = visible_department_ids(by)
        if department_ids is not None and self.department_scope is not None:
            rows = rows.filter(type(self).department_scope(department_ids))
        return rows  # type: ignore[no-any-return]


class VisibleChoicesMixin:
    """Limits the choices of form fields (lists, autocomplete, submitted values) to rows that the user may see."""

    admin_site: Any

    def limit_choices(self, request: HttpRequest, field: str, rows: Any) -> Any:
        """Limit `rows`, all visible to the user, to those that may be chosen in `field`."""
        return rows

    def _with_visible_choices(self, db_field: Any, request: HttpRequest, values: dict[str, Any]) -> dict[str, Any]:
        page = self.admin_site._registry.get(db_field.remote_field.model)
        if page is not None and "queryset" not in values:
            values["queryset"] = self.limit_choices(request, db_field.name, page.get_queryset(request))
        return values

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **values: Any) -> Any:
        limited = self._with_visible_choices(db_field, request, values)
        return super().formfield_for_foreignkey(db_field, request, **limited)  # type: ignore[misc]

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **values: Any) -> Any:
        limited = self._with_visible_choices(db_field, request, values)
        return super().formfield_for_manytomany(db_field, request, **limited)  # type: ignore[misc]
