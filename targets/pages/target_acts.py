"""What is sent from the page of a target: answers to alerts, actions and their progress, comments.

With htmx the part of the page that shows them is exchanged; without it the page is loaded again.
"""

from collections.abc import Callable
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from kpitracker.lib import clock
from kpitracker.lib.actor import Actor
from kpitracker.lib.admin.forms import add_problem
from kpitracker.lib.errors import DomainError
from kpitracker.lib.i18n.text import translate
from targets.models import Action, Alert, Target
from targets.pages.answer_forms import ActionProgressForm, ActionRequestForm, AlertAnswerForm, NewCommentForm
from targets.pages.target import render_target
from targets.pages.target_access import find_target
from targets.pages.target_responses import RefusedForm, list_responses
from targets.pages.target_words import TARGET_WORDS
from targets.services.alerting import user_responses
from targets.services.planning import actions, comments


def _for_users(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    return never_cache(require_POST(login_required(view)))


@_for_users
def acknowledge_alert(request: HttpRequest, identifier: str, pk: UUID) -> HttpResponse:
    """Answer an alert about the target. Raises `PermissionDenied` for those who may not, `Http404` for other alerts."""
    by, target = find_target(request, identifier)
    alert = Alert.objects.visible_to(by).filter(target=target, pk=pk).select_related("rule", "target__plan").first()
    if alert is None:
        raise Http404
    _require(user_responses.may_respond(alert, by))
    form = AlertAnswerForm(request.POST, alert)
    return _store(
        request,
        by,
        target,
        RefusedForm(str(pk), form),
        lambda: user_responses.acknowledge_alert(alert=alert, by=by, now=clock.now(), **form.cleaned_data),
        translate("The alert is acknowledged.", "Đã tiếp nhận cảnh báo."),
    )


@_for_users
def create_action(request: HttpRequest, identifier: str) -> HttpResponse:
    """Ask for an action about the target."""
    by, target = find_target(request, identifier)
    _require(actions.may_create(target, by))
    form = ActionRequestForm(request.POST, target, clock.today())

    def create() -> Action:
        values = form.cleaned_data | {"department": form.cleaned_data["department"] or None}
        return actions.create_action(target=target, by=by, now=clock.now(), **values)

    stored = translate("The action is stored.", "Đã lưu biện pháp.")
    return _store(request, by, target, RefusedForm("new-action", form), create, stored)


@_for_users
def report_progress(request: HttpRequest, identifier: str, pk: UUID) -> HttpResponse:
    """Say how far an action about the target is, or close it."""
    by, target = find_target(request, identifier)
    action = Action.objects.visible_to(by).for_list().filter(target=target, pk=pk).first()
    if action is None:
        raise Http404
    _require(bool(actions.find_reportable(target, [action], by)))
    form = ActionProgressForm(request.POST, action)
    return _store(
        request,
        by,
        target,
        RefusedForm(str(pk), form),
        lambda: actions.update_action(action=action, by=by, now=clock.now(), **form.cleaned_data),
        translate("The progress is stored.", "Đã lưu tình hình thực hiện."),
    )


@_for_users
def add_comment(request: HttpRequest, identifier: str) -> HttpResponse:
    """Comment on the target."""
    by, target = find_target(request, identifier)
    _require(comments.may_comment(by))
    form = NewCommentForm(request.POST)
    return _store(
        request,
        by,
        target,
        RefusedForm("new-comment", form),
        lambda: comments.create_comment(by=by, now=clock.now(), target=target.identifier, **form.cleaned_data),
        translate("The comment is stored.", "Đã lưu ý kiến."),
    )


def _require(is_allowed: bool) -> None:
    if not is_allowed:
        raise PermissionDenied


def _store(
    request: HttpRequest, by: Actor, target: Target, sent: RefusedForm, write: Callable[[], object], stored: str
) -> HttpResponse:
    """Store what was sent; a form that is refused is shown again with its errors, as it was typed."""
    if _is_stored(sent.form, write):
        if _is_part(request):
            return _render_part(request, by, target, None, stored)
        messages.success(request, stored)
        return HttpResponseRedirect(f"{reverse('target', args=[target.identifier])}#responses")
    if _is_part(request):
        return _render_part(request, by, target, sent, "", status=400)
    return render_target(request, by, target, clock.today(), refused=sent)


def _is_stored(form: forms.Form, write: Callable[[], object]) -> bool:
    if not form.is_valid():
        return False
    try:
        write()
    except DomainError as error:
        add_problem(form, error)
        return False
    return True


def _is_part(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


def _render_part(
    request: HttpRequest, by: Actor, target: Target, refused: RefusedForm | None, stored: str, status: int = 200
) -> HttpResponse:
    context = {"words": TARGET_WORDS, "stored": stored, **list_responses(target, by, refused)}
    return render(request, "pages/target_responses.html", context, status=status)
