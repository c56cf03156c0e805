"""Strict serializers. Fields raise `ValidationProblem`; all errors of a body are reported at once."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from django.core.exceptions import ValidationError as DjangoValidationError
from django.core.validators import validate_email
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.fields import SkipField, empty

from kpitracker.lib import numbers, text_validation
from kpitracker.lib.errors import ProblemItem, TooLarge, ValidationProblem
from kpitracker.lib.i18n.text import text
from kpitracker.lib.rest import query_parameters
from kpitracker.lib.rest.renderers import iso_timestamp

if TYPE_CHECKING:
    _SerializerBase = serializers.Serializer[Any]
    _FieldBase = serializers.Field[Any, Any, Any, Any]
else:
    _SerializerBase, _FieldBase = serializers.Serializer, serializers.Field

Item = TypeVar("Item")
Converted = TypeVar("Converted")

# A body with 100,000 unknown names would get a response thirty times its size.
MAX_UNKNOWN_FIELDS = 20
REQUIRED = text("This field is required.", "Trường này là bắt buộc.")


class StrictSerializer(_SerializerBase):
    # No docstring: drf-spectacular would print it with every schema.
    # Unknown fields are errors. Null counts as missing, unless the class sets `null_clears`.
    null_clears = False
    max_errors = 1000

    @cached_property
    def fields_by_name(self) -> dict[str, "_FieldBase"]:
        """The fields that a body may have."""
        return {str(field.field_name): field for field in self._writable_fields}

    def run_validation(self, data: object = empty) -> dict[str, Any]:
        # Bypasses the errors of DRF, which have neither pointers nor slugs.
        return self.to_internal_value(data)

    def to_internal_value(self, data: object) -> dict[str, Any]:
        if not isinstance(data, Mapping):
            raise ValidationProblem(
                "invalid-type", text("An object is expected.", "Cần một đối tượng JSON."), pointer=""
            )
        unknown_names = (name for name in data if name not in self.fields_by_name)
        items = [
            _unknown_field_error(name, self.fields_by_name)
            for name in islice(unknown_names, min(MAX_UNKNOWN_FIELDS, self.max_errors))
        ]
        values: dict[str, Any] = {}
        for name, field in self.fields_by_name.items():
            if len(items) >= self.max_errors:
                break
            try:
                with suppress(SkipField):
                    values[str(field.source)] = self._field_value(field, data.get(name, empty))
            except ValidationProblem as error:
                items += prefix_errors(error, f"/{name}")
        if items:
            raise ValidationProblem(items=items)
        return values

    def _field_value(self, field: "_FieldBase", raw: object) -> object:
        if raw is None:
            if self.null_clears and field.allow_null:
                return None
            raw = empty
        if raw is empty:
            if self.partial or getattr(self.root, "partial", False):
                raise SkipField
            if field.required:
                raise ValidationProblem("required", REQUIRED)
            return field.get_default()
        return field.to_internal_value(raw)


def _unknown_field_error(name: str, fields: Iterable[str]) -> ProblemItem:
    names = ", ".join(fields)
    detail = text(f"There is no field {name!a} here. There are: {names}.", f"Không có trường {name!a}. Có: {names}.")
    return ProblemItem(f"/{escape_pointer(name)}", "unknown-field", detail)


def escape_pointer(name: str) -> str:
    """Escape a member name for a JSON pointer (RFC 6901)."""
    return text_validation.ascii_preview(name).replace("~", "~0").replace("/", "~1")


def require_text(value: object) -> str:
    if not isinstance(value, str) or isinstance(value, numbers.NumberText):
        raise ValidationProblem("invalid-type", text("A text is expected.", "Cần một văn bản."))
    return value


@extend_schema_field({"type": "string"})
class StrictTextField(serializers.CharField):
    """Text in NFC without control characters, at most `max_length` characters and 64 KB."""

    def __init__(self, *, one_line: bool = False, **kwargs: Any) -> None:
        self.one_line = one_line
        super().__init__(**kwargs)

    def to_internal_value(self, data: object) -> str:
        value = text_validation.clean_text(require_text(data), max_length=self.max_length, one_line=self.one_line)
        if not self.allow_blank and text_validation.is_blank(value):
            raise ValidationProblem("required", REQUIRED)
        return value


@extend_schema_field({"type": "string", "maxLength": 64, "pattern": "^[a-z][a-z0-9]*(-[a-z0-9]+)*$"})
class StrictCodeField(serializers.CharField):
    def to_internal_value(self, data: object) -> str:
        return text_validation.check_code(require_text(data))


@extend_schema_field({"type": "string", "maxLength": 254})
class StrictEmailField(serializers.CharField):
    def to_internal_value(self, data: object) -> str:
        value = text_validation.clean_text(require_text(data), max_length=254, one_line=True).strip()
        if value:
            try:
                validate_email(value)
            except DjangoValidationError as error:
                raise ValidationProblem("invalid-email", " ".join(error.messages)) from error
        return value


DECIMAL_TEXT_SCHEMA = {"type": "string", "pattern": r"^-?[0-9]{1,18}(\.[0-9]{1,6})?$"}
DECIMAL_SCHEMA = {
    "description": "Exact decimal in plain notation; a JSON number is accepted too.",
    "anyOf": [DECIMAL_TEXT_SCHEMA, {"type": "number"}],
}


@extend_schema_field(DECIMAL_SCHEMA)
class StrictDecimalField(_FieldBase):
    """Exact decimals, rendered as texts in plain notation; `minimum` is inclusive."""

    is_number = True  # spreadsheets write its values as numbers

    def __init__(self, *, minimum: int | None = None, **kwargs: Any) -> None:
        self.minimum = minimum
        super().__init__(**kwargs)

    def to_internal_value(self, data: object) -> Decimal:
        number = numbers.parse_number(data)
        if self.minimum is not None and number < self.minimum:
            raise ValidationProblem("invalid-number", text(f"At least {self.minimum}.", f"Ít nhất {self.minimum}."))
        return number

    def to_representation(self, value: Decimal) -> str:
        return format(numbers.canonical_decimal(value), "f")


class StrictIntegerField(serializers.IntegerField):
    def to_internal_value(self, data: object) -> int:
        low, high = self.min_value or 0, self.max_value or 0
        is_number = isinstance(data, numbers.NumberText) and data.isascii() and data.isdigit() and len(data) <= 9
        if is_number and low <= (number := int(str(data))) <= high:
            return number
        raise ValidationProblem(
            "invalid-number", text(f"A whole number {low} to {high}.", f"Cần số nguyên từ {low} đến {high}.")
        )


class StrictBooleanField(serializers.BooleanField):
    def to_internal_value(self, data: object) -> bool:
        if isinstance(data, bool):
            return data
        raise ValidationProblem("invalid-type", text("true or false is expected.", "Cần true hoặc false."))


class StrictDateField(serializers.DateField):
    def to_internal_value(self, data: object) -> date:
        try:
            return query_parameters.parse_day(require_text(data))
        except ValueError as error:
            raise ValidationProblem(
                "invalid-date", text("A day YYYY-MM-DD is expected.", "Cần ngày dạng YYYY-MM-DD.")
            ) from error


@extend_schema_field({"type": "string", "format": "date-time"})
class StrictDateTimeField(serializers.CharField):
    """A date and time with offset."""

    def to_internal_value(self, data: object) -> datetime:  # type: ignore[override]
        try:
            if isinstance(data, str) and not isinstance(data, numbers.NumberText):
                return query_parameters.parse_datetime_value(data, "")
        except ValidationProblem as error:
            raise ValidationProblem("invalid-date", error.detail) from error
        raise ValidationProblem("invalid-date", text("A time with offset is expected.", "Cần thời điểm kèm múi giờ."))

    def to_representation(self, value: datetime | None) -> str:  # type: ignore[override]
        return iso_timestamp(value) or ""


class CodeReferenceField(StrictCodeField):
    """A reference to another row by its code."""

    def to_representation(self, value: object) -> str:
        return str(getattr(value, "code", value))


class StrictChoiceField(serializers.ChoiceField):
    """A value of an enumeration of the domain."""

    def __init__(self, choices: Iterable[StrEnum], **kwargs: Any) -> None:
        values = [member.value for member in choices]
        # A client that sends the default itself must not be refused.
        blank = [""] if kwargs.get("default") == "" and "" not in values else []
        super().__init__(choices=[*blank, *values], **kwargs)

    def to_internal_value(self, data: object) -> str:
        if isinstance(data, str) and data in self.choices:
            return str(data)
        names = ", ".join(str(choice) or '""' for choice in self.choices)
        raise ValidationProblem("invalid-choice", text(f"One of: {names}.", f"Một trong: {names}."))


class StrictListField(serializers.ListField):
    """A list that reports errors with their index."""

    def to_internal_value(self, data: object) -> list[Any]:
        if not isinstance(data, list):
            raise ValidationProblem("invalid-type", text("A list is expected.", "Cần một danh sách."))
        limit = self.max_length or 1000
        if len(data) > limit:
            raise TooLarge("too-large", text(f"At most {limit} entries.", f"Tối đa {limit} phần tử."))
        return convert_items(data, self.child.to_internal_value)


class StrictDictField(serializers.DictField):
    """An object with arbitrary names that reports errors with their name."""

    max_entries = 1000

    def to_internal_value(self, data: object) -> dict[str, Any]:
        if not isinstance(data, Mapping):
            raise ValidationProblem("invalid-type", text("An object is expected.", "Cần một đối tượng JSON."))
        if len(data) > self.max_entries:
            raise TooLarge("too-large", text(f"At most {self.max_entries}.", f"Tối đa {self.max_entries}."))
        values, items = dict[str, Any](), list[ProblemItem]()
        for name, entry in data.items():
            try:
                values[name] = self.child.to_internal_value(entry)
            except ValidationProblem as error:
                items += prefix_errors(error, f"/{escape_pointer(name)}")
        if items:
            raise ValidationProblem(items=items)
        return values


def prefix_errors(error: ValidationProblem, prefix: str) -> list[ProblemItem]:
    """The items of an error with a prefix on their pointers. Raises `TooLarge` again: it is not an invalid field."""
    items = [item.with_prefix(prefix) for item in error.to_items()]
    if isinstance(error, TooLarge):
        raise TooLarge(items=items) from error
    return items


def convert_items(data: list[Item], convert: Callable[[Item], Converted]) -> list[Converted]:
    values, items = [], []
    for index, entry in enumerate(data):
        try:
            values.append(convert(entry))
        except ValidationProblem as error:
            items += prefix_errors(error, f"/{index}")
    if items:
        raise ValidationProblem(items=items)
    return values


class NamedResourceSerializer(StrictSerializer):
    code = StrictCodeField()
    name = StrictTextField(max_length=300, one_line=True)
    name_en = StrictTextField(max_length=300, one_line=True, allow_blank=True, default="")


class KeyRotationSerializer(StrictSerializer):
    overlap_hours = StrictIntegerField(
        min_value=0, max_value=2160, default=168, help_text="For how many hours the present key stays valid."
    )
