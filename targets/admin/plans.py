"""Plans."""

from django.contrib import admin

from indicators.admin.base import SearchMixin, ServiceAdmin, ServiceForm
from targets.models import Plan
from targets.services import plans


@admin.register(Plan)
class PlanAdmin(SearchMixin, ServiceAdmin):
    form = ServiceForm
    create, change, delete_service, row_name = plans.create, plans.change, plans.delete, "plan"
    list_display = ("code", "name", "area", "period_start", "period_end", "department", "issuer")
    list_filter = (("area", admin.RelatedOnlyFieldListFilter), ("department", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("area", "department")
    autocomplete_fields = ("area", "department")
    ordering = ("-period_end", "code")
