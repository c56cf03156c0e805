"""The board of a plan: its targets as of a day, worst first, with what is open about each, and how each came there."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final, NamedTuple

from indicators.models import Department
from kpitracker.lib import clock, gc_pause
from kpitracker.lib.db.prefetch import prefetch_reverse
from targets.domain.choices import Status
from targets.domain.rollup import TotalsPayload, compute_totals
from targets.models import Action, Alert, Plan, Target
from targets.payloads.assessments import ExplainedAssessment
from targets.services.evaluation import explanations
from targets.services.evaluation.evaluate import Evaluation
from targets.services.planning import actions, part_scopes
from targets.services.reports import scorecards
from targets.services.reports.scorecards import ScorecardQuery
from targets.services.reports.trajectories import Actuals, list_actuals


class OpenAlert(NamedTuple):
    """`acknowledged`: by the end of the day of the board."""

    opened_at: datetime
    acknowledged: bool


class BoardTarget(NamedTuple):
    """A target of the board. `before`: its evaluation as of the earlier day; None: it was not announced then.

    `alerts` and `actions`: those that were open at the end of the day, the first alert and the earliest due day first.
    """

    evaluation: Evaluation
    status: ExplainedAssessment
    before: Evaluation | None
    actuals: Actuals
    alerts: list[OpenAlert]
    actions: list[Action]

    @property
    def overdue_actions(self) -> int:
        return sum(action.due_day < self.evaluation.as_of for action in self.actions)

    @property
    def trend(self) -> int:
        """1: the target stands better than on the earlier day; -1: worse; 0: alike, or neither can be said.

        Of two assessments with the same status, the one that lies nearer to what was expected is better.
        """
        if self.before is None or self.evaluation.is_ended or self.before.is_ended:
            return 0
        now, then = self.evaluation.assessment, self.before.assessment
        if now.status != then.status:
            return _sign(_GOODNESS[now.status] - _GOODNESS[then.status])
        if now.shortfall is None or then.shortfall is None:
            return 0
        return _sign(then.shortfall - now.shortfall)


# Nothing due, and no data, is neither better nor worse than a status that judges.
_GOODNESS: Final = {
    Status.MISSED: -3, Status.OFF_TRACK: -2, Status.AT_RISK: -1, Status.NO_DATA: 0,
    Status.NOT_DUE: 0, Status.ON_TRACK: 1, Status.MET: 2, Status.EXCEEDED: 3,
}  # fmt: skip


def _sign(number: int | Decimal) -> int:
    return (number > 0) - (number < 0)


class Board(NamedTuple):
    """`totals` are those of all targets of the query, as the scorecard of the API has them."""

    query: ScorecardQuery
    compared_with: date
    totals: TotalsPayload
    targets: list[BoardTarget]


def a_month_before(day: date) -> date:
    """The day with which a board is compared unless another is asked for: the last day of the month before, where that month has no such day."""
    last_of_month_before = day.replace(day=1) - timedelta(days=1)
    return last_of_month_before.replace(day=min(day.day, last_of_month_before.day))


def choose_current_plan(plans: Iterable[Plan], today: date) -> Plan | None:
    """Return the plan whose period holds today (of several the shortest), else the one that ended last."""
    begun = sorted((plan for plan in plans if plan.period_start <= today), key=lambda plan: plan.code)
    running = [plan for plan in begun if plan.period_end >= today]
    if running:
        return min(running, key=lambda plan: plan.period.days)
    return max(begun, key=lambda plan: plan.period_end, default=None)


def load_part(
    query: ScorecardQuery,
    department_ids: Collection[int] | None,
    departments: Mapping[int, Department] | None = None,
) -> list[Target]:
    """Load the targets of the plan that the reader sees, of the part of these departments; None: of all.

    `departments`: all there are, by id, if they were loaded before. The rows share them and the plan.
    """
    departments = departments or Department.objects.in_bulk()
    ordered = Target.objects.visible_to(query.by).filter(plan=query.plan).order_by("section", "identifier")
    targets: list[Target] = list(ordered.select_related("indicator", "area"))
    prefetch_reverse(targets, "versions", "number", to_attr="read_versions")
    query.plan.department = departments.get(query.plan.department_id or 0)
    for target in targets:
        target.department, target.plan = departments.get(target.department_id or 0), query.plan
    if department_ids is None:
        return targets
    own = Target.objects.filter(part_scopes.target_scope(department_ids), plan=query.plan)
    own_ids = set(own.values_list("pk", flat=True))
    return [target for target in targets if target.pk in own_ids]


def build_board(query: ScorecardQuery, targets: Sequence[Target], compared_with: date) -> Board:
    """Evaluate the targets of a plan as of the day of the query and as of an earlier one. Nothing is stored.

    `targets`: those of `load_part`.
    """
    with gc_pause.gc_paused():
        return _build_board(query, targets, compared_with)


def _build_board(query: ScorecardQuery, targets: Sequence[Target], compared_with: date) -> Board:
    evaluations, earlier = scorecards.evaluate_on_days(query, targets, (query.as_of, compared_with))
    before = {evaluation.target.pk: evaluation for evaluation in earlier}
    open_alerts = _list_open_alerts(evaluations, query.as_of)
    open_actions = actions.list_open_actions((evaluation.target for evaluation in evaluations), query.as_of)
    rows = [
        BoardTarget(
            evaluation,
            {**evaluation.payload, "explanation": explanation},
            before.get(evaluation.target.pk),
            list_actuals(evaluation),
            open_alerts[evaluation.target.pk],
            open_actions.get(evaluation.target.pk, []),
        )
        for evaluation, explanation in zip(evaluations, explanations.explain_in_short(evaluations), strict=True)
    ]
    totals = compute_totals(
        scorecards.to_scored_target(row.evaluation, (), len(row.actions), row.overdue_actions) for row in rows
    )
    return Board(query, compared_with, totals, rows)


def _list_open_alerts(evaluations: Sequence[Evaluation], as_of: date) -> dict[int, list[OpenAlert]]:
    """By target id, the alerts that were open at the end of a day."""
    end = clock.start_of_next_day(as_of)
    alerts = Alert.objects.filter(target__among=[row.target.pk for row in evaluations], opened_at__lt=end)
    still_open = alerts.exclude(resolved_at__lt=end).exclude(state="pending").order_by("opened_at", "pk")
    by_target: dict[int, list[OpenAlert]] = defaultdict(list)
    for target, opened_at, acknowledged_at in still_open.values_list("target_id", "opened_at", "acknowledged_at"):
        by_target[target].append(OpenAlert(opened_at, acknowledged_at is not None and acknowledged_at < end))
    return by_target
