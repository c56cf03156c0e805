"""Columns and fields that name who did something: the name of the person, not that of the login. Lists are searched by it."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest

from kpitracker.lib.admin.sites import actors_named, shown_actor
from kpitracker.lib.admin.types import OptionsMixin, PageMixin, PageRow
from kpitracker.lib.i18n.text import text


def person_column(field: str, label: str) -> Callable[[Any, PageRow], str]:
    """A column with the name of who stands in the field, which holds the stored name of an actor."""

    @admin.display(description=label, ordering=field)
    def column(self: Any, row: PageRow) -> str:
        return shown_actor(self.admin_site, getattr(row, field) or "") or "–"

    column.person_field = field  # type: ignore[attr-defined]
    return column


class PersonColumnsMixin(OptionsMixin):
    shown_posted_by = person_column("posted_by", text("sent by", "người gửi"))
    shown_author = person_column("author", text("author", "người viết"))
    shown_closed_by = person_column("closed_by", text("closed by", "người chốt"))
    shown_created_by = person_column("created_by", text("entered by", "người nhập"))
    shown_requested_by = person_column("requested_by", text("requested by", "người yêu cầu"))
    shown_judged_by = person_column("judged_by", text("judged by", "người đánh giá"))
    shown_acknowledged_by = person_column("acknowledged_by", text("acknowledged by", "người tiếp nhận"))
    shown_resolved_by = person_column("resolved_by", text("resolved by", "người đóng"))
    shown_actor = person_column("actor", text("actor", "người thực hiện"))
    shown_decided_by = person_column("decided_by", text("decided by", "người quyết định"))
    # With a queryset of `with_poster`: empty for who may not know the poster.
    shown_visible_poster = person_column("shown_poster", text("posted by", "người gửi"))


class PersonSearchMixin(PageMixin):
    """The search of a list that shows a person finds the rows by the name that it shows."""

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        return (*dict.fromkeys([*super().get_search_fields(request), *self._person_fields(request)]),)

    def match_person(self, request: HttpRequest, word: str) -> Q:
        """The rows of people and keys with this word, normalized, in their names."""
        matches = Q()
        for field in self._person_fields(request):
            for actors in actors_named(self.admin_site, word):
                matches |= Q(**{f"{field}__in": actors})
        return matches

    def _person_fields(self, request: HttpRequest) -> list[str]:
        columns = [getattr(type(self), str(name), None) for name in self.get_list_display(request)]
        return [field for column in columns if (field := getattr(column, "person_field", ""))]
