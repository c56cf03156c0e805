"""Deliveries (read-only): their own page, and inlines on the pages of their subjects."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib import messages as banners
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from unfold.decorators import action
from unfold.widgets import UnfoldAdminRadioSelectWidget

from kpitracker.lib import clock
from kpitracker.lib.actor import Scope
from kpitracker.lib.admin.base import BaseInline, ReadOnlyAdmin, actor
from kpitracker.lib.admin.permissions import READ_ONLY_SCOPES
from kpitracker.lib.admin.types import Context, OptionsMixin, PageRow, Rows
from kpitracker.lib.errors import DomainError
from kpitracker.lib.i18n.text import text
from kpitracker.lib.outbound.mail_files import response_in_words
from targets.admin import scopes, waiting
from targets.models import Delivery
from targets.services.notifications import outbox, pause
from targets.services.text import alert_messages


class ResumeDeliveryForm(forms.Form):
    choice = forms.ChoiceField(
        label=text("Waiting messages", "Tin đang chờ"),
        choices=[("send", text("are sent now", "gửi ngay")), ("skip", text("are not sent any more", "không gửi nữa"))],
        widget=UnfoldAdminRadioSelectWidget,
    )


_OF_ADMINISTRATORS = "shown_response"  # it may name addresses, and hosts of the receiver's network


class ShownDeliveryMixin(OptionsMixin):
    """Deliveries as the user may see them: names of contacts for addresses, no responses of servers."""

    def get_queryset(self, request: HttpRequest) -> Rows:
        deliveries: Any = super().get_queryset(request)
        return deliveries.with_recipient(actor(request))  # type: ignore[no-any-return]

    def may_see(self, request: HttpRequest, name: object) -> bool:
        return name != _OF_ADMINISTRATORS or actor(request).may(Scope.ADMIN)

    def get_fields(self, request: HttpRequest, obj: PageRow = None) -> tuple[Any, ...]:
        return tuple(name for name in super().get_fields(request, obj) if self.may_see(request, name))

    @admin.display(description=text("recipient", "người nhận"))
    def shown_recipient(self, row: Any) -> str:
        return row.shown_recipient or str(text("a former contact", "đầu mối đã xóa"))

    @admin.display(description=text("response", "phản hồi"))
    def shown_response(self, row: Delivery) -> str:
        return response_in_words(row.response)


class DeliveryInline(ShownDeliveryMixin, BaseInline):
    required_scopes = READ_ONLY_SCOPES
    model = Delivery
    fields: ClassVar[tuple[str, ...]] = (
        "shown_event", "status", "shown_channel", "shown_recipient", "state", "attempts", "waits_until", "sent_at",
        "shown_response",
    )  # fmt: skip
    readonly_fields = fields

    @admin.display(description=text("event", "sự kiện"))
    def shown_event(self, row: Delivery) -> str:
        return str(alert_messages.EVENT_NAMES.get(row.event, row.event))

    @admin.display(description=text("due", "gửi lúc"))
    def waits_until(self, row: Delivery) -> str:
        """Only of pending deliveries: `due_at` of a delivery that is being sent is the time limit of the attempt."""
        return date_format(timezone.localtime(row.due_at), "DATETIME_FORMAT") if row.state == "pending" else "–"

    @admin.display(description=text("channel", "kênh"))
    def shown_channel(self, row: Delivery) -> str:
        return str(alert_messages.CHANNEL_NAMES.get(row.channel, row.channel))


class ReminderInline(DeliveryInline):
    fields = (
        "shown_event",
        "due_day",
        "shown_channel",
        "shown_recipient",
        "state",
        "attempts",
        "waits_until",
        "sent_at",
        "shown_response",
    )
    readonly_fields = fields


@admin.register(Delivery)
class DeliveryAdmin(ShownDeliveryMixin, ReadOnlyAdmin):
    required_scopes = READ_ONLY_SCOPES
    department_scope = staticmethod(scopes.delivery_scope)
    list_display = (
        "shown_recipient",
        "webhook",
        "alert",
        "action",
        "event",
        "state",
        "attempts",
        "due_at",
        "sent_at",
        "shown_response",
    )
    list_filter = ("state", "channel")
    attention = (waiting.FAILED_DELIVERIES, waiting.HELD_DELIVERIES)
    list_select_related = ("alert__target", "action__target", "webhook")
    search_fields = (
        "shown_recipient", "alert__target__identifier", "alert__target__indicator__search_text", "action__search_text",
        "action__target__identifier",
    )  # fmt: skip
    ordering = ("-due_at",)
    fields = (
        "alert", "action", "due_day", "event", "status", "channel", "webhook", "contact", "shown_recipient", "state",
        "attempts", "due_at", "sent_at", "shown_response", "merged_into",
    )  # fmt: skip
    readonly_fields = ("shown_recipient", "shown_response")
    actions = ("replay",)
    actions_list = ("resume",)

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        return [name for name in super().get_list_display(request) if self.may_see(request, name)]

    def has_replay_permission(self, request: HttpRequest) -> bool:
        return self._has_scope(request, Scope.ADMIN)

    def changelist_view(self, request: HttpRequest, extra_context: Context | None = None) -> HttpResponse:
        if request.method == "GET" and pause.is_paused():
            notice = text(
                "Delivery is paused: nothing is sent until an administrator resumes it.",
                "Đang tạm dừng gửi: chỉ gửi lại khi quản trị viên cho phép.",
            )
            self.message_user(request, notice, banners.WARNING)
        response: HttpResponse = super().changelist_view(request, extra_context)
        return response

    @action(description=text("Resume delivery", "Tiếp tục gửi"), url_path="resume", permissions=["resume"])
    def resume(self, request: HttpRequest) -> HttpResponse:
        """Show how many messages wait. The administrator chooses whether to send or to skip them."""
        form, list_url = ResumeDeliveryForm(request.POST or None), reverse("admin:targets_delivery_changelist")
        if request.method == "POST" and form.is_valid():
            skip = form.cleaned_data["choice"] == "skip"
            pause.resume_delivery(by=actor(request), now=clock.now(), skip=skip)
            self.message_user(request, text("Delivery is running.", "Đã tiếp tục gửi."), banners.SUCCESS)
            return HttpResponseRedirect(list_url)
        pending = pause.count_pending()
        introduction = text(
            f"{pending.deliveries} messages and {pending.account_emails} account e-mails wait. "
            "After a restore they may have been sent before.",
            f"{pending.deliveries} tin và {pending.account_emails} thư gửi người dùng đang chờ. "
            "Sau khi khôi phục, có thể chúng đã được gửi trước đó.",
        )
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": text("Resume delivery", "Tiếp tục gửi"),
            "form": form,
            "heading": text("Delivery is paused", "Đang tạm dừng gửi"),
            "introduction": introduction,
            "button": text("Go on", "Tiếp tục"),
            "back": {"url": list_url, "label": text("Back", "Quay lại")},
        }
        return TemplateResponse(request, "targets/form_page.html", context)

    def has_resume_permission(self, request: HttpRequest) -> bool:
        by = actor(request)
        return by.may(Scope.ADMIN) and by.department is None and pause.is_paused()

    @admin.action(description=text("Send again", "Gửi lại"), permissions=["replay"])
    def replay(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        for delivery in queryset:
            try:
                outbox.replay(delivery=delivery, by=actor(request), now=clock.now())
            except DomainError as error:
                self.message_user(request, f"{delivery}: {error.detail}", banners.ERROR)
            else:
                self.message_user(request, f"{delivery}: {text('is sent again', 'sẽ được gửi lại')}", banners.SUCCESS)
