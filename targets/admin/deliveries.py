"""What was sent to whom, to look at: on a page of its own, and on those of what it is about."""

from django.contrib import admin

from indicators.admin.base import Inline, ReadOnlyAdmin
from targets.admin import part
from targets.models import Delivery


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
    list_display = ("recipient", "alert", "action", "event", "state", "attempts", "due_at", "sent_at", "answer")
    list_filter = ("state", "channel")
    list_select_related = ("alert__target", "action__target")
    search_fields = ("recipient", "alert__target__identifier", "action__target__identifier")
    ordering = ("-due_at",)
    exclude = ("facts",)
