"""The response to OPTIONS: the methods of a route, and where they are described."""

from typing import TYPE_CHECKING

from django.urls import reverse
from rest_framework.metadata import BaseMetadata

from kpitracker.lib.json_types import JsonObject
from kpitracker.lib.rest.renderers import JSONRenderer

if TYPE_CHECKING:  # views load their default metadata class while they are loaded themselves
    from rest_framework.request import Request
    from rest_framework.response import Response
    from rest_framework.views import APIView

    _View = APIView
else:
    _View = object


class JsonOptionsMixin(_View):
    """Responds to OPTIONS with JSON, also where a route returns files or pages, whose renderers cannot render it."""

    def options(self, request: "Request", *args: object, **kwargs: object) -> "Response":  # type: ignore[override]
        request.accepted_renderer, request.accepted_media_type = JSONRenderer(), JSONRenderer.media_type
        return super().options(request, *args, **kwargs)


class Metadata(BaseMetadata):
    """DRF's own metadata instantiates the serializer of each method, which views without a body do not have."""

    def determine_metadata(self, request: "Request", view: "APIView") -> JsonObject:
        return {"methods": view.allowed_methods, "description": reverse("v1:schema")}
