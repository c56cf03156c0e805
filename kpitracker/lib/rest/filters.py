"""Strict filters: a value that cannot be parsed is an error, never an empty list."""

from collections.abc import Iterable
from typing import Any

import django_filters
from django.db.models import QuerySet
from django_filters.constants import EMPTY_VALUES
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.request import Request

from kpitracker.lib.errors import ProblemItem, ValidationProblem
from kpitracker.lib.i18n.text import text
from kpitracker.lib.rest.query_parameters import invalid_parameter, parse_datetime_value
from kpitracker.lib.text_validation import normalize_for_search


class FilterSet(django_filters.FilterSet):
    """Filters of one list. Declare every filter, also `search`, for which the model needs a `search_text`."""


class CharInFilter(django_filters.BaseInFilter, django_filters.CharFilter):
    """`status__in=a,b`."""


class ChoiceFilter(django_filters.ChoiceFilter):
    """One value of an enumeration; any other value is an error."""

    def __init__(self, values: Iterable[str], **kwargs: object) -> None:
        super().__init__(choices=[(str(value), str(value)) for value in values], **kwargs)


class ChoiceInFilter(django_filters.BaseInFilter, django_filters.ChoiceFilter):
    """`status__in=a,b`, each a value of an enumeration."""

    def __init__(self, values: Iterable[str], **kwargs: object) -> None:
        super().__init__(choices=[(str(value), str(value)) for value in values], lookup_expr="in", **kwargs)


class DateTimeFilter(django_filters.CharFilter):
    """A time with offset."""

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        return qs if value in EMPTY_VALUES else super().filter(qs, parse_datetime_value(value, str(self.label)))


class StrictBooleanFilter(django_filters.TypedChoiceFilter):
    """`overdue=true`. The filter of the library treats an unknown value as "no filter"."""

    def __init__(self, **kwargs: object) -> None:
        choices = [("true", "true"), ("false", "false")]
        super().__init__(choices=choices, coerce=lambda value: value == "true", **kwargs)


class SearchFilter(django_filters.CharFilter):
    """Finds rows that contain every word, also when it is typed without diacritics."""

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        if value in EMPTY_VALUES:
            return qs
        if len(value) > 200:
            raise invalid_parameter("search", text("At most 200 characters.", "Tối đa 200 ký tự."))
        for word in normalize_for_search(value).split():
            qs = qs.filter(search_text__contains=word)
        return qs


class StrictFilterBackend(DjangoFilterBackend):
    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: object) -> QuerySet[Any]:
        filterset = self.get_filterset(request, queryset, view)
        if filterset is None:
            return queryset
        if not filterset.is_valid():
            raise ValidationProblem(
                items=[
                    ProblemItem(f"?{name}", "invalid-parameter", " ".join(map(str, messages)))
                    for name, messages in filterset.errors.items()
                ]
            )
        return filterset.qs  # type: ignore[no-any-return]


def filter_names(view: object) -> frozenset[str]:
    """The parameter names of the view's FilterSet."""
    filterset = getattr(view, "filterset_class", None)
    return frozenset(filterset.get_filters()) if filterset else frozenset()


class NamedResourceFilters(FilterSet):
    search = SearchFilter()
    code = django_filters.CharFilter()
    code__in = CharInFilter(field_name="code", lookup_expr="in")
