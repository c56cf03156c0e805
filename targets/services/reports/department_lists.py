"""Departments with what they owe and what is open about their targets. The number of queries is fixed."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from datetime import date
from typing import NamedTuple

from indicators.domain.calendars import has_passed
from indicators.models import Department
from targets.models import Alert, Plan, Target
from targets.services.reports import own_work
from targets.services.reports.own_work import WorkQuery
from targets.services.reports.reporting import MonthlyCompleteness


class DepartmentLine(NamedTuple):
    """A department and its own counts, without those below it. `depth`: 0 for one without a parent in the list."""

    department: Department
    depth: int
    due_figures: int
    late: int
    alerts: int
    actions: int
    late_actions: int


class ReportedMonth(NamedTuple):
    """Of the figures that were due in a month, how many were reported in time, later, or not at all."""

    first_day: date
    due_count: int
    on_time: int
    late: int
    missing: int


def list_departments(query: WorkQuery) -> list[DepartmentLine]:
    """The departments of the query, each followed by those below it, by code."""
    rows = Department.objects.order_by("code")
    departments = list(rows if query.departments is None else rows.filter(pk__in=query.departments))
    due_figures, late = Counter[int](), Counter[int]()
    for obligation, _ in own_work.list_owed_figures(query):
        if not own_work.is_owed(obligation, query.today):
            continue
        due_figures[obligation.department.pk] += 1
        late[obligation.department.pk] += has_passed(obligation.due_day, query.today)
    alerts = Counter(_answering_id(alert) for alert in own_work.list_open_alerts(query))
    actions, late_actions = Counter[int | None](), Counter[int | None]()
    for action in own_work.list_open_actions(query):
        actions[action.department_id] += 1
        late_actions[action.department_id] += action.due_day < query.today
    return [
        DepartmentLine(
            row, depth, due_figures[row.pk], late[row.pk], alerts[row.pk], actions[row.pk], late_actions[row.pk]
        )
        for row, depth in _in_tree_order(departments)
    ]


def _answering_id(alert: Alert) -> int | None:
    department = alert.target.answers_for
    return department.pk if department else None


def _in_tree_order(departments: Collection[Department]) -> Iterable[tuple[Department, int]]:
    ids = {row.pk for row in departments}
    below = defaultdict[int | None, list[Department]](list)
    for row in departments:
        below[row.parent_id if row.parent_id in ids else None].append(row)
    waiting = [(row, 0) for row in reversed(below[None])]
    while waiting:
        row, depth = waiting.pop()
        yield row, depth
        waiting += [(child, depth + 1) for child in reversed(below[row.pk])]


def list_reported_months(query: WorkQuery, months: int) -> list[ReportedMonth]:
    """The months with due figures, the newest first, of all departments of the query together."""
    by_month = defaultdict[date, list[MonthlyCompleteness]](list)
    for row in own_work.list_completeness(query, months):
        by_month[row.first_day].append(row)
    lines = []
    for first_day, rows in sorted(by_month.items(), reverse=True):
        due, on_time, late = (sum(getattr(row, name) for row in rows) for name in ("due_count", "on_time", "late"))
        lines.append(ReportedMonth(first_day, due, on_time, late, due - on_time - late))
    return lines


def list_plans_of(query: WorkQuery) -> list[Plan]:
    """Plans with targets that these departments answer for, the latest first."""
    targets = Target.objects.visible_to(query.by)
    if query.departments is not None:
        targets = targets.answered_for_by(query.departments)
    plans = Plan.objects.visible_to(query.by).filter(pk__in=targets.values("plan"))
    return list(plans.order_by("-period_start", "code"))
