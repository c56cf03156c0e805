"""Sets of targets."""

from django.db import models
from django.db.models import F, Q

from indicators.domain.periods import Period
from indicators.models import Area, Department
from kpitracker.lib.models import NamedModel
from kpitracker.lib.texts import text
from targets.querysets import PlanQuerySet


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

    objects = PlanQuerySet.as_manager()

    class Meta:
        verbose_name = text("plan", "kế hoạch")
        verbose_name_plural = text("plans", "kế hoạch")
        constraints = [
            models.CheckConstraint(
                condition=Q(period_start__lte=F("period_end")), name="targets_plan_begins_before_it_ends"
            )
        ]

    @property
    def period(self) -> Period:
        return Period(self.period_start, self.period_end)
