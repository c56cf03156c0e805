"""Types of the texts in JSON payloads. Each adds the format of its texts to the OpenAPI document."""

from collections.abc import Iterable
from typing import Annotated, Any

from msgspec import Meta

# An object with arbitrary fields.
JsonObject = dict[str, Any]
# Values by the names of fields, as a serializer has checked them.
FieldValues = dict[str, Any]
DecimalText = Annotated[
    str, Meta(pattern=r"^-?[0-9]{1,18}(\.[0-9]{1,6})?$", description="Exact decimal in plain notation.")
]
ComputedDecimalText = Annotated[
    str,
    Meta(
        pattern=r"^-?[0-9]+(\.[0-9]+)?$",
        description="A plain decimal with all its places; rounded to 12 where it has no end.",
    ),
]
DateText = Annotated[str, Meta(extra_json_schema={"format": "date"})]
# A day, or `unknown`.
PublishedText = Annotated[str, Meta(examples=["2024-11-01", "2024-12", "unknown"])]
TimestampText = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
# Generated clients need items, of points or of rings.
Coordinates = Annotated[
    list[Annotated[list[Any], Meta(extra_json_schema={"items": {}})]],
    Meta(description="Of a Polygon: rings of points. Of a MultiPolygon: polygons of rings of points."),
]
PeriodCode = Annotated[str, Meta(examples=["2024", "2024-Q3", "2024-01/2024-07"])]


def one_of(values: Iterable[str]) -> Meta:
    """For `Annotated[str, one_of(Status)]`: the text is one of `values`."""
    return Meta(extra_json_schema={"enum": [str(value) for value in values]})


def described(text: str) -> Meta:
    """For `Annotated[..., described("...")]`: the description of a field in the OpenAPI document."""
    return Meta(description=text)


def component(name: str) -> Meta:
    """For `Annotated[dict[str, object], component("Plan")]`: an object that a serializer describes."""
    return Meta(extra_json_schema={"$ref": f"#/components/schemas/{name}"})
