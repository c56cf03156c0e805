"""The alert engine: applies the rules to evaluated targets, in the transaction that wrote the assessments.

It writes alerts and deliveries. It sends nothing.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from functools import cached_property
from typing import Any

from django.db import transaction
from django.utils import timezone

from indicators.models import Holiday
from kpitracker.lib import clock
from targets import signals
from targets.domain import alerting
from targets.domain.alerting import AlertState, Decision, Event, Now, Reason, Told, Truth
from targets.models import Alert, AlertRule, Delivery, Silence, Target
from targets.services import alert_rows, occasions, silent, telling
from targets.services.alert_rows import Outcome
from targets.services.conditions import (
    Looked,
    concerns,
    condition_of,
    families,
    is_news,
    patience_of,
    severity_of,
    truth_of,
)
from targets.services.judging import Judged, judge_many
from targets.services.occasions import Occasion, Source, Stored
from targets.services.silent import Silent

EVENTS = {
    Reason.FIRST: Event.OPENED,
    Reason.WORSE: Event.WORSE,
    Reason.RECOVERED: Event.RESOLVED,
    Reason.REMINDER: Event.REMINDER,
    Reason.ESCALATION: Event.ESCALATION,
    Reason.SETTLED: Event.RESOLVED,
}
SLICE = 200


def decide(*, looked: Sequence[Looked], now: datetime) -> None:
    """Open, worsen, remind of, escalate or close alerts, and write the deliveries that follow.

    The caller must hold the locks on the targets: two runs over the same target would both open an alert.
    """
    if not looked:
        return
    ids = [each.judged.target.pk for each in looked]
    held = Alert.objects.filter(target__among=ids).exclude(state="resolved").order_by("pk").select_for_update()
    open_alerts = {(alert.rule_id, alert.target_id): alert for alert in held}
    targets = [each.judged.target for each in looked]
    round_ = _Round(telling.Round(now, targets, [alert.pk for alert in held]), looked)
    found = [
        round_.apply(rule, open_alerts.get((rule.pk, each.judged.target.pk)), each)
        for rule in round_.rules
        for each in looked
    ]
    outcomes = [each for each in found if each is not None]
    alert_rows.store(outcomes)
    closed = [each.alert for each in outcomes if each.alert.state == AlertState.RESOLVED]
    silent.release(looked=looked, closed=closed, now=now)
    written = [delivery for each in outcomes for delivery in _deliveries(each, round_.telling)]
    Delivery.objects.bulk_create(written)
    if any(each.state == "pending" for each in written):
        signals.deliveries_written.send(sender=Delivery)


def _deliveries(outcome: Outcome, round_: telling.Round) -> Iterator[Delivery]:
    if outcome.reason is not Reason.NONE:
        alert, event = outcome.alert, EVENTS[outcome.reason]
        yield from telling.deliveries(alert, event, outcome.looked.judged, alert.facts, round_)


def look_again(*, now: datetime) -> int:
    """Process the alerts whose next check is due: to open, to remind of, to escalate or to close.

    Return the number of alerts.
    """
    found = 0
    while number := _look_again(now):
        found += number
    return found


@transaction.atomic
def _look_again(now: datetime) -> int:
    due = Alert.objects.filter(look_at__lte=now).exclude(state="resolved").order_by("look_at", "pk")
    targets = set(due.values_list("target_id", flat=True)[:SLICE])
    # A process that assesses a target also processes its alerts: locked targets are left to the next sweep.
    free = Target.objects.filter(pk__among=targets).order_by("pk").select_for_update(skip_locked=True)
    ids = list(free.values_list("pk", flat=True))
    waiting = due.filter(target__among=ids)
    number = waiting.count()
    if number:
        today = clock.local_day(now)
        judged = judge_many(targets=Target.objects.filter(pk__among=ids).to_judge(), as_of=today, today=today)
        # Targets that cannot be evaluated need no check until a figure is posted.
        waiting.exclude(target__among=[each.target.pk for each in judged]).update(look_at=None)
        decide(looked=[Looked(each, each.assessment.status.value, False) for each in judged], now=now)
    return number


class _Round:
    """The data that all decisions of one run share. Tables are read when a decision first needs them."""

    def __init__(self, telling_: telling.Round, looked: Sequence[Looked]) -> None:
        self.moment, self.day = telling_.now, clock.local_day(telling_.now)
        self.telling = telling_
        self._silent = Silent()
        self._stored = Stored(looked, self.day)
        self._source = Source(self._stored.revised, self._stored.late, lambda: self._calendar)
        self.rules = list(AlertRule.objects.order_by("pk"))
        self._conditions = {rule.pk: condition_of(rule) for rule in self.rules}

    @cached_property
    def _silences(self) -> list[Silence]:
        return list(Silence.objects.filter(starts_at__lte=self.moment, ends_at__gt=self.moment))

    @cached_property
    def _families(self) -> dict[int, set[int]]:
        return families([*self.rules, *self._silences])

    @cached_property
    def _calendar(self) -> Any:
        return Holiday.objects.calendar()

    def apply(self, rule: AlertRule, alert: Alert | None, looked: Looked) -> Outcome | None:
        """Apply a rule to a target. Return None if there is no alert or the alert does not change."""
        judged = looked.judged
        news = rule.active and is_news(rule, looked)
        # Most targets have no news and no alert: skip them before any other work.
        if alert is None and not news:
            return None
        holds = rule.active and concerns(rule, judged.target, self._families)
        condition = self._conditions[rule.pk]
        occasion = self._occasion(rule, alert, looked) if holds and condition.kind.by_occasion else None
        bad = None if occasion is None else occasion.grade
        truth = truth_of(condition, judged.assessment, news=news, occasion=bad) if holds else Truth(0)
        if alert is None and not truth.grade:
            return None
        told = None if alert is None else told_of(alert, counted=looked.news and truth.grade > 0)
        silent = None if alert is None else self._silent_until(rule, judged.target)
        now = Now(self.moment, self.day, silent, self._calendar)
        found = alerting.decide(truth, told, patience_of(rule), now)
        if found.state is None:
            return None
        known = alert or self._begin(rule, looked.judged)
        # Set the relations from rows that were read before: otherwise each alert would need its own queries.
        known.rule, known.target = rule, judged.target
        if found.reason is Reason.FIRST:
            leader, owed = self._silent.leader(rule, known, judged.target)
            if leader is not None and leader is not known:
                return self._wait(known, leader, looked)
            known.parent = None
            occasion = Occasion(1, {"kind": rule.kind, "owed": owed}) if owed else occasion
        return self._outcome(found, alerting.advance(told, truth, found, now), known, looked, occasion)

    def _wait(self, known: Alert, leader: Alert, looked: Looked) -> Outcome | None:
        """Keep the alert pending while another alert covers all overdue targets of its department."""
        fresh, was = known._state.adding, known.parent_id
        if fresh:
            known.state, known.facts = AlertState.PENDING.value, alert_rows.facts_of(Reason.NONE, looked)
        known.parent, known.look_at = leader, None
        return Outcome(known, Reason.NONE, looked, "" if fresh else "pending") if fresh or was != leader.pk else None

    def _occasion(self, rule: AlertRule, alert: Alert | None, looked: Looked) -> Occasion | None:
        """Return the trigger of the rule, unless a notification about it was already written."""
        found = occasions.find(rule, looked, self._source)
        if found is None or (alert is None and self._stored.was_told(rule, looked, found.about)):
            return None
        return found

    def _outcome(
        self, found: Decision, after: Told, known: Alert, looked: Looked, occasion: Occasion | None
    ) -> Outcome | None:
        fresh = known._state.adding
        before, was = _kept(known), "" if fresh else known.state
        for name in _TOLD:
            setattr(known, name, getattr(after, name))
        known.look_at = _look_at(found)
        if found.state == AlertState.RESOLVED:
            known.resolved_at = self.moment
        if fresh or found.reason is not Reason.NONE:
            finding = known.facts.get("finding") if occasion is None else occasion.finding
            known.facts = alert_rows.facts_of(found.reason, looked, finding)
            known.about = max(known.about, "" if occasion is None else occasion.about)
        if found.reason is not Reason.NONE:
            self._tell(known, found.reason, looked)
        return Outcome(known, found.reason, looked, was) if fresh or _kept(known) != before else None

    def _begin(self, rule: AlertRule, judged: Judged) -> Alert:
        status = judged.assessment.status
        return Alert(
            status=status.value,
            severity=severity_of(rule, status),
            opened_at=self.moment,
            grade=0,
        )

    def _tell(self, alert: Alert, reason: Reason, looked: Looked) -> None:
        """Count the notification. A first or worse notification also updates the status and the severity."""
        status = looked.judged.assessment.status
        alert.messages += 1
        if reason in (Reason.FIRST, Reason.WORSE):
            alert.status = status.value
            alert.severity = severity_of(alert.rule, status)

    def _silent_until(self, rule: AlertRule, target: Target) -> datetime | None:
        ends = [
            each.ends_at
            for each in self._silences
            if each.rule_id in (None, rule.pk)
            and each.target_id in (None, target.pk)
            and concerns(each, target, self._families)
        ]
        return max(ends, default=None)


def told_of(alert: Alert, *, counted: bool = False) -> Told:
    """Return the stored progress of an alert. `add_figure`: count one figure more."""
    return Told(
        state=AlertState(alert.state),
        grade=alert.grade,
        since=alert.opened_at,
        since_day=clock.local_day(alert.opened_at),
        figures=alert.figures + counted,
        told_on=alert.told_on,
        raised_on=alert.raised_on,
        level=alert.level,
        over_since=alert.over_since,
        promised=alert.promised,
    )


# The fields that `Alert` and `AlertProgress` share by name.
_TOLD = ("state", "grade", "figures", "told_on", "raised_on", "level", "over_since")


def _kept(alert: Alert) -> list[Any]:
    return [getattr(alert, name) for name in (*_TOLD, "look_at", "messages")]


def _look_at(found: Decision) -> datetime | None:
    times = [found.look_at, None if found.look_on is None else start_of(found.look_on)]
    return min((each for each in times if each is not None), default=None)


def start_of(day: date) -> datetime:
    """Return the first moment of a day in the time zone of the service."""
    return timezone.make_aware(datetime.combine(day, time.min), timezone.get_default_timezone())
