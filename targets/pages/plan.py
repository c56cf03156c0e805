"""The list of plans, and the page of a plan: its facts, its targets, drafts to adopt, and closings."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from indicators.models import Department
from kpitracker.lib import clock
from kpitracker.lib.actor import Actor, Scope
from kpitracker.lib.admin.forms import add_problem
from kpitracker.lib.admin.request_actor import actor
from kpitracker.lib.errors import DomainError
from kpitracker.lib.i18n.text import text, translate
from targets.models import Closing, Plan
from targets.pages.plan_access import check_may_write, find_plan, refuse_other_parameters
from targets.pages.plan_forms import AdoptForm, CloseForm
from targets.pages.plan_rows import build_closing_row, build_target_rows, list_plan_facts
from targets.pages.plan_words import PLAN_WORDS
from targets.pages.words import FRAME_WORDS
from targets.services.planning import adoption, part_scopes, plans
from targets.services.reports import closings, scorecards
from targets.services.reports.board import load_part
from targets.services.text import formatting


@never_cache
@require_safe
@login_required
def list_plans(request: HttpRequest) -> HttpResponse:
    """The plans of the reader's part, those that end last first."""
    by = actor(request)
    if not by.may(Scope.READ):
        raise PermissionDenied
    if refusal := refuse_other_parameters(request):
        return refusal
    rows = part_scopes.own_plans(by).select_related("area", "department").order_by("-period_end", "code")
    counts = adoption.count_targets(part_scopes.own_targets(by))
    context = {
        "title": text("Plans", "Kế hoạch"),
        "words": FRAME_WORDS | PLAN_WORDS,
        "rows": [(plan, formatting.format_period(str(plan.period)), *counts.get(plan.pk, (0, 0))) for plan in rows],
        "may_write": by.may(Scope.PLANS_WRITE),
    }
    return render(request, "pages/plans.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def show_plan(request: HttpRequest, code: str) -> HttpResponse:
    """The page of a plan. A POST adopts its drafts (`do=adopt`) or closes it (`do=close`)."""
    by, plan = find_plan(request, code)
    if refusal := refuse_other_parameters(request):
        return refusal
    adopt_form, close_form = AdoptForm(), CloseForm()
    if request.method == "POST":
        check_may_write(plan, by)
        if request.POST.get("do") == "close":
            close_form = CloseForm(request.POST)
            done = _close(request, plan, by, close_form)
        else:
            adopt_form = AdoptForm(request.POST)
            done = _adopt(request, plan, by, adopt_form)
        if done:
            return done
    context = {
        "title": str(plan),
        "words": FRAME_WORDS | PLAN_WORDS,
        "plan": plan,
        "adopt_form": adopt_form,
        "close_form": close_form,
        **_plan_context(plan, by),
    }
    return render(request, "pages/plan.html", context)


def _adopt(request: HttpRequest, plan: Plan, by: Actor, form: forms.Form) -> HttpResponse | None:
    """Adopt the drafts and return to the page; None with errors in the form."""
    if not form.is_valid():
        return None
    seen = request.POST.get("seen")
    try:
        adopted = adoption.adopt_drafts(plan=plan, by=by, now=clock.now(), seen=seen, **form.cleaned_data)
    except DomainError as error:
        add_problem(form, error)
        return None
    count = len(adopted)
    messages.success(request, translate(f"{count} targets adopted.", f"Đã ban hành {count} chỉ tiêu."))
    return HttpResponseRedirect(reverse("plan", args=[plan.code]))


def _close(request: HttpRequest, plan: Plan, by: Actor, form: forms.Form) -> HttpResponse | None:
    """Close the plan and show what was frozen; None with errors in the form."""
    if not form.is_valid():
        return None
    seen = request.POST.get("seen", "")
    last_seen = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 9 else None
    try:
        closing = closings.close_plan(plan=plan, by=by, now=clock.now(), last_seen=last_seen, **form.cleaned_data)
    except DomainError as error:
        add_problem(form, error)
        return None
    messages.success(request, translate(f"Closed: {closing}.", f"Đã chốt: {closing}."))
    return HttpResponseRedirect(reverse("plan-closing", args=[plan.code, closing.number]))


def _plan_context(plan: Plan, by: Actor) -> dict[str, Any]:
    today = clock.today()
    query = scorecards.ScorecardQuery(plan, today, today, by)
    targets = load_part(query, Department.objects.visible_ids(by))
    evaluations = {row.target.pk: row for row in scorecards.evaluate_loaded(query, targets)}
    drafts = [target for target in targets if adoption.is_draft(target)]
    promised = [target for target in targets if target not in drafts]
    closed = Closing.objects.visible_to(by).filter(plan=plan).defer("content", "recent").order_by("-number")
    return {
        "facts": list_plan_facts(plan, today),
        "sections": build_target_rows(promised, evaluations, today),
        "drafts": [row for rows in build_target_rows(drafts, evaluations, today).values() for row in rows],
        "seen_drafts": adoption.identify_drafts(drafts),
        "closings": [build_closing_row(closing, plan) for closing in closed],
        "last_closing": max((closing.number for closing in closed), default=0),
        "may_write": plans.may_write_plan(plan, by),
    }
