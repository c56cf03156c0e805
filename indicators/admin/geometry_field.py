"""The geometry of an area in the admin: a GeoJSON file, and a picture of what is stored."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.safestring import SafeString

from indicators.domain.map_paths import MAX_HEIGHT, WIDTH, draw_paths
from indicators.models import AreaShape
from indicators.services.catalogue.area_shapes import MAX_BYTES
from indicators.services.catalogue.geojson import Geometry, read_geometry
from kpitracker.lib.admin.forms import ServiceForm
from kpitracker.lib.admin.widgets import UploadWidget
from kpitracker.lib.errors import DomainError
from kpitracker.lib.i18n.text import text
from kpitracker.lib.rest.strict_json import parse_json


class GeometryField(forms.FileField):
    """A file with a Polygon or MultiPolygon; its cleaned value is the `Geometry`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            required=False,
            label=text("Geometry (GeoJSON)", "Ranh giới (GeoJSON)"),
            help_text=text(
                "For the map: a Polygon or MultiPolygon in WGS 84, at most 1 MB and 20,000 points. Replaces the stored one.",
                "Để vẽ bản đồ: Polygon hoặc MultiPolygon theo WGS 84, tối đa 1 MB và 20.000 điểm. Thay cho ranh giới đã lưu.",
            ),
            widget=UploadWidget(attrs={"accept": ".geojson,.json"}),
            **kwargs,
        )

    def clean(self, data: Any, initial: Any = None) -> Geometry | None:
        file = super().clean(data, initial)
        if not file:
            return None
        if file.size > MAX_BYTES:
            raise ValidationError(str(text("The file is larger than 1 MB.", "Tệp lớn hơn 1 MB.")))
        try:
            return read_geometry(parse_json(file.read()))
        except DomainError as error:
            raise ValidationError(str(error.detail)) from error


class AreaForm(ServiceForm):
    geometry_file = GeometryField()
    remove_geometry = forms.BooleanField(required=False, label=text("Remove the geometry", "Xóa ranh giới"))


def geometry_picture(shape: AreaShape | None) -> SafeString:
    """What is stored, as a small picture with the number of its points."""
    if shape is None:
        return format_html("{}", text("none", "chưa có"))
    picture = draw_paths([shape.outline])
    label = text(f"{shape.point_count} points", f"{shape.point_count} điểm")
    return format_html(
        '<svg viewBox="0 0 {} {}" width="160" height="160" role="img" aria-label="{}"><path d="{}" fill="currentColor" '
        'fill-opacity="0.35" fill-rule="evenodd" stroke="currentColor" stroke-width="4"/></svg> {}',
        WIDTH, min(picture.height, MAX_HEIGHT + 8), label, picture.paths[0].d, label,
    )  # fmt: skip
