"""Alert rules."""

from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from indicators.models import Area, Department, Indicator
from kpitracker.lib.db.fields import ExactDecimalField
from kpitracker.lib.i18n.text import text, translate
from kpitracker.lib.models import VersionedModel
from kpitracker.lib.own_part import OwnPartModel
from targets.domain.audience import DEFAULT_AUDIENCE, Audience
from targets.domain.rules import RuleKind
from targets.models.plan import Plan
from targets.querysets import AlertRuleQuerySet

SEVERITY_CHOICES = [
    ("info", text("information", "thông tin")),
    ("warning", text("warning", "cảnh báo")),
    ("critical", text("critical", "nghiêm trọng")),
]
RULE_KIND_CHOICES = [
    (RuleKind.STATUS_IS, text("the status becomes one of these", "trạng thái chuyển thành")),
    (RuleKind.RECOVERED, text("the target is back on track", "chỉ tiêu trở lại đúng tiến độ")),
    (RuleKind.MET_EARLY, text("the target is met early", "chỉ tiêu về đích sớm")),
    (RuleKind.VARIANCE_BEYOND, text("the shortfall is beyond an amount", "mức hụt vượt ngưỡng")),
    (RuleKind.REVISED_BEYOND, text("a figure was revised beyond an amount", "số liệu bị sửa quá ngưỡng")),
    (RuleKind.PACE_OUT_OF_REACH, text("the required pace is out of reach", "mức cần đạt vượt mọi kỳ đã có")),
    (RuleKind.TARGET_AMENDED, text("the target is amended", "chỉ tiêu được điều chỉnh")),
    (RuleKind.DUE_SOON, text("figures are due soon", "số liệu sắp đến hạn")),
    (RuleKind.OVERDUE, text("figures are overdue", "số liệu quá hạn")),
    (RuleKind.ACTION_OVERDUE, text("an action is overdue", "biện pháp quá hạn")),
]


AUDIENCE_LABELS = {
    Audience.LEAD: text("department responsible for the target", "đơn vị chủ trì chỉ tiêu"),
    Audience.COOPERATING: text("cooperating departments", "đơn vị phối hợp"),
    Audience.OWNER: text("owner of the plan", "đơn vị chủ quản kế hoạch"),
    Audience.LEADERS: text("the leaders", "lãnh đạo"),
}


def default_audience() -> list[str]:
    return [audience.value for audience in DEFAULT_AUDIENCE]


def _number_field(label: Any, help_text: Any, default: int = 0, max_value: int = 366) -> Any:
    validators = [MinValueValidator(0), MaxValueValidator(max_value)]
    return models.PositiveSmallIntegerField(label, default=default, validators=validators, help_text=help_text)


def _scope_field(model: Any, label: Any) -> Any:
    return models.ForeignKey(
        model, on_delete=models.PROTECT, null=True, blank=True, related_name="alert_rules", verbose_name=label
    )


class _AudienceField(models.JSONField):
    """Migrations see a plain JSONField, so that they import no code of this app."""

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.JSONField", args, {k: v for k, v in kwargs.items() if k != "default"}


class AlertRule(OwnPartModel, VersionedModel):
    """A condition on the targets of a scope (empty: all targets), with severity, timing and recipients.

    Days are working days. `statuses` belong to `status_is`, `amount` to `variance_beyond` and `revised_beyond`; the
    number of days belongs to `overdue` (after the due day) and `due_soon` (before it).
    """

    code = models.CharField(text("code", "mã"), max_length=64, unique=True)
    name = models.CharField(text("name", "tên"), max_length=200)
    name_en = models.CharField(text("English name", "tên tiếng Anh"), max_length=200, blank=True, default="")
    kind = models.CharField(
        text("kind", "loại"),
        max_length=20,
        choices=[(k.value, v) for k, v in RULE_KIND_CHOICES],
        default=RuleKind.STATUS_IS.value,
    )
    statuses = models.JSONField(text("statuses", "trạng thái"), default=list, blank=True)
    amount = ExactDecimalField(
        text("amount", "ngưỡng"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text=text("In the unit of the indicator, or percent.", "Theo đơn vị của chỉ số, hoặc phần trăm."),
    )
    in_percent = models.BooleanField(text("amount in percent", "ngưỡng tính bằng %"), default=False)
    offset_days = _number_field(
        text("days after or before the due day", "số ngày sau hoặc trước hạn"),
        text(
            "Working days after the due day (overdue figures) or before it (figures due soon).",
            "Ngày làm việc: sau hạn với số liệu quá hạn, trước hạn với số liệu sắp đến hạn.",
        ),
    )
    plan = _scope_field(Plan, text("plan", "kế hoạch"))
    section = models.CharField(text("section", "lĩnh vực"), max_length=100, blank=True, default="")
    department = _scope_field(Department, text("department, with all below", "đơn vị và cấp dưới"))
    indicator = _scope_field(Indicator, text("indicator", "chỉ số"))
    area = _scope_field(Area, text("area", "địa bàn"))
    severity = models.CharField(
        text("severity", "mức độ"),
        max_length=8,
        choices=SEVERITY_CHOICES,
        blank=True,
        default="",
        help_text=text("Empty: by the status.", "Để trống: theo trạng thái."),
    )
    for_hours = _number_field(
        text("hours the condition must hold", "số giờ phải kéo dài"),
        text("Before the first notification.", "Trước khi báo."),
        max_value=8784,
    )
    for_figures = _number_field(
        text("figures the condition must hold for", "số kỳ số liệu phải kéo dài"),
        text("Or for the hours above: one of the two is enough.", "Hoặc đủ số giờ, tùy điều kiện nào đến trước."),
    )
    keep_firing_hours = _number_field(
        text("hours the condition must be false", "số giờ phải hết hẳn"),
        text("Before the alert is resolved.", "Trước khi đóng cảnh báo."),
        max_value=8784,
    )
    remind_days = _number_field(
        text("days until a reminder", "số ngày đến lần nhắc"),
        text("Working days without a response; 0: never.", "Ngày làm việc không có phản hồi; 0: không nhắc."),
    )
    escalate_days = _number_field(
        text("days until escalation", "số ngày đến khi chuyển cấp trên"),
        text("Working days without a response; 0: never.", "Ngày làm việc không có phản hồi; 0: không chuyển."),
    )
    max_escalations = _number_field(
        text("escalations", "số cấp chuyển lên"), text("The highest number of levels.", "Số cấp nhiều nhất."), 1, 5
    )
    audience = _AudienceField(
        text("recipients", "người nhận"),
        default=default_audience,
        blank=True,
        help_text=text("In addition to contacts that receive everything.", "Ngoài các đầu mối nhận mọi việc."),
    )
    active = models.BooleanField(text("active", "đang dùng"), default=True)

    objects = AlertRuleQuerySet.as_manager()

    class Meta:
        verbose_name = text("alert rule", "quy tắc cảnh báo")
        verbose_name_plural = text("alert rules", "quy tắc cảnh báo")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in RuleKind], severity__in=["", *dict(SEVERITY_CHOICES)]),
                name="targets_alertrule_valid_choices",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=[kind.value for kind in RuleKind if kind.needs_amount]) | Q(amount__isnull=False),
                name="targets_alertrule_amount_required",
            ),
            models.CheckConstraint(
                condition=~Q(kind=RuleKind.DUE_SOON.value) | Q(offset_days__gte=1),
                name="targets_alertrule_offset_days_required",
            ),
        ]

    def __str__(self) -> str:
        return translate(self.name_en or self.name, self.name)
