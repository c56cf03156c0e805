"""The page of missing figures: those that departments still have to report."""

from datetime import date

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.formats import date_format

from indicators.domain.calendars import has_passed
from kpitracker.lib import clock
from kpitracker.lib.actor import Actor
from kpitracker.lib.admin.base import actor
from kpitracker.lib.admin.sites import visible_department_ids
from kpitracker.lib.admin.types import PageMixin
from kpitracker.lib.i18n.text import text
from targets.services.reports import reporting
from targets.services.reports.reporting import Obligation, ReportingQuery
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


def list_missing_figures(site: AdminSite, by: Actor, today: date) -> list[Obligation]:
    """Figures of periods since the beginning of last year that departments of the user have to report, by due day."""
    departments = visible_department_ids(site, by)
    return reporting.list_missing_figures(
        ReportingQuery(by=by, as_of=today, today=today, since=_first_day(today), departments=departments)
    )


class OwedFiguresMixin(PageMixin):
    """Adds the page of missing figures to an admin, and a link to it above the list."""

    list_before_template = "reporting/link.html"
    owed_label = text("Missing figures", "Số liệu còn phải báo cáo")

    def get_urls(self) -> list[URLPattern]:
        owed_path = path("owed/", self.admin_site.admin_view(self.owed_view), name="targets_assessment_owed")
        return [owed_path, *super().get_urls()]

    def owed_view(self, request: HttpRequest) -> HttpResponse:
        """Figures of the user's department and of those below it; of all departments for users who see everything."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        today = clock.today()
        rows = list_missing_figures(self.admin_site, actor(request), today)
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
