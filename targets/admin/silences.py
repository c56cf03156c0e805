"""Silences: times without reminders. They are created here, can be ended early, and are not edited."""

from django import forms
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminSplitDateTimeWidget

from kpitracker.lib import clock
from kpitracker.lib.actor import Scope
from kpitracker.lib.admin.base import ServiceAdmin, ServiceForm, actor
from kpitracker.lib.admin.permissions import RequiredScopes
from kpitracker.lib.admin.types import Values
from kpitracker.lib.errors import DomainError
from kpitracker.lib.i18n.text import text
from targets.admin import help_texts, scopes
from targets.models import Silence
from targets.services.alerting import silences


class SilenceForm(ServiceForm):
    starts_at = forms.SplitDateTimeField(
        label=text("from", "từ"),
        required=False,
        widget=UnfoldAdminSplitDateTimeWidget,
        help_text=text("Empty: now.", "Để trống: ngay bây giờ."),
    )

    class Meta:
        model = Silence
        fields = (*silences.MATCHERS, "starts_at", "ends_at", "reason")


@admin.register(Silence)
class SilenceAdmin(ServiceAdmin):
    help_texts = help_texts.SILENCE
    required_scopes = RequiredScopes(Scope.READ, Scope.ALERTS_WRITE)
    form = SilenceForm
    department_scope = staticmethod(scopes.silence_scope)
    list_display = (*silences.MATCHERS, "starts_at", "ends_at", "shown_author", "reason")
    list_select_related = ("rule", "target", "plan", "department", "indicator", "area")
    list_filter = (("rule", admin.RelatedOnlyFieldListFilter), ("plan", admin.RelatedOnlyFieldListFilter))
    autocomplete_fields = ("target", "plan", "department", "indicator", "area")
    search_fields = (
        "reason", "target__identifier", "target__indicator__search_text", "plan__search_text",
        "department__search_text", "indicator__search_text",
    )  # fmt: skip
    ordering = ("-ends_at",)
    actions = ("end",)

    def create_row(self, request: HttpRequest, values: Values) -> Model:
        return silences.create_silence(by=actor(request), now=clock.now(), **values)

    def has_change_permission(self, request: HttpRequest, obj: Silence | None = None) -> bool:
        # An existing silence is read-only; it can only be ended.
        return obj is None and super().has_change_permission(request, obj)

    def has_end_permission(self, request: HttpRequest) -> bool:
        return super().has_change_permission(request)

    @admin.action(description=text("End now", "Kết thúc ngay"), permissions=["end"])
    def end(self, request: HttpRequest, queryset: QuerySet[Silence]) -> None:
        for silence in queryset:
            try:
                silences.end_silence(silence=silence, by=actor(request), now=clock.now())
            except DomainError as error:
                self.message_user(request, f"{silence}: {error.detail}", messages.ERROR)
            else:
                self.message_user(request, f"{silence}: {text('ended', 'đã kết thúc')}", messages.SUCCESS)
