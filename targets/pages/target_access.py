"""Who opens the page of a target, and what is judged there."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest

from indicators.models import Department
from kpitracker.lib import clock
from kpitracker.lib.actor import Actor, Scope
from kpitracker.lib.admin.request_actor import actor
from targets.models import Target
from targets.services.evaluation.evaluate import Evaluation, evaluate_target
from targets.services.planning import part_scopes
from targets.services.reports import scorecards
from targets.services.reports.board import load_part


def find_target(request: HttpRequest, identifier: str) -> tuple[Actor, Target]:
    """Return the reader and the target. Raises `PermissionDenied` without the scope read, `Http404` outside their part."""
    by = actor(request)
    if not by.may(Scope.READ):
        raise PermissionDenied
    target = part_scopes.own_targets(by).for_list().filter(identifier=identifier).first()
    if target is None:
        raise Http404
    return by, target


class PageEvaluation(NamedTuple):
    """A target and, of a heading, its parts that the reader sees, worst first."""

    target: Evaluation
    parts: list[Evaluation]


def evaluate_for_page(
    target: Target, as_of: date, by: Actor, targets: Sequence[Target] | None = None
) -> PageEvaluation:
    """Evaluate a target as the board shows it: a heading without a number stands as its parts do.

    `targets`: those of the plan that the reader sees, if they are not those of the reader's part. Raises `NotFound` (not-announced).
    """
    today, parts = clock.today(), list[Evaluation]()
    if target.components.exists():
        query = scorecards.ScorecardQuery(target.plan, as_of, today, by)
        if targets is None:
            targets = load_part(query, Department.objects.visible_ids(by))
        evaluations = scorecards.evaluate_loaded(query, targets)
        parts = scorecards.sort_worst_first(row for row in evaluations if row.target.heading_id == target.pk)
        for evaluation in evaluations:
            if evaluation.target.pk == target.pk:
                return PageEvaluation(evaluation, parts)
    return PageEvaluation(evaluate_target(target=target, as_of=as_of, today=today), parts)
