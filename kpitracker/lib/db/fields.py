"""Model fields that behave the same on both databases."""

import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from kpitracker.lib.db.uuid7 import uuid7
from kpitracker.lib.numbers import canonical_decimal, fits_column

if TYPE_CHECKING:
    _DecimalBase = models.Field[Decimal | str | int | None, Any]
    _TextBase = models.CharField[str, str]
    _UuidBase = models.UUIDField[uuid.UUID, uuid.UUID]
else:
    # Django's fields are generic for the type checker only.
    _DecimalBase, _TextBase, _UuidBase = models.Field, models.CharField, models.UUIDField


class ExactDecimalField(_DecimalBase):
    """An exact decimal: numeric on PostgreSQL, text on SQLite, where Django's own field silently keeps 15 digits.

    Values are read without trailing zeros, so that both databases give the same text. Do not order by it in SQL.
    """

    def __init__(self, *args: Any, places: int = 6, digits: int = 18, **kwargs: Any) -> None:
        self.places, self.digits = places, digits
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "places": self.places, "digits": self.digits}

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return f"numeric({self.digits + self.places}, {self.places})" if connection.vendor == "postgresql" else "text"

    def db_check(self, connection: BaseDatabaseWrapper) -> str | None:
        """On SQLite, where the column is text: only the shortest plain notation of a number that fits is stored."""
        if connection.vendor == "postgresql":
            return None
        return decimal_text_check(connection.ops.quote_name(str(self.column)), places=self.places, digits=self.digits)

    def to_python(self, value: object) -> Decimal | None:
        if value is None or isinstance(value, Decimal):
            return value
        try:
            number = Decimal(str(value).strip())
        except ArithmeticError as error:
            raise ValidationError("Not a number.", code="invalid-number") from error
        if not number.is_finite():
            raise ValidationError("Not a number.", code="invalid-number")
        return number

    def get_prep_value(self, value: object) -> Decimal | None:
        number = self.to_python(super().get_prep_value(value))
        if number is None:
            return None
        if not fits_column(number, self.places, self.digits):
            # numeric would round silently, and text would keep values that numeric cannot hold.
            raise ValueError(f"{number} has more than {self.digits} digits before or {self.places} after the point.")
        return canonical_decimal(number)

    def get_db_prep_value(self, value: object, connection: BaseDatabaseWrapper, prepared: bool = False) -> Any:
        number = value if prepared else self.get_prep_value(value)
        return number if number is None or connection.vendor == "postgresql" else format(number, "f")

    def from_db_value(
        self, value: str | Decimal | None, expression: object, connection: BaseDatabaseWrapper
    ) -> Decimal | None:
        return None if value is None else canonical_decimal(Decimal(value))

    def formfield(self, **kwargs: Any) -> Any:
        from django import forms

        return super().formfield(
            **{
                "form_class": forms.DecimalField,
                "max_digits": self.digits + self.places,
                "decimal_places": self.places,
                **kwargs,
            }
        )


def decimal_text_check(column: str, *, places: int, digits: int) -> str:
    """SQL for SQLite: whether a text is a number as `ExactDecimalField` writes it. `column`: quoted.

    Only functions that are part of SQLite, so that every program can write to the database.
    """
    unsigned = f"ltrim({column}, '-')"
    conditions = (
        f"typeof({column}) = 'text'",
        # Other functions of SQLite see a text only up to U+0000.
        f"length(CAST({column} AS blob)) = length({column})",
        f"{column} NOT GLOB '*[^-.0-9]*'",
        f"{column} NOT GLOB '?*-*'",
        f"{column} NOT GLOB '*.*.*'",
        f"{column} GLOB '*[0-9]'",
        f"{unsigned} GLOB '[0-9]*'",
        # The same number has one text: batches compare texts.
        f"{unsigned} NOT GLOB '0[0-9]*'",
        f"{column} NOT GLOB '*.*0'",
        f"{column} <> '-0'",
        f"instr({unsigned} || '.', '.') <= {digits + 1}",
        f"length({column}) - instr({column} || '.', '.') <= {places}",
    )
    return f"{column} IS NULL OR ({' AND '.join(conditions)})"


class CodeField(_TextBase):
    """The immutable code of an object, used in URLs and bodies."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 64)
        kwargs.setdefault("unique", True)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, _, args, kwargs = super().deconstruct()
        return (
            name,
            "django.db.models.CharField",
            args,
            {**kwargs, "max_length": self.max_length, "unique": self.unique},
        )


class Uuid7Field(_UuidBase):
    """An opaque identifier that sorts by creation time. Migrations see a plain UUIDField without a default."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"default": uuid7, "editable": False, **kwargs})

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, _, args, kwargs = super().deconstruct()
        hidden = {"default", "editable"}
        return name, "django.db.models.UUIDField", args, {k: v for k, v in kwargs.items() if k not in hidden}
