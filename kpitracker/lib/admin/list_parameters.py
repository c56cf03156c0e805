"""The query parameters of a list: those of its filters, its search and its pages. Every other one is refused.

Django would take any look-up on any column, so that readers could ask about columns and rows that no page shows.
"""

from typing import Any

from django.contrib import messages
from django.contrib.admin import FieldListFilter
from django.contrib.admin.options import IS_FACETS_VAR, IS_POPUP_VAR, TO_FIELD_VAR, IncorrectLookupParameters
from django.contrib.admin.utils import get_fields_from_path
from django.contrib.admin.views.main import ALL_VAR, ERROR_FLAG, ORDER_VAR, PAGE_VAR, SEARCH_VAR
from django.http import HttpRequest, HttpResponse

from kpitracker.lib.admin.types import Context, PageMixin
from kpitracker.lib.http import error_pages
from kpitracker.lib.i18n.text import text
from kpitracker.lib.text_validation import find_fault

_OF_EVERY_LIST = frozenset(
    {ALL_VAR, ERROR_FLAG, IS_FACETS_VAR, IS_POPUP_VAR, ORDER_VAR, PAGE_VAR, SEARCH_VAR, TO_FIELD_VAR}
)

_EMPTY_TEXTS = {
    "filtered": text("Nothing fits the search and the filters.", "Không có dòng nào khớp với nội dung tìm và bộ lọc."),
    "may_add": text("There is nothing here yet. Add the first one.", "Chưa có gì ở đây. Hãy thêm mới."),
    "may_not_add": text("There is nothing here yet.", "Chưa có gì ở đây."),
}


class ListParametersMixin(PageMixin):
    """Refuses unknown parameters with 400, as the API does."""

    # Read by the template of an empty list.
    empty_texts = _EMPTY_TEXTS

    def refuse_parameters(self, request: HttpRequest) -> HttpResponse | None:
        """Return the answer to parameters that the list does not take; None: it takes all."""
        if set(request.GET) - _OF_EVERY_LIST:
            accepted = accepted_parameters(self, request)
            if unknown := sorted(set(request.GET) - accepted):
                return error_pages.unknown_parameter(request, unknown[0], accepted - _OF_EVERY_LIST)
        # PostgreSQL would fail on these characters with its own error.
        if any(find_fault(value) for name in request.GET for value in request.GET.getlist(name)):
            return error_pages.unreadable_parameter(request)
        return None

    def changelist_view(self, request: HttpRequest, extra_context: Context | None = None) -> HttpResponse:
        if refusal := self.refuse_parameters(request):
            return refusal
        response: HttpResponse = super().changelist_view(
            request, {"empty_texts": _EMPTY_TEXTS, **(extra_context or {})}
        )
        return response

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """For a page after the last one: the last page, and a message. Django would show the first without a word."""
        try:
            return super().get_changelist_instance(request)
        except IncorrectLookupParameters:
            requested = request.GET.get(PAGE_VAR)
            if requested is None:
                raise
        _set_page(request, 1)
        first_page = super().get_changelist_instance(request)
        last = first_page.paginator.num_pages
        self.message_user(
            request,
            text(
                f"There is no page {requested[:20]}. The last page is {last}.",
                f"Không có trang {requested[:20]}. Trang cuối là {last}.",
            ),
            messages.WARNING,
        )
        _set_page(request, last)
        return super().get_changelist_instance(request) if last > 1 else first_page

    def lookup_allowed(self, lookup: str, value: object, request: HttpRequest) -> bool:
        # Asked by lists that are built outside `changelist_view`, too.
        return lookup in accepted_parameters(self, request)


def _set_page(request: HttpRequest, number: int) -> None:
    parameters = request.GET.copy()
    parameters[PAGE_VAR] = str(number)
    request.GET = parameters  # type: ignore[assignment]


def accepted_parameters(page: Any, request: HttpRequest) -> frozenset[str]:
    """The names of all parameters that the list of this page takes."""
    names = set(_OF_EVERY_LIST)
    for list_filter in page.get_list_filter(request):
        if (page, list_filter) not in _NAMES:
            _NAMES[page, list_filter] = _filter_parameters(list_filter, request, page)
        names.update(_NAMES[page, list_filter])
    if day := page.date_hierarchy:
        names.update(f"{day}__{part}" for part in ("year", "month", "day"))
    return frozenset(names)


# By page and filter: making a filter reads its choices from the database, but its parameters never change.
_NAMES: dict[tuple[Any, Any], list[str]] = {}


def _filter_parameters(list_filter: Any, request: HttpRequest, page: Any) -> list[str]:
    if callable(list_filter):
        return list(list_filter(request, {}, page.model, page).expected_parameters())
    path, create = list_filter if isinstance(list_filter, tuple | list) else (list_filter, FieldListFilter.create)
    field = get_fields_from_path(page.model, path)[-1]
    return list(create(field, request, {}, page.model, page, field_path=path).expected_parameters())
