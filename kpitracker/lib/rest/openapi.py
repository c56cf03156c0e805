"""Additions to drf-spectacular: problem responses and the conventions of docs/api.md."""

from typing import Any

from django.utils.translation import override
from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiFilterExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import build_parameter_type, get_doc
from drf_spectacular.utils import OpenApiParameter

from kpitracker.lib.json_types import JsonObject
from kpitracker.lib.problem_types import TITLES
from kpitracker.lib.rest.filters import view_filters
from kpitracker.lib.rest.pagination import KeysetPagination
from kpitracker.lib.rest.payload_schema import as_serializer
from kpitracker.lib.rest.problems import CONTENT_TYPE
from kpitracker.lib.rest.serializers import DECIMAL_TEXT_SCHEMA, StrictChoiceField, StrictDecimalField

_STATUS_REASONS = {
    "400": "Invalid input",
    "401": "No or no valid key",
    "403": "Not allowed",
    "404": "Not found",
    "405": "Method not allowed",
    "406": "Not acceptable",
    "409": "Conflicts with an existing record",
    "411": "Content-Length is missing",
    "412": "Changed by another caller since it was read",
    "413": "Too large",
    "415": "Unsupported media type",
    "422": "Does not fit what is stored",
    "428": "If-Match is needed",
    "429": "Too many requests",
    "500": "Something went wrong here",
    "503": "The storage does not respond",
}
_NOT_MODIFIED = {"description": "Not modified: the caller has it already, by the ETag in If-None-Match"}
_IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match", str, OpenApiParameter.HEADER, description="The ETag that was read: 304 if nothing has changed."
)


def _header(description: str, **schema: str) -> JsonObject:
    return {"description": description, "schema": {"type": "string", **schema}}


_ETAG = _header("The version of the response, for If-None-Match, and for If-Match of a change.")
_RETRY_AFTER = _header("After how many seconds to send the request again.")
_IDEMPOTENT_REPLAY = _header("`true`: the stored response to an earlier request with this Idempotency-Key.")
_LOCATION = _header("Where to read the progress of the import.", format="uri")
_READ_STATUSES = ("400", "401", "403", "404", "405", "406", "422", "429", "500", "503")
_STATUSES_TO_RETRY = ("409", "429", "503")
_WRITE_STATUSES = (*_READ_STATUSES, "409", "411", "413", "415")
_CHANGE_STATUSES = (*_WRITE_STATUSES, "412", "428")
_STATUSES_BY_METHOD = {
    "get": _READ_STATUSES,
    "post": _WRITE_STATUSES,
    "put": _CHANGE_STATUSES,
    "patch": _CHANGE_STATUSES,
    "delete": _CHANGE_STATUSES,
}

_VERBS = {
    "list": "List",
    "create": "Create",
    "retrieve": "Read",
    "update": "Replace",
    "partial_update": "Change",
    "destroy": "Delete",
}
_JSON = "application/json"

