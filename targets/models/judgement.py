"""Judgements of qualitative targets."""

from django.db import models
from django.db.models import Q
from django.utils.formats import date_format

from kpitracker.lib.db.fields import Uuid7Field
from kpitracker.lib.i18n.text import text
from targets.domain.judgements import JUDGEMENT_STATUSES
from targets.models.assessment import STATUS_LABELS
from targets.models.target import Target
from targets.querysets import JudgementQuerySet


class Judgement(models.Model):
    """A judgement by a person. Append-only: a different opinion is a new judgement."""

    id = Uuid7Field(primary_key=True)
    target = models.ForeignKey(
        Target, on_delete=models.PROTECT, related_name="judgements", verbose_name=text("target", "chỉ tiêu")
    )
    status = models.CharField(
        text("status", "trạng thái"),
        max_length=10,
        choices=[(status.value, STATUS_LABELS[status]) for status in JUDGEMENT_STATUSES],
    )
    reason = models.TextField(text("reason", "lý do"))
    day = models.DateField(text("day", "ngày"))
    recorded_at = models.DateTimeField(text("recorded", "ghi nhận lúc"))
    judged_by = models.CharField(text("judged by", "người đánh giá"), max_length=200)

    objects = JudgementQuerySet.as_manager()

    class Meta:
        verbose_name = text("judgement", "nhận định")
        verbose_name_plural = text("judgements", "các nhận định")
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=[status.value for status in JUDGEMENT_STATUSES]),
                name="targets_judgement_valid_status",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="targets_judgement_reason_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.target}: {self.get_status_display()} ({date_format(self.day)})"
