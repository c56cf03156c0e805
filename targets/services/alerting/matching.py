"""Match alert rules with targets, and convert rule rows to values of the domain."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple

from indicators.models import Department
from targets.domain.alerting import ConditionState, RuleTiming
from targets.domain.assessment import AssessmentResult
from targets.domain.choices import Status
from targets.domain.rules import Condition, RuleKind, is_final, rank_severity
from targets.models import AlertRule, Silence, Target
from targets.services.evaluation.evaluate import Evaluation

_SEVERITY_BY_RANK = {0: "warning", 1: "warning", 2: "critical", 3: "critical"}


class EvaluatedTarget(NamedTuple):
    """A target that was just evaluated.

    `status_before`: its status until then ("": never evaluated). `is_news`: the cause is a figure posted now, not
    loaded history or a new day. `was_overdue`: its figures were overdue before. `version_before`: the number of the
    version of the last evaluation (None: unknown, or the same version). `by_time`: the daily scan evaluates it.
    """

    evaluation: Evaluation
    status_before: str
    is_news: bool
    was_overdue: bool = True
    version_before: int | None = None
    by_time: bool = False


def department_subtrees(scoped_rows: Sequence[AlertRule | Silence]) -> dict[int, set[int]]:
    """Return, for each department (id) that a rule or silence names, the ids of its subtree including itself."""
    department_ids = {row.department_id for row in scoped_rows if row.department_id is not None}
    return {pk: Department.objects.subtree_ids(pk) for pk in department_ids}


def is_in_scope(rule: AlertRule | Silence, target: Target, subtrees: Mapping[int, Collection[int]]) -> bool:
    """Whether a target lies in the scope of a rule or a silence."""
    answerable = target.responsible_department
    return (
        rule.plan_id in (None, target.plan_id)
        and rule.indicator_id in (None, target.indicator_id)
        and rule.area_id in (None, target.area_id)
        and rule.section in ("", target.section)
        and (rule.department_id is None or (answerable is not None and answerable.pk in subtrees[rule.department_id]))
    )


def to_condition(rule: AlertRule) -> Condition:
    return Condition(RuleKind(rule.kind), frozenset(map(Status, rule.statuses)), rule.amount, rule.in_percent)


def to_timing(rule: AlertRule) -> RuleTiming:
    return RuleTiming(
        for_duration=timedelta(hours=rule.for_hours),
        for_figures=rule.for_figures,
        for_days=rule.offset_days if rule.kind == RuleKind.OVERDUE.value else 0,
        keep_firing_for=timedelta(hours=rule.keep_firing_hours),
        remind_days=rule.remind_days,
        escalate_days=rule.escalate_days,
        max_escalations=rule.max_escalations,
    )


def may_open_alert(rule: AlertRule, evaluated: EvaluatedTarget) -> bool:
    """Whether the evaluation may open an alert of this rule: an unchanged state opens none.

    A target whose figures become overdue counts as news only if it was evaluated before.
    """
    match RuleKind(rule.kind):
        case RuleKind.STATUS_IS | RuleKind.RECOVERED | RuleKind.MET_EARLY:
            return evaluated.is_news and evaluated.evaluation.assessment.status.value != evaluated.status_before
        case RuleKind.OVERDUE:
            return bool(evaluated.status_before) and not evaluated.was_overdue
        case RuleKind.DUE_SOON | RuleKind.ACTION_OVERDUE:
            return evaluated.by_time
        case RuleKind.TARGET_AMENDED:
            return evaluated.version_before not in (None, evaluated.evaluation.version.number)
    return evaluated.is_news


def to_condition_state(
    condition: Condition, assessment: AssessmentResult, *, news: bool, trigger_grade: int | None
) -> ConditionState:
    """Return the state of a condition. `trigger_grade`: that of the trigger, for kinds that need one (None: none)."""
    kind = condition.kind
    current_grade = (trigger_grade or 0) if kind.uses_trigger else rank_severity(condition, assessment)
    return ConditionState(current_grade, news, is_final(condition, assessment), kind.is_one_shot)


def alert_severity(rule: AlertRule, status: Status) -> str:
    return rule.severity or _SEVERITY_BY_RANK[status.severity_rank]
