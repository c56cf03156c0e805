"""The page of missing figures: those that departments still have to report."""

from datetime import date

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.formats import date_format

from indicators.domain.calendars import has_passed
from kpitracker.lib import clock
from kpitracker.lib.actor import Actor
from kpitracker.lib.admin.base import actor
from kpitracker.lib.admin.types import PageMixin
from kpitracker.lib.i18n.text import text
from targets.services.reports import own_work
from targets.services.reports.reporting import Obligation
from targets.services.text import formatting

MAX_ROWS = 500
_COLUMNS = (
    text("Due", "Hạn"),
    text("Days late", "Số ngày trễ"),
    text("Indicator", "Chỉ số"),
    text("Area", "Địa bàn"),
    text("Period", "Kỳ"),
    text("Department", "Đơn vị"),
)


def _first_day(today: date) -> date:
    return date(today.year - 1, 1, 1)


def list_missing_figures(by: Actor, today: date) -> list[Obligation]:
    """What the user's own work counts as owed: figures of periods since the beginning of last year, by due day."""
    rows = own_work.list_owed_figures(own_work.own_query(by, today))
    return [obligation for obligation, _ in rows if own_work.is_owed(obligation, today)]


class OwedFiguresMixin(PageMixin):
    """Adds the page of missing figures to an admin, and a link to it above the list."""

    list_before_template = "reporting/link.html"
    owed_label = text("Missing figures", "Số liệu còn phải báo cáo")

    def get_urls(self) -> list[URLPattern]:
        owed_path = path("owed/", self.admin_site.admin_view(self.owed_view), name="targets_assessment_owed")
        return [owed_path, *super().get_urls()]

    def owed_view(self, request: HttpRequest) -> HttpResponse:
        """Figures of the user's department and of those below it; of all departments for users of the whole organisation."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        today = clock.today()
        rows = list_missing_figures(actor(request), today)
        since_text = date_format(_first_day(today))
        introduction = str(
            text(
                f"Missing for periods since {since_text}: {len(rows)} figures.",
                f"Còn thiếu {len(rows)} số liệu của các kỳ từ {since_text}.",
            )
        )
        if len(rows) > MAX_ROWS:
            introduction += str(text(f" The first {MAX_ROWS} are shown.", f" Hiển thị {MAX_ROWS} số liệu đầu."))
        request.current_app = self.admin_site.name
        context = {
            **self.admin_site.each_context(request),
            "title": self.owed_label,
            "introduction": introduction,
            "heads": _COLUMNS,
            "rows": [
                (
                    row,
                    (today - row.due_day).days if has_passed(row.due_day, today) else 0,
                    formatting.format_period(str(row.period)),
                )
                for row in rows[:MAX_ROWS]
            ],
        }
        return TemplateResponse(request, "reporting/owed.html", context)
