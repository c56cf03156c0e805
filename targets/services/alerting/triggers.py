"""Triggers of alert rules beside the assessment itself: revisions, amendments, due days and overdue actions."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

from indicators.domain.calendars import Calendar
from indicators.domain.rounding import round_half_up, to_plain_string
from indicators.services.figures.series import terms_of
from targets.domain import freshness, trigger_conditions
from targets.domain.choices import Status
from targets.domain.rules import RuleKind
from targets.domain.trigger_conditions import ValueChange
from targets.models import Action, Alert, AlertRule
from targets.services.alerting.matching import EvaluatedTarget
from targets.services.alerting.revisions import RevisedFigure, find_recent_revisions
from targets.services.evaluation import payloads, target_versions


class Trigger(NamedTuple):
    """What triggers a rule: its grade (greater is worse), the `finding` for the message, and its key.

    A rule notifies once per target and key. A trigger with the key "" has no such limit: it depends on a change of the
    status.
    """

    grade: int
    finding: dict[str, Any]
    key: str = ""


class TriggerSource(NamedTuple):
    """The data that triggers are detected from: revised figures and overdue actions of a target, and the calendar."""

    revised_figures: Callable[[EvaluatedTarget], Sequence[RevisedFigure]]
    overdue_actions: Callable[[EvaluatedTarget], Sequence[Action]]
    calendar: Callable[[], Calendar]


def detect_trigger(rule: AlertRule, evaluated: EvaluatedTarget, source: TriggerSource) -> Trigger | None:
    """Return the trigger of a rule for a target that was just evaluated, or None."""
    trigger = _DETECTORS[RuleKind(rule.kind)](rule, evaluated, source)
    return None if trigger is None else trigger._replace(finding={"kind": rule.kind, **trigger.finding})


def _detect_recovery(rule: AlertRule, evaluated: EvaluatedTarget, source: TriggerSource) -> Trigger | None:
    after = evaluated.evaluation.assessment.status
    if not trigger_conditions.has_recovered(_status_before(evaluated), after):
        return None
    return Trigger(1, {"before": evaluated.status_before, "after": after.value})


def _detect_early_result(rule: AlertRule, evaluated: EvaluatedTarget, source: TriggerSource) -> Trigger | None:
    evaluation = evaluated.evaluation
    assessment, period_end = evaluation.assessment, evaluation.target.period_end
    if not trigger_conditions.is_met_early(_status_before(evaluated), assessment, period_end, evaluation.as_of):
        return None
    finding = {
        "after": assessment.status.value,
        "covered_through": payloads.iso_date(assessment.covered_through),
        "ends": period_end.isoformat(),
    }
    return Trigger(1, finding)


def _detect_revision(rule: AlertRule, evaluated: EvaluatedTarget, source: TriggerSource) -> Trigger | None:
    """Report the figure that changed most, and count the others."""
    assert rule.amount is not None
    amount, in_percent = rule.amount, rule.in_percent
    matches = [
        revised_figure
        for revised_figure in source.revised_figures(evaluated)
        if trigger_conditions.exceeds_amount(revised_figure.change, amount, in_percent=in_percent)
    ]
    if not matches:
        return None
    largest = max(matches, key=lambda figure: abs((in_percent and figure.change.percent) or figure.change.amount))
    finding = _change_values(largest.change) | {
        "indicator": largest.indicator,
        "area": largest.area,
        "period": largest.period,
    }
    return Trigger(
        1, finding | {"others": len(matches) - 1}, key=f"revision {max(figure.revision for figure in matches)}"
    )


def _change_values(change: ValueChange) -> dict[str, Any]:
    percent = change.percent
    return {
        "before": to_plain_string(change.before),
        "after": to_plain_string(change.after),
        "change": to_plain_string(change.amount),
        "percent": None if percent is None else to_plain_string(round_half_up(percent, 1)),
    }


def _detect_amendment(rule: AlertRule, evaluated: EvaluatedTarget, source: TriggerSource) -> Trigger | None:
    version, number_before = evaluated.evaluation.version, evaluated.version_before
    if number_before is None or version.number <= number_before:
        return None
    version_before = next(
        candidate for candidate in evaluated.evaluation.target.all_versions if candidate.number == number_before
    )
    finding = {
        "version": version.number,
        "announced": version.announced.isoformat(),
        "act": version.act,
        "reason": version.reason,
        "before": _edge_values(version_before),
        "after": _edge_values(version),
    }
    return Trigger(1, finding, key=f"version {version.number}")


def _edge_values(version: Any) -> dict[str, Any]:
    edges = {name: getattr(version, name) for name in ("lower", "upper")}
    edge_texts = {name: None if value is None else to_plain_string(value) for name, value in edges.items()}
    return edge_texts | {"lower_open": version.lower_open, "upper_open": version.upper_open}


def _detect_due_date(rule: AlertRule, evaluated: EvaluatedTarget, source: TriggerSource) -> Trigger | None:
    evaluation, calendar = evaluated.evaluation, source.calendar()
    target_terms = target_versions.to_target_terms(evaluation.target, evaluation.version)
    due_days = freshness.list_due_days(target_terms, terms_of(evaluation.target.indicator), calendar)
    next_due = trigger_conditions.find_due_soon(
        due_days, evaluation.assessment, evaluation.as_of, rule.offset_days, calendar
    )
    if next_due is None:
        return None
    period, due_day = next_due
    return Trigger(1, {"period": str(period), "due": due_day.isoformat()}, key=f"due {due_day} {period}")


def _detect_overdue_action(rule: AlertRule, evaluated: EvaluatedTarget, source: TriggerSource) -> Trigger | None:
    """The grade is the number of overdue actions. The action with the latest due day gives the key."""
    actions = sorted(source.overdue_actions(evaluated), key=lambda action: (action.due_day, action.pk))
    if not actions:
        return None
    latest = actions[-1]
    department = latest.department
    finding = {
        "text": latest.text,
        "due": latest.due_day.isoformat(),
        "person": latest.person,
        "department": department.name if department else "",
        "department_en": department.name_en if department else "",
        "others": len(actions) - 1,
    }
    return Trigger(len(actions), finding, key=f"{latest.due_day} {latest.pk}")


_DETECTORS: dict[RuleKind, Callable[[AlertRule, EvaluatedTarget, TriggerSource], Trigger | None]] = {
    RuleKind.RECOVERED: _detect_recovery,
    RuleKind.MET_EARLY: _detect_early_result,
    RuleKind.REVISED_BEYOND: _detect_revision,
    RuleKind.TARGET_AMENDED: _detect_amendment,
    RuleKind.DUE_SOON: _detect_due_date,
    RuleKind.ACTION_OVERDUE: _detect_overdue_action,
}


def _status_before(evaluated: EvaluatedTarget) -> Status | None:
    return Status(evaluated.status_before) if evaluated.status_before else None


def is_key_notified(rule: AlertRule, key: str, notified_keys: Collection[str]) -> bool:
    """Whether a notification about this key, or about an action with a later due day, was already written.

    An action that was due before a notified one was already overdue at that time.
    """
    return key in notified_keys or (rule.kind == RuleKind.ACTION_OVERDUE.value and max(notified_keys, default="") > key)


class CurrentTriggers:
    """Revised figures, overdue actions and earlier notifications of targets, read from the tables when first needed."""

    def __init__(self, evaluated_targets: Sequence[EvaluatedTarget], today: date) -> None:
        self._evaluated_targets, self._today = evaluated_targets, today

    def revised_figures(self, evaluated: EvaluatedTarget) -> Sequence[RevisedFigure]:
        return self._revised_by_target.get(evaluated.evaluation.target.pk, ())

    def overdue_actions(self, evaluated: EvaluatedTarget) -> Sequence[Action]:
        return self._overdue_by_target.get(evaluated.evaluation.target.pk, ())

    def was_notified(self, rule: AlertRule, evaluated: EvaluatedTarget, key: str) -> bool:
        """Whether the rule already notified about this trigger of the target."""
        return bool(key) and is_key_notified(
            rule, key, self._notified_keys.get((rule.pk, evaluated.evaluation.target.pk), ())
        )

    @cached_property
    def _target_ids(self) -> Collection[int]:
        return [evaluated.evaluation.target.pk for evaluated in self._evaluated_targets]

    @cached_property
    def _revised_by_target(self) -> Mapping[int, Sequence[RevisedFigure]]:
        return find_recent_revisions(
            [evaluated.evaluation for evaluated in self._evaluated_targets if evaluated.is_news]
        )

    @cached_property
    def _overdue_by_target(self) -> Mapping[int, Sequence[Action]]:
        actions_by_target: dict[int, list[Action]] = {}
        overdue = Action.objects.overdue(self._today).filter(target__among=self._target_ids)
        for action in overdue.select_related("department"):
            actions_by_target.setdefault(action.target_id, []).append(action)
        return actions_by_target

    @cached_property
    def _notified_keys(self) -> Mapping[tuple[int, int], Collection[str]]:
        keys_by_rule: dict[tuple[int, int], set[str]] = defaultdict(set)
        alerts = Alert.objects.filter(target__among=self._target_ids).exclude(trigger_key="")
        for rule, target, key in alerts.values_list("rule_id", "target_id", "trigger_key"):
            keys_by_rule[rule, target].add(key)
        return keys_by_rule
