"""Alerts as rows: as many as a storm brings are numbered, stored and noted in as few statements as one."""

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

# Alerts follow from figures, whoever made the round: it is the service itself that opens and closes them.
_BY = operator("assessment")
_VERBS = {
    Reason.FIRST: "opened",
    Reason.WORSE: "worsened",
    Reason.RECOVERED: "resolved",
    Reason.SETTLED: "resolved",
}
# What a decision changes, as both databases read it.
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
    """What became of an alert, why somebody is told of it, what it says then, and the state that it had ("": it begins)."""

    alert: Alert
    reason: Reason
    looked: Looked
    was: str

    @property
    def unheard(self) -> bool:
        """It is over, and nobody has heard of it."""
        return self.alert.state == AlertState.RESOLVED and self.reason is Reason.NONE


def facts_of(reason: Reason, looked: Looked, finding: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What an alert says. `finding`: what was found beside the assessment, or was when it began; `closed`: why it was,
    where what it was about is not over.
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
    """In the transaction in which it was decided: who was told of what is opened, worse or closed stands in the audit."""
    fresh = [each.alert for each in outcomes if not each.was]
    _number(fresh)
    Alert.objects.bulk_create(fresh)
    gone = _forget([each.alert for each in outcomes if each.was and each.unheard])
    _change([each.alert for each in outcomes if each.was and each.alert.pk not in gone])
    notes.write(_entry(each) for each in outcomes if each.reason in _VERBS)


def _number(fresh: Sequence[Alert]) -> None:
    """The episode of each: who calls holds the targets, so nobody else counts meanwhile."""
    if not fresh:
        return
    known = Alert.objects.filter(target__among={each.target_id for each in fresh}, rule__in={a.rule_id for a in fresh})
    last = {(rule, target): n for rule, target, n in known.values_list("rule", "target").annotate(Max("episode"))}
    for each in fresh:
        each.episode = last.get((each.rule_id, each.target_id), 0) + 1


def _forget(unheard: Sequence[Alert]) -> set[UUID]:
    """Remove those that nobody has written a word about; their ids."""
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
