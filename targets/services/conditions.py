"""Match alert rules with targets, and convert rule rows to values of the domain."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple

from indicators.models import Department
from targets.domain.alerting import Patience, Truth
from targets.domain.assessment import Assessment
from targets.domain.rules import Condition, RuleKind, grade, is_final
from targets.domain.vocabulary import Status
from targets.models import AlertRule, Silence, Target
from targets.services.judging import Judged

_SEVERITIES = {0: "warning", 1: "warning", 2: "critical", 3: "critical"}


class Looked(NamedTuple):
    """A target that was just evaluated.

    `status_before`: its status until then ("": never evaluated). `is_news`: the cause is a figure posted now, not
    loaded history or a new day. `was_overdue`: its figures were overdue before. `version_before`: the number of the
    version of the last evaluation (None: unknown, or the same version). `by_time`: the daily scan evaluates it.
    """

    judged: Judged
    before: str
    news: bool
    was_overdue: bool = True
    was_version: int | None = None
    by_time: bool = False


def families(scoped: Sequence[AlertRule | Silence]) -> dict[int, set[int]]:
    """Return, for each department (id) that a rule or silence names, the ids of its subtree including itself."""
    named = {each.department_id for each in scoped if each.department_id is not None}
    return {pk: Department.objects.family(pk) for pk in named}


def concerns(rule: AlertRule | Silence, target: Target, families: Mapping[int, Collection[int]]) -> bool:
    """Whether a target lies in the scope of a rule or a silence."""
    answerable = target.answerable
    return (
        rule.plan_id in (None, target.plan_id)
        and rule.indicator_id in (None, target.indicator_id)
        and rule.area_id in (None, target.area_id)
        and rule.section in ("", target.section)
        and (rule.department_id is None or (answerable is not None and answerable.pk in families[rule.department_id]))
    )


def condition_of(rule: AlertRule) -> Condition:
    return Condition(RuleKind(rule.kind), frozenset(map(Status, rule.statuses)), rule.amount, rule.in_percent)


def patience_of(rule: AlertRule) -> Patience:
    return Patience(
        hold=timedelta(hours=rule.hold_hours),
        hold_figures=rule.hold_figures,
        hold_days=rule.days if rule.kind == RuleKind.OVERDUE.value else 0,
        clear_hold=timedelta(hours=rule.clear_hours),
        remind_days=rule.remind_days,
        escalate_days=rule.escalate_days,
        levels=rule.levels,
    )


def is_news(rule: AlertRule, looked: Looked) -> bool:
    """Whether the evaluation may open an alert of this rule: an unchanged state opens none.

    A target whose figures become overdue counts as news only if it was evaluated before.
    """
    match RuleKind(rule.kind):
        case RuleKind.STATUS_IS | RuleKind.RECOVERED | RuleKind.MET_EARLY:
            return looked.news and looked.judged.assessment.status.value != looked.before
        case RuleKind.OVERDUE:
            return bool(looked.before) and not looked.was_overdue
        case RuleKind.DUE_SOON | RuleKind.ACTION_OVERDUE:
            return looked.by_time
        case RuleKind.TARGET_AMENDED:
            return looked.was_version not in (None, looked.judged.version.number)
    return looked.news


def truth_of(condition: Condition, found: Assessment, *, news: bool, occasion: int | None) -> Truth:
    """Return the state of a condition. `trigger_grade`: that of the trigger, for kinds that need one (None: none)."""
    kind = condition.kind
    grade_ = (occasion or 0) if kind.by_occasion else grade(condition, found)
    return Truth(grade_, news, is_final(condition, found), kind.passing)


def severity_of(rule: AlertRule, status: Status) -> str:
    return rule.severity or _SEVERITIES[status.severity]
