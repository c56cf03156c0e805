"""The page of a target: its state in a sentence, the trajectory, the figures with their sources, and what is done."""

from datetime import date
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from indicators.models import Department
from kpitracker.lib import clock
from kpitracker.lib.actor import Actor
from kpitracker.lib.errors import NotFound
from kpitracker.lib.http import error_pages
from kpitracker.lib.i18n.text import text, translate
from targets.models import Target
from targets.pages.addresses import keep_day, plan_query
from targets.pages.board_form import day_field
from targets.pages.board_reading import codes_to_open
from targets.pages.board_rows import sense_of
from targets.pages.target_access import evaluate_for_page, find_target
from targets.pages.target_facts import list_facts, short_day
from targets.pages.target_figures import list_figures
from targets.pages.target_history import list_versions
from targets.pages.target_parts import find_heading, list_part_rows
from targets.pages.target_responses import RefusedForm, list_responses
from targets.pages.target_words import TARGET_WORDS
from targets.pages.trajectory_plot import build_plot
from targets.pages.what_if_form import build_form
from targets.pages.words import FRAME_WORDS
from targets.payloads.assessments import ExplainedAssessment
from targets.services.evaluation import explanations
from targets.services.evaluation.contributions import ContributionQuery, find_contributions
from targets.services.evaluation.evaluate import Evaluation
from targets.services.planning import plans
from targets.services.text import explanation_report, status_sentence
from targets.services.text.contribution_table import contribution_table


class TargetDayForm(forms.Form):
    """The day of the page. Empty: today."""

    as_of = day_field(text("As of", "Tính đến ngày"))

    def clean_as_of(self) -> date:
        as_of: date | None = self.cleaned_data["as_of"]
        if as_of is not None and as_of > clock.today():
            raise forms.ValidationError(str(text("Not after today.", "Không sau hôm nay.")))
        return as_of or clock.today()


@never_cache
@require_safe
@login_required
def show_target(request: HttpRequest, identifier: str) -> HttpResponse:
    """The page of a target that the reader may see."""
    for name in request.GET:
        if name not in TargetDayForm.base_fields:
            return error_pages.unknown_parameter(request, name, TargetDayForm.base_fields)
    by, target = find_target(request, identifier)
    form = TargetDayForm(request.GET)
    if not form.is_valid():
        context = {"title": str(target), "target": target, "form": form, **_list_addresses(target, clock.today())}
        return _render(request, context, status=400)
    return render_target(request, by, target, form.cleaned_data["as_of"], form=form)


def render_target(
    request: HttpRequest,
    by: Actor,
    target: Target,
    as_of: date,
    *,
    form: TargetDayForm | None = None,
    refused: RefusedForm | None = None,
) -> HttpResponse:
    """The page of a target as of a day. `refused`: what was sent from it and not stored, shown with its errors."""
    context: dict[str, Any] = {"title": str(target), "target": target, "form": form or TargetDayForm({})}
    context |= _list_addresses(target, as_of)
    try:
        evaluation, parts = evaluate_for_page(target, as_of, by)
    except NotFound as error:
        return _render(request, context | {"not_announced": str(error.detail)})
    context |= _target_context(evaluation) | {"versions": list_versions(target, as_of)}
    context["may_amend"] = plans.may_write_plan(target.plan, by)
    context["codes_to_open"] = codes_to_open([target], Department.objects.visible_ids(by))
    context |= {"parts": list_part_rows(parts), "heading": find_heading(target, by, as_of)}
    query = ContributionQuery(by, as_of, clock.today())
    context["contributions"] = contribution_table(find_contributions(evaluation, query))
    return _render(request, context | list_responses(target, by, refused), status=400 if refused else 200)


def _list_addresses(target: Target, as_of: date) -> dict[str, str]:
    today, indicator = clock.today(), reverse("indicator", args=[target.indicator.code])
    return {
        "board_url": keep_day(reverse("start"), as_of, today, plan=target.plan.code),
        "indicator_url": keep_day(indicator, as_of, today),
        "department_plan": plan_query(target.plan),
    }


def _render(request: HttpRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    return render(request, "pages/target.html", {"words": FRAME_WORDS | TARGET_WORDS, **context}, status=status)


def _target_context(evaluation: Evaluation) -> dict[str, Any]:
    status: ExplainedAssessment = explanations.status_document(evaluation)
    target = evaluation.target
    department = target.answers_for
    return {
        "evaluation": evaluation,
        "sense": sense_of(evaluation),
        "sentence": status_sentence.explain_status(status),
        "facts": list_facts(evaluation, status),
        "lead": str(department) if department else translate("no lead named", "chưa có đơn vị chủ trì"),
        "plot": build_plot(evaluation, status),
        "what_if": build_form(evaluation) if evaluation.as_of == clock.today() else None,
        "figures": list_figures(status),
        "report": explanation_report.report_parts(status),
        "as_of": short_day(evaluation.as_of),
    }
