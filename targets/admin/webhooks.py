"""The admin of webhooks: their secrets, which are shown once, and their deliveries."""

from django import forms
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from kpitracker.lib import clock
from kpitracker.lib.admin.base import ServiceAdmin, ServiceForm, actor
from kpitracker.lib.admin.permissions import ADMIN_SCOPES
from kpitracker.lib.admin.types import InlineModelAdmin, Values
from kpitracker.lib.errors import DomainError
from kpitracker.lib.i18n.text import text
from targets.admin import help_texts
from targets.admin.deliveries import DeliveryInline
from targets.models import Webhook
from targets.models.webhook import EVENT_LABELS
from targets.services.notifications import webhooks

_SECRET_NOTICE = text("The secret, shown now and never again:", "Khóa ký, chỉ hiển thị một lần:")


class WebhookForm(ServiceForm):
    events = forms.MultipleChoiceField(
        choices=[(event.value, label) for event, label in EVENT_LABELS.items()],
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        label=text("notified when", "nhận tin khi"),
        help_text=text("None selected: all.", "Không chọn: tất cả."),
    )

    class Meta:
        model = Webhook
        fields = ("name", "url", "department", "events", "active")


class WebhookDeliveryInline(DeliveryInline):
    fields = ("id", "shown_event", "alert", "state", "attempts", "due_at", "sent_at", "response")
    readonly_fields = fields
    ordering = ("-pk",)


@admin.register(Webhook)
class WebhookAdmin(ServiceAdmin):
    help_texts = help_texts.WEBHOOK
    required_scopes = ADMIN_SCOPES
    form = WebhookForm
    list_display = ("__str__", "department", "url", "active", "disabled_reason", "created_at")
    list_filter = ("active", ("department", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("department",)
    search_fields = ("name", "url", "department__search_text")
    autocomplete_fields = ("department",)
    actions = ("rotate", "test")
    ordering = ("-pk",)
    inlines = (WebhookDeliveryInline,)

    def create_row(self, request: HttpRequest, values: Values) -> Model:
        return webhooks.create_webhook(by=actor(request), now=clock.now(), **values)

    def change_row(self, request: HttpRequest, row: Webhook, values: Values) -> Model:
        return webhooks.change_webhook(webhook=row, by=actor(request), **values)

    def delete_model(self, request: HttpRequest, obj: Webhook) -> None:
        webhooks.delete_webhook(webhook=obj, by=actor(request))

    def save_model(self, request: HttpRequest, obj: Webhook, form: ServiceForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if not change:
            self.message_user(request, f"{_SECRET_NOTICE} {webhooks.display_secret(obj)}", messages.WARNING)

    def get_readonly_fields(self, request: HttpRequest, obj: Webhook | None = None) -> tuple[str, ...]:
        if obj is None:
            return ()
        return (
            "department",
            "disabled_reason",
            "secret_version",
            "previous_until",
            "consecutive_failures",
            "paused_until",
            "created_at",
        )

    def get_inlines(self, request: HttpRequest, obj: Webhook | None = None) -> tuple[type[InlineModelAdmin], ...]:
        return self.inlines if obj else ()

    @admin.action(
        description=text("New secret, with a week of overlap", "Khóa ký mới, song song một tuần"),
        permissions=["change"],
    )
    def rotate(self, request: HttpRequest, queryset: QuerySet[Webhook]) -> None:
        for webhook in queryset:
            rotated = webhooks.rotate_secret(webhook=webhook, by=actor(request), now=clock.now())
            self.message_user(
                request, f"{rotated}: {_SECRET_NOTICE} {webhooks.display_secret(rotated)}", messages.WARNING
            )

    @admin.action(description=text("Send a test message", "Gửi tin thử"), permissions=["change"])
    def test(self, request: HttpRequest, queryset: QuerySet[Webhook]) -> None:
        for webhook in queryset:
            try:
                webhooks.ping_webhook(webhook=webhook, by=actor(request), now=clock.now())
            except DomainError as error:
                self.message_user(request, f"{webhook}: {error.detail}", messages.ERROR)
            else:
                result_text = text("sent; its page shows the response", "đã gửi; xem phản hồi ở trang của webhook")
                self.message_user(request, f"{webhook}: {result_text}", messages.SUCCESS)
