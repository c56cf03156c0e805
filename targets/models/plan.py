"""Plans: sets of targets."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.formats import date_format

from indicators.domain.periods import Period
from indicators.models import Area, Department, Indicator
from kpitracker.lib.db.fields import Uuid7Field
from kpitracker.lib.i18n.text import text
from kpitracker.lib.models import NamedModel
from targets.querysets import LockExceptionQuerySet, PlanQuerySet


class Plan(NamedModel):
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="plans", verbose_name=text("area", "địa bàn"))
    period_start = models.DateField(text("from", "từ ngày"))
    period_end = models.DateField(text("to", "đến ngày"))
    issuer = models.CharField(text("issued by", "cơ quan ban hành"), max_length=300, blank=True, default="")
    act = models.TextField(text("act", "văn bản"), blank=True, default="")
    source = models.TextField(text("source", "nguồn"), blank=True, default="")
    department = models.ForeignKey(
        Department,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="plans",
        verbose_name=text("owner", "đơn vị chủ trì"),
    )
    locked_through = models.DateField(
        text("locked through", "đã khóa đến ngày"),
        null=True,
        blank=True,
        help_text=text(
            "Figures of periods that end by then, and amendments announced by then, are refused without an exception.",
            "Số liệu của các kỳ kết thúc đến ngày này và điều chỉnh ban hành đến ngày này bị từ chối "
            "nếu không có ngoại lệ.",
        ),
    )
    public = models.BooleanField(
        text("public", "công khai"),
        default=False,
        help_text=text(
            "Everyone can read its board without a login, without restricted indicators, people and notes. "
            "Only administrators change this.",
            "Mọi người xem được bảng theo dõi mà không cần đăng nhập, không có chỉ số hạn chế, người và ghi chú. "
            "Chỉ quản trị viên thay đổi được.",
        ),
    )

    objects = PlanQuerySet.as_manager()

    class Meta:
        verbose_name = text("plan", "kế hoạch")
        verbose_name_plural = text("plans", "kế hoạch")
        constraints = [
            models.CheckConstraint(condition=Q(period_start__lte=F("period_end")), name="targets_plan_valid_period")
        ]

    @property
    def period(self) -> Period:
        return Period(self.period_start, self.period_end)


class LockException(models.Model):
    """A permission to change locked periods of a plan, for one indicator or all, with a reason and an end."""

    id = Uuid7Field(primary_key=True)
    plan = models.ForeignKey(
        Plan, on_delete=models.PROTECT, related_name="exceptions", verbose_name=text("plan", "kế hoạch")
    )
    indicator = models.ForeignKey(
        Indicator,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=text("indicator", "chỉ số"),
        help_text=text("Empty: all of the plan.", "Để trống: toàn bộ kế hoạch."),
    )
    reason = models.TextField(text("reason", "lý do"))
    until = models.DateTimeField(text("until", "đến"))
    created_at = models.DateTimeField(text("granted", "cấp lúc"))
    created_by = models.CharField(text("granted by", "người cấp"), max_length=200)

    objects = LockExceptionQuerySet.as_manager()

    class Meta:
        verbose_name = text("lock exception", "ngoại lệ khóa kỳ")
        verbose_name_plural = text("lock exceptions", "ngoại lệ khóa kỳ")
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="targets_lockexception_reason_not_empty"),
            models.CheckConstraint(
                condition=Q(until__gt=F("created_at")), name="targets_lockexception_until_after_creation"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan} → {date_format(timezone.localtime(self.until), 'DATETIME_FORMAT')}"
