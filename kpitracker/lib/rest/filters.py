"""Strict filters: a value that cannot be parsed, and an empty one, is an error, never an empty list or every row."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

import django_filters
from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.request import Request

from kpitracker.lib.db.search import MAX_LENGTH, search_rows, split_words
from kpitracker.lib.errors import ProblemItem, ValidationProblem
from kpitracker.lib.i18n.text import text
from kpitracker.lib.json_types import JsonObject
from kpitracker.lib.rest.query_parameters import (
    BOOLEANS,
    ParameterRules,
    parse_boolean,
    parse_choice,
    parse_datetime_value,
    parse_day_value,
    split_values,
)

SEVERAL_VALUES = "Several values: `a=1&a=2` or `a=1,2`."


class Filter(django_filters.Filter):
    """One filter of a list. Subclasses say how a value is read, and how the OpenAPI document describes it."""

    schema: JsonObject = {"type": "string"}
    choices: tuple[str, ...] = ()
    takes_several: ClassVar[bool] = False
    empty_is_a_value: ClassVar[bool] = False

    def parse(self, value: str) -> object:
        """The value of one parameter. Raises `ValidationProblem`."""
        return value.strip()

    @property
    def field(self) -> forms.Field:
        return _ParameterField(self)

    @property
    def parameter_schema(self) -> JsonObject:
        return {"type": "array", "items": self.schema} if self.takes_several else self.schema

    @property
    def description(self) -> str:
        return " ".join(filter(None, [self.extra.get("help_text"), SEVERAL_VALUES if self.takes_several else ""]))


class _ParameterWidget(forms.Widget):
    def value_from_datadict(self, data: QueryDict, files: object, name: str) -> list[str] | None:  # type: ignore[override]
        return data.getlist(name) or None


class _ParameterField(forms.Field):
    """Reads the values of a parameter by its filter: all of them, or the only one. None: it was not given."""

    widget = _ParameterWidget

    def __init__(self, reader: Filter) -> None:
        super().__init__(required=False)
        self.reader = reader

    def clean(self, value: list[str] | None) -> object:
        if value is None:
            return None
        try:
            if self.reader.takes_several:
                return [self.reader.parse(part) for part in split_values(value)]
            return self.reader.parse(value[-1])
        except ValidationProblem as error:
            raise forms.ValidationError(str(error.detail)) from error


class FilterSet(django_filters.FilterSet):
    """Filters of one list. Declare every filter, also `search`, for which the model needs a `search_text`."""


class TextFilter(Filter):
    """A code or another text, exactly as it is stored."""


class OptionalTextFilter(TextFilter):
    """A text that rows may have or not: `section=` finds those that have none."""

    empty_is_a_value = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"help_text": "Empty: those without one.", **kwargs})

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        return qs if value is None else qs.filter(**{str(self.field_name): value})


class TextInFilter(TextFilter):
    takes_several = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"lookup_expr": "in", **kwargs})


class ChoiceFilter(Filter):
    """One value of an enumeration."""

    def __init__(self, values: Iterable[str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.choices = tuple(map(str, values))
        self.schema = {"type": "string", "enum": list(self.choices)}

    def parse(self, value: str) -> str:
        return parse_choice(value, self.choices)


class ChoiceInFilter(ChoiceFilter):
    takes_several = True

    def __init__(self, values: Iterable[str], **kwargs: Any) -> None:
        super().__init__(values, **{"lookup_expr": "in", **kwargs})


class IsoDayFilter(Filter):
    """A day as YYYY-MM-DD in every language."""

    schema = {"type": "string", "format": "date"}

    def parse(self, value: str) -> date:
        return parse_day_value(value)


class DateTimeFilter(Filter):
    """A time with offset."""

    schema = {"type": "string", "format": "date-time"}

    def parse(self, value: str) -> datetime:
        return parse_datetime_value(value, str(self.field_name))


class UuidFilter(Filter):
    schema = {"type": "string", "format": "uuid"}

    def parse(self, value: str) -> UUID:
        try:
            return UUID(value)
        except ValueError as error:
            raise ValidationProblem("invalid-parameter", text("An id is expected.", "Cần một mã định danh.")) from error


class BooleanFilter(Filter):
    schema = {"type": "boolean"}
    choices = BOOLEANS

    def parse(self, value: str) -> bool:
        return parse_boolean(value)


class SearchFilter(Filter):
    """Finds rows that contain every word, also when it is typed without diacritics."""

    schema = {"type": "string", "maxLength": MAX_LENGTH}

    def parse(self, value: str) -> list[str]:
        if len(value) > MAX_LENGTH:
            raise ValidationProblem("invalid-parameter", text("At most 200 characters.", "Tối đa 200 ký tự."))
        if not (words := split_words(value)):
            # A lone accent finds every row.
            raise ValidationProblem("invalid-parameter", text("Give a word.", "Hãy nhập một từ."))
        return words

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        return search_rows(qs, value or (), ("search_text",))


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


def view_filters(view: object) -> dict[str, Filter]:
    """The filters of the view's FilterSet by the names of their parameters."""
    filterset = getattr(view, "filterset_class", None)
    return dict(filterset.base_filters) if filterset else {}


def filter_rules(view: object) -> ParameterRules:
    """What the filters of a view take beside one value that is not empty."""
    filters = view_filters(view)
    return ParameterRules(
        several=frozenset(name for name, entry in filters.items() if entry.takes_several),
        may_be_empty=frozenset(name for name, entry in filters.items() if entry.empty_is_a_value),
        choices={name: entry.choices for name, entry in filters.items() if entry.choices},
    )


class NamedResourceFilters(FilterSet):
    search = SearchFilter()
    code = TextFilter()
    code__in = TextInFilter(field_name="code")
