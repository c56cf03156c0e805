"""Exceptions that allow changes to closed periods: granted for a reason and until a time, and never changed."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from indicators.models import Department
from kpitracker.lib import clock
from kpitracker.lib.actor import Actor
from kpitracker.lib.admin.base import ServiceAdmin, ServiceForm, actor
from kpitracker.lib.admin.permissions import PLANNING_SCOPES
from kpitracker.lib.admin.types import Rows, Values
from targets.admin import help_texts, scopes
from targets.models import LockException
from targets.services.planning import period_locks


class LockExceptionForm(ServiceForm):
    class Meta:
        model = LockException
        fields = ("plan", "indicator", "reason", "until")


@admin.register(LockException)
class LockExceptionAdmin(ServiceAdmin):
    help_texts = help_texts.EXCEPTION
    required_scopes = PLANNING_SCOPES
    form = LockExceptionForm
    department_scope = staticmethod(scopes.scope_by_plan)
    list_display = ("plan", "indicator", "reason", "until", "created_at", "shown_created_by")
    list_filter = ("plan",)
    list_select_related = ("plan", "indicator")
    autocomplete_fields = ("plan", "indicator")
    search_fields = ("reason", "plan__search_text", "indicator__search_text")
    ordering = ("-created_at",)

    def create_row(self, request: HttpRequest, values: Values) -> Model:
        chosen_indicator: Any = values.pop("indicator", None)
        code = chosen_indicator.code if chosen_indicator else None
        return period_locks.grant_exception(by=actor(request), now=clock.now(), indicator=code, **values)

    def may_edit(self, by: Actor, obj: LockException) -> bool:
        return scopes.owns_plans_of(by, obj.plan.department_id)

    def has_change_permission(self, request: HttpRequest, obj: LockException | None = None) -> bool:
        # A granted exception is read-only: it ends by itself.
        return obj is None and super().has_change_permission(request, obj)

    def limit_choices(self, request: HttpRequest, field: str, rows: Rows) -> Rows:
        """Only plans of the user's department and of those below it: the owner of a plan grants exceptions."""
        by = actor(request)
        if field != "plan" or by.department is None:
            return rows
        return rows.filter(department__in=Department.objects.subtree_ids(by.department))
