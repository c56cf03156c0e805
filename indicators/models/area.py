"""Places that figures are about."""

from typing import Self

from django.db import models
from django.db.models import F, Q
from tree_queries.fields import TreeNodeForeignKey

from indicators.domain.vocabulary import AreaKind
from indicators.querysets import AreaQuerySet
from kpitracker.lib.models import NamedModel
from kpitracker.lib.texts import text

AREA_KINDS = {
    AreaKind.COUNTRY: text("country", "quốc gia"),
    AreaKind.REGION: text("region", "vùng"),
    AreaKind.PROVINCE: text("province", "tỉnh"),
    AreaKind.CITY: text("city", "thành phố"),
    AreaKind.DISTRICT: text("district", "quận, huyện"),
    AreaKind.WARD: text("ward", "phường, xã"),
    AreaKind.OTHER: text("other", "khác"),
}


class Area(NamedModel):
    kind = models.CharField(
        text("kind", "loại"), max_length=10, choices=[(k.value, v) for k, v in AREA_KINDS.items()], default="other"
    )
    parent: "TreeNodeForeignKey[Self | None]" = TreeNodeForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=text("part of", "thuộc"),
    )
    valid_from = models.DateField(text("valid from", "có từ ngày"), null=True, blank=True)
    valid_to = models.DateField(text("valid to", "đến ngày"), null=True, blank=True)
    successor = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="predecessors",
        verbose_name=text("merged into", "sáp nhập vào"),
    )

    objects = AreaQuerySet.as_manager()

    class Meta:
        verbose_name = text("area", "địa bàn")
        verbose_name_plural = text("areas", "địa bàn")
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_from=None) | Q(valid_to=None) | Q(valid_from__lte=F("valid_to")),
                name="indicators_area_begins_before_it_ends",
            ),
            models.CheckConstraint(condition=~Q(parent=F("id")), name="indicators_area_is_not_its_own_parent"),
            models.CheckConstraint(
                condition=Q(kind__in=[k.value for k in AreaKind]), name="indicators_area_kind_known"
            ),
        ]
