"""Alerts, and the deliveries of their notifications."""

from django.db import models
from django.db.models import F, Q

from indicators.domain.choices import IndicatorKind
from indicators.models import Contact
from kpitracker.lib.db.fields import Uuid7Field
from kpitracker.lib.i18n.text import text
from targets.domain.choices import BoardMessage, Status
from targets.models.action import Action
from targets.models.assessment import STATUS_LABELS, status_word
from targets.models.rule import SEVERITY_CHOICES, AlertRule
from targets.models.target import Target
from targets.models.webhook import Webhook
from targets.querysets import AlertQuerySet, DeliveryQuerySet

ALERT_STATE_CHOICES = [
    ("pending", text("pending", "chờ")),
    ("firing", text("firing", "đang báo")),
    ("acknowledged", text("acknowledged", "đã tiếp nhận")),
    ("resolved", text("resolved", "đã đóng")),
]
DELIVERY_STATE_CHOICES = [
    ("pending", text("waiting", "chờ gửi")),
    ("sending", text("being sent", "đang gửi")),
    ("sent", text("sent", "đã gửi")),
    ("failed", text("failed", "không gửi được")),
    ("dropped", text("dropped", "đã bỏ")),
]


class Alert(models.Model):
    """One breach of a rule by a target, from its beginning to its end.

    The progress fields have the same names as those of `targets.domain.alerting.AlertProgress` and are copied from it.
    """

    id = Uuid7Field(primary_key=True)
    rule = models.ForeignKey(
        AlertRule, on_delete=models.PROTECT, related_name="alerts", verbose_name=text("rule", "quy tắc")
    )
    target = models.ForeignKey(
        Target, on_delete=models.PROTECT, related_name="alerts", verbose_name=text("target", "chỉ tiêu")
    )
    episode = models.PositiveIntegerField(text("episode", "lần"), default=1)
    state = models.CharField(text("state", "tình trạng"), max_length=12, choices=ALERT_STATE_CHOICES, default="firing")
    status = models.CharField(
        text("status", "trạng thái"), max_length=10, choices=[(k.value, v) for k, v in STATUS_LABELS.items()]
    )
    severity = models.CharField(text("severity", "mức độ"), max_length=8, choices=SEVERITY_CHOICES)
    opened_at = models.DateTimeField(text("opened", "mở lúc"))
    resolved_at = models.DateTimeField(text("resolved", "đóng lúc"), null=True, blank=True)
    # The data of the last notification.
    snapshot = models.JSONField(default=dict)
    # 0 to 3, greater for worse: the severity at the last notification.
    severity_rank = models.PositiveSmallIntegerField(default=1, editable=False)
    figure_count = models.PositiveSmallIntegerField(default=1, editable=False)
    # Identifies the trigger of an alert, such as a revision or a due day: one trigger is notified only once.
    trigger_key = models.CharField(max_length=80, blank=True, default="", editable=False)
    # The number of notifications so far.
    message_count = models.PositiveSmallIntegerField(default=0, editable=False)
    last_notified_on = models.DateField(text("last notified on", "báo gần nhất ngày"), null=True, blank=True)
    escalation_counted_from = models.DateField(null=True, blank=True, editable=False)
    escalation_level = models.PositiveSmallIntegerField(text("escalation level", "số cấp đã chuyển"), default=0)
    # The reminders since the alert last changed: the interval between them grows.
    reminder_count = models.PositiveSmallIntegerField(default=0, editable=False)
    data_missing_since = models.DateField(
        text("data missing since", "thiếu số liệu từ ngày"),
        null=True,
        blank=True,
        help_text=text(
            "The figures vanished or never came. The alert stays open.", "Số liệu mất hoặc chưa có. Cảnh báo vẫn mở."
        ),
    )
    cleared_since = models.DateTimeField(text("cleared since", "hết từ lúc"), null=True, blank=True)
    # From then on time alone may change the decision: the sweep evaluates the alert again.
    next_check_at = models.DateTimeField(text("next check", "xem lại lúc"), null=True, blank=True)
    # If a department reports nothing at all, one alert is notified and inhibits the others until it ends.
    inhibited_by: "models.ForeignKey[Alert | None, Alert | None]" = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="inhibited_alerts",
        verbose_name=text("inhibited by", "báo chung trong"),
    )
    acknowledged_at = models.DateTimeField(text("acknowledged", "tiếp nhận lúc"), null=True, blank=True)
    acknowledged_by = models.CharField(
        text("acknowledged by", "người tiếp nhận"), max_length=200, blank=True, default=""
    )
    acknowledgement_note = models.TextField(text("note", "ý kiến khi tiếp nhận"), blank=True, default="")
    promised_day = models.DateField(text("promised day", "ngày cam kết"), null=True, blank=True)
    resolved_by = models.CharField(text("resolved by", "người đóng"), max_length=200, blank=True, default="")
    resolution_reason = models.TextField(text("reason for resolving", "lý do đóng"), blank=True, default="")

    objects = AlertQuerySet.as_manager()

    class Meta:
        verbose_name = text("alert", "cảnh báo")
        verbose_name_plural = text("alerts", "cảnh báo")
        constraints = [
            models.UniqueConstraint(fields=["rule", "target", "episode"], name="targets_alert_episode_unique"),
            models.UniqueConstraint(
                fields=["rule", "target"], condition=~Q(state="resolved"), name="targets_alert_open_unique"
            ),
            models.UniqueConstraint(
                fields=["rule", "target", "trigger_key"],
                condition=~Q(trigger_key=""),
                name="targets_alert_trigger_unique",
            ),
            models.CheckConstraint(
                condition=(Q(state="resolved") & Q(resolved_at__isnull=False))
                | (~Q(state="resolved") & Q(resolved_at=None)),
                name="targets_alert_resolved_at_matches_state",
            ),
            models.CheckConstraint(
                condition=~Q(state="acknowledged") | Q(acknowledged_at__isnull=False),
                name="targets_alert_acknowledged_at_matches_state",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=[state for state, _ in ALERT_STATE_CHOICES],
                    severity__in=[severity for severity, _ in SEVERITY_CHOICES],
                    status__in=[status.value for status in Status],
                ),
                name="targets_alert_valid_choices",
            ),
        ]

        indexes = [
            # For the sweep: alerts to evaluate again.
            models.Index(fields=["next_check_at"], condition=~Q(state="resolved"), name="targets_alert_next_check_at")
        ]

    def __str__(self) -> str:
        return f"{self.target}: {status_word(self.status, self.target.goal, is_rank=self.target.indicator.kind == IndicatorKind.RANK)}"


