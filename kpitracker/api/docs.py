"""The OpenAPI document and its pages. They need no key: they hold no data."""

from typing import Any

from django.utils.translation import override
from drf_spectacular.generators import SchemaGenerator
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


class _KeptSchema(SchemaGenerator):
    """The document in English, made once: it is the same for all callers, and making it takes a second."""

    _document: Any = None

    def get_schema(self, request: Any = None, public: bool = False) -> Any:
        if _KeptSchema._document is None:
            # Its descriptions are English, so that labels of fields in the reader's language would mix two languages.
            with override("en"):
                _KeptSchema._document = super().get_schema(request, public)  # type: ignore[no-untyped-call]
        return _KeptSchema._document


class SchemaView(JsonOptionsMixin, SpectacularAPIView):
    """OpenAPI 3.1; JSON unless `?format=yaml`."""

    generator_class = _KeptSchema
    renderer_classes: list[type[BaseRenderer]] = [_JsonRenderer, _YamlRenderer]
    authentication_classes: list[type] = []
    permission_classes: list[type] = []


class DocsView(JsonOptionsMixin, SpectacularSwaggerSplitView):
    """Swagger UI, served from our own static files."""

    authentication_classes: list[type] = []
    permission_classes: list[type] = []
