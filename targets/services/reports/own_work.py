"""What departments have to do: figures that they owe, figures to approve, alerts to answer, actions to finish.

Each list takes a fixed number of queries.
"""

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from typing import NamedTuple

from django.db.models import Q, QuerySet

from indicators.domain.calendars import has_passed
from indicators.domain.figures import Figure
from indicators.models import Approval, Department, Indicator
from kpitracker.lib.actor import Actor
from targets.domain.alerting import AlertState
from targets.domain.rules import REPORTING_KINDS
from targets.models import Action, Alert
from targets.services.notifications.owed_figures import load_owing_departments
from targets.services.reports.reporting import (
    MonthlyCompleteness,
    Obligation,
    ReportingQuery,
    list_figures_to_report,
    monthly_completeness,
)

_OPEN_ALERTS = [state.value for state in AlertState if state.is_active]


class WorkQuery(NamedTuple):
    """`departments`: ids of a department and those below it; None: all that the caller sees."""

    by: Actor
    today: date
    departments: set[int] | None


class OwedCounts(NamedTuple):
    """`due`: figures of periods that are over, without a report; `late` of them are past their due day.

    `upcoming`: figures of the periods that end next. They can be reported, but are not owed yet.
    """

    due: int
    late: int
    upcoming: int


def own_query(by: Actor, today: date) -> WorkQuery:
    """What a person has to do: of their department and those below it; without a department, of all."""
    departments = None if by.department is None else Department.objects.subtree_ids(by.department)
    return WorkQuery(by, today, departments)


def is_owed(obligation: Obligation, today: date) -> bool:
    """Whether the period of a figure without a report is over."""
    return obligation.period.end < today


def count_owed(obligations: Iterable[Obligation], today: date) -> OwedCounts:
    """Count the figures without a report. Each page that names these numbers takes them from here."""
    rows = list(obligations)
    due_figures = [row for row in rows if is_owed(row, today)]
    late_count = sum(1 for row in due_figures if has_passed(row.due_day, today))
    return OwedCounts(len(due_figures), late_count, len(rows) - len(due_figures))


def owed_query(query: WorkQuery) -> ReportingQuery:
    """The figures of periods since the beginning of last year, with the next one of each series."""
    since = date(query.today.year - 1, 1, 1)
    return ReportingQuery(query.by, query.today, query.today, since, query.departments, include_next=True)


def list_owed_figures(query: WorkQuery) -> list[tuple[Obligation, Figure | None]]:
    """Figures that are owed with the latest figure of their series; those that are due longest come first."""
    return sorted(list_figures_to_report(owed_query(query)), key=lambda row: row[0].sort_key)


def list_completeness(query: WorkQuery, months: int) -> list[MonthlyCompleteness]:
    """How many of the figures due in each month were reported, and in time; oldest month first, without empty ones."""
    first = query.today.replace(day=1)
    for _ in range(months - 1):
        first = (first - timedelta(days=1)).replace(day=1)
    reporting = owed_query(query)._replace(include_next=False)
    return monthly_completeness(reporting, first, query.today)


def list_pending_approvals(query: WorkQuery) -> QuerySet[Approval]:
    """Figures that wait for a second person of the departments that report them, oldest first, with `shown_poster`."""
    rows = Approval.objects.visible_to(query.by).filter(state="pending")
    if query.departments is not None:
        reported = Indicator.objects.reported_by(query.departments).values("pk")
        rows = rows.filter(revision__measurement__indicator__in=reported)
    shown: QuerySet[Approval] = (
        rows.with_poster(query.by)
        .select_related("revision__measurement__indicator", "revision__measurement__area")
        .order_by("pk")
    )
    return shown


def list_open_alerts(query: WorkQuery) -> list[Alert]:
    """Alerts that these departments answer for or support, and those about figures that they owe; worst and newest first."""
    rows = Alert.objects.visible_to(query.by).filter(state__in=_OPEN_ALERTS)
    shown = list(
        rows.select_related("rule", "target__indicator", "target__area", "target__plan", "target__department").order_by(
            "-state", "-severity_rank", "-opened_at"
        )
    )
    if query.departments is None:
        return shown
    own_ids = set(_answered_by(rows, query.departments).values_list("pk", flat=True))
    about_reports = {alert.target for alert in shown if alert.pk not in own_ids and alert.rule.kind in REPORTING_KINDS}
    owing = load_owing_departments(about_reports, query.today) if about_reports else {}
    owed_ids = {pk for pk, rows in owing.items() if not query.departments.isdisjoint(row.pk for row in rows)}
    return [
        alert
        for alert in shown
        if alert.pk in own_ids or (alert.target_id in owed_ids and alert.rule.kind in REPORTING_KINDS)
    ]


def _answered_by(rows: QuerySet[Alert], department_ids: Collection[int]) -> QuerySet[Alert]:
    """The rule of `user_responses.may_respond_for_target`, as a filter."""
    return rows.filter(
        Q(target__department__in=department_ids)
        | Q(target__plan__department__in=department_ids)
        | Q(target__cooperating__in=department_ids)
    )


def list_open_actions(query: WorkQuery) -> QuerySet[Action]:
    """Actions for which these departments are responsible, the nearest due day first."""
    rows = Action.objects.visible_to(query.by).for_messages().filter(closed_day=None)
    if query.departments is not None:
        rows = rows.filter(department__in=query.departments)
    shown: QuerySet[Action] = rows.order_by("due_day", "pk")
    return shown
