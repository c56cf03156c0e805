"""The menu of the admin: lists grouped by what people do, the pages for people on top, and counts of what waits."""

from collections import Counter
from typing import Any, Final, NamedTuple

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import capfirst

from kpitracker.lib.admin.attention import count_waiting
from kpitracker.lib.i18n.text import text

Item = dict[str, Any]


class Group(NamedTuple):
    """`labels`: of the models whose lists it has, in the order of the menu; `icons`: theirs."""

    title: str
    icons: dict[str, str]


GROUPS: Final = (
    Group(
        text("Report", "Báo cáo"),
        {
            "indicators.measurement": "query_stats",
            "indicators.approval": "rule",
            "indicators.import": "upload_file",
            "indicators.indicator": "straighten",
            "indicators.reportingduty": "assignment_ind",
            "indicators.area": "map",
        },
    ),
    Group(
        text("Plan", "Kế hoạch"),
        {
            "targets.plan": "event_note",
            "targets.target": "flag",
            "targets.assessment": "fact_check",
            "targets.statuschange": "swap_vert",
            "targets.action": "checklist",
            "targets.comment": "chat",
            "targets.closing": "inventory",
            "targets.lockexception": "lock_open",
        },
    ),
    Group(
        text("People and access", "Người dùng và quyền"),
        {
            "indicators.user": "person",
            "indicators.department": "account_balance",
            "indicators.contact": "contact_mail",
            "indicators.apikey": "key",
            "indicators.accountemail": "outgoing_mail",
        },
    ),
    Group(
        text("Alerts", "Cảnh báo"),
        {
            "targets.alert": "notifications",
            "targets.alertrule": "tune",
            "targets.silence": "notifications_paused",
            "targets.delivery": "send",
            "targets.webhook": "webhook",
        },
    ),
    Group(text("System", "Hệ thống"), {"indicators.holiday": "calendar_month", "lib.auditentry": "history"}),
)
_PAGES: Final = (
    ("admin:index", "priority_high", text("What needs attention", "Việc cần xử lý")),
    ("start", "dashboard", text("Board", "Bảng theo dõi")),
    ("work", "task_alt", text("My work", "Việc của tôi")),
    ("plans", "event", text("Pages of plans", "Trang kế hoạch")),
    ("departments", "corporate_fare", text("Pages of departments", "Trang đơn vị")),
)


def build_navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The groups of the menu with what the user may open. Called by django-unfold for each page of the admin."""
    if not admin.site.has_permission(request):
        return []
    counts: Counter[str] = Counter()
    for rows in count_waiting(admin.site, request, in_menu=True):
        counts[rows.page.opts.label_lower] += rows.row_count
    pages = {page.opts.label_lower: page for page in admin.site._registry.values()}
    groups: list[Item] = [{"items": [_page_item(request, *page) for page in _PAGES]}]
    for group in GROUPS:
        items = [
            _list_item(pages[label], icon, counts[label])
            for label, icon in group.icons.items()
            if pages[label].has_module_permission(request)
        ]
        if items:
            groups.append({"title": group.title, "separator": True, "items": items})
    return groups


def _page_item(request: HttpRequest, name: str, icon: str, title: str) -> Item:
    link = reverse(name)
    return {"title": title, "icon": icon, "link": link, "active": request.path == link}


def _list_item(page: Any, icon: str, count: int) -> Item:
    link = reverse(f"admin:{page.opts.app_label}_{page.opts.model_name}_changelist")
    badge = {"badge": count, "badge_variant": "warning"} if count else {}
    return {"title": capfirst(page.opts.verbose_name_plural), "icon": icon, "link": link, **badge}
