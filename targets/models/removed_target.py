"""Targets that were deleted, for clients that keep a copy of the statuses."""

from django.db import models

from indicators.models import Department, Indicator
from kpitracker.lib.i18n.text import text
from targets.querysets import RemovedTargetQuerySet


class RemovedTarget(models.Model):
    """The id of a deleted target, with a number of the same sequence as the changes of assessments.

    Beside it what the filters of the statuses ask for: the codes of its plan, indicator and area, its section, and the
    department that answered for it.
    """

    identifier = models.CharField(text("id", "mã"), max_length=260)
    # Without its indicator nothing says any more who might see the target.
    indicator = models.ForeignKey(Indicator, on_delete=models.SET_NULL, null=True, related_name="+", editable=False)
    plan_code = models.CharField(text("plan", "kế hoạch"), max_length=64, default="")
    indicator_code = models.CharField(text("indicator", "chỉ số"), max_length=64, default="")
    area_code = models.CharField(text("area", "địa bàn"), max_length=64, default="")
    section = models.CharField(text("section", "nhóm chỉ tiêu"), max_length=100, blank=True, default="")
    department = models.ForeignKey(Department, on_delete=models.SET_NULL, null=True, related_name="+", editable=False)
    removed_at = models.DateTimeField(text("removed", "xóa lúc"))
    change = models.BigIntegerField(unique=True)

    objects = RemovedTargetQuerySet.as_manager()

    class Meta:
        verbose_name = text("removed target", "chỉ tiêu đã xóa")
        verbose_name_plural = text("removed targets", "chỉ tiêu đã xóa")

    def __str__(self) -> str:
        return self.identifier
