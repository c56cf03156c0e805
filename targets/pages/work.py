"""The page of one's own work: figures that are owed, each with a field, and alerts and actions that wait."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from indicators.models import Department
from kpitracker.lib import clock
from kpitracker.lib.actor import Actor, Scope
from kpitracker.lib.admin.request_actor import actor
from kpitracker.lib.admin.text_fields import CleanTextField
from kpitracker.lib.i18n.text import text
from targets.models import Action, Alert
from targets.pages.board_form import day_field
from targets.pages.words import FRAME_WORDS, WORK_WORDS
from targets.pages.work_figures import STAGE_CHOICES, CommonFields, OwedFigure, read_typed, store_typed
from targets.services.reports.reporting import ReportingQuery, list_figures_to_report

_MAX_ROWS = 200
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


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def show_work(request: HttpRequest) -> HttpResponse:
    """Show what is owed; a POST stores the typed figures one by one and shows again those that were not stored."""
    by, today = actor(request), clock.today()
    if not by.may(Scope.READ):
        raise PermissionDenied
    department_ids = None if by.department is None else Department.objects.subtree_ids(by.department)
    rows, owed_count = _owed_rows(by, today, department_ids)
    form = CommonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if not by.may(Scope.FIGURES_WRITE):
            raise PermissionDenied
        for sentence in read_typed(rows, request.POST):
            messages.warning(request, sentence)
        if form.is_valid():
            for sentence in store_typed(rows, form.fields_of_figures(), by=by, now=clock.now()):
                messages.success(request, sentence)
            if not any(row.error or row.doubts for row in rows):
                return HttpResponseRedirect(reverse("work"))
            rows = [row for row in rows if not row.typed or row.error or row.doubts]
    context = {
        "title": text("My work", "Việc của tôi"),
        "words": FRAME_WORDS | WORK_WORDS,
        "form": form,
        "rows": rows,
        "late_count": sum(1 for row in rows if row.days_late),
        "owed_count": owed_count,
        "has_more": owed_count > _MAX_ROWS,
        "may_post": by.may(Scope.FIGURES_WRITE),
        **_waiting(by, department_ids),
    }
    return render(request, "pages/work.html", context)


def _owed_rows(by: Actor, today: date, department_ids: set[int] | None) -> tuple[list[OwedFigure], int]:
    """The figures that are owed, and how many there are; those whose due day is nearest come first."""
    query = ReportingQuery(
        by=by, as_of=today, today=today, since=date(today.year - 1, 1, 1), departments=department_ids, include_next=True
    )
    rows = [OwedFigure(obligation, last, today) for obligation, last in list_figures_to_report(query)]
    rows.sort(key=lambda row: (abs((row.obligation.due_day - today).days), row.obligation.sort_key))
    return rows[:_MAX_ROWS], len(rows)


def _waiting(by: Actor, department_ids: set[int] | None) -> dict[str, Any]:
    """Open alerts and actions of these departments; None: of all."""
    alerts = Alert.objects.visible_to(by).filter(state__in=["firing", "acknowledged"])
    actions = Action.objects.visible_to(by).for_list().filter(closed_day=None)
    if department_ids is not None:
        alerts = alerts.answered_for_by(department_ids)
        actions = actions.filter(department__in=department_ids)
    return {
        "alerts": alerts.select_related("target__indicator", "target__area", "target__plan", "rule")[:_MAX_ROWS],
        "actions": actions.select_related("target__area").order_by("due_day")[:_MAX_ROWS],
    }
