"""Strict filters: a value that cannot be parsed is an error, never an empty list."""

from collections.abc import Iterable
from typing import Any

import django_filters
from django.db.models import QuerySet
from django_filters.constants import EMPTY_VALUES
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.request import Request

from kpitracker.lib.errors import Invalid, Item
from kpitracker.lib.parameters import as_moment, refuse
from kpitracker.lib.plain_text import searchable
from kpitracker.lib.texts import text


class FilterSet(django_filters.FilterSet):
    """Filters of one list. Declare every filter, also `search`, for which the model needs a `search_text`."""


class InFilter(django_filters.BaseInFilter, django_filters.CharFilter):
    """`status__in=a,b`."""


class ChoiceFilter(django_filters.ChoiceFilter):
    """One value of an enumeration; any other value is an error."""

    def __init__(self, words: Iterable[str], **kwargs: Any) -> None:
        super().__init__(choices=[(str(word), str(word)) for word in words], **kwargs)


class ChoiceInFilter(django_filters.BaseInFilter, django_filters.ChoiceFilter):
    """`status__in=a,b`, each a value of an enumeration."""

    def __init__(self, words: Iterable[str], **kwargs: Any) -> None:
        super().__init__(choices=[(str(word), str(word)) for word in words], lookup_expr="in", **kwargs)


class MomentFilter(django_filters.CharFilter):
    """A time with offset."""

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        return qs if value in EMPTY_VALUES else super().filter(qs, as_moment(value, str(self.label)))


class FlagFilter(django_filters.TypedChoiceFilter):
    """`overdue=true`. The filter of the library treats an unknown value as "no filter"."""

    def __init__(self, **kwargs: Any) -> None:
        choices = [("true", "true"), ("false", "false")]
        super().__init__(choices=choices, coerce=lambda value: value == "true", **kwargs)


class SearchFilter(django_filters.CharFilter):
    """Finds rows that contain every word, also when it is typed without diacritics."""

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        if value in EMPTY_VALUES:
            return qs
        if len(value) > 200:
            raise refuse("search", text("At most 200 characters.", "Tối đa 200 ký tự."))
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
    """The parameter names of the view's FilterSet."""
    filterset = getattr(view, "filterset_class", None)
    return frozenset(filterset.get_filters()) if filterset else frozenset()
