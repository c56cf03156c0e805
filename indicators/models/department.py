"""Departments: the organisations that are responsible for indicators and targets."""

from django.db import models

from indicators.models.tree_node import TreeModel
from indicators.querysets import DepartmentQuerySet
from kpitracker.lib.i18n.text import text
from kpitracker.lib.own_part import OwnPartModel


class Department(OwnPartModel, TreeModel):
    part_fields = ("parent",)

    email = models.EmailField(
        text("e-mail", "thư điện tử"),
        blank=True,
        default="",
        help_text=text(
            "Receives alerts. If empty, alerts go to the nearest department above that has an address.",
            "Nơi nhận cảnh báo. Nếu để trống, cảnh báo gửi tới đơn vị cấp trên gần nhất có địa chỉ.",
        ),
    )

    objects = DepartmentQuerySet.as_manager()

    class Meta(TreeModel.Meta):
        verbose_name = text("department", "đơn vị")
        verbose_name_plural = text("departments", "đơn vị")

    def part_ids(self) -> set[int | None]:
        # A successor may post the figures of the department.
        return {self.pk or self.parent_id, *([self.successor_id] if self.successor_id else [])}
