"""Triggers of alert rules beside the assessment itself: revisions, amendments, due days and overdue actions."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

from indicators.domain.calendars import Calendar
from indicators.domain.rounding import half_up, plain
from indicators.services.books import terms_of
from targets.domain import freshness, occasions
from targets.domain.occasions import Change
from targets.domain.rules import RuleKind
from targets.domain.vocabulary import Status
from targets.models import Action, Alert, AlertRule
from targets.services import rows, terms
from targets.services.conditions import Looked
from targets.services.revised import Revised, recently


class Occasion(NamedTuple):
    """What triggers a rule: its grade (greater is worse), the `finding` for the message, and its key.

    A rule notifies once per target and key. A trigger with the key "" has no such limit: it depends on a change of the
    status.
    """

    grade: int
    finding: dict[str, Any]
    about: str = ""


class Source(NamedTuple):
    """The data that triggers are detected from: revised figures and overdue actions of a target, and the calendar."""

    revised: Callable[[Looked], Sequence[Revised]]
    late: Callable[[Looked], Sequence[Action]]
    calendar: Callable[[], Calendar]


def find(rule: AlertRule, looked: Looked, source: Source) -> Occasion | None:
    """Return the trigger of a rule for a target that was just evaluated, or None."""
    found = _FINDERS[RuleKind(rule.kind)](rule, looked, source)
    return None if found is None else found._replace(finding={"kind": rule.kind, **found.finding})


def _recovered(rule: AlertRule, looked: Looked, source: Source) -> Occasion | None:
    after = looked.judged.assessment.status
    if not occasions.has_recovered(_before(looked), after):
        return None
    return Occasion(1, {"before": looked.before, "after": after.value})


def _met_early(rule: AlertRule, looked: Looked, source: Source) -> Occasion | None:
    judged = looked.judged
    found, ends = judged.assessment, judged.target.period_end
    if not occasions.is_early(_before(looked), found, ends, judged.as_of):
        return None
    said = {"after": found.status.value, "covered_through": rows.day(found.covered_through), "ends": ends.isoformat()}
    return Occasion(1, said)


def _revised(rule: AlertRule, looked: Looked, source: Source) -> Occasion | None:
    """Report the figure that changed most, and count the others."""
    assert rule.amount is not None
    amount, in_percent = rule.amount, rule.in_percent
    found = [r for r in source.revised(looked) if occasions.is_beyond(r.change, amount, in_percent=in_percent)]
    if not found:
        return None
    most = max(found, key=lambda each: abs((in_percent and each.change.percent) or each.change.amount))
    said = _change(most.change) | {"indicator": most.indicator, "area": most.area, "period": most.period}
    return Occasion(1, said | {"others": len(found) - 1}, about=f"revision {max(each.revision for each in found)}")


def _change(change: Change) -> dict[str, Any]:
    percent = change.percent
    return {
        "before": plain(change.before),
        "after": plain(change.after),
        "change": plain(change.amount),
        "percent": None if percent is None else plain(half_up(percent, 1)),
    }


def _amended(rule: AlertRule, looked: Looked, source: Source) -> Occasion | None:
    version, was = looked.judged.version, looked.was_version
    if was is None or version.number <= was:
        return None
    earlier = next(each for each in looked.judged.target.all_versions if each.number == was)
    said = {
        "version": version.number,
        "announced": version.announced.isoformat(),
        "act": version.act,
        "reason": version.reason,
        "before": _edges(earlier),
        "after": _edges(version),
    }
    return Occasion(1, said, about=f"version {version.number}")


def _edges(version: Any) -> dict[str, Any]:
    edges = {name: getattr(version, name) for name in ("lower", "upper")}
    known = {name: None if value is None else plain(value) for name, value in edges.items()}
    return known | {"lower_open": version.lower_open, "upper_open": version.upper_open}


def _due_soon(rule: AlertRule, looked: Looked, source: Source) -> Occasion | None:
    judged, calendar = looked.judged, source.calendar()
    stated = terms.of_version(judged.target, judged.version)
    dues = freshness.due_days(stated, terms_of(judged.target.indicator), calendar)
    found = occasions.due_soon(dues, judged.assessment, judged.as_of, rule.days, calendar)
    if found is None:
        return None
    period, due = found
    return Occasion(1, {"period": str(period), "due": due.isoformat()}, about=f"due {due} {period}")


def _late_action(rule: AlertRule, looked: Looked, source: Source) -> Occasion | None:
    """The grade is the number of overdue actions. The action with the latest due day gives the key."""
    late = sorted(source.late(looked), key=lambda each: (each.due_day, each.pk))
    if not late:
        return None
    last = late[-1]
    department = last.department
    said = {
        "text": last.text,
        "due": last.due_day.isoformat(),
        "person": last.person,
        "department": department.name if department else "",
        "department_en": department.name_en if department else "",
        "others": len(late) - 1,
    }
    return Occasion(len(late), said, about=f"{last.due_day} {last.pk}")


_FINDERS: dict[RuleKind, Callable[[AlertRule, Looked, Source], Occasion | None]] = {
    RuleKind.RECOVERED: _recovered,
    RuleKind.MET_EARLY: _met_early,
    RuleKind.REVISED_BEYOND: _revised,
    RuleKind.TARGET_AMENDED: _amended,
    RuleKind.DUE_SOON: _due_soon,
    RuleKind.ACTION_OVERDUE: _late_action,
}


def _before(looked: Looked) -> Status | None:
    return Status(looked.before) if looked.before else None


def is_told(rule: AlertRule, about: str, told: Collection[str]) -> bool:
    """Whether a notification about this key, or about an action with a later due day, was already written.

    An action that was due before a notified one was already overdue at that time.
    """
    return about in told or (rule.kind == RuleKind.ACTION_OVERDUE.value and max(told, default="") > about)


class Stored:
    """Revised figures, overdue actions and earlier notifications of targets, read from the tables when first needed."""

    def __init__(self, looked: Sequence[Looked], today: date) -> None:
        self._looked, self._today = looked, today

    def revised(self, looked: Looked) -> Sequence[Revised]:
        return self._revised.get(looked.judged.target.pk, ())

    def late(self, looked: Looked) -> Sequence[Action]:
        return self._late.get(looked.judged.target.pk, ())

    def was_told(self, rule: AlertRule, looked: Looked, about: str) -> bool:
        """Whether the rule already notified about this trigger of the target."""
        return bool(about) and is_told(rule, about, self._told.get((rule.pk, looked.judged.target.pk), ()))

    @cached_property
    def _ids(self) -> Collection[int]:
        return [each.judged.target.pk for each in self._looked]

    @cached_property
    def _revised(self) -> Mapping[int, Sequence[Revised]]:
        return recently([each.judged for each in self._looked if each.news])

    @cached_property
    def _late(self) -> Mapping[int, Sequence[Action]]:
        found: dict[int, list[Action]] = {}
        overdue = Action.objects.overdue(self._today).filter(target__among=self._ids)
        for action in overdue.select_related("department"):
            found.setdefault(action.target_id, []).append(action)
        return found

    @cached_property
    def _told(self) -> Mapping[tuple[int, int], Collection[str]]:
        found: dict[tuple[int, int], set[str]] = defaultdict(set)
        known = Alert.objects.filter(target__among=self._ids).exclude(about="")
        for rule, target, about in known.values_list("rule_id", "target_id", "about"):
            found[rule, target].add(about)
        return found
