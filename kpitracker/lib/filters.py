"""Declared filters, strictly: a value that cannot be understood is an error, never an empty list."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django_filters.constants import EMPTY_VALUES
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.request import Request

from kpitracker.lib.errors import Invalid, Item
from kpitracker.lib.plain_text import searchable


class FilterSet(django_filters.FilterSet):
    """Filters of one list. Declare every one; `search` is there when the model has a `search_text`."""


class InFilter(django_filters.BaseInFilter, django_filters.CharFilter):
    """`status__in=a,b`."""


class FlagFilter(django_filters.TypedChoiceFilter):
    """`overdue=true`. The library's own reads what it does not understand as "no filter"."""

    def __init__(self, **kwargs: Any) -> None:
        choices = [("true", "true"), ("false", "false")]
        super().__init__(choices=choices, coerce=lambda value: value == "true", **kwargs)


class SearchFilter(django_filters.CharFilter):
    """Names typed without diacritics are found: every word must occur."""

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        if value in EMPTY_VALUES:
            return qs
        for word in searchable(value).split():
            qs = qs.filter(search_text__contains=word)
        return qs


class StrictFilterBackend(DjangoFilterBackend):
    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        filterset = self.get_filterset(request, queryset, view)
        if filterset is None:
            return queryset
        if not filterset.is_valid():
            raise Invalid(
                items=[
                    Item(f"?{name}", "invalid-parameter", " ".join(map(str, messages)))
                    for name, messages in filterset.errors.items()
                ]
            )
        return filterset.qs  # type: ignore[no-any-return]


def filter_names(view: Any) -> frozenset[str]:
    """The parameters that the view's FilterSet reads."""
    filterset = getattr(view, "filterset_class", None)
    return frozenset(filterset.get_filters()) if filterset else frozenset()
