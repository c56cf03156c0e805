"""What is sent from the page of one's own work beside figures: decisions about figures, answers to alerts, progress of actions."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from kpitracker.lib import clock
from kpitracker.lib.actor import Scope
from kpitracker.lib.errors import DomainError
from kpitracker.lib.i18n.text import translate
from targets.models import Action, Alert
from targets.pages import work_approvals
from targets.pages.answer_forms import ActionProgressForm, AlertAnswerForm
from targets.pages.refusals import describe_refusal
from targets.pages.work import RefusedRow, may_report, own_query, render_work
from targets.services.alerting import user_responses
from targets.services.planning import actions
from targets.services.reports import own_work


def _for_users(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    return never_cache(require_POST(login_required(view)))


def _back_to(part: str) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('work')}#{part}")


@_for_users
def decide_approvals(request: HttpRequest) -> HttpResponse:
    """Approve or reject figures of others, each by itself; those that were refused are shown again with the reason."""
    query = own_query(request)
    if not query.by.may(Scope.FIGURES_WRITE):
        raise PermissionDenied
    rows = [work_approvals.build_row(approval, query.by) for approval in own_work.list_pending_approvals(query)]
    for sentence in work_approvals.read_decisions(rows, request.POST):
        messages.warning(request, sentence)
    for sentence in work_approvals.store_decisions(rows, by=query.by, now=clock.now()):
        messages.success(request, sentence)
    if not any(row.error for row in rows):
        return _back_to("approvals")
    return render_work(request, query, decided=[row for row in rows if not row.is_decided])


@_for_users
def acknowledge_alert(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Answer an alert that waits for the reader. Raises `Http404` for others."""
    query = own_query(request)
    if not query.by.may(Scope.ALERTS_WRITE):
        raise PermissionDenied
    alert = next((row for row in own_work.list_open_alerts(query) if row.pk == pk), None)
    if alert is None:
        raise Http404
    form = AlertAnswerForm(request.POST, alert)
    answer = partial(user_responses.acknowledge_alert, alert=alert, by=query.by, now=clock.now())
    if _is_stored(form, answer):
        messages.success(request, translate(f"Answered: {alert.target}.", f"Đã trả lời: {alert.target}."))
        return _back_to("alerts")
    return render_work(request, query, refused=RefusedRow(Alert._meta.model_name or "", str(pk), form))


@_for_users
def report_progress(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say how far an action of the reader's departments is. Raises `Http404` for others."""
    query = own_query(request)
    if not may_report(query.by):
        raise PermissionDenied
    action = own_work.list_open_actions(query).filter(pk=pk).first()
    if action is None:
        raise Http404
    form = ActionProgressForm(request.POST, action)
    if _is_stored(form, partial(actions.update_action, action=action, by=query.by, now=clock.now())):
        messages.success(request, translate(f"Stored: {action}.", f"Đã lưu: {action}."))
        return _back_to("actions")
    return render_work(request, query, refused=RefusedRow(Action._meta.model_name or "", str(pk), form))


def _is_stored(form: forms.Form, store: Callable[..., object]) -> bool:
    """Store what the form holds. A refusal becomes an error of the form."""
    if not form.is_valid():
        return False
    try:
        store(**form.cleaned_data)
    except DomainError as error:
        form.add_error(None, describe_refusal(error))
        return False
    return True
