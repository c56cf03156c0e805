"""The geometry of an area, which maps draw."""

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from indicators.models import Area, AreaShape
from indicators.payloads import AreaGeometryPayload
from indicators.services.catalogue import area_shapes
from indicators.services.catalogue.geojson import read_geometry
from kpitracker.lib.actor import Scope, get_actor
from kpitracker.lib.errors import NotFound, PreconditionFailed
from kpitracker.lib.rest import etags
from kpitracker.lib.rest.payload_schema import as_serializer
from kpitracker.lib.rest.viewsets import ApiViewSet


class AreaGeometryViewSet(ApiViewSet):
    queryset = Area.objects.order_by()
    write_scope = Scope.ADMIN
    creates_with_put = True

    @extend_schema(responses=AreaGeometryPayload)
    def retrieve(self, request: Request, code: str) -> Response:
        """Read the geometry of an area as GeoJSON. 404 where none is stored."""
        return _shape_response(self._find_shape(self._find_area(code)))

    @extend_schema(
        request=as_serializer(AreaGeometryPayload), responses={200: AreaGeometryPayload, 201: AreaGeometryPayload}
    )
    def update(self, request: Request, code: str) -> Response:
        """Replace the geometry of an area: GeoJSON in WGS 84, at most 1 MB and 20,000 points.

        Also a Feature, or a FeatureCollection of one. A stored geometry is replaced with its ETag as `If-Match`.
        """
        geometry = read_geometry(request.data)
        with transaction.atomic():
            area = self._find_area(code, lock=True)
            shape = AreaShape.objects.filter(area=area).first()
            if shape is not None:
                etags.check_if_match(self.request, shape)
            elif "If-Match" in request.headers:
                raise PreconditionFailed
            saved = area_shapes.set_shape(area=area, geometry=geometry, by=get_actor(request))
        return _shape_response(saved, 201 if shape is None else 200)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, code: str) -> Response:
        """Delete the geometry of an area: no map draws it."""
        with transaction.atomic():
            shape = self._find_shape(self._find_area(code, lock=True))
            etags.check_if_match(self.request, shape)
            area_shapes.remove_shape(shape=shape, by=get_actor(request))
        return Response(status=204)

    def _find_area(self, code: str, *, lock: bool = False) -> Area:
        areas = self.get_queryset()
        area: Area | None = (areas.select_for_update(of=("self",)) if lock else areas).filter(code=code).first()
        if area is None:
            raise NotFound
        return area

    @staticmethod
    def _find_shape(area: Area) -> AreaShape:
        shape = AreaShape.objects.select_related("area").filter(area=area).first()
        if shape is None:
            raise NotFound
        return shape


def _shape_response(shape: AreaShape, status: int = 200) -> Response:
    return Response(shape.geometry, status=status, headers={"ETag": etags.etag_for(shape)})
