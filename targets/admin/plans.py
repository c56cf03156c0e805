"""The admin of plans."""

from django.contrib import admin
from django.http import HttpRequest

from indicators.models import Department
from kpitracker.lib.actor import Actor, Scope
from kpitracker.lib.admin.base import ServiceAdmin, ServiceForm, actor
from kpitracker.lib.admin.permissions import PLANNING_SCOPES
from kpitracker.lib.admin.types import PageRow, Rows
from targets.admin import help_texts, scopes
from targets.admin.adopt_drafts import AdoptDraftsMixin
from targets.admin.closings import ClosePlanMixin
from targets.models import Plan
from targets.services.planning import part_scopes, plans


@admin.register(Plan)
class PlanAdmin(AdoptDraftsMixin, ClosePlanMixin, ServiceAdmin):
    help_texts = help_texts.PLAN
    required_scopes = PLANNING_SCOPES
    actions_detail = ("adopt_drafts", *ClosePlanMixin.actions_detail)
    form = ServiceForm
    department_scope = staticmethod(part_scopes.plan_scope)
    create, change, delete_service, row_name = plans.create_plan, plans.update_plan, plans.delete_plan, "plan"
    list_display = ("code", "name", "area", "period_start", "period_end", "department", "issuer")
    list_filter = (("area", admin.RelatedOnlyFieldListFilter), ("department", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("area", "department")
    autocomplete_fields = ("area", "department")
    search_fields = ("search_text",)
    ordering = ("-period_end", "code")

    def may_edit(self, by: Actor, obj: Plan) -> bool:
        return scopes.owns_plans_of(by, obj.department_id)

    def get_readonly_fields(self, request: HttpRequest, obj: PageRow = None) -> tuple[str, ...]:
        """Only administrators show a plan to everyone."""
        fields = super().get_readonly_fields(request, obj)
        return fields if actor(request).may(Scope.ADMIN) else (*fields, "public")

    def limit_choices(self, request: HttpRequest, field: str, rows: Rows) -> Rows:
        """As the owner of a plan: the user's department or one below it."""
        by = actor(request)
        return (
            rows.filter(pk__in=Department.objects.subtree_ids(by.department))
            if field == "department" and by.department
            else rows
        )
