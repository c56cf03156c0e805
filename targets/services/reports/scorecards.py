"""The scorecard of a plan (domain.md section 7)."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import NamedTuple, TypedDict

from indicators.models import Department
from kpitracker.lib import gc_pause
from kpitracker.lib.actor import Actor
from kpitracker.lib.rest.renderers import iso_timestamp
from targets.domain.assessment import AssessmentResult
from targets.domain.choices import Status, StatusRule
from targets.domain.heading_statuses import HeadingInput, settle_headings
from targets.domain.rollup import ScoredTarget, roll_up
from targets.models import Assessment, Plan, StatusChange, Target
from targets.payloads.assessments import StatusRow
from targets.payloads.scorecards import ScorecardDocument
from targets.services.evaluation import payloads
from targets.services.evaluation.changes import diff_summaries, summarize_evaluation
from targets.services.evaluation.evaluate import Evaluation, evaluate_targets, evaluate_targets_on_days
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
    """The targets of the plan that the caller sees: worst first, suspended and withdrawn ones last."""
    return evaluate_loaded(query, load_plan_targets(query))


def load_plan_targets(query: ScorecardQuery) -> list[Target]:
    """All targets of the plan that the caller sees, by section and identifier, ready to be evaluated as of any day."""
    ordered = Target.objects.visible_to(query.by).filter(plan=query.plan).order_by("section", "identifier")
    targets: list[Target] = ordered.for_assessment()
    return targets


def evaluate_loaded(query: ScorecardQuery, targets: Iterable[Target]) -> list[Evaluation]:
    """As `evaluate_plan`, of targets that were loaded before."""
    evaluations = evaluate_targets(targets=targets, as_of=query.as_of, today=query.today, recorded_by=query.recorded_by)
    return _settle_wanted(query, evaluations)


def evaluate_on_days(query: ScorecardQuery, targets: Sequence[Target], days: Sequence[date]) -> list[list[Evaluation]]:
    """As `evaluate_loaded` for each of these days instead of the one of the query."""
    evaluations = evaluate_targets_on_days(targets=targets, days=days, today=query.today, recorded_by=query.recorded_by)
    return [_settle_wanted(query, of_day) for of_day in evaluations]


def _settle_wanted(query: ScorecardQuery, evaluations: Sequence[Evaluation]) -> list[Evaluation]:
    # Before the filters: the parts of a heading may belong to another section or department.
    return [evaluation for evaluation in sort_worst_first(settle(evaluations)) if _is_wanted(evaluation.target, query)]


def load_targets(query: ScorecardQuery) -> list[Target]:
    """The targets of the plan that the caller sees, of the department and the section, by section and identifier."""
    return [target for target in load_plan_targets(query) if _is_wanted(target, query)]


def _is_wanted(target: Target, query: ScorecardQuery) -> bool:
    answers_for = target.answers_for
    return query.section in (None, target.section) and (
        query.departments is None or (answers_for is not None and answers_for.pk in query.departments)
    )


def settle(evaluations: Sequence[Evaluation]) -> list[Evaluation]:
    """Mark the headings among the evaluations. A heading without a number stands as its parts do."""
    statuses = settle_headings(
        HeadingInput(row.target.pk, row.target.heading_id, row.assessment.status, row.state, row.target.qualitative)
        for row in evaluations
    )
    return [
        replace(row, assessment=_with_status(row, statuses[row.target.pk]), is_heading=True)
        if row.target.pk in statuses
        else row
        for row in evaluations
    ]


def _with_status(evaluation: Evaluation, status: Status) -> AssessmentResult:
    if not evaluation.target.qualitative:
        return evaluation.assessment
    return replace(evaluation.assessment, status=status, rule=StatusRule.OF_PARTS)


def sort_worst_first(evaluations: Iterable[Evaluation]) -> list[Evaluation]:
    return sorted(evaluations, key=lambda row: (row.is_ended, row.assessment.status.worst_first))


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
        is_heading=evaluation.is_heading,
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
