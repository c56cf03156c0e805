"""Webhooks: programs that receive alerts."""

from django.db import models
from django.db.models import Q

from indicators.models import Department
from kpitracker.lib.db.fields import Uuid7Field
from kpitracker.lib.i18n.text import text
from kpitracker.lib.models import VersionedModel
from kpitracker.lib.own_part import OwnPartModel
from targets.domain.alerting import AlertEvent
from targets.querysets import WebhookQuerySet

EVENT_LABELS = {
    AlertEvent.OPENED: text("an alert opens", "cảnh báo mở"),
    AlertEvent.WORSE: text("an open alert grows worse", "cảnh báo nặng thêm"),
    AlertEvent.RESOLVED: text("an alert is resolved", "cảnh báo đóng"),
    AlertEvent.REMINDER: text("a reminder of an alert", "nhắc lại cảnh báo"),
    AlertEvent.ESCALATION: text("an alert is escalated", "chuyển cảnh báo lên cấp trên"),
}


class Webhook(OwnPartModel, VersionedModel):
    """An address and its events. No secret is stored: it is derived from the id, the secret version and a pepper.

    Until `previous_until`, messages are also signed with the secret of the previous version.
    """

    id = Uuid7Field(primary_key=True)
    name = models.CharField(text("name", "tên"), max_length=200, blank=True, default="")
    department = models.ForeignKey(
        Department,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="webhooks",
        verbose_name=text("department", "đơn vị"),
        help_text=text(
            "Receives alerts of the targets that it or a department below it leads or supports. Empty: all targets.",
            "Nhận tin về chỉ tiêu do đơn vị và cấp dưới chủ trì hoặc phối hợp. Để trống: mọi chỉ tiêu.",
        ),
    )
    url = models.CharField(text("address", "địa chỉ"), max_length=2000)
    events = models.JSONField(
        text("events", "sự kiện"), default=list, blank=True, help_text=text("None: all.", "Không chọn: tất cả.")
    )
    active = models.BooleanField(text("active", "đang dùng"), default=True)
    disabled_reason = models.CharField(
        text("switched off because", "lý do ngừng"), max_length=200, blank=True, default="", editable=False
    )
    secret_version = models.PositiveIntegerField(text("secret number", "khóa ký số"), default=1, editable=False)
    pepper = models.CharField(max_length=8, editable=False)
    previous_pepper = models.CharField(max_length=8, blank=True, default="", editable=False)
    previous_until = models.DateTimeField(
        text("previous secret signs until", "khóa ký cũ còn dùng đến"), null=True, blank=True, editable=False
    )
    # Failed attempts in a row; until `paused_until` nothing is sent.
    consecutive_failures = models.PositiveIntegerField(
        text("attempts without a response", "số lần không phản hồi"), default=0, editable=False
    )
    paused_until = models.DateTimeField(text("sends again at", "gửi lại lúc"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(text("created", "tạo lúc"), editable=False)

    objects = WebhookQuerySet.as_manager()

    class Meta:
        verbose_name = "webhook"
        verbose_name_plural = text("webhooks", "webhook")
        constraints = [
            models.CheckConstraint(condition=~Q(url=""), name="targets_webhook_url_not_empty"),
            models.CheckConstraint(condition=Q(secret_version__gte=1), name="targets_webhook_secret_version_positive"),
            models.CheckConstraint(
                condition=Q(active=False) | Q(disabled_reason=""), name="targets_webhook_active_without_reason"
            ),
            models.CheckConstraint(
                condition=Q(previous_until=None) | Q(secret_version__gt=1),
                name="targets_webhook_previous_secret_exists",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.url