PROBLEM_SCHEMA: JsonObject = {
    "type": "object",
    "description": "RFC 9457",
    "required": ["type", "title", "status", "detail", "request_id"],
    "properties": {
        "type": {"type": "string", "enum": [f"/problems/{slug}" for slug in sorted(TITLES)]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "request_id": {"type": ["string", "null"]},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "slug", "detail"],
                "properties": {
                    "pointer": {"type": "string", "description": "JSON pointer into the body, or ?parameter"},
                    "slug": {"type": "string", "enum": sorted(TITLES)},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}


def _only_json(described: Any) -> Any:
    """Leave JSON as the only content of a body or a response that has it.

    A second content would make each response `object | string` in typed clients, and generators skip operations whose
    content they do not know. The other contents stand in the description of the operation or of `format`.
    """
    if described and _JSON in (content := described.get("content", {})):
        described["content"] = {_JSON: content[_JSON]}
    return described


class Schema(AutoSchema):
    """Adds the parameters of every list, If-Match for changes, and Idempotency-Key for POST."""

    def get_summary(self) -> str | None:
        """The first sentence of the action's docstring; without one the action and its model: "Create area"."""
        action = getattr(self.view, "action", "") or ""
        model = getattr(getattr(self.view, "queryset", None), "model", None)
        if get_doc(getattr(self.view, action, None)) or action not in _VERBS or model is None:
            return self.get_description().partition(".")[0] or None
        with override("en"):
            name = str(model._meta.verbose_name_plural if action == "list" else model._meta.verbose_name)
        article = "" if action == "list" else "an " if name[0].lower() in "aeiou" else "a "
        return f"{_VERBS[action]} {article}{name}"

    def _get_paginator(self) -> Any:
        # Every list is an object with `results` and `next`, even without pages.
        return super()._get_paginator() or KeysetPagination()  # type: ignore[no-untyped-call]

    def _get_pagination_parameters(self) -> list[Any]:
        pagination_class = getattr(self.view, "pagination_class", None)
        return super()._get_pagination_parameters() if pagination_class else []  # type: ignore[no-untyped-call]

    def _is_list_view(self, serializer: object = None) -> bool:
        response = self.get_response_serializers() if serializer is None else serializer
        return super()._is_list_view(as_serializer(response))

    def _get_response_for_code(self, serializer: object, *args: object, **kwargs: object) -> Any:
        response = super()._get_response_for_code(as_serializer(serializer), *args, **kwargs)  # type: ignore[no-untyped-call]
        return _only_json(response)

    def _get_request_body(self, direction: str = "request") -> Any:
        return _only_json(super()._get_request_body(direction))  # type: ignore[no-untyped-call]

    def _map_serializer_field(self, field: object, direction: str, bypass_extensions: bool = False) -> Any:
        schema = super()._map_serializer_field(field, direction, bypass_extensions)  # type: ignore[no-untyped-call]
        if direction == "response" and isinstance(field, StrictDecimalField):
            # A JSON number is accepted, but the response has a string.
            nullable = {"type": "null"} in schema["anyOf"]
            return {**DECIMAL_TEXT_SCHEMA, "type": ["string", "null"] if nullable else "string"}
        if direction == "response" and isinstance(field, StrictChoiceField) and field.allow_null:
            schema["enum"] = [choice for choice in schema["enum"] if choice != ""]
        return schema

    def _map_basic_serializer(self, serializer: object, direction: object) -> Any:
        # Read-only fields count as always present, unless the serializer declares them `required=False`.
        schema = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call]
        fields = getattr(serializer, "fields", {})
        optional = {name for name, field in fields.items() if field._kwargs.get("required") is False}
        if direction == "response" and optional & set(schema.get("required", ())):
            schema["required"] = [name for name in schema["required"] if name not in optional]
        if direction == "response":
            # A default says what an omitted field of a request means; no field of a response is omitted.
            for field_schema in schema.get("properties", {}).values():
                field_schema.pop("default", None)
        return schema

    def get_override_parameters(self) -> list[Any]:
        parameters: list[Any] = list(super().get_override_parameters())
        formats = [renderer.format for renderer in self.view.get_renderers()]
        if "csv" in formats:
            description = (
                "`csv` (text/csv: UTF-8 with a byte order mark; the fields as header, an object's as `object.field`) and "
                "`xlsx`: the whole list as a file, without pages."
            )
            parameters.append(OpenApiParameter("format", str, enum=formats, description=description))
        if self.method == "GET":
            parameters.append(_IF_NONE_MATCH)
        if self.method in ("PUT", "PATCH", "DELETE"):
            is_needed = self.method != "PUT" or not getattr(self.view, "creates_with_put", False)
            description = "The ETag that was read with the row." + (
                "" if is_needed else " Left out where none is stored."
            )
            parameters.append(
                OpenApiParameter("If-Match", str, OpenApiParameter.HEADER, is_needed, description=description)
            )
        if self.method == "POST":
            parameters.append(
                OpenApiParameter(
                    "Idempotency-Key",
                    {"type": "string", "minLength": 1, "maxLength": 255},
                    OpenApiParameter.HEADER,
                    description="A repeated request with it gets the first response again. Kept for 30 days.",
                )
            )
        return parameters


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "indicators.api.authentication.KeyAuthentication"
    name = "key"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "kpi_<prefix>_<secret>"}


def document_answers(result: JsonObject, **_: object) -> JsonObject:
    """Add to every operation the problems of its responses, by its method, and the headers of its responses."""
    components = result.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = PROBLEM_SCHEMA
    components["responses"] = {
        f"Problem{status}": {
            "description": reason,
            "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        | ({"headers": {"Retry-After": _RETRY_AFTER}} if status in _STATUSES_TO_RETRY else {})
        for status, reason in _STATUS_REASONS.items()
    }
    for operations in result["paths"].values():
        for method, operation in operations.items():
            _document_operation(method, operation["responses"])
    return result


def _document_operation(method: str, responses: JsonObject) -> None:
    for status, response in responses.items():
        response["headers"] = {
            **({"ETag": _ETAG} if method != "delete" and status != "202" else {}),
            **({"Idempotent-Replay": _IDEMPOTENT_REPLAY} if method == "post" else {}),
            **({"Location": _LOCATION} if status == "202" else {}),
        }
    if method == "get":
        responses["304"] = _NOT_MODIFIED
    for status in _STATUSES_BY_METHOD.get(method, ()):
        responses.setdefault(status, {"$ref": f"#/components/responses/Problem{status}"})


class StrictFilterExtension(OpenApiFilterExtension):  # type: ignore[no-untyped-call]
    target_class = "kpitracker.lib.rest.filters.StrictFilterBackend"
    priority = 1  # before that of drf-spectacular, which guesses types from the columns of the model

    def get_schema_operation_parameters(
        self, auto_schema: AutoSchema, *args: object, **kwargs: object
    ) -> list[JsonObject]:
        return [
            build_parameter_type(
                name=name,
                location=OpenApiParameter.QUERY,
                schema=dict(entry.parameter_schema),
                description=entry.description,
            )
            for name, entry in view_filters(auto_schema.view).items()
        ]
