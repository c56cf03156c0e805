"""Stores alerts in bulk: thousands of alerts need as few SQL statements as one alert."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Max

from kpitracker.lib import bulk
from kpitracker.lib.actor import operator
from kpitracker.lib.audit import notes
from targets.domain.alerting import AlertState, Reason
from targets.domain.rules import RuleKind
from targets.models import Alert, Comment
from targets.services import telling
from targets.services.conditions import Looked

# Alerts follow from figures, so the audit names the service itself as the actor, not the user who started the run.
_BY = operator("assessment")
_VERBS = {
    Reason.FIRST: "opened",
    Reason.WORSE: "worsened",
    Reason.RECOVERED: "resolved",
    Reason.SETTLED: "resolved",
}
# The columns that a decision may change, with the types that bulk.update needs.
_CHANGED = {
    "state": "text",
    "parent_id": "uuid",
    "about": "text",
    "status": "text",
    "severity": "text",
    "facts": "jsonb",
    "grade": "bigint",
    "figures": "bigint",
    "messages": "bigint",
    "level": "bigint",
    "told_on": "date",
    "raised_on": "date",
    "resolved_at": bulk.MOMENT,
    "over_since": bulk.MOMENT,
    "look_at": bulk.MOMENT,
}


@dataclass(slots=True)
class Outcome:
    """The new state of an alert, the reason for a notification, the evaluation behind it, and the state before.

    `state_before` is "" for a new alert.
    """

    alert: Alert
    reason: Reason
    looked: Looked
    was: str

    @property
    def unheard(self) -> bool:
        """The alert was resolved before any notification about it was written."""
        return self.alert.state == AlertState.RESOLVED and self.reason is Reason.NONE


def facts_of(reason: Reason, looked: Looked, finding: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the content of an alert: the assessment and, if given, the `finding` of the rule's trigger.

    The key `closed` says why the alert was closed when its condition is not over ("settled", "overdue").
    """
    facts = telling.facts_of(looked.judged, looked.before)
    if finding is not None:
        facts["finding"] = {**finding, "over": True} if reason is Reason.RECOVERED else dict(finding)
    if reason is Reason.SETTLED:
        facts["closed"] = "settled"
    elif reason is Reason.RECOVERED and finding and finding["kind"] == RuleKind.DUE_SOON.value:
        facts |= {"closed": "overdue"} if looked.judged.assessment.overdue else {}
    return facts


def store(outcomes: Sequence[Outcome]) -> None:
    """Write the alerts and their audit entries. Call it in the transaction that made the decisions."""
    fresh = [each.alert for each in outcomes if not each.was]
    _number(fresh)
    Alert.objects.bulk_create(fresh)
    gone = _forget([each.alert for each in outcomes if each.was and each.unheard])
    _change([each.alert for each in outcomes if each.was and each.alert.pk not in gone])
    notes.write(_entry(each) for each in outcomes if each.reason in _VERBS)


def _number(fresh: Sequence[Alert]) -> None:
    """Set the episode numbers. The caller holds the locks on the targets, so no other process counts now."""
    if not fresh:
        return
    known = Alert.objects.filter(target__among={each.target_id for each in fresh}, rule__in={a.rule_id for a in fresh})
    last = {(rule, target): n for rule, target, n in known.values_list("rule", "target").annotate(Max("episode"))}
    for each in fresh:
        each.episode = last.get((each.rule_id, each.target_id), 0) + 1


def _forget(unheard: Sequence[Alert]) -> set[UUID]:
    """Delete the alerts that have no comments. Return the ids of the deleted alerts."""
    if not unheard:
        return set()
    ids = {each.pk for each in unheard}
    ids -= set(Comment.objects.filter(alert__in=ids).values_list("alert", flat=True))
    Alert.objects.filter(pk__in=ids).delete()
    return ids


def _change(changed: Sequence[Alert]) -> None:
    if changed:
        place, content = bulk.fixed("uuid", "bigint"), bulk.free(*_CHANGED.values(), repeated=False)
        rows = (place(each.pk.hex, each.episode) + content(tuple(_plain(each))) for each in changed)
        bulk.update(Alert, _CHANGED, {"episode": "bigint"}, rows)


def _plain(alert: Alert) -> Iterable[Any]:
    for name in _CHANGED:
        value = getattr(alert, name)
        if isinstance(value, dict):
            yield json.dumps(value)
        elif isinstance(value, UUID):
            yield value.hex
        elif isinstance(value, datetime):
            yield bulk.moment(value)
        else:
            yield value.isoformat() if isinstance(value, date) else value


def _entry(outcome: Outcome) -> Any:
    alert = outcome.alert
    before = {"state": outcome.was} if outcome.was else {}
    after = {"state": alert.state, "status": str(alert.facts["status"]), "severity": alert.severity}
    label = outcome.looked.judged.target.identifier
    return notes.entry(by=_BY, verb=_VERBS[outcome.reason], row=alert, before=before, after=after, label=label)
