"""Reporting duties: which department reports which indicator for which area."""

from django.db import models
from django.db.models import F, Q

from indicators.models.area import Area
from indicators.models.department import Department
from indicators.models.indicator import Indicator
from indicators.querysets import DutyQuerySet
from kpitracker.lib.db.fields import Uuid7Field
from kpitracker.lib.i18n.text import text
from kpitracker.lib.models import VersionedModel
from kpitracker.lib.own_part import OwnPartModel


class ReportingDuty(OwnPartModel, VersionedModel):
    """Replaces the default, by which the department of the indicator reports it for every area."""

    # Shown instead of the serial number, which would reveal how many duties exist that the user may not see.
    uid = Uuid7Field(unique=True)
    indicator = models.ForeignKey(
        Indicator, on_delete=models.PROTECT, related_name="duties", verbose_name=text("indicator", "chỉ số")
    )
    area = models.ForeignKey(
        Area, on_delete=models.PROTECT, related_name="duties", verbose_name=text("area", "địa bàn")
    )
    department = models.ForeignKey(
        Department, on_delete=models.PROTECT, related_name="duties", verbose_name=text("department", "đơn vị")
    )
    valid_from = models.DateField(text("from", "từ ngày"), null=True, blank=True)
    valid_to = models.DateField(text("to", "đến ngày"), null=True, blank=True)

    objects = DutyQuerySet.as_manager()

    class Meta:
        verbose_name = text("reporting duty", "nghĩa vụ báo cáo")
        verbose_name_plural = text("reporting duties", "nghĩa vụ báo cáo")
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_from=None) | Q(valid_to=None) | Q(valid_from__lte=F("valid_to")),
                name="indicators_reportingduty_valid_date_range",
            ),
            models.UniqueConstraint(
                fields=["indicator", "area", "department", "valid_from"], name="indicators_reportingduty_unique"
            ),
            # A unique constraint treats two nulls as different.
            models.UniqueConstraint(
                fields=["indicator", "area", "department"],
                condition=Q(valid_from=None),
                name="indicators_reportingduty_open_start_unique",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator} · {self.area} · {self.department}"

    def part_ids(self) -> set[int | None]:
        # A duty opens the indicator to the department: both must be the actor's.
        return {self.department_id, self.indicator.department_id}
