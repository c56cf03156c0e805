"""The page of one's own work: what is owed, each with a field; what waits for approval; alerts and actions to answer."""

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from indicators.domain.periods import Period
from indicators.importing.file_form import END_MARKER, FigureFileFields, max_file_size
from indicators.services.figures.figure_words import value_with_unit
from kpitracker.lib import clock
from kpitracker.lib.actor import Actor, Scope
from kpitracker.lib.admin.request_actor import actor
from kpitracker.lib.admin.text_fields import CleanTextField
from kpitracker.lib.http import error_pages
from kpitracker.lib.i18n.text import text, translate
from targets.pages import work_approvals
from targets.pages.board_form import day_field
from targets.pages.words import FRAME_WORDS
from targets.pages.work_answers import build_action_row, build_alert_row
from targets.pages.work_approvals import ApprovalRow
from targets.pages.work_figures import STAGE_CHOICES, CommonFields, OwedFigure, read_typed, store_typed
from targets.pages.work_words import WORK_WORDS
from targets.services.reports import own_work
from targets.services.reports.own_work import WorkQuery
from targets.services.text import formatting

_MAX_ROWS = 200
_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])", re.ASCII)
_STAGE_LABELS = (
    text("estimate", "ước tính"),
    text("preliminary", "sơ bộ"),
    text("official", "chính thức"),
)


class CommonForm(forms.Form):
    """What holds for all figures that are sent together."""

    published = day_field(text("Published on (empty: today)", "Ngày công bố (để trống: hôm nay)"))
    stage = forms.ChoiceField(
        label=text("Stage", "Giai đoạn"),
        required=False,
        choices=[("", text("not stated", "không nêu")), *zip(STAGE_CHOICES, _STAGE_LABELS, strict=True)],
    )
    source = CleanTextField(label=text("Source", "Nguồn"), required=False, widget=forms.TextInput)

    def fields_of_figures(self) -> CommonFields:
        return CommonFields(**self.cleaned_data)


class MonthGroup(NamedTuple):
    """The figures that are due in one month. `url`: the page with these alone."""

    month: str
    title: str
    url: str
    rows: list[OwedFigure]
    late_count: int


class RefusedRow(NamedTuple):
    """A form of one alert or action that was refused: `kind` is "alert" or "action", `pk` its id."""

    kind: str
    pk: str
    form: Any


def own_query(request: HttpRequest) -> WorkQuery:
    """What the reader has to do: of their department and those below it. Raises `PermissionDenied` without `read`."""
    by = actor(request)
    if not by.may(Scope.READ):
        raise PermissionDenied
    return own_work.own_query(by, clock.today())


def may_report(by: Actor) -> bool:
    """Whether the reader may say how far the actions of their departments are, as `actions.may_update_progress`."""
    return by.may(Scope.ALERTS_WRITE) or by.may(Scope.PLANS_WRITE)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def show_work(request: HttpRequest) -> HttpResponse:
    """Show what is owed; a POST stores the typed figures one by one and shows again those that were not stored.

    `due`: the month of the due day, such as 2026-11; other parameters are refused with 400.
    """
    query = own_query(request)
    for name in request.GET:
        if name != "due":
            return error_pages.unknown_parameter(request, name, ["due"])
    month = request.GET.get("due", "")
    if month and not _MONTH.fullmatch(month):
        return error_pages.unreadable_parameter(request)
    rows, form = _load_owed(query), CommonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        rows = _store_figures(request, query, rows, form)
        if form.is_valid() and not any(row.error or row.doubts for row in rows):
            is_left = any(row.due_month == month for row in rows)
            return HttpResponseRedirect(reverse("work") + (f"?due={month}" if is_left else ""))
    return render_work(request, query, rows=rows, form=form, month=month)


def _load_owed(query: WorkQuery) -> list[OwedFigure]:
    return [OwedFigure(obligation, last, query.today) for obligation, last in own_work.list_owed_figures(query)]


