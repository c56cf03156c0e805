"""The outlines of areas, for maps."""

from django.db import models

from indicators.models.area import Area
from indicators.querysets import AreaShapeQuerySet
from kpitracker.lib.i18n.text import text
from kpitracker.lib.models import VersionedModel


class AreaShape(VersionedModel):
    """`geometry`: a GeoJSON Polygon or MultiPolygon in WGS 84. `outline`: its rings with few points, which maps draw."""

    area = models.OneToOneField(
        Area, on_delete=models.CASCADE, related_name="shape", verbose_name=text("area", "địa bàn")
    )
    geometry = models.JSONField(text("geometry", "ranh giới"))
    outline = models.JSONField(text("outline", "ranh giới rút gọn"))
    point_count = models.PositiveIntegerField(text("points", "số điểm"))

    objects = AreaShapeQuerySet.as_manager()

    class Meta:
        verbose_name = text("geometry of an area", "ranh giới địa bàn")
        verbose_name_plural = text("geometries of areas", "ranh giới địa bàn")

    @property
    def uid(self) -> str:
        """Names the row in its ETag."""
        return self.area.code
