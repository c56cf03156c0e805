"""Keyset pagination: no counts, and no page shifts during concurrent writes."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from django.core import signing
from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from kpitracker.lib.errors import ValidationProblem
from kpitracker.lib.i18n.text import text
from kpitracker.lib.rest.query_parameters import invalid_parameter

DEFAULT_SIZE = 100
MAX_SIZE = 1000
PARAMETERS = frozenset({"cursor", "page_size", "ordering"})

Row = TypeVar("Row")
ModelRow = TypeVar("ModelRow", bound=Model)
OrderingKey = tuple[str, str, bool]  # the list, its ordering field, whether descending


class OrderedView(Protocol):
    """What a view declares about the order of its list (see `KeysetPagination`)."""

    @property
    def ordering_columns(self) -> Mapping[str, str]: ...

    @property
    def ordering(self) -> str: ...

    @property
    def tie_breaker(self) -> str: ...


def page_size(request: Request) -> int:
    value = request.query_params.get("page_size")
    if value is None:
        return DEFAULT_SIZE
    if value.isascii() and value.isdigit() and len(value) <= 4 and 1 <= int(value) <= MAX_SIZE:
        return int(value)
    raise invalid_parameter("page_size", text(f"1 to {MAX_SIZE} is expected.", f"Cần số từ 1 đến {MAX_SIZE}."))


class KeysetPagination(BasePagination):
    """Pages ordered by (ordering field, unique field): rows with equal values can neither repeat nor vanish.

    The view declares `ordering_columns` (parameter → model field, NOT NULL), the default `ordering`, and the
    `tie_breaker`, a unique field. It must not be a serial number, because clients can read a cursor. A cursor is
    signed together with the name of its list: no value of a client or of another list reaches a query unchecked.
    """

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        self.request = request
        name, descending = self._requested_ordering(request, view)
        ordering_key = (f"{queryset.model._meta.label_lower} {type(view).__name__}", name, descending)
        field = view.ordering_columns[name]
        size = page_size(request)
        if cursor := request.query_params.get("cursor"):
            queryset = self._rows_after(queryset, cursor, ordering_key, (field, view.tie_breaker))
        rows = list(self._ordered(queryset, view, name, descending)[: size + 1])
        self.next = (
            self._cursor_for(rows[size - 1], ordering_key, (field, view.tie_breaker)) if len(rows) > size else None
        )
        return rows[:size]

    def all_rows(self, queryset: QuerySet[ModelRow], request: Request, view: OrderedView) -> QuerySet[ModelRow]:
        """All rows in the requested order, without pages."""
        return self._ordered(queryset, view, *self._requested_ordering(request, view))

    def _ordered(
        self, queryset: QuerySet[ModelRow], view: OrderedView, name: str, descending: bool
    ) -> QuerySet[ModelRow]:
        sign = "-" if descending else ""
        return queryset.order_by(f"{sign}{view.ordering_columns[name]}", f"{sign}{view.tie_breaker}")

    def _requested_ordering(self, request: Request, view: OrderedView) -> tuple[str, bool]:
        requested = request.query_params.get("ordering", view.ordering)
        name = requested.removeprefix("-")
        if name not in view.ordering_columns:
            names = ", ".join(sorted(view.ordering_columns))
            detail = text(f"Ordered by: {names}.", f"Sắp xếp theo: {names}.")
            raise ValidationProblem("unknown-parameter", detail, pointer="?ordering")
        return name, requested.startswith("-")

    def _cursor_for(self, row: Model, ordering_key: OrderingKey, fields: tuple[str, str]) -> str:
        # Without a timestamp: one page has one cursor, equal for all callers who see the same rows.
        return _cursor_signer().sign_object(
            [*ordering_key, *(_cursor_value(_field_value(row, field)) for field in fields)]
        )

    def _rows_after(
        self, queryset: QuerySet[ModelRow], cursor: str, ordering_key: OrderingKey, fields: tuple[str, str]
    ) -> QuerySet[ModelRow]:
        try:
            *signed_key, value, unique_value = _cursor_signer().unsign_object(cursor)
            if tuple(signed_key) != ordering_key:
                raise self._invalid_cursor()
            lookup = "lt" if ordering_key[2] else "gt"
            later = Q(**{f"{fields[0]}__{lookup}": value})
            return queryset.filter(later | Q(**{fields[0]: value, f"{fields[1]}__{lookup}": unique_value}))
        except (signing.BadSignature, ValidationError, ValueError, TypeError) as error:
            # This also covers a cursor from before an upgrade that changed the type of the field.
            raise self._invalid_cursor() from error

    @staticmethod
    def _invalid_cursor() -> Exception:
        return invalid_parameter("cursor", text("Not a cursor of this list.", "Con trỏ không thuộc danh sách này."))

    def next_url(self) -> str | None:
        return None if self.next is None else _page_url(self.request, self.next)

    def get_paginated_response(self, data: object) -> Response:
        return Response({"results": data, "next": self.next_url()})

    def get_paginated_response_schema(self, schema: dict[str, object]) -> dict[str, object]:
        return {
            "type": "object",
            "required": ["results", "next"],
            "properties": {
                "results": schema,
                "next": {"type": ["string", "null"], "description": "Address of the next page; null on the last."},
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        orders = sorted(view.ordering_columns)
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


def paginate_list(
    request: Request,
    rows: Sequence[Row],
    sort_key: Callable[[Row], tuple[str, ...]],
    serialize: Callable[[Row], object],
    name: str,
) -> Response:
    """A page of computed rows, which are sorted by `sort_key`; `name` is the name of the list."""
    if cursor := request.query_params.get("cursor"):
        try:
            signed_name, *last_key = _cursor_signer().unsign_object(cursor)
        except (signing.BadSignature, ValueError, TypeError) as error:
            raise KeysetPagination._invalid_cursor() from error
        if signed_name != name:
            raise KeysetPagination._invalid_cursor()
        rows = [row for row in rows if sort_key(row) > tuple(last_key)]
    size = page_size(request)
    next_cursor = _cursor_signer().sign_object([name, *sort_key(rows[size - 1])]) if len(rows) > size else None
    return Response(
        {
            "results": [serialize(row) for row in rows[:size]],
            "next": None if next_cursor is None else _page_url(request, next_cursor),
        }
    )


def _page_url(request: Request, cursor: str) -> str:
    query = request.query_params.copy()
    query["cursor"] = cursor
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")


def _cursor_signer() -> signing.Signer:
    return signing.Signer(salt="cursor")


def _field_value(row: object, field: str) -> object:
    for part in field.split("__"):
        row = getattr(row, part)
    return row


def _cursor_value(value: object) -> str | int:
    return value if isinstance(value, int) else str(value.isoformat()) if hasattr(value, "isoformat") else str(value)
