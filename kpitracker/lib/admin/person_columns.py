"""Columns and fields that name who did something: the name of the person, not that of the login."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin

from kpitracker.lib.admin.sites import shown_actor
from kpitracker.lib.admin.types import OptionsMixin, PageRow
from kpitracker.lib.i18n.text import text


def _person_column(field: str, label: str) -> Callable[[Any, PageRow], str]:
    @admin.display(description=label, ordering=field)
    def column(self: Any, row: PageRow) -> str:
        return shown_actor(self.admin_site, getattr(row, field)) or "–"

    return column


class PersonColumnsMixin(OptionsMixin):
    shown_posted_by = _person_column("posted_by", text("sent by", "người gửi"))
    shown_author = _person_column("author", text("author", "người viết"))
    shown_closed_by = _person_column("closed_by", text("closed by", "người chốt"))
    shown_created_by = _person_column("created_by", text("entered by", "người nhập"))
    shown_requested_by = _person_column("requested_by", text("requested by", "người yêu cầu"))
    shown_judged_by = _person_column("judged_by", text("judged by", "người đánh giá"))
    shown_acknowledged_by = _person_column("acknowledged_by", text("acknowledged by", "người tiếp nhận"))
    shown_resolved_by = _person_column("resolved_by", text("resolved by", "người đóng"))
    shown_actor = _person_column("actor", text("actor", "người thực hiện"))
