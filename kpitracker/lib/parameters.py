"""Query parameters: a misspelt parameter is an error, never ignored."""

import re
from collections.abc import Collection
from datetime import UTC, date, datetime
from urllib.parse import unquote_to_bytes

from django.utils.dateparse import parse_datetime
from rest_framework.request import Request

from kpitracker.lib import clock, plain_text
from kpitracker.lib.errors import Invalid, Item
from kpitracker.lib.texts import text


def check_known(request: Request, known: Collection[str]) -> None:
    """Raises `ValidationProblem`: unknown-parameter for a parameter that is unknown or given twice, invalid-parameter
    for forbidden characters, on which PostgreSQL would fail with its own error.
    """
    _check_encoding(request)
    items = []
    for name, values in request.query_params.lists():
        if detail := plain_text.complaint(name) or next(filter(None, map(plain_text.complaint, values)), None):
            items.append(Item(f"?{plain_text.visible(name)}", "invalid-parameter", detail))
        elif name not in known:
            names = ", ".join(sorted(known)) or "-"
            items.append(
                Item(
                    f"?{plain_text.visible(name)}",
                    "unknown-parameter",
                    text(
                        f"{name!a} is not a parameter here. There are: {names}.",
                        f"Không có tham số {name!a}. Có: {names}.",
                    ),
                )
            )
        elif len(values) > 1:
            items.append(
                Item(f"?{name}", "unknown-parameter", text(f"{name} is given twice.", f"Tham số {name} bị lặp."))
            )
    if items:
        raise Invalid(items=items)


def _check_encoding(request: Request) -> None:
    # Django decodes broken bytes as U+FFFD, and the search would silently use another text.
    try:
        unquote_to_bytes(request.META.get("QUERY_STRING", "").encode("latin-1")).decode()
    except UnicodeError as error:
        raise refuse("", text("The query is not UTF-8.", "Tham số không phải UTF-8.")) from error


def refuse(name: str, detail: str) -> Invalid:
    return Invalid("invalid-parameter", detail, pointer=f"?{name}")


_DAY = re.compile(r"(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}", re.ASCII)


def day(value: str) -> date:
    """Parse a day YYYY-MM-DD of the years 1900 to 2199. Raises ValueError."""
    # The pattern is needed: Python also accepts 2026-W01-1.
    if not _DAY.fullmatch(value):
        raise ValueError(value)
    return date.fromisoformat(value)


def as_of(request: Request) -> date:
    """The day of `?as_of=`, default today. Raises `ValidationProblem` for a day after today."""
    today = clock.today()
    given = request.query_params.get("as_of")
    if given is None:
        return today
    try:
        asked = day(given)
    except ValueError as error:
        raise refuse("as_of", text("A day YYYY-MM-DD is expected.", "Cần ngày dạng YYYY-MM-DD.")) from error
    if asked > today:
        raise refuse(
            "as_of", text(f"as_of may not be after today ({today}).", f"as_of không được sau hôm nay ({today}).")
        )
    return asked


def day_before(request: Request, name: str, last: date) -> date | None:
    """A day that is not after `latest`, or None when the parameter is not given."""
    given = request.query_params.get(name)
    if given is None:
        return None
    try:
        asked = day(given)
    except ValueError as error:
        raise refuse(name, text("A day YYYY-MM-DD is expected.", "Cần ngày dạng YYYY-MM-DD.")) from error
    if asked > last:
        raise refuse(name, text(f"Not after {last}.", f"Không được sau {last}."))
    return asked


def moment(request: Request, name: str) -> datetime | None:
    """A time with offset, or None when the parameter is not given."""
    given = request.query_params.get(name)
    return None if given is None else as_moment(given, name)


def as_moment(given: str, name: str) -> datetime:
    """Parse a time with offset, return it in UTC. Raises `ValidationProblem` (invalid-parameter)."""
    try:
        # An unescaped plus sign arrives as a space.
        parsed = parse_datetime(given.replace(" ", "+") if given.count(":") > 1 and " " in given[19:] else given)
        if parsed is not None and parsed.tzinfo is not None and 1900 <= parsed.year < 2200:
            return parsed.astimezone(UTC)
    except ValueError:
        pass
    raise refuse(
        name,
        text(
            "A time with offset is expected, such as 2024-06-30T17:00:00+07:00.",
            "Cần thời điểm kèm múi giờ, ví dụ 2024-06-30T17:00:00+07:00.",
        ),
    )


def flag(request: Request, name: str, default: bool = False) -> bool:
    given = request.query_params.get(name)
    if given is None:
        return default
    if given not in ("true", "false"):
        raise refuse(name, text("true or false is expected.", "Cần true hoặc false."))
    return given == "true"


def choice(request: Request, name: str, choices: Collection[str]) -> str:
    """One of these choices, or "" when the parameter is not given."""
    given = request.query_params.get(name, "")
    if given and given not in choices:
        known = ", ".join(choices)
        raise refuse(name, text(f"One of: {known}.", f"Một trong: {known}."))
    return given
