"""The scorecard of a plan (domain.md section 7)."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import NamedTuple, TypedDict

from indicators.models import Department
from kpitracker.lib import gc_pause
from kpitracker.lib.actor import Actor
from kpitracker.lib.rest.renderers import iso_timestamp
from targets.domain.rollup import ScoredTarget, roll_up
from targets.models import Assessment, Plan, StatusChange, Target
from targets.payloads.assessments import StatusRow
from targets.payloads.scorecards import ScorecardDocument
from targets.services.evaluation import payloads
from targets.services.evaluation.changes import diff_summaries, summarize_evaluation
from targets.services.evaluation.evaluate import Evaluation, evaluate_targets
from targets.services.planning import actions


class ScorecardQuery(NamedTuple):
    """A plan on a day, from what had been recorded by a moment.

    `departments` (ids of those that answer) and `section` limit the targets.
    """

    plan: Plan
    as_of: date
    today: date
    by: Actor
    recorded_by: datetime | None = None
    departments: Collection[int] | None = None
    section: str | None = None


def build_scorecard(query: ScorecardQuery, changed_since: date | None = None) -> ScorecardDocument:
    """Totals, also by department and section, each visible target, and the changes since `changed_since` if given.

    Targets not yet announced are left out.
    """
    with gc_pause.gc_paused():
        return _build_scorecard(query, changed_since)


def _build_scorecard(query: ScorecardQuery, changed_since: date | None) -> ScorecardDocument:
    evaluations = evaluate_plan(query)
    status_dates = _status_dates(query.plan, query.as_of, query.today)
    totals = roll_up(to_scored_targets(evaluations, query.as_of), department_ancestors())
    scorecard: ScorecardDocument = {
        "as_of": query.as_of.isoformat(),
        "totals": totals["totals"],
        "by_department": totals["by_department"],
        "by_section": totals["by_section"],
        "targets": [
            build_list_row(evaluation, status_dates.get(evaluation.target.pk, _NO_DATES)) for evaluation in evaluations
        ],
    }
    if changed_since is not None:
        before = evaluate_plan(query._replace(as_of=changed_since))
        scorecard["changed_since"] = changed_since.isoformat()
        scorecard["changes"] = diff_summaries(map(summarize_evaluation, before), map(summarize_evaluation, evaluations))
    return scorecard


def evaluate_plan(query: ScorecardQuery) -> list[Evaluation]:
    targets = Target.objects.visible_to(query.by).filter(plan=query.plan)
    if query.section is not None:
        targets = targets.filter(section=query.section)
    if query.departments is not None:
        targets = targets.answered_for_by(query.departments)
    ordered = targets.order_by("section", "identifier").for_assessment()
    return evaluate_targets(targets=ordered, as_of=query.as_of, today=query.today, recorded_by=query.recorded_by)


def to_scored_targets(evaluations: Sequence[Evaluation], as_of: date) -> list[ScoredTarget]:
    """Score inputs of the evaluations, with the actions that were open at the end of a day."""
    cooperating = Target.objects.cooperating_codes({evaluation.target.pk for evaluation in evaluations})
    action_counts = actions.count_open_actions((evaluation.target for evaluation in evaluations), as_of)
    return [
        to_scored_target(
            evaluation, cooperating.get(evaluation.target.pk, ()), *action_counts.get(evaluation.target.pk, (0, 0))
        )
        for evaluation in evaluations
    ]


def to_scored_target(
    evaluation: Evaluation, cooperating: Sequence[str] = (), actions_open: int = 0, actions_overdue: int = 0
) -> ScoredTarget:
    target = evaluation.target
    department = target.answers_for
    return ScoredTarget(
        status=evaluation.assessment.status,
        state=evaluation.state,
        weight=target.weight,
        stale=evaluation.assessment.overdue,
        department=department.code if department else None,
        section=target.section,
        section_en=target.section_en,
        cooperating=tuple(cooperating),
        actions_open=actions_open,
        actions_overdue=actions_overdue,
    )


def department_ancestors() -> dict[str, list[str]]:
    """The codes of the departments above each department, by its code, nearest first."""
    parents = {pk: (code, parent) for pk, code, parent in Department.objects.values_list("pk", "code", "parent")}
    ancestors: dict[str, list[str]] = {}
    for code, parent in parents.values():
        ancestor_codes = ancestors[code] = []
        while parent is not None:
            ancestor_code, parent = parents[parent]
            ancestor_codes.append(ancestor_code)
    return ancestors


class StatusDates(TypedDict):
    """Since when a target has had its status, and the last change of its assessment."""

    since: str | None
    changed_at: str | None
    change: str | None


_NO_DATES: StatusDates = {"since": None, "changed_at": None, "change": None}


def build_list_row(evaluation: Evaluation, dates: StatusDates = _NO_DATES) -> StatusRow:
    return {
        **evaluation.payload,
        **payloads.target_fields(evaluation.target),
        "as_of": evaluation.as_of.isoformat(),
        **dates,
    }


def _status_dates(plan: Plan, as_of: date, today: date) -> dict[int, StatusDates]:
    """Since when each target has had its status, by target id; for a past day only the changes until then."""
    if as_of == today:
        assessments = Assessment.objects.filter(target__plan=plan)
        return {
            row.target_id: {
                "since": payloads.iso_date(row.status_since),
                "changed_at": iso_timestamp(row.changed_at),
                "change": str(row.change),
            }
            for row in assessments
        }
    changes = StatusChange.objects.filter(target__plan=plan, day__lte=as_of).order_by("pk")
    return {
        row.target_id: {"since": row.day.isoformat(), "changed_at": iso_timestamp(row.recorded_at), "change": None}
        for row in changes
    }
