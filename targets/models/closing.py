"""Period closings: the frozen scorecard of a plan."""

from django.db import models
from django.db.models import Q

from kpitracker.lib.db.fields import Uuid7Field
from kpitracker.lib.i18n.text import text
from targets.models.plan import Plan
from targets.querysets import ClosingQuerySet


class Closing(models.Model):
    """A frozen scorecard with a number and a digest of its content. Append-only."""

    id = Uuid7Field(primary_key=True)
    plan = models.ForeignKey(
        Plan, on_delete=models.PROTECT, related_name="closings", verbose_name=text("plan", "kế hoạch")
    )
    number = models.PositiveIntegerField(text("number", "số"))
    as_of = models.DateField(text("as of", "tính đến ngày"))
    recorded_by = models.DateTimeField(text("figures recorded by", "theo số liệu ghi nhận đến"))
    reason = models.TextField(text("reason", "lý do"))
    content = models.TextField(text("content", "nội dung"))
    digest = models.CharField("SHA-256", max_length=64)
    closed_by = models.CharField(text("closed by", "người chốt"), max_length=200)
    # The revisions of the last hour that the closing has read. A transaction that was still open at the closing has an
    # earlier timestamp although its revisions were not read.
    # The ids of the revisions and versions of the last hour that the closing read.
    recent = models.JSONField(default=dict, editable=False)

    objects = ClosingQuerySet.as_manager()

    class Meta:
        verbose_name = text("closed scorecard", "bảng kết quả đã chốt")
        verbose_name_plural = text("closed scorecards", "bảng kết quả đã chốt")
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="targets_closing_number_unique"),
            models.CheckConstraint(condition=Q(number__gte=1), name="targets_closing_number_positive"),
            models.CheckConstraint(condition=~Q(reason=""), name="targets_closing_reason_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.plan} № {self.number}"
