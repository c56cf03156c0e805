"""Permissions of admin pages: the scopes of the user's role alone decide who sees and writes what."""

from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.http import HttpRequest

from indicators.admin.part import family_of
from indicators.doors.who import actor
from kpitracker.lib.actor import Actor, Scope


class Right(NamedTuple):
    """Scopes required to see and to write; write None: only services write."""

    see: Scope
    write: Scope | None = None


CATALOGUE = Right(Scope.READ, Scope.ADMIN)
HOUSE = Right(Scope.ADMIN, Scope.ADMIN)
RESULT = Right(Scope.READ)
PLANNING = Right(Scope.READ, Scope.PLANS_WRITE)

RIGHTS = {
    "indicators.area": CATALOGUE,
    "indicators.department": CATALOGUE,
    "indicators.indicator": CATALOGUE,
    "indicators.reportingduty": CATALOGUE,
    "indicators.holiday": CATALOGUE,
    "indicators.contact": HOUSE,
    "indicators.user": HOUSE,
    "indicators.apikey": HOUSE,
    "indicators.letter": Right(Scope.ADMIN),
    "lib.auditentry": Right(Scope.ADMIN),
    "indicators.measurement": Right(Scope.READ, Scope.FIGURES_WRITE),
    "indicators.revision": RESULT,
    "indicators.import": RESULT,
    "indicators.approval": Right(Scope.READ, Scope.FIGURES_WRITE),
    "targets.plan": PLANNING,
    "targets.lockexception": PLANNING,
    "targets.closing": RESULT,
    "targets.target": PLANNING,
    "targets.targetversion": PLANNING,
    "targets.judgement": PLANNING,
    "targets.action": PLANNING,
    "targets.comment": RESULT,
    "targets.assessment": RESULT,
    "targets.statuschange": RESULT,
    "targets.alert": RESULT,
    "targets.silence": Right(Scope.READ, Scope.ALERTS_WRITE),
    "targets.delivery": RESULT,
    "targets.webhook": HOUSE,
    "targets.alertrule": CATALOGUE,
}


class RightsMixin:
    """Permission hooks of pages and of inlines. For an inline, `obj` is the parent row."""

    opts: Any
    # Maps department ids to a Q that limits the rows to those departments; None: users of a department see all rows.
    part: Any = None

    def _may(self, request: HttpRequest, scope: Scope | None) -> bool:
        return scope is not None and actor(request).may(scope)

    @property
    def _right(self) -> Right:
        return RIGHTS[self.opts.label_lower]

    def is_own(self, by: Actor, obj: Any) -> bool:
        """Whether a user with the write scope may edit this row."""
        return True

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._may(request, self._right.see)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, self._right.see)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, self._right.write) and (obj is None or self.is_own(actor(request), obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Rows that the user may see: not those of restricted indicators, and only those of the user's departments."""
        rows: Any = super().get_queryset(request)  # type: ignore[misc]
        by = actor(request)
        if hasattr(rows, "visible_to"):
            rows = rows.visible_to(by)
        family = family_of(by)
        if family is not None and self.part is not None:
            rows = rows.filter(type(self).part(family))
        return rows  # type: ignore[no-any-return]


class ChoicesMixin:
    """Limits the choices of form fields (lists, autocomplete, submitted values) to rows that the user may see."""

    admin_site: Any

    def offered(self, request: HttpRequest, field: str, rows: Any) -> Any:
        """Limit `rows`, all visible to the user, to those that may be chosen in `field`."""
        return rows

    def _choices(self, db_field: Any, request: HttpRequest, values: dict[str, Any]) -> dict[str, Any]:
        page = self.admin_site._registry.get(db_field.remote_field.model)
        if page is not None and "queryset" not in values:
            values["queryset"] = self.offered(request, db_field.name, page.get_queryset(request))
        return values

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **values: Any) -> Any:
        return super().formfield_for_foreignkey(db_field, request, **self._choices(db_field, request, values))  # type: ignore[misc]

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **values: Any) -> Any:
        return super().formfield_for_manytomany(db_field, request, **self._choices(db_field, request, values))  # type: ignore[misc]
