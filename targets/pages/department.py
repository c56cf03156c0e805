"""The page of a department: its targets, what it owes, what is open. And the list of departments."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from indicators.models import Contact, Department
from kpitracker.lib import clock
from kpitracker.lib.actor import Actor, Scope
from kpitracker.lib.admin.request_actor import actor
from kpitracker.lib.http import error_pages
from kpitracker.lib.i18n.text import text
from targets.models import Plan
from targets.pages.addresses import plan_query
from targets.pages.board import list_heads
from targets.pages.board_reading import codes_to_open
from targets.pages.board_rows import build_row
from targets.pages.board_summary import build_tiles
from targets.pages.department_words import DEPARTMENT_WORDS
from targets.pages.words import BOARD_WORDS, FRAME_WORDS
from targets.pages.work_answers import build_action_row, build_alert_row, short_day
from targets.pages.work_figures import OwedFigure
from targets.services.reports import department_lists, own_work
from targets.services.reports.board import a_month_before, build_board, choose_current_plan, load_part
from targets.services.reports.own_work import WorkQuery
from targets.services.reports.scorecards import ScorecardQuery
from targets.services.text import formatting

_MONTHS = 12  # of the table of reports
_MOST = 20  # owed figures, alerts and actions that are shown; the rest is in My work and in the back office


@never_cache
@require_safe
@login_required
def show_departments(request: HttpRequest) -> HttpResponse:
    """The departments of the reader's part, with what each owes and what is open."""
    by = _reader(request)
    for name in request.GET:
        return error_pages.unknown_parameter(request, name, ())
    query = WorkQuery(by, clock.today(), Department.objects.visible_ids(by))
    context = {
        "title": text("Departments", "Các đơn vị"),
        "words": FRAME_WORDS | DEPARTMENT_WORDS,
        "lines": department_lists.list_departments(query),
    }
    return render(request, "pages/departments.html", context)


@never_cache
@require_safe
@login_required
def show_department(request: HttpRequest, code: str) -> HttpResponse:
    """A department with all below it. `plan`: the plan of the targets; the current one without it.

    Raises `Http404` for departments outside the reader's part, and for plans without targets of the department.
    """
    by, today = _reader(request), clock.today()
    for name in request.GET:
        if name != "plan":
            return error_pages.unknown_parameter(request, name, ["plan"])
    department, part = Department.objects.filter(code=code).first(), Department.objects.visible_ids(by)
    if department is None or (part is not None and department.pk not in part):
        raise Http404
    query = WorkQuery(by, today, Department.objects.subtree_ids(department.pk))
    plans = department_lists.list_plans_of(query)
    plan = _choose_plan(plans, request.GET.get("plan"), query)
    context = {
        "title": str(department),
        "words": FRAME_WORDS | BOARD_WORDS | DEPARTMENT_WORDS,
        "department": department,
        "above": _links(Department.objects.self_and_ancestors(department.pk)[:0:-1], part),
        "below": _links(Department.objects.filter(parent=department).order_by("code"), part),
        "plans": plans,
        "plan": plan,
        "department_plan": plan_query(plan) if plan and plan != choose_current_plan(plans, today) else "",
        "contacts": Contact.objects.visible_to(by).active().filter(department__in=query.departments or ()),
        **(_targets(plan, query, part) if plan else {}),
        **_work(query),
    }
    return render(request, "pages/department.html", context)


def _reader(request: HttpRequest) -> Actor:
    by = actor(request)
    if not by.may(Scope.READ):
        raise PermissionDenied
    return by


def _choose_plan(plans: list[Plan], code: str | None, query: WorkQuery) -> Plan | None:
    if not code:
        return choose_current_plan(plans, query.today)
    for plan in plans:
        if plan.code == code:
            return plan
    raise Http404


def _links(departments: Any, part: set[int] | None) -> list[tuple[str, str]]:
    """Name and address of those departments that the reader may open."""
    return [(str(row), reverse("department", args=[row.code])) for row in departments if part is None or row.pk in part]


def _targets(plan: Plan, query: WorkQuery, part: set[int] | None) -> dict[str, Any]:
    """The rows of the board, for the targets that these departments answer for."""
    scorecard = ScorecardQuery(plan, query.today, query.today, query.by)
    targets = load_part(scorecard, part)
    board = build_board(scorecard._replace(departments=query.departments), targets, a_month_before(query.today))
    rows = [build_row(row, board.compared_with, today=query.today) for row in board.targets]
    return {
        "heads": list_heads(short_day(board.compared_with)),
        "rows": rows,
        "codes_to_open": codes_to_open(targets, part),
        "several_areas": len({row.area for row in rows}) > 1,
        "tiles": build_tiles(board.totals["counts"], board.targets),
        "target_count": board.totals["targets"],
    }


def _work(query: WorkQuery) -> dict[str, Any]:
    due_figures = [OwedFigure(obligation, last, query.today) for obligation, last in own_work.list_owed_figures(query)]
    alerts, actions = own_work.list_open_alerts(query), list(own_work.list_open_actions(query))
    return {
        "owed": due_figures[:_MOST],
        "owed_counts": own_work.count_owed((row.obligation for row in due_figures), query.today),
        "row_count": len(due_figures),
        "is_own": query.by.may(Scope.FIGURES_WRITE),
        "months": [
            (formatting.format_period(month.first_day.strftime("%Y-%m")), month)
            for month in department_lists.list_reported_months(query, _MONTHS)
        ],
        "alerts": [build_alert_row(alert, query.today, may_answer=False, refused=None) for alert in alerts[:_MOST]],
        "alert_count": len(alerts),
        "actions": [
            build_action_row(action, query.today, may_report=False, refused=None) for action in actions[:_MOST]
        ],
        "action_count": len(actions),
    }
