"""The start page of the admin: what needs attention, each kind as a sentence that leads to its rows."""

from collections.abc import Iterator
from typing import NamedTuple

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse

from kpitracker.lib import clock
from kpitracker.lib.admin.attention import count_waiting
from kpitracker.lib.admin.base import actor
from kpitracker.lib.admin.types import Context
from kpitracker.lib.i18n.text import text, translate
from targets.admin.due_figures_page import list_missing_figures
from targets.services.reports import own_work

_WORDS = {
    "attention": text("What needs attention", "Việc cần xử lý"),
    "quiet": text(
        "Nothing waits: no figure is owed, nothing is to be approved, all messages are sent.",
        "Không có việc gì chờ xử lý: không còn nợ số liệu, không có gì chờ duyệt, mọi tin đã được gửi.",
    ),
    "additions": text("Add", "Thêm mới"),
}


class Line(NamedTuple):
    sentence: str
    url: str


def add_attention(request: HttpRequest, context: Context) -> Context:
    """Add what the start page shows. Called by django-unfold."""
    return {
        **context,
        "title": text("Back office", "Quản trị"),
        "words": _WORDS,
        "lines": list(list_lines(request)),
        "additions": [
            (model["name"], model["add_url"])
            for app in admin.site.get_app_list(request)
            for model in app["models"]
            if model["add_url"]
        ],
    }


def list_lines(request: HttpRequest) -> Iterator[Line]:
    """The sentences for this user; without one, all is quiet."""
    today = clock.today()
    counts = own_work.count_owed(list_missing_figures(actor(request), today), today)
    if counts.due:
        yield Line(_describe_owed(counts.due, counts.late), reverse("admin:targets_assessment_owed"))
    for rows in count_waiting(admin.site, request, in_menu=False):
        if rows.row_count:
            yield Line(f"{rows.attention.describe(rows.row_count)}.", rows.url)


def _describe_owed(count: int, late_count: int) -> str:
    return translate(
        f"{count} {'figure is' if count == 1 else 'figures are'} owed, {late_count} of them late.",
        f"Còn phải báo cáo {count} số liệu, trong đó {late_count} số liệu quá hạn.",
    )
