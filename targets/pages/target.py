"""The page of a target: its state in a sentence, the trajectory, the figures with their sources, and what is done."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from indicators.models import Department
from kpitracker.lib import clock
from kpitracker.lib.actor import Actor, Scope
from kpitracker.lib.admin.request_actor import actor
from kpitracker.lib.errors import NotFound
from kpitracker.lib.http import error_pages
from kpitracker.lib.i18n.text import text, translate
from targets.models import Target
from targets.pages.board_form import day_field
from targets.pages.board_rows import bullet_values, sense_of
from targets.pages.target_facts import list_facts, short_day
from targets.pages.target_history import list_actions, list_alerts, list_comments, list_versions
from targets.pages.trajectory_chart import trajectory_chart
from targets.pages.words import FRAME_WORDS, TARGET_WORDS
from targets.payloads.assessments import ExplainedAssessment
from targets.querysets import TargetQuerySet
from targets.services.evaluation import explanations
from targets.services.evaluation.contributions import ContributionQuery, find_contributions
from targets.services.evaluation.evaluate import Evaluation, evaluate_target
from targets.services.planning import part_scopes
from targets.services.reports import scorecards
from targets.services.reports.board import load_part
from targets.services.reports.trajectories import TrajectoryPoint, build_trajectory
from targets.services.text import explanation_report, formatting, measures, status_sentence
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
    """The page of a target that the reader may see. Raises `Http404` for others, and before it was announced."""
    by = actor(request)
    if not by.may(Scope.READ):
        raise PermissionDenied
    for name in request.GET:
        if name not in TargetDayForm.base_fields:
            return error_pages.unknown_parameter(request, name, TargetDayForm.base_fields)
    target = _own_targets(by).for_list().filter(identifier=identifier).first()
    if target is None:
        raise Http404
    form = TargetDayForm(request.GET)
    context: dict[str, Any] = {"title": str(target), "target": target, "form": form}
    if not form.is_valid():
        return _render(request, context, status=400)
    as_of = form.cleaned_data["as_of"]
    try:
        evaluation = _evaluate(target, as_of, by)
    except NotFound as error:
        return _render(request, context | {"not_announced": str(error.detail)})
    query = ContributionQuery(by, as_of, clock.today())
    context["contributions"] = contribution_table(find_contributions(evaluation, query))
    return _render(request, context | _target_context(evaluation) | _history(target, by, as_of))


def _own_targets(by: Actor) -> TargetQuerySet:
    """The targets that a reader sees on pages: those of the part of their department."""
    targets, part = Target.objects.visible_to(by), Department.objects.visible_ids(by)
    return targets if part is None else targets.filter(part_scopes.target_scope(part))


def _evaluate(target: Target, as_of: date, by: Actor) -> Evaluation:
    """Evaluate a target as the board shows it: a heading without a number stands as its parts do.

    Raises `NotFound` (not-announced).
    """
    today = clock.today()
    if target.qualitative and target.components.exists():
        query = scorecards.ScorecardQuery(target.plan, as_of, today, by)
        targets = load_part(query, Department.objects.visible_ids(by))
        for evaluation in scorecards.evaluate_loaded(query, targets):
            if evaluation.target.pk == target.pk:
                return evaluation
    return evaluate_target(target=target, as_of=as_of, today=today)


def _render(request: HttpRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    return render(request, "pages/target.html", {"words": FRAME_WORDS | TARGET_WORDS, **context}, status=status)


def _target_context(evaluation: Evaluation) -> dict[str, Any]:
    status: ExplainedAssessment = explanations.status_document(evaluation)
    points, places = build_trajectory(evaluation), measures.status_places(status)
    target = evaluation.target
    department = target.answers_for
    return {
        "evaluation": evaluation,
        "sense": sense_of(evaluation),
        "sentence": status_sentence.explain_status(status),
        "facts": list_facts(evaluation, status),
        "lead": str(department) if department else translate("no lead named", "chưa có đơn vị chủ trì"),
        "chart": _chart(evaluation, status, points),
        "points": [_point_cells(point, places) for point in points],
        "figures": explanation_report.figure_rows(status["explanation"]["figures"]),
        "report": explanation_report.report_parts(status),
        "as_of": short_day(evaluation.as_of),
    }


def _history(target: Target, by: Any, as_of: date) -> dict[str, Any]:
    return {
        "versions": list_versions(target, as_of),
        "alerts": list_alerts(target, by),
        "actions": list_actions(target, by),
        "comments": list_comments(target, by),
    }


def _chart(evaluation: Evaluation, status: ExplainedAssessment, points: list[TrajectoryPoint]) -> str:
    return trajectory_chart(
        points,
        bullet_values(status),
        evaluation.target.period_start - timedelta(days=1),
        translate("trajectory; the numbers stand below", "diễn biến; số liệu ở bảng dưới"),
        lambda value: formatting.format_number(str(value), 6),
        _month_or_day,
    )


def _month_or_day(day: date) -> str:
    """A short day for the axis."""
    return day.strftime("%d/%m/%Y") if (get_language() or "").startswith("vi") else f"{day.day} {day:%b %Y}"


def _point_cells(point: TrajectoryPoint, places: int) -> list[str]:
    def shown(value: Decimal | None) -> str:
        return formatting.format_number(None if value is None else str(value), places)

    return [short_day(point.day), shown(point.actual), shown(point.lower), shown(point.upper)]