def _store_figures(
    request: HttpRequest, query: WorkQuery, rows: list[OwedFigure], form: CommonForm
) -> list[OwedFigure]:
    """Store what was typed, and return the lines that are left."""
    by = query.by
    if not by.may(Scope.FIGURES_WRITE):
        raise PermissionDenied
    _add_waiting(rows, query)
    for sentence in read_typed(rows, request.POST, query.by):
        messages.warning(request, sentence)
    if not form.is_valid():
        return rows
    for sentence in store_typed(rows, form.fields_of_figures(), by=by, now=clock.now()):
        messages.success(request, sentence)
    return [row for row in rows if not row.typed or row.error or row.doubts]


def _add_waiting(rows: Iterable[OwedFigure], query: WorkQuery) -> list[Any]:
    """Add to each line the value that was posted for it and waits for approval; return the approvals."""
    approvals = list(own_work.list_pending_approvals(query))
    waiting: dict[tuple[int, int, Period], str] = {}
    for approval in approvals:
        measurement = approval.revision.measurement
        period = Period(measurement.period_start, measurement.period_end)
        waiting[measurement.indicator_id, measurement.area_id, period] = value_with_unit(approval.revision)
    for row in rows:
        if value := waiting.get(row.series_period):
            row.waiting = translate(f"{value} waits for approval.", f"{value} đang chờ duyệt.")
    return approvals


def render_work(
    request: HttpRequest,
    query: WorkQuery,
    *,
    rows: list[OwedFigure] | None = None,
    form: CommonForm | None = None,
    month: str = "",
    decided: list[ApprovalRow] | None = None,
    refused: RefusedRow | None = None,
    file_form: FigureFileFields | None = None,
) -> HttpResponse:
    """The whole page, with what was refused where it was typed."""
    by = query.by
    rows = _load_owed(query) if rows is None else rows
    approvals = _add_waiting(rows, query)
    alerts = [
        build_alert_row(alert, query.today, may_answer=by.may(Scope.ALERTS_WRITE), refused=_form_of(refused, alert))
        for alert in own_work.list_open_alerts(query)
    ]
    actions = [
        build_action_row(action, query.today, may_report=may_report(by), refused=_form_of(refused, action))
        for action in own_work.list_open_actions(query)[:_MAX_ROWS]
    ]
    waiting = decided or [work_approvals.build_row(approval, by) for approval in approvals]
    groups = _group_by_month(rows)
    context = {
        "title": text("My work", "Việc của tôi"),
        "words": FRAME_WORDS | WORK_WORDS,
        "form": form or CommonForm(),
        "file_form": file_form or FigureFileFields(),
        "end_marker": END_MARKER,
        "max_size": max_file_size(),
        "months": groups,
        "month": month,
        "groups": _cut([group for group in groups if group.month == month] if month else groups),
        "owed_counts": own_work.count_owed((row.obligation for row in rows), query.today),
        "row_count": len(rows),
        "has_more": not month and len(rows) > _MAX_ROWS,
        "may_post": by.may(Scope.FIGURES_WRITE),
        "approvals": waiting,
        "may_decide": any(row.may_decide for row in waiting),
        "alerts": alerts[:_MAX_ROWS],
        "actions": actions,
    }
    return render(request, "pages/work.html", context)


def _form_of(refused: RefusedRow | None, row: Any) -> Any:
    """The refused form of this row, if it is the one that was refused."""
    is_it = refused is not None and refused.kind == row._meta.model_name and refused.pk == str(row.pk)
    return refused.form if is_it and refused else None


def _group_by_month(rows: Iterable[OwedFigure]) -> list[MonthGroup]:
    """`rows`: by due day."""
    by_month: dict[str, list[OwedFigure]] = {}
    for row in rows:
        by_month.setdefault(row.due_month, []).append(row)
    return [
        MonthGroup(
            month,
            formatting.format_period(month),
            f"{reverse('work')}?due={month}",
            group,
            sum(1 for row in group if row.days_late),
        )
        for month, group in by_month.items()
    ]


def _cut(groups: Iterable[MonthGroup]) -> list[MonthGroup]:
    """The first lines of all, with the groups that still have some."""
    left, shown = _MAX_ROWS, []
    for group in groups:
        if left > 0:
            shown.append(group._replace(rows=group.rows[:left]))
            left -= len(group.rows)
    return shown
