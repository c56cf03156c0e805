"""What if: the coming figures and the edges of a target, supposed, and how it and its plan would stand. Stores nothing."""

from typing import NamedTuple

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from indicators.models import Department
from kpitracker.lib import clock
from kpitracker.lib.actor import Actor
from kpitracker.lib.admin.forms import add_problem
from kpitracker.lib.errors import DomainError, NotFound
from kpitracker.lib.http import error_pages
from kpitracker.lib.i18n.text import translate
from targets.models import Target
from targets.pages.board_rows import sense_of
from targets.pages.target_access import evaluate_for_page, find_target
from targets.pages.target_words import TARGET_WORDS
from targets.pages.what_if_form import WhatIfForm, build_form
from targets.pages.words import FRAME_WORDS
from targets.services.evaluation import explanations
from targets.services.evaluation.evaluate import Evaluation
from targets.services.reports import what_if
from targets.services.reports.board import load_part
from targets.services.reports.scorecards import ScorecardQuery
from targets.services.reports.what_if_choices import suppose_figures
from targets.services.text import formatting, status_sentence


class WhatIfAnswer(NamedTuple):
    """How the target and its plan would stand; `sense` names a style class."""

    sense: str
    sentence: str
    without: str
    score: str


@never_cache
@require_safe
@login_required
def show_what_if(request: HttpRequest, identifier: str) -> HttpResponse:
    """The answer to what is supposed in the address: as a part for htmx, else as a page. Raises `Http404` where nothing
    can be supposed."""
    by, target = find_target(request, identifier)
    try:
        evaluation = evaluate_for_page(target, clock.today(), by).target
    except NotFound as error:
        raise Http404 from error
    form = build_form(evaluation, request.GET)
    if form is None:
        raise Http404
    for name in request.GET:
        if name not in form.fields:
            return error_pages.unknown_parameter(request, name, form.fields)
    answer = _answer(form, evaluation, by) if form.is_valid() else None
    context = {"form": form, "answer": answer, "target": target, "title": _title(target), "what_if": form}
    template = "what_if_answer" if request.headers.get("HX-Request") == "true" else "what_if"
    words = FRAME_WORDS | TARGET_WORDS
    return render(request, f"pages/{template}.html", {"words": words, **context}, status=200 if answer else 400)


def _title(target: Target) -> str:
    return translate(f"What if: {target}", f"Giả định: {target}")


def _answer(form: WhatIfForm, evaluation: Evaluation, by: Actor) -> WhatIfAnswer | None:
    """Return the answer; None with the errors in the form."""
    target, today = evaluation.target, clock.today()
    figure = form.cleaned_data.get("figure")
    figures = suppose_figures(evaluation, figure, form.until()) if figure is not None else []
    as_of = max([today, *(row.period.end for row in figures)])
    part = load_part(ScorecardQuery(target.plan, as_of, today, by), Department.objects.visible_ids(by))
    try:
        result = what_if.simulate_target_in_plan(
            target=target, plan_targets=part, by=by, as_of=as_of, today=today, figures=figures, band=form.band()
        )
    except DomainError as error:
        add_problem(form, error)
        return None
    day = formatting.format_day(as_of.isoformat())
    sentence = status_sentence.explain_status(explanations.status_document(result.after))
    before = status_sentence.explain_status(explanations.status_document(result.before))
    score, score_before = (formatting.format_number(value) for value in (result.score_after, result.score_before))
    return WhatIfAnswer(
        sense_of(result.after),
        translate(f"By {day}: {sentence}.", f"Đến {day}: {sentence}."),
        translate(f"Without this: {before}.", f"Nếu không: {before}."),
        translate(
            f"Score of the plan then: {score} of 100; without this {score_before}.",
            f"Điểm của kế hoạch khi đó: {score}/100; nếu không: {score_before}.",
        ),
    )
