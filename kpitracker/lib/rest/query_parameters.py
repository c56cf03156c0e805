"""Query parameters: a misspelt parameter is an error, never ignored."""

import re
from collections.abc import Collection
from datetime import UTC, date, datetime
from urllib.parse import unquote_to_bytes

from django.utils.dateparse import parse_datetime
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from kpitracker.lib import clock, text_validation
from kpitracker.lib.errors import ProblemItem, ValidationProblem
from kpitracker.lib.i18n.text import text

AS_OF = OpenApiParameter(
    "as_of", {"type": "string", "format": "date"}, description="What was published by the end of that day."
)
RECORDED_BY = OpenApiParameter(
    "recorded_by", {"type": "string", "format": "date-time"}, description="Only what had been recorded by then."
)


def check_parameter_names(request: Request, allowed: Collection[str]) -> None:
    """Raises `ValidationProblem`: unknown-parameter for a parameter that is unknown or given twice, invalid-parameter
    for forbidden characters, on which PostgreSQL would fail with its own error.
    """
    _check_encoding(request)
    items = []
    for name, values in request.query_params.lists():
        if detail := text_validation.find_fault(name) or next(
            filter(None, map(text_validation.find_fault, values)), None
        ):
            items.append(ProblemItem(f"?{text_validation.ascii_preview(name)}", "invalid-parameter", detail))
        elif name not in allowed:
            names = ", ".join(sorted(allowed)) or "-"
            items.append(
                ProblemItem(
                    f"?{text_validation.ascii_preview(name)}",
                    "unknown-parameter",
                    text(
                        f"{name!a} is not a parameter here. There are: {names}.",
                        f"Không có tham số {name!a}. Có: {names}.",
                    ),
                )
            )
        elif len(values) > 1:
            items.append(
                ProblemItem(f"?{name}", "unknown-parameter", text(f"{name} is given twice.", f"Tham số {name} bị lặp."))
            )
    if items:
        raise ValidationProblem(items=items)


def _check_encoding(request: Request) -> None:
    # Django decodes broken bytes as U+FFFD, and the search would silently use another text.
    try:
        unquote_to_bytes(request.META.get("QUERY_STRING", "").encode("latin-1")).decode()
    except UnicodeError as error:
        raise invalid_parameter("", text("The query is not UTF-8.", "Tham số không phải UTF-8.")) from error


def invalid_parameter(name: str, detail: str) -> ValidationProblem:
    return ValidationProblem("invalid-parameter", detail, pointer=f"?{name}")


_DAY_PATTERN = re.compile(r"(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}", re.ASCII)


def parse_day(value: str) -> date:
    """Parse a day YYYY-MM-DD of the years 1900 to 2199. Raises ValueError."""
    # The pattern is needed: Python also accepts 2026-W01-1.
    if not _DAY_PATTERN.fullmatch(value):
        raise ValueError(value)
    return date.fromisoformat(value)


def as_of_parameter(request: Request) -> date:
    """The day of `?as_of=`, default today. Raises `ValidationProblem` for a day after today."""
    today = clock.today()
    value = request.query_params.get("as_of")
    if value is None:
        return today
    try:
        requested = parse_day(value)
    except ValueError as error:
        raise invalid_parameter("as_of", text("A day YYYY-MM-DD is expected.", "Cần ngày dạng YYYY-MM-DD.")) from error
    if requested > today:
        raise invalid_parameter(
            "as_of", text(f"as_of may not be after today ({today}).", f"as_of không được sau hôm nay ({today}).")
        )
    return requested


def day_parameter(request: Request, name: str, latest: date) -> date | None:
    """A day that is not after `latest`, or None when the parameter is not given."""
    value = request.query_params.get(name)
    if value is None:
        return None
    try:
        requested = parse_day(value)
    except ValueError as error:
        raise invalid_parameter(name, text("A day YYYY-MM-DD is expected.", "Cần ngày dạng YYYY-MM-DD.")) from error
    if requested > latest:
        raise invalid_parameter(name, text(f"Not after {latest}.", f"Không được sau {latest}."))
    return requested


def datetime_parameter(request: Request, name: str) -> datetime | None:
    """A time with offset, or None when the parameter is not given."""
    value = request.query_params.get(name)
    return None if value is None else parse_datetime_value(value, name)


def parse_datetime_value(value: str, name: str) -> datetime:
    """Parse a time with offset, return it in UTC. Raises `ValidationProblem` (invalid-parameter)."""
    try:
        # An unescaped plus sign arrives as a space.
        parsed = parse_datetime(value.replace(" ", "+") if value.count(":") > 1 and " " in value[19:] else value)
        if parsed is not None and parsed.tzinfo is not None and 1900 <= parsed.year < 2200:
            return parsed.astimezone(UTC)
    except ValueError:
        pass
    raise invalid_parameter(
        name,
        text(
            "A time with offset is expected, such as 2024-06-30T17:00:00+07:00.",
            "Cần thời điểm kèm múi giờ, ví dụ 2024-06-30T17:00:00+07:00.",
        ),
    )


def boolean_parameter(request: Request, name: str, default: bool = False) -> bool:
    value = request.query_params.get(name)
    if value is None:
        return default
    if value not in ("true", "false"):
        raise invalid_parameter(name, text("true or false is expected.", "Cần true hoặc false."))
    return value == "true"


def choice_parameter(request: Request, name: str, choices: Collection[str]) -> str:
    """One of these choices, or "" when the parameter is not given."""
    value = request.query_params.get(name, "")
    if value and value not in choices:
        names = ", ".join(choices)
        raise invalid_parameter(name, text(f"One of: {names}.", f"Một trong: {names}."))
    return value
