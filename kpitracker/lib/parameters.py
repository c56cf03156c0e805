"""Query parameters: a misspelt one is an error, never a wider answer."""

from collections.abc import Collection
from datetime import date, datetime

from django.utils.dateparse import parse_datetime
from rest_framework.request import Request

from kpitracker.lib import clock
from kpitracker.lib.errors import Invalid, Item
from kpitracker.lib.texts import text


def check_known(request: Request, known: Collection[str]) -> None:
    """Raises `Invalid` (unknown-parameter) for a parameter that nothing reads, or that is given twice."""
    items = []
    for name, values in request.query_params.lists():
        if name not in known:
            names = ", ".join(sorted(known)) or "-"
            items.append(
                Item(
                    f"?{name}",
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


def refuse(name: str, detail: str) -> Invalid:
    return Invalid("invalid-parameter", detail, pointer=f"?{name}")


def day(value: str) -> date:
    """A day written YYYY-MM-DD. Raises ValueError."""
    if len(value) != 10 or not value.isascii():
        raise ValueError(value)
    return date.fromisoformat(value)


def as_of(request: Request) -> date:
    """The day asked for with `?as_of=`, else today. Never after today: nothing is known of it."""
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


def moment(request: Request, name: str) -> datetime | None:
    """A time with offset, or None when the parameter is not given."""
    given = request.query_params.get(name)
    if given is None:
        return None
    try:
        # A plus sign that was not escaped arrives as a space.
        parsed = parse_datetime(given.replace(" ", "+") if given.count(":") > 1 and " " in given[19:] else given)
    except ValueError:
        parsed = None
    if parsed is None or parsed.tzinfo is None:
        raise refuse(
            name,
            text(
                "A time with offset is expected, such as 2024-06-30T17:00:00+07:00.",
                "Cần thời điểm kèm múi giờ, ví dụ 2024-06-30T17:00:00+07:00.",
            ),
        )
    return parsed


def flag(request: Request, name: str) -> bool:
    given = request.query_params.get(name, "false")
    if given not in ("true", "false"):
        raise refuse(name, text("true or false is expected.", "Cần true hoặc false."))
    return given == "true"
