"""Store and remove the geometries of areas."""

import hashlib
import json

from django.db import transaction

from indicators.domain.outlines import simplify_rings
from indicators.models import Area, AreaShape
from indicators.services.catalogue.geojson import Geometry
from kpitracker.lib.actor import Actor
from kpitracker.lib.audit import log

MAX_BYTES = 1 << 20  # of a file


@transaction.atomic
def set_shape(*, area: Area, geometry: Geometry, by: Actor) -> AreaShape:
    """Store the geometry of an area in place of the one it has. Maps draw its outline of few points."""
    # Two writers of a first geometry wait for each other here.
    list(Area.objects.order_by().select_for_update(of=("self",)).filter(pk=area.pk))
    shape = AreaShape.objects.filter(area=area).first()
    before = _summary(shape)
    rings = [ring for polygon in geometry.polygons for ring in polygon]
    shape = shape or AreaShape(area=area)
    shape.geometry, shape.point_count = geometry.to_json(), geometry.point_count
    shape.outline = simplify_rings(rings)
    shape.save()
    log.write_entry(by=by, verb="changed", row=area, before=before, after=_summary(shape))
    return shape


@transaction.atomic
def remove_shape(*, shape: AreaShape, by: Actor) -> None:
    shape.delete()
    log.write_entry(by=by, verb="changed", row=shape.area, before=_summary(shape), after=_summary(None))


def _summary(shape: AreaShape | None) -> dict[str, object]:
    """What the audit keeps of a geometry: not its points, of which there may be a megabyte."""
    if shape is None:
        return {"geometry": None}
    digest = hashlib.sha256(json.dumps(shape.geometry, sort_keys=True).encode()).hexdigest()[:16]
    return {"geometry": f"{shape.geometry['type']}, {shape.point_count}, sha256 {digest}"}
