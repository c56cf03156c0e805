"""Query parameters: a misspelt parameter is an error, never ignored, and so is an empty value."""

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, date, datetime
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
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


BOOLEANS = ("true", "false")


class ParameterRules(NamedTuple):
    """What parameters take beside one value that is not empty, by their names."""

    several: frozenset[str] = frozenset()
    may_be_empty: frozenset[str] = frozenset()
    choices: Mapping[str, Collection[str]] = {}


def check_parameters(request: Request, allowed: Collection[str], rules: ParameterRules) -> None:
    """Raises `ValidationProblem`: unknown-parameter for a parameter that is unknown or given twice, invalid-parameter
    for an empty value, which a client sends when its variable is empty and which must not mean every row, and for
    forbidden characters, on which PostgreSQL would fail with its own error.
    """
    _check_encoding(request)
    items = []
    for name, values in request.query_params.lists():
        pointer = f"?{text_validation.ascii_preview(name)}"
        if detail := text_validation.find_fault(name) or next(
            filter(None, map(text_validation.find_fault, values)), None
        ):
            items.append(ProblemItem(pointer, "invalid-parameter", detail))
        elif name not in allowed:
            items.append(ProblemItem(pointer, "unknown-parameter", _unknown_name(name, allowed)))
        elif len(values) > 1 and name not in rules.several:
            items.append(ProblemItem(pointer, "unknown-parameter", _repeated_name(name, allowed)))
        elif name not in rules.may_be_empty and not all(
            part.strip() for part in (split_values(values) if name in rules.several else values)
        ):
            items.append(ProblemItem(pointer, "invalid-parameter", _empty_value(name, allowed, rules)))
    if items:
        raise ValidationProblem(items=items)


def _unknown_name(name: str, allowed: Collection[str]) -> str:
    names = ", ".join(sorted(allowed)) or "-"
    return text(f"{name!a} is not a parameter here. There are: {names}.", f"Không có tham số {name!a}. Có: {names}.")


def _repeated_name(name: str, allowed: Collection[str]) -> str:
    if f"{name}__in" in allowed:
        return text(
            f"{name} is given twice. Several values: {name}__in.",
            f"Tham số {name} bị lặp. Nhiều giá trị thì dùng {name}__in.",
        )
    return text(f"{name} is given twice. It takes one value.", f"Tham số {name} bị lặp. Chỉ nhận một giá trị.")


def _empty_value(name: str, allowed: Collection[str], rules: ParameterRules) -> str:
    sentences = [
        text(
            f"{name} is empty: give a value or leave the parameter out.",
            f"Tham số {name} để trống: hãy nêu giá trị hoặc bỏ tham số.",
        )
    ]
    if (without := f"{name}__isnull") in allowed:
        sentences.append(text(f"Those without one: {without}=true.", f"Tìm mục chưa có: {without}=true."))
    if name in rules.choices:
        sentences.append(_choices_text(rules.choices[name]))
    return " ".join(map(str, sentences))


def split_values(values: Iterable[str]) -> list[str]:
    """The values of a parameter that takes several: `a=1&a=2` and `a=1,2` are the same."""
    return [part for value in values for part in value.split(",")]


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


def parse_day_value(value: str, name: str = "") -> date:
    """Parse a day YYYY-MM-DD. Raises `ValidationProblem` (invalid-parameter)."""
    try:
        return parse_day(value)
    except ValueError as error:
        raise invalid_parameter(name, text("A day YYYY-MM-DD is expected.", "Cần ngày dạng YYYY-MM-DD.")) from error


def as_of_parameter(request: Request) -> date:
    """The day of `?as_of=`, default today. Raises `ValidationProblem` for a day after today."""
    today = clock.today()
    requested = any_day_parameter(request, "as_of")
    if requested is None:
        return today
    if requested > today:
        raise invalid_parameter(
            "as_of",
            text(
                f"as_of may not be after today ({date_format(today)}).",
                f"as_of không được sau hôm nay ({date_format(today)}).",
            ),
        )
    return requested


def any_day_parameter(request: Request, name: str) -> date | None:
    """A day, or None when the parameter is not given."""
    value = request.query_params.get(name)
    return None if value is None else parse_day_value(value, name)


def day_parameter(request: Request, name: str, latest: date) -> date | None:
    """A day that is not after `latest`, or None when the parameter is not given."""
    requested = any_day_parameter(request, name)
    if requested is not None and requested > latest:
        raise invalid_parameter(
            name, text(f"Not after {date_format(latest)}.", f"Không được sau {date_format(latest)}.")
        )
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
            "A time with offset from 1900 to 2199 is expected, such as 2024-06-30T17:00:00+07:00.",
            "Cần thời điểm kèm múi giờ, từ năm 1900 đến 2199, ví dụ 2024-06-30T17:00:00+07:00.",
        ),
    )


def boolean_parameter(request: Request, name: str, default: bool = False) -> bool:
    value = request.query_params.get(name)
    return default if value is None else parse_boolean(value, name)


def parse_boolean(value: str, name: str = "") -> bool:
    """Parse `true` or `false`. Raises `ValidationProblem` (invalid-parameter)."""
    if value not in BOOLEANS:
        raise invalid_parameter(name, text("true or false is expected.", "Cần true hoặc false."))
    return value == "true"


def choice_parameter(request: Request, name: str, choices: Collection[str]) -> str:
    """One of these choices, or "" when the parameter is not given."""
    value = request.query_params.get(name)
    return "" if value is None else parse_choice(value, choices, name)


def parse_choice(value: str, choices: Collection[str], name: str = "") -> str:
    """One of these choices. Raises `ValidationProblem` (invalid-parameter), which names them."""
    if value not in choices:
        names = ", ".join(choices)
        detail = text(f"There is no {value!a}. One of: {names}.", f"Không có {value!a}. Một trong: {names}.")
        raise invalid_parameter(name, detail)
    return value


def _choices_text(choices: Collection[str]) -> str:
    names = ", ".join(choices)
    return text(f"One of: {names}.", f"Một trong: {names}.")
