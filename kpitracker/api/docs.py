"""The OpenAPI document and its pages. They need no key: they hold no data."""

from drf_spectacular.renderers import OpenApiJsonRenderer2, OpenApiYamlRenderer2
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.renderers import BaseRenderer

from kpitracker.lib.rest.metadata import JsonOptionsMixin


class _JsonRenderer(OpenApiJsonRenderer2):
    media_type = "application/json"
    format = "json"


class _YamlRenderer(OpenApiYamlRenderer2):
    media_type = "application/yaml"
    format = "yaml"


class SchemaView(JsonOptionsMixin, SpectacularAPIView):
    """OpenAPI 3.1; JSON unless `?format=yaml`."""

    renderer_classes: list[type[BaseRenderer]] = [_JsonRenderer, _YamlRenderer]
    authentication_classes: list[type] = []
    permission_classes: list[type] = []


class DocsView(JsonOptionsMixin, SpectacularSwaggerSplitView):
    """Swagger UI, served from our own static files."""

    authentication_classes: list[type] = []
    permission_classes: list[type] = []
