"""Corrective actions: their own page, and an inline on the page of the target."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, Q
from django.http import HttpRequest
from unfold.decorators import display

from indicators.models import Department
from kpitracker.lib import clock
from kpitracker.lib.actor import Actor, Scope
from kpitracker.lib.admin.append_only_inline import AppendOnlyForm, AppendOnlyFormSet, AppendOnlyInline
from kpitracker.lib.admin.base import ServiceAdmin, ServiceForm, actor
from kpitracker.lib.admin.filters import VisibleAutocompleteFilter
from kpitracker.lib.admin.permissions import PLANNING_SCOPES
from kpitracker.lib.admin.types import InlineModelAdmin, Rows, Values
from kpitracker.lib.i18n.text import text
from targets.admin import help_texts, scopes
from targets.admin.comments import CommentsMixin
from targets.admin.deliveries import ReminderInline
from targets.admin.target_links import TARGET_RELATED, TargetLinkMixin
from targets.domain.actions import ActionState, is_overdue
from targets.models import Action
from targets.services.planning import actions, part_scopes

_STATE_COLOURS = {"open": "info", "in_progress": "info", "late": "danger", "done": "success", "cancelled": "warning"}
_ASSIGNMENT_FIELDS = ("text", "department", "person", "email", "due_day")
_PROGRESS_FIELDS = ("state", "closed_day", "outcome")


class ActionForm(ServiceForm):
    class Meta:
        model = Action
        fields = ("target", *_ASSIGNMENT_FIELDS, *_PROGRESS_FIELDS)


@admin.register(Action)
class ActionAdmin(TargetLinkMixin, CommentsMixin, ServiceAdmin):
    help_texts = help_texts.ACTION
    required_scopes = PLANNING_SCOPES
    form = ActionForm
    department_scope = staticmethod(scopes.action_scope)
    list_display = ("text", "named", "department", "person", "due_day", "shown_state", "closed_day")
    list_filter = (
        "state",
        ("target__plan", admin.RelatedOnlyFieldListFilter),
        ("department", VisibleAutocompleteFilter),
    )
    list_filter_submit = True
    list_select_related = (*TARGET_RELATED, "department")
    autocomplete_fields = ("target", "department")
    search_fields = ("search_text", "target__indicator__search_text")
    ordering = ("due_day", "pk")
    inlines = (ReminderInline,)

    def create_row(self, request: HttpRequest, values: Values) -> Model:
        return actions.create_action(by=actor(request), now=clock.now(), **values)

    def change_row(self, request: HttpRequest, row: Action, values: Values) -> Model:
        return actions.update_action(action=row, by=actor(request), now=clock.now(), **values)

    def has_add_permission(self, request: HttpRequest, obj: Action | None = None) -> bool:
        return self._has_scope(request, Scope.PLANS_WRITE)

    def has_change_permission(self, request: HttpRequest, obj: Action | None = None) -> bool:
        by = actor(request)
        if obj is None:
            return by.may(Scope.PLANS_WRITE) or by.may(Scope.ALERTS_WRITE)
        return actions.may_update(obj, by) or actions.may_update_progress(obj, by)

    def has_delete_permission(self, request: HttpRequest, obj: Action | None = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Action | None = None) -> tuple[str, ...]:
        if obj is None:
            return ()
        # The responsible department may change the progress only.
        read_only = () if actions.may_update(obj, actor(request)) else _ASSIGNMENT_FIELDS
        return ("linked", *read_only, "created_at", "shown_created_by")

    def get_fields(self, request: HttpRequest, obj: Action | None = None) -> tuple[str, ...]:
        if obj is None:
            return ("target", *_ASSIGNMENT_FIELDS)
        names = (name for name in super().get_fields(request, obj) if name not in ("linked", "target"))
        return ("linked", *names)

    def get_inlines(self, request: HttpRequest, obj: Action | None = None) -> tuple[type[InlineModelAdmin], ...]:
        return self.inlines if obj else ()

    def limit_choices(self, request: HttpRequest, field: str, rows: Rows) -> Rows:
        """Targets that the user's department is responsible for or supports, and targets of its own plans."""
        by = actor(request)
        if field != "target" or by.department is None:
            return rows
        department_ids = Department.objects.subtree_ids(by.department)
        return rows.filter(part_scopes.target_scope(department_ids) | Q(plan__department__in=department_ids))

    @display(description=text("state", "tình trạng"), ordering="state", label=_STATE_COLOURS)
    def shown_state(self, row: Action) -> tuple[str, str]:
        if is_overdue(ActionState(row.state), row.due_day, clock.today()):
            return "late", str(text("overdue", "quá hạn"))
        return row.state, row.get_state_display()


class NewActionForm(AppendOnlyForm):
    optional_fields = ("department",)


class NewActionFormSet(AppendOnlyFormSet):
    def write_row(self, values: Values) -> Model:
        return actions.create_action(target=self.instance, by=self.by, now=clock.now(), **values)


class ActionInline(AppendOnlyInline):
    required_scopes = PLANNING_SCOPES
    model = Action
    form, formset = NewActionForm, NewActionFormSet
    fields = (*_ASSIGNMENT_FIELDS, "state")
    readonly_fields = ("state",)
    ordering = ("due_day", "pk")
    show_change_link = True

    def may_edit(self, by: Actor, obj: Any) -> bool:
        return scopes.owns_plans_of(by, obj.plan.department_id)
