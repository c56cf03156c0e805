"""The page of amendments: new terms of chosen targets, their suspension or withdrawal, by one act."""

import hashlib

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from kpitracker.lib import clock
from kpitracker.lib.actor import Actor
from kpitracker.lib.errors import DomainError, ValidationProblem
from kpitracker.lib.http import error_pages
from kpitracker.lib.i18n.text import translate
from targets.models import Plan, Target
from targets.pages.amend_forms import DecisionForm
from targets.pages.amend_rows import AmendRow, build_rows, name_results
from targets.pages.plan_access import check_may_write, find_plan, refuse_other_parameters
from targets.pages.plan_rows import build_target_rows
from targets.pages.plan_words import AMEND_WORDS, PLAN_WORDS
from targets.pages.words import FRAME_WORDS
from targets.services.planning import adoption, amendments, part_scopes
from targets.services.planning.amendments import Decision

MOST_TARGETS = 25  # on one page: more fields than Django takes from one form


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def amend_plan(request: HttpRequest, code: str) -> HttpResponse:
    """Choose targets, then state their new terms; `target` in the address names the chosen ones.

    A POST stores all of them or none. What is doubtful is stored when it is sent a second time.
    """
    by, plan = find_plan(request, code)
    check_may_write(plan, by)
    if refusal := refuse_other_parameters(request, ("target",)):
        return refusal
    targets = list(part_scopes.own_targets(by).for_list().filter(plan=plan).order_by("section", "identifier"))
    identifiers = set(request.GET.getlist("target"))
    chosen = [target for target in targets if target.identifier in identifiers]
    if len(chosen) < len(identifiers):
        raise Http404
    if not 0 < len(chosen) <= MOST_TARGETS:
        return _choose(request, plan, targets, identifiers)
    return _amend(request, plan, by, chosen)


def _choose(request: HttpRequest, plan: Plan, targets: list[Target], identifiers: set[str]) -> HttpResponse:
    today = clock.today()
    context = {
        "title": translate(f"Amend targets: {plan}", f"Điều chỉnh chỉ tiêu: {plan}"),
        "words": FRAME_WORDS | PLAN_WORDS | AMEND_WORDS,
        "plan": plan,
        "sections": build_target_rows(targets, {}, today),
        "identifiers": identifiers,
        "too_many": len(identifiers) > MOST_TARGETS,
    }
    return render(request, "pages/amend_choice.html", context, status=400 if context["too_many"] else 200)


def _amend(request: HttpRequest, plan: Plan, by: Actor, chosen: list[Target]) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    has_promises = any(not adoption.is_draft(target) for target in chosen)
    form = DecisionForm(data, has_promises=has_promises, initial={"announced": clock.today()})
    rows = build_rows(chosen, data, plan)
    doubts_digest = ""
    if data is not None:
        is_valid = all([form.is_valid(), *(row.form.is_valid() for row in rows)])
        if is_valid and _store(request, plan, by, form, rows):
            messages.success(request, _stored_message(Decision(form.cleaned_data["decision"]), len(rows)))
            return HttpResponseRedirect(reverse("plan", args=[plan.code]))
        doubts_digest = _digest_of(request, rows) if any(row.doubts for row in rows) else ""
    context = {
        "title": translate(f"Amend targets: {plan}", f"Điều chỉnh chỉ tiêu: {plan}"),
        "words": FRAME_WORDS | PLAN_WORDS | AMEND_WORDS,
        "plan": plan,
        "form": form,
        "rows": rows,
        "doubts": doubts_digest,
        "is_preview": data is not None and not form.errors and not any(row.form.errors for row in rows),
    }
    return render(request, "pages/amend.html", context)


def _stored_message(decision: Decision, count: int) -> str:
    match decision:
        case Decision.SUSPEND:
            return translate(f"{count} targets suspended.", f"Đã tạm dừng {count} chỉ tiêu.")
        case Decision.WITHDRAW:
            return translate(f"{count} targets withdrawn.", f"Đã bãi bỏ {count} chỉ tiêu.")
        case Decision.RESUME:
            return translate(f"{count} targets taken up again.", f"Đã cho thực hiện lại {count} chỉ tiêu.")
    return translate(f"{count} targets amended.", f"Đã điều chỉnh {count} chỉ tiêu.")


def _store(request: HttpRequest, plan: Plan, by: Actor, form: DecisionForm, rows: list[AmendRow]) -> bool:
    """Amend all targets; False if nothing was stored: a preview, an error, or doubts that were not shown before."""
    decision = Decision(form.cleaned_data["decision"])
    try:
        with transaction.atomic():
            results = amendments.amend_together(
                plan=plan,
                amendments=[row.amendment(decision) for row in rows],
                by=by,
                now=clock.now(),
                announced=form.cleaned_data["announced"],
                announcement=form.announcement(),
            )
            name_results(rows, results, decision)
            has_new_doubts = any(row.doubts for row in rows) and request.POST.get("doubts") != _digest_of(request, rows)
            if request.POST.get("do") == "preview" or has_new_doubts:
                transaction.set_rollback(True)
                return False
    except ValidationProblem as error:
        _show_problems(error, form, rows)
        return False
    return True


def _show_problems(problem: DomainError, form: DecisionForm, rows: list[AmendRow]) -> None:
    """Put each error beside the field of its target, or of the form, that it points at."""
    for item in problem.items:
        position, _, name = item.pointer.strip("/").partition("/")
        if name in form.fields:
            if str(item.detail) not in form.errors.get(name, ()):
                form.add_error(name, str(item.detail))
        else:
            row = rows[int(position)]
            field = name.partition("/")[0]
            row.form.add_error(field if field in row.form.fields else None, str(item.detail))


def _digest_of(request: HttpRequest, rows: list[AmendRow]) -> str:
    """What was typed, and what was doubted about it: sent again unchanged, it is stored."""
    skipped = ("csrfmiddlewaretoken", "doubts", "do")
    typed = sorted(
        (name, values)
        for name, values in request.POST.lists()
        if name not in skipped and not name.endswith(("-shown", "-seen"))
    )
    return hashlib.sha256(repr((typed, [row.doubts for row in rows])).encode()).hexdigest()[:32]


@never_cache
@require_safe
@login_required
def describe_terms(request: HttpRequest, code: str) -> HttpResponse:
    """A part of the page: the terms of one target in words, while they are typed. `prefix`: of its fields."""
    by, plan = find_plan(request, code)
    check_may_write(plan, by)
    prefix = request.GET.get("prefix", "")
    for name in request.GET:
        if name not in ("target", "prefix") and not name.startswith(f"{prefix}-"):
            return error_pages.unknown_parameter(request, name, ("target", "prefix"))
    identifier = request.GET.get("target", "")
    target = part_scopes.own_targets(by).for_list().filter(plan=plan, identifier=identifier).first()
    if target is None:
        raise Http404
    row = AmendRow(target, request.GET, prefix, plan)
    row.describe()
    return render(request, "pages/amend_words.html", {"row": row})
