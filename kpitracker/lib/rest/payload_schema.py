"""TypedDicts in `extend_schema`: `responses=AlertPayload` gives the component `Alert`, `list[AlertPayload]` a list."""

from collections.abc import Iterator
from typing import Any, get_args, get_origin, get_type_hints, is_typeddict

import msgspec
from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from rest_framework.serializers import BaseSerializer

JsonSchema = dict[str, Any]
_SUFFIX = "Payload"
_REFERENCE = "#/components/schemas/"


class PayloadSerializer(BaseSerializer):  # type: ignore[type-arg]
    """Stands for a TypedDict where drf-spectacular expects a serializer. It serializes nothing."""

    payload: type


def as_serializer(response: object) -> Any:
    """Return a serializer that stands for a TypedDict, or for a list of them; anything else as it is."""
    is_list = get_origin(response) is list
    payload = get_args(response)[0] if is_list else response
    if not isinstance(payload, type) or not is_typeddict(payload):
        return response
    return type(payload.__name__, (PayloadSerializer,), {"payload": payload})(many=is_list)


class PayloadExtension(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    target_class = PayloadSerializer
    match_subclasses = True

    @classmethod
    def _matches(cls, target: object) -> bool:
        return is_typeddict(target) or bool(super()._matches(target))

    def get_name(self, auto_schema: AutoSchema, direction: str) -> str:
        return self.target.payload.__name__.removesuffix(_SUFFIX)  # type: ignore[no-any-return]

    def get_identity(self, auto_schema: AutoSchema, direction: str) -> str:
        return self.get_name(auto_schema, direction)

    def map_serializer(self, auto_schema: AutoSchema, direction: str) -> JsonSchema:
        """Return the schema of the TypedDict, and register those of the TypedDicts that it contains."""
        schemas = component_schemas(self.target.payload)
        own_schema = schemas.pop(self.get_name(auto_schema, direction))
        for name, schema in schemas.items():
            component = ResolvedComponent(name, ResolvedComponent.SCHEMA, schema, object=name)  # type: ignore[no-untyped-call]
            auto_schema.registry.register_on_missing(component)
        return own_schema


def component_schemas(payload: type) -> dict[str, JsonSchema]:
    """Return the JSON schemas of a TypedDict and of those that it contains, by the name of the component."""
    _, schemas = msgspec.json.schema_components([payload], schema_hook=lambda _: {}, ref_template=_REFERENCE + "{name}")
    return {
        contained.__name__.removesuffix(_SUFFIX): _component_schema(contained, schemas[contained.__name__])
        for contained in dict.fromkeys(_typed_dicts(payload))
    }


def _typed_dicts(annotation: object) -> Iterator[type]:
    """Yield the TypedDicts in a type, and those in their fields."""
    if is_typeddict(annotation):
        yield annotation  # type: ignore[misc]
        for field_type in get_type_hints(annotation).values():
            yield from _typed_dicts(field_type)
    for argument in get_args(annotation):
        yield from _typed_dicts(argument)


def _component_schema(payload: type, schema: JsonSchema) -> JsonSchema:
    """The properties in the order of the class; msgspec sorts them by name."""
    properties = {name: _simplify(schema["properties"][name]) for name in get_type_hints(payload)}
    rest = {name: value for name, value in schema.items() if name not in ("title", "properties")}
    return {**rest, "properties": properties}


def _simplify(schema: object) -> Any:
    """Write `null` as drf-spectacular does, as one of the types; refer to components by their names."""
    if isinstance(schema, list):
        return [_simplify(entry) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        reference = {"$ref": schema["$ref"].removesuffix(_SUFFIX)}
        return {"allOf": [reference], "description": schema["description"]} if "description" in schema else reference
    schema = {name: _simplify(value) for name, value in schema.items()}
    options = schema.get("anyOf", [])
    if len(options) == 2 and options[1] == {"type": "null"} and "type" in options[0]:
        del schema["anyOf"]
        nullable = {**options[0], "type": [options[0]["type"], "null"]}
        if "enum" in nullable:
            nullable["enum"] = [*nullable["enum"], None]
        return nullable | schema
    return schema
