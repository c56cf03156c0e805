"""Serializer fields for types of the domain: periods, codes, days and times."""

import re
from datetime import date

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request

from indicators.domain.periods import InvalidPeriod, Period
from kpitracker.lib.errors import ValidationProblem
from kpitracker.lib.i18n.text import text
from kpitracker.lib.numbers import NumberText
from kpitracker.lib.rest import query_parameters

_MONTH_PATTERN = re.compile(r"[0-9]{4}-[0-9]{2}", re.ASCII)

PERIOD_EXPECTED = text(
    "A period such as 2024, 2024-H1, 2024-Q3, 2024-07, 2024-07-15 or 2024-01/2024-07 is expected.",
    "Cần kỳ dạng 2024, 2024-H1, 2024-Q3, 2024-07, 2024-07-15 hoặc 2024-01/2024-07.",
)


def parse_period(value: object) -> Period:
    if not isinstance(value, str) or isinstance(value, NumberText):
        raise ValidationProblem("invalid-period", PERIOD_EXPECTED)
    try:
        return Period.parse(value)
    except InvalidPeriod as error:
        raise ValidationProblem("invalid-period", PERIOD_EXPECTED) from error


@extend_schema_field({"type": "string", "examples": ["2024", "2024-Q3", "2024-01/2024-07"]})
class PeriodField(serializers.CharField):
    """A period as its code; read from `period` of the row."""

    def to_internal_value(self, data: object) -> Period:  # type: ignore[override]
        return parse_period(data)

    def to_representation(self, value: object) -> str:
        return str(value)


@extend_schema_field({"type": "string", "examples": ["2024-11-01", "2024-12", "unknown"]})
class PublishedField(serializers.CharField):
    """The day on which a figure was published. A month means its last day; `unknown` is read as None."""

    def to_internal_value(self, data: object) -> date | None:  # type: ignore[override]
        if data == "unknown":
            return None
        try:
            if not isinstance(data, str) or isinstance(data, NumberText):
                raise ValueError(data)
            return Period.parse(data).end if _MONTH_PATTERN.fullmatch(data) else query_parameters.parse_day(data)
        except ValueError as error:
            raise ValidationProblem(
                "invalid-date",
                text(
                    "A day YYYY-MM-DD, a month YYYY-MM or unknown.", "Cần ngày YYYY-MM-DD, tháng YYYY-MM hoặc unknown."
                ),
            ) from error

    def to_representation(self, value: date | None) -> str:  # type: ignore[override]
        return "unknown" if value is None else str(value.isoformat())


def period_bound(request: Request, name: str, *, end: bool) -> date | None:
    """The first or last day of the period in a query parameter; None without it. A day is a period as well."""
    value = request.query_params.get(name)
    if value is None:
        return None
    try:
        period = parse_period(value)
    except ValidationProblem as error:
        raise query_parameters.invalid_parameter(name, str(error.detail)) from error
    return period.end if end else period.start