class Delivery(models.Model):
    """One message to one address. Its id is on every copy, so that a receiver can drop duplicates.

    A delivery belongs to an alert (`status`: the status at that time), or to an action and its due day. A `board` or
    `report` is about a plan and due on a day; its `snapshot` is written at the first attempt. A `ping` tests a webhook.
    """

    id = Uuid7Field(primary_key=True)
    alert = models.ForeignKey(
        Alert,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="deliveries",
        verbose_name=text("alert", "cảnh báo"),
    )
    action = models.ForeignKey(
        Action,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="deliveries",
        verbose_name=text("action", "biện pháp"),
    )
    due_day = models.DateField(text("due day", "thời hạn"), null=True, blank=True)
    event = models.CharField(text("event", "sự kiện"), max_length=10)
    # The `message_count` of the alert when the delivery was written.
    sequence = models.PositiveSmallIntegerField(text("message number", "tin số"), default=0, editable=False)
    status = models.CharField(
        text("status", "trạng thái"),
        max_length=10,
        blank=True,
        default="",
        choices=[(k.value, v) for k, v in STATUS_LABELS.items()],
    )
    channel = models.CharField(text("channel", "kênh"), max_length=20, default="email")
    webhook = models.ForeignKey(
        Webhook,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="deliveries",
        verbose_name="webhook",
    )
    contact = models.ForeignKey(
        Contact,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="deliveries",
        verbose_name=text("contact", "đầu mối"),
    )
    # Batching: deliveries to one address are sent as one message. All but the first of them point to the first.
    merged_into: "models.ForeignKey[Delivery | None, Delivery | None]" = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="merged_deliveries",
        verbose_name=text("sent with", "gửi cùng"),
    )
    recipient = models.CharField(text("recipient", "người nhận"), max_length=254)
    snapshot = models.JSONField(default=dict)
    state = models.CharField(
        text("state", "tình trạng"), max_length=8, choices=DELIVERY_STATE_CHOICES, default="pending"
    )
    attempts = models.PositiveIntegerField(text("attempts", "số lần gửi"), default=0)
    # Attempts that never ended because the worker died.
    interrupted_attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    due_at = models.DateTimeField(text("due", "gửi lúc"))
    sent_at = models.DateTimeField(text("sent", "đã gửi lúc"), null=True, blank=True)
    response = models.TextField(text("response", "phản hồi"), blank=True, default="")

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = text("delivery", "lượt gửi")
        verbose_name_plural = text("deliveries", "các lượt gửi")
        constraints = [
            models.UniqueConstraint(
                fields=["alert", "sequence", "channel", "recipient"], name="targets_delivery_sequence_unique"
            ),
            models.UniqueConstraint(
                fields=["action", "event", "due_day", "channel", "recipient"], name="targets_delivery_reminder_unique"
            ),
            models.UniqueConstraint(
                fields=["contact", "event", "due_day"],
                condition=Q(event__in=[event.value for event in BoardMessage]),
                name="targets_delivery_board_unique",
            ),
            models.CheckConstraint(
                condition=Q(
                    alert__isnull=False, action=None, due_day=None, status__in=[status.value for status in Status]
                )
                | Q(alert=None, action__isnull=False, due_day__isnull=False, status="")
                | Q(alert=None, action=None, due_day=None, status="", event="ping", webhook__isnull=False)
                | Q(
                    alert=None,
                    action=None,
                    due_day__isnull=False,
                    status="",
                    event__in=[event.value for event in BoardMessage],
                    webhook=None,
                ),
                name="targets_delivery_exactly_one_subject",
            ),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False) | (~Q(state="sent") & Q(sent_at=None)),
                name="targets_delivery_sent_at_matches_state",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[state for state, _ in DELIVERY_STATE_CHOICES]),
                name="targets_delivery_valid_state",
            ),
            models.CheckConstraint(
                condition=Q(merged_into=None) | (Q(webhook=None) & ~Q(merged_into=F("id"))),
                name="targets_delivery_valid_merged_into",
            ),
            models.CheckConstraint(
                condition=Q(channel="webhook", webhook__isnull=False) | (~Q(channel="webhook") & Q(webhook=None)),
                name="targets_delivery_webhook_matches_channel",
            ),
        ]
        indexes = [
            # For the sweep: deliveries to send now.
            models.Index(
                fields=["due_at"], condition=Q(state__in=["pending", "sending"]), name="targets_delivery_due_at"
            ),
            # For the minimum interval between two batched messages to one recipient.
            models.Index(
                fields=["recipient", "sent_at"],
                condition=Q(merged_into__isnull=False),
                name="targets_delivery_merged",
            ),
        ]

    def __str__(self) -> str:
        # Without the recipient: the address of a contact is not for every reader of a page.
        return f"{self.channel} · {self.event}"
