"""Match alert rules with evaluated targets: which alerts may open or change, and whether their condition holds."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import timedelta

from indicators.models import Department
from targets.domain.alerting import ConditionState, RuleTiming
from targets.domain.choices import Status
from targets.domain.rules import Condition, RuleKind, is_final, rank_severity
from targets.models import Alert, AlertRule, Silence, Target
from targets.services.alerting.store import AlertStore, Candidate, EvaluatedTarget
from targets.services.alerting.triggers import detect_trigger


def find_candidates(evaluated_targets: Sequence[EvaluatedTarget], store: AlertStore) -> Iterator[Candidate]:
    """Yield the alerts that a decision is needed about. Most targets have no news and no alert: they give none."""
    open_alerts = store.open_alerts
    for rule in store.rules:
        kind = RuleKind(rule.kind)
        for evaluated in evaluated_targets:
            alert = open_alerts.get((rule.pk, evaluated.target.pk))
            may_open = rule.active and _may_open_alert(kind, evaluated)
            if alert is not None or may_open:
                condition = Condition(kind, frozenset(map(Status, rule.statuses)), rule.amount, rule.in_percent)
                candidate = _evaluate_condition(rule, condition, alert, evaluated, may_open, store)
                if alert is not None or candidate.condition.severity_rank:
                    yield candidate


def _may_open_alert(kind: RuleKind, evaluated: EvaluatedTarget) -> bool:
    """Whether the evaluation may open an alert of a kind: an unchanged state opens none.

    A target whose figures become overdue counts as news only if it was evaluated before.
    """
    match kind:
        case RuleKind.STATUS_IS | RuleKind.RECOVERED | RuleKind.MET_EARLY:
            return evaluated.is_news and evaluated.evaluation.assessment.status.value != evaluated.status_before
        case RuleKind.OVERDUE:
            return bool(evaluated.status_before) and not evaluated.was_overdue
        case RuleKind.DUE_SOON | RuleKind.ACTION_OVERDUE:
            return evaluated.by_time
        case RuleKind.TARGET_AMENDED:
            return evaluated.version_before not in (None, evaluated.evaluation.version.number)
    return evaluated.is_news


def _evaluate_condition(
    rule: AlertRule,
    condition: Condition,
    alert: Alert | None,
    evaluated: EvaluatedTarget,
    may_open: bool,
    store: AlertStore,
) -> Candidate:
    kind, assessment, trigger = condition.kind, evaluated.evaluation.assessment, None
    if not (rule.active and is_in_scope(rule, evaluated.target, store.subtrees)):
        return Candidate(rule, evaluated, alert, ConditionState(0), None)
    if kind.uses_trigger:
        trigger = detect_trigger(rule, evaluated, store)
        if trigger is not None and alert is None and _was_notified(rule, trigger.key, evaluated.target, store):
            trigger = None
        rank = 0 if trigger is None else trigger.grade
    else:
        rank = rank_severity(condition, assessment)
    state = ConditionState(rank, may_open, is_final(condition, assessment), kind.is_one_shot)
    return Candidate(rule, evaluated, alert, state, trigger)


def _was_notified(rule: AlertRule, key: str, target: Target, store: AlertStore) -> bool:
    """Whether a notification about this key, or about an action with a later due day, was already written.

    An action that was due before a notified one was already overdue at that time.
    """
    notified_keys = store.notified_keys(rule, target) if key else ()
    is_earlier_action = rule.kind == RuleKind.ACTION_OVERDUE.value and max(notified_keys, default="") > key
    return key in notified_keys or is_earlier_action


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
