"""Keyset pagination: no counts, and no page shifts during concurrent writes."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.core import signing
from django.core.exceptions import ValidationError
from django.db.models import Q
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from kpitracker.lib.errors import Invalid
from kpitracker.lib.parameters import refuse
from kpitracker.lib.texts import text

DEFAULT_SIZE = 100
MAX_SIZE = 1000
PARAMETERS = frozenset({"cursor", "page_size", "ordering"})

Row = TypeVar("Row")
Place = tuple[str, str, bool]  # the list, its ordering field, whether descending


def page_size(request: Request) -> int:
    given = request.query_params.get("page_size")
    if given is None:
        return DEFAULT_SIZE
    if given.isascii() and given.isdigit() and len(given) <= 4 and 1 <= int(given) <= MAX_SIZE:
        return int(given)
    raise refuse("page_size", text(f"1 to {MAX_SIZE} is expected.", f"Cần số từ 1 đến {MAX_SIZE}."))


class KeysetPagination(BasePagination):
    """Pages ordered by (ordering field, unique field): rows with equal values can neither repeat nor vanish.

    The view declares `ordering_fields` (parameter → model field, NOT NULL), the default `ordering`, and the
    `tie_breaker`, a unique field. It must not be a serial number, because clients can read a cursor. A cursor is
    signed together with the name of its list: no value of a client or of another list reaches a query unchecked.
    """

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        self.request = request
        name, descending = self._ordering(request, view)
        place = (f"{queryset.model._meta.label_lower} {type(view).__name__}", name, descending)
        field = view.ordering_fields[name]
        size = page_size(request)
        if cursor := request.query_params.get("cursor"):
            queryset = self._after(queryset, cursor, place, (field, view.tie))
        rows = list(self._sorted(queryset, view, name, descending)[: size + 1])
        self.next = self._cursor(rows[size - 1], place, (field, view.tie)) if len(rows) > size else None
        return rows[:size]

    def whole(self, queryset: Any, request: Request, view: Any) -> Any:
        """All rows in the requested order, without pages."""
        return self._sorted(queryset, view, *self._ordering(request, view))

    def _sorted(self, queryset: Any, view: Any, name: str, descending: bool) -> Any:
        sign = "-" if descending else ""
        return queryset.order_by(f"{sign}{view.ordering_fields[name]}", f"{sign}{view.tie}")

    def _ordering(self, request: Request, view: Any) -> tuple[str, bool]:
        given = request.query_params.get("ordering", view.ordering)
        name = given.removeprefix("-")
        if name not in view.ordering_fields:
            known = ", ".join(sorted(view.ordering_fields))
            detail = text(f"Ordered by: {known}.", f"Sắp xếp theo: {known}.")
            raise Invalid("unknown-parameter", detail, pointer="?ordering")
        return name, given.startswith("-")

    def _cursor(self, row: Any, place: Place, fields: tuple[str, str]) -> str:
        # Without a timestamp: one page has one cursor, equal for all callers who see the same rows.
        return _signer().sign_object([*place, *(_written(_value(row, field)) for field in fields)])

    def _after(self, queryset: Any, cursor: str, place: Place, fields: tuple[str, str]) -> Any:
        try:
            *signed, value, tie = _signer().unsign_object(cursor)
            if tuple(signed) != place:
                raise self._stale()
            beyond = "lt" if place[2] else "gt"
            later = Q(**{f"{fields[0]}__{beyond}": value})
            return queryset.filter(later | Q(**{fields[0]: value, f"{fields[1]}__{beyond}": tie}))
        except (signing.BadSignature, ValidationError, ValueError, TypeError) as error:
            # This also covers a cursor from before an upgrade that changed the type of the field.
            raise self._stale() from error

    @staticmethod
    def _stale() -> Exception:
        return refuse("cursor", text("Not a cursor of this list.", "Con trỏ không thuộc danh sách này."))

    def next_url(self) -> str | None:
        return None if self.next is None else _following(self.request, self.next)

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"results": data, "next": self.next_url()})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "object",
            "required": ["results", "next"],
            "properties": {
                "results": schema,
                "next": {"type": ["string", "null"], "description": "Address of the next page; null on the last."},
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        orders = sorted(view.ordering_fields)
        return [
            {"name": "cursor", "in": "query", "schema": {"type": "string"}, "description": "From `next`."},
            {
                "name": "page_size",
                "in": "query",
                "schema": {"type": "integer", "minimum": 1, "maximum": MAX_SIZE, "default": DEFAULT_SIZE},
            },
            {
                "name": "ordering",
                "in": "query",
                "schema": {"type": "string", "enum": [f"{sign}{name}" for name in orders for sign in ("", "-")]},
            },
        ]


def paged(
    request: Request,
    rows: Sequence[Row],
    place: Callable[[Row], tuple[str, ...]],
    shown: Callable[[Row], dict[str, Any]],
    name: str,
) -> Response:
    """A page of computed rows, which are sorted by `sort_key`; `name` is the name of the list."""
    if cursor := request.query_params.get("cursor"):
        try:
            signed, *last = _signer().unsign_object(cursor)
        except (signing.BadSignature, ValueError, TypeError) as error:
            raise KeysetPagination._stale() from error
        if signed != name:
            raise KeysetPagination._stale()
        rows = [row for row in rows if place(row) > tuple(last)]
    size = page_size(request)
    following = _signer().sign_object([name, *place(rows[size - 1])]) if len(rows) > size else None
    return Response(
        {
            "results": [shown(row) for row in rows[:size]],
            "next": None if following is None else _following(request, following),
        }
    )


def _following(request: Request, cursor: str) -> str:
    query = request.query_params.copy()
    query["cursor"] = cursor
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")


def _signer() -> signing.Signer:
    return signing.Signer(salt="cursor")


def _value(row: Any, field: str) -> Any:
    for part in field.split("__"):
        row = getattr(row, part)
    return row


def _written(value: Any) -> str | int:
    return value if isinstance(value, int) else value.isoformat() if hasattr(value, "isoformat") else str(value)
