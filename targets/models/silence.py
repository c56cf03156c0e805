"""Silences: no reminders for some time."""

from typing import Any

from django.db import models
from django.db.models import F, Q

from indicators.models import Area, Department, Indicator
from kpitracker.lib.db.fields import Uuid7Field
from kpitracker.lib.i18n.text import text
from targets.models.plan import Plan
from targets.models.rule import AlertRule
from targets.models.target import Target
from targets.querysets import SilenceQuerySet


def _scope_field(model: Any, label: Any) -> Any:
    return models.ForeignKey(
        model, on_delete=models.CASCADE, null=True, blank=True, related_name="silences", verbose_name=label
    )


class Silence(models.Model):
    """No reminders and escalations for a time, for alerts that match every field that is set.

    A silence never stops the notification of a resolved alert.
    """

    id = Uuid7Field(primary_key=True)
    rule = _scope_field(AlertRule, text("rule", "quy tắc"))
    target = _scope_field(Target, text("target", "chỉ tiêu"))
    plan = _scope_field(Plan, text("plan", "kế hoạch"))
    section = models.CharField(text("section", "lĩnh vực"), max_length=100, blank=True, default="")
    department = _scope_field(Department, text("department, with all below", "đơn vị và cấp dưới"))
    indicator = _scope_field(Indicator, text("indicator", "chỉ số"))
    area = _scope_field(Area, text("area", "địa bàn"))
    starts_at = models.DateTimeField(text("from", "từ"))
    ends_at = models.DateTimeField(text("until", "đến"))
    author = models.CharField(text("author", "người tạo"), max_length=200)
    reason = models.TextField(text("reason", "lý do"))

    objects = SilenceQuerySet.as_manager()

    class Meta:
        verbose_name = text("silence", "tạm dừng nhắc")
        verbose_name_plural = text("silences", "tạm dừng nhắc")
        constraints = [
            models.CheckConstraint(condition=Q(starts_at__lt=F("ends_at")), name="targets_silence_valid_time_range")
        ]
        indexes = [models.Index(fields=["ends_at"], name="targets_silence_ends_at")]

    def __str__(self) -> str:
        return f"{self.author}: {self.reason}"
