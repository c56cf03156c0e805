"""What was sent to whom, to look at: on a page of its own, and on those of what it is about."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from indicators.admin.base import Inline, ReadOnlyAdmin, actor
from kpitracker.lib import clock
from kpitracker.lib.actor import Scope
from kpitracker.lib.errors import DomainError
from kpitracker.lib.texts import text
from targets.admin import part
from targets.models import Delivery
from targets.services import deliveries


class DeliveryInline(Inline):
    model = Delivery
    fields = ("event", "status", "channel", "recipient", "state", "attempts", "sent_at", "answer")
    readonly_fields = fields


class ReminderInline(DeliveryInline):
    fields = ("event", "day", "channel", "recipient", "state", "attempts", "sent_at", "answer")
    readonly_fields = fields


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    part = part.of_deliveries
    list_display = (
        "recipient",
        "webhook",
        "alert",
        "action",
        "event",
        "state",
        "attempts",
        "due_at",
        "sent_at",
        "answer",
    )
    list_filter = ("state", "channel")
    list_select_related = ("alert__target", "action__target", "webhook")
    search_fields = ("recipient", "alert__target__identifier", "action__target__identifier")
    ordering = ("-due_at",)
    exclude = ("facts",)
    actions = ("replay",)

    def has_replay_permission(self, request: HttpRequest) -> bool:
        return self._may(request, Scope.ADMIN)

    @admin.action(description=text("Send again", "Gửi lại"), permissions=["replay"])
    def replay(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        for delivery in queryset:
            try:
                deliveries.replay(delivery=delivery, by=actor(request), now=clock.now())
            except DomainError as error:
                self.message_user(request, f"{delivery}: {error.detail}", messages.ERROR)
            else:
                self.message_user(request, f"{delivery}: {text('is sent again', 'sẽ được gửi lại')}", messages.SUCCESS)
