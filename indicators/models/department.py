"""Organisations that answer for indicators and targets."""

from typing import Self

from django.db import models
from django.db.models import F, Q
from tree_queries.fields import TreeNodeForeignKey

from indicators.querysets import DepartmentQuerySet
from kpitracker.lib.models import NamedModel
from kpitracker.lib.texts import text


class Department(NamedModel):
    parent: "TreeNodeForeignKey[Self | None]" = TreeNodeForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=text("part of", "trực thuộc"),
    )
    email = models.EmailField(
        text("e-mail", "thư điện tử"),
        blank=True,
        default="",
        help_text=text(
            "Where alerts go. Without one they go to the nearest department above that has one.",
            "Nơi nhận cảnh báo. Nếu để trống, cảnh báo gửi tới đơn vị cấp trên gần nhất có địa chỉ.",
        ),
    )
    valid_from = models.DateField(text("valid from", "có từ ngày"), null=True, blank=True)
    valid_to = models.DateField(text("valid to", "đến ngày"), null=True, blank=True)
    successor = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="predecessors",
        verbose_name=text("succeeded by", "đơn vị kế thừa"),
    )

    objects = DepartmentQuerySet.as_manager()

    class Meta:
        verbose_name = text("department", "đơn vị")
        verbose_name_plural = text("departments", "đơn vị")
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_from=None) | Q(valid_to=None) | Q(valid_from__lte=F("valid_to")),
                name="indicators_department_begins_before_it_ends",
            ),
            models.CheckConstraint(condition=~Q(parent=F("id")), name="indicators_department_is_not_its_own_parent"),
        ]
