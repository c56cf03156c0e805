"""Areas: the places that figures are about."""

from django.db import models
from django.db.models import Q

from indicators.domain.choices import AreaKind
from indicators.models.tree_node import TreeModel
from indicators.querysets import AreaQuerySet
from kpitracker.lib.i18n.text import text

AREA_KINDS = {
    AreaKind.COUNTRY: text("country", "quốc gia"),
    AreaKind.REGION: text("region", "vùng"),
    AreaKind.PROVINCE: text("province", "tỉnh"),
    AreaKind.CITY: text("city", "thành phố"),
    AreaKind.DISTRICT: text("district", "quận, huyện"),
    AreaKind.WARD: text("ward", "phường, xã"),
    AreaKind.OTHER: text("other", "khác"),
}


class Area(TreeModel):
    kind = models.CharField(
        text("kind", "loại"), max_length=10, choices=[(k.value, v) for k, v in AREA_KINDS.items()], default="other"
    )

    objects = AreaQuerySet.as_manager()

    class Meta(TreeModel.Meta):
        verbose_name = text("area", "địa bàn")
        verbose_name_plural = text("areas", "địa bàn")
        constraints = [
            *TreeModel.Meta.constraints,
            models.CheckConstraint(
                condition=Q(kind__in=[k.value for k in AreaKind]), name="indicators_area_valid_kind"
            ),
        ]
