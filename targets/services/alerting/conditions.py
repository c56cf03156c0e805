"""Evaluate the conditions of alert rules: which alerts may open or change, and what triggers them.

Triggers are what a rule checks beside the assessment: revisions, amendments, due days and overdue actions.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import timedelta

from indicators.domain.rounding import round_half_up, to_plain_string
from indicators.models import Department
from indicators.services.figures.series import terms_of
from targets.domain import freshness, rules
from targets.domain.alerting import ConditionState, RuleTiming
from targets.domain.assessment import AssessmentResult
from targets.domain.choices import Status
from targets.domain.rules import Condition, RuleKind
from targets.models import Alert, AlertRule, Silence, Target, TargetVersion
from targets.payloads.alerts import EdgeValues
from targets.services.alerting.store import AlertStore, Candidate, EvaluatedTarget, Trigger
from targets.services.evaluation import payloads, target_versions
from targets.services.notifications import notify


def find_candidates(evaluated_targets: Sequence[EvaluatedTarget], store: AlertStore) -> Iterator[Candidate]:
    """Yield the alerts that a decision is needed about. Most targets have no news and no alert: they give none."""
    open_alerts = store.open_alerts
    for rule in store.rules:
        kind = RuleKind(rule.kind)
        for evaluated in evaluated_targets:
            alert = open_alerts.get((rule.pk, evaluated.evaluation.target.pk))
            may_open = rule.active and _may_open_alert(kind, evaluated)
            if evaluated.evaluation.is_ended and kind is not RuleKind.TARGET_AMENDED:
                may_open = False
            if alert is not None or may_open:
                condition = Condition(kind, frozenset(map(Status, rule.statuses)), rule.amount, rule.in_percent)
                candidate = _evaluate_condition(rule, condition, alert, evaluated, may_open, store)
                if alert is not None or candidate.condition.severity_rank:
                    yield candidate


def _may_open_alert(kind: RuleKind, evaluated: EvaluatedTarget) -> bool:
    """Whether the evaluation may open an alert of a kind: an unchanged state opens none.

    A status that came quietly is notified with the next news, even if it stays. A target whose figures become overdue
    counts as news only if it was evaluated before.
    """
    match kind:
        case RuleKind.STATUS_IS | RuleKind.RECOVERED | RuleKind.MET_EARLY:
            is_changed = evaluated.evaluation.assessment.status.value != evaluated.status_before
            if is_changed:
                return evaluated.is_news or evaluated.by_day_alone
            return evaluated.is_news and evaluated.was_not_notified
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
    if alert is not None and evaluated.evaluation.is_ended:
        return Candidate(rule, evaluated, alert, ConditionState(0, is_target_ended=True), None)
    if not (rule.active and is_in_scope(rule, evaluated.evaluation.target, store.subtrees)):
        return Candidate(rule, evaluated, alert, ConditionState(0), None)
    if kind in rules.TRIGGER_KINDS:
        trigger = _DETECTORS[kind](rule, evaluated, store)
        if (
            trigger is not None
            and alert is None
            and _was_notified(rule, trigger.key, evaluated.evaluation.target, store)
        ):
            trigger = None
        rank = 0 if trigger is None else trigger.grade
    else:
        rank = rules.rank_severity(condition, assessment)
    state = ConditionState(
        rank,
        may_open,
        rules.is_result_known(condition, assessment),
        kind in rules.ONE_SHOT_KINDS,
        rules.is_data_missing(condition, assessment)
        or (not rank and kind in rules.VALUE_KINDS and _reaches_less_far(alert, assessment)),
    )
    return Candidate(rule, evaluated, alert, state, trigger)


def _reaches_less_far(alert: Alert | None, assessment: AssessmentResult) -> bool:
    """Whether figures that an alert spoke of were taken back: an older one that was well does not end it."""
    known_through = notify.known_through(alert.snapshot) if alert is not None else None
    covered_through = assessment.covered_through
    return known_through is not None and (covered_through is None or covered_through.isoformat() < known_through)


def _was_notified(rule: AlertRule, key: str, target: Target, store: AlertStore) -> bool:
    """Whether a notification about this key, or about an action with a later due day, was already written.

    An action that was due before a notified one was already overdue at that time.
    """
    notified_keys = store.notified_keys(rule, target) if key else ()
    is_earlier_action = rule.kind == RuleKind.ACTION_OVERDUE.value and max(notified_keys, default="") > key
    return key in notified_keys or is_earlier_action


class DepartmentSubtrees(dict[int, set[int]]):
    """By the id of a department, its id and those of the departments below it. Each is read when first asked for."""

    def __missing__(self, department_id: int) -> set[int]:
        self[department_id] = Department.objects.subtree_ids(department_id)
        return self[department_id]


def is_in_scope(rule: AlertRule | Silence, target: Target, subtrees: Mapping[int, Collection[int]]) -> bool:
    """Whether a target lies in the scope of a rule or a silence."""
    answerable = target.answers_for
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


def _detect_recovery(rule: AlertRule, evaluated: EvaluatedTarget, store: AlertStore) -> Trigger | None:
    after = evaluated.evaluation.assessment.status
    if not rules.has_recovered(evaluated.status_before, after):
        return None
    return Trigger(1, {"kind": "recovered", "before": evaluated.status_before, "after": after.value})


def _detect_early_result(rule: AlertRule, evaluated: EvaluatedTarget, store: AlertStore) -> Trigger | None:
    evaluation = evaluated.evaluation
    assessment, period_end = evaluation.assessment, evaluation.target.period_end
    if not rules.is_met_early(evaluated.status_before, assessment, period_end, evaluation.as_of):
        return None
    return Trigger(
        1,
        {
            "kind": "met_early",
            "after": assessment.status.value,
            "covered_through": payloads.iso_date(assessment.covered_through),
            "ends": period_end.isoformat(),
        },
    )


def _detect_revision(rule: AlertRule, evaluated: EvaluatedTarget, store: AlertStore) -> Trigger | None:
    """Report the figure that changed most, and count the others."""
    assert rule.amount is not None
    amount, in_percent = rule.amount, rule.in_percent
    matches = [
        revised_figure
        for revised_figure in store.revised_figures(evaluated)
        if rules.exceeds_amount(revised_figure.change, amount, in_percent=in_percent)
    ]
    if not matches:
        return None
    largest = max(matches, key=lambda figure: abs((in_percent and figure.change.percent) or figure.change.amount))
    change = largest.change
    return Trigger(
        1,
        {
            "kind": "revised_beyond",
            "before": to_plain_string(change.before),
            "after": to_plain_string(change.after),
            "change": to_plain_string(change.amount),
            "percent": None if change.percent is None else to_plain_string(round_half_up(change.percent, 1)),
            "indicator": largest.indicator,
            "area": largest.area,
            "period": largest.period,
            "others": len(matches) - 1,
        },
        key=f"revision {max(figure.revision_id for figure in matches)}",
    )


def _detect_amendment(rule: AlertRule, evaluated: EvaluatedTarget, store: AlertStore) -> Trigger | None:
    version, number_before = evaluated.evaluation.version, evaluated.version_before
    if number_before is None or version.number <= number_before:
        return None
    version_before = next(
        candidate for candidate in evaluated.evaluation.target.all_versions if candidate.number == number_before
    )
    return Trigger(
        1,
        {
            "kind": "target_amended",
            "version": version.number,
            "announced": version.announced.isoformat(),
            "act": version.act,
            "reason": version.reason,
            "state": version.state,
            "before": _edge_values(version_before),
            "after": _edge_values(version),
        },
        key=f"version {version.number}",
    )


def _edge_values(version: TargetVersion) -> EdgeValues:
    return {
        "lower": None if version.lower is None else to_plain_string(version.lower),
        "upper": None if version.upper is None else to_plain_string(version.upper),
        "lower_open": version.lower_open,
        "upper_open": version.upper_open,
    }


def _detect_due_date(rule: AlertRule, evaluated: EvaluatedTarget, store: AlertStore) -> Trigger | None:
    evaluation, calendar = evaluated.evaluation, store.calendar
    target_terms = target_versions.to_target_terms(evaluation.target, evaluation.version)
    due_days = freshness.list_owed_periods(target_terms, terms_of(evaluation.target.indicator), calendar)
    next_due = rules.find_due_soon(due_days, evaluation.assessment, evaluation.as_of, rule.offset_days, calendar)
    if next_due is None:
        return None
    period, due_day = next_due
    return Trigger(
        1, {"kind": "due_soon", "period": str(period), "due": due_day.isoformat()}, key=f"due {due_day} {period}"
    )


def _detect_overdue_action(rule: AlertRule, evaluated: EvaluatedTarget, store: AlertStore) -> Trigger | None:
    """The grade is the number of overdue actions. The action with the latest due day gives the key."""
    actions = sorted(store.overdue_actions(evaluated.evaluation.target), key=lambda action: (action.due_day, action.pk))
    if not actions:
        return None
    latest = actions[-1]
    department = latest.department
    return Trigger(
        len(actions),
        {
            "kind": "action_overdue",
            "text": latest.text,
            "due": latest.due_day.isoformat(),
            "person": latest.person,
            "department": department.name if department else "",
            "department_en": department.name_en if department else "",
            "others": len(actions) - 1,
        },
        key=f"{latest.due_day} {latest.pk}",
    )


_DETECTORS: dict[RuleKind, Callable[[AlertRule, EvaluatedTarget, AlertStore], Trigger | None]] = {
    RuleKind.RECOVERED: _detect_recovery,
    RuleKind.MET_EARLY: _detect_early_result,
    RuleKind.REVISED_BEYOND: _detect_revision,
    RuleKind.TARGET_AMENDED: _detect_amendment,
    RuleKind.DUE_SOON: _detect_due_date,
    RuleKind.ACTION_OVERDUE: _detect_overdue_action,
}
