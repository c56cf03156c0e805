"""Triggers of alert rules beside the assessment itself: revisions, amendments, due days and overdue actions."""

from collections.abc import Callable

from indicators.domain.rounding import round_half_up, to_plain_string
from indicators.services.figures.series import terms_of
from targets.domain import freshness, trigger_conditions
from targets.domain.choices import Status
from targets.domain.rules import RuleKind
from targets.models import AlertRule, TargetVersion
from targets.payloads.alerts import EdgeValues
from targets.services.alerting.store import AlertStore, EvaluatedTarget, Trigger
from targets.services.evaluation import payloads, target_versions


def detect_trigger(rule: AlertRule, evaluated: EvaluatedTarget, store: AlertStore) -> Trigger | None:
    """Return the trigger of a rule for a target that was just evaluated, or None."""
    return _DETECTORS[RuleKind(rule.kind)](rule, evaluated, store)


def _detect_recovery(rule: AlertRule, evaluated: EvaluatedTarget, store: AlertStore) -> Trigger | None:
    after = evaluated.evaluation.assessment.status
    if not trigger_conditions.has_recovered(_status_before(evaluated), after):
        return None
    return Trigger(1, {"kind": "recovered", "before": evaluated.status_before, "after": after.value})


def _detect_early_result(rule: AlertRule, evaluated: EvaluatedTarget, store: AlertStore) -> Trigger | None:
    evaluation = evaluated.evaluation
    assessment, period_end = evaluation.assessment, evaluation.target.period_end
    if not trigger_conditions.is_met_early(_status_before(evaluated), assessment, period_end, evaluation.as_of):
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
        if trigger_conditions.exceeds_amount(revised_figure.change, amount, in_percent=in_percent)
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
        key=f"revision {max(figure.revision for figure in matches)}",
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
    due_days = freshness.list_due_days(target_terms, terms_of(evaluation.target.indicator), calendar)
    next_due = trigger_conditions.find_due_soon(
        due_days, evaluation.assessment, evaluation.as_of, rule.offset_days, calendar
    )
    if next_due is None:
        return None
    period, due_day = next_due
    return Trigger(
        1, {"kind": "due_soon", "period": str(period), "due": due_day.isoformat()}, key=f"due {due_day} {period}"
    )


def _detect_overdue_action(rule: AlertRule, evaluated: EvaluatedTarget, store: AlertStore) -> Trigger | None:
    """The grade is the number of overdue actions. The action with the latest due day gives the key."""
    actions = sorted(store.overdue_actions(evaluated.target), key=lambda action: (action.due_day, action.pk))
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


def _status_before(evaluated: EvaluatedTarget) -> Status | None:
    return Status(evaluated.status_before) if evaluated.status_before else None
