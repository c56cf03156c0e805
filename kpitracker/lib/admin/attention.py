"""Rows of a list that wait for a person: a filter of the list, and the same rows counted for the menu and the start page."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, NamedTuple

from django.contrib import admin
from django.db.models import Count, Q, Value
from django.http import HttpRequest
from django.urls import reverse

from kpitracker.lib.admin.types import PageMixin, Rows
from kpitracker.lib.i18n.text import text

PARAMETER = "attention"


class Attention(NamedTuple):
    """Rows that wait. `where` may ask the database; `describe` says a number of them as a sentence without its end.

    `in_menu`: they are counted beside the entry of the list, on every page.
    """

    value: str
    label: str
    where: Callable[[], Q]
    describe: Callable[[int], str]
    in_menu: bool = False


class AttentionFilter(admin.SimpleListFilter):
    title = text("what waits", "việc đang chờ")
    parameter_name = PARAMETER

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(attention.value, attention.label) for attention in model_admin.attention]

    def queryset(self, request: HttpRequest, queryset: Rows) -> Rows:
        chosen = self.value()
        if chosen is None:
            return queryset
        # The choices of a filter do not know its page.
        by_value = {attention.value: attention for attention in self._of_page}
        return queryset.filter(by_value[chosen].where()) if chosen in by_value else queryset.none()

    def __init__(self, request: HttpRequest, params: Any, model: Any, model_admin: Any) -> None:
        self._of_page: Sequence[Attention] = model_admin.attention
        super().__init__(request, params, model, model_admin)


class AttentionMixin(PageMixin):
    """A list with `attention` has a filter for each kind of its rows that wait."""

    attention: ClassVar[Sequence[Attention]] = ()

    def get_list_filter(self, request: HttpRequest) -> Any:
        filters = super().get_list_filter(request)
        return (AttentionFilter, *filters) if self.attention else filters


class WaitingRows(NamedTuple):
    """`row_count` rows of the list of `page` wait; the list at `url` shows them."""

    page: Any
    attention: Attention
    row_count: int

    @property
    def url(self) -> str:
        opts = self.page.opts
        return f"{reverse(f'admin:{opts.app_label}_{opts.model_name}_changelist')}?{PARAMETER}={self.attention.value}"


def count_waiting(site: admin.AdminSite, request: HttpRequest, *, in_menu: bool) -> list[WaitingRows]:
    """Count the rows that wait in each list that the user may open, with one query for all lists.

    `in_menu`: of those kinds alone that the menu counts.
    """
    kinds = [
        (page, attention)
        for page in site._registry.values()
        for attention in getattr(page, "attention", ())
        if (attention.in_menu or not in_menu) and page.has_view_permission(request)
    ]
    counts = _count_all([page.get_queryset(request).filter(kind.where()) for page, kind in kinds])
    return [WaitingRows(page, kind, counts.get(position, 0)) for position, (page, kind) in enumerate(kinds)]


def _count_all(lists: Sequence[Rows]) -> dict[int, int]:
    """By position, how many rows each query has. Their joins and annotations stay in a subquery of ids."""
    selections = [
        rows.model._base_manager.filter(pk__in=rows.order_by().values("pk"))
        .annotate(position=Value(position))
        .values_list("position")
        .annotate(number=Count("pk"))
        .order_by()
        for position, rows in enumerate(lists)
    ]
    if not selections:
        return {}
    first, *others = selections
    return dict(first.union(*others, all=True)) if others else dict(first)
