"""Replay alert rules over past days, with what was known on each day. Nothing is stored and nothing is sent."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, NamedTuple

from indicators.models import Holiday, Revision
from indicators.querysets import Pair
from indicators.services.books import read_by
from kpitracker.lib.actor import Actor, operator
from kpitracker.lib.texts import text
from targets.domain import alerting
from targets.domain.alerting import AlertState, Event, Now, Reason, Told, Truth
from targets.domain.rules import RuleKind
from targets.models import AlertRule, Plan, Target
from targets.services import alert_rows, alerts, assessments, conditions, occasions, telling
from targets.services.conditions import Looked
from targets.services.judging import Judged, judge_many
from targets.services.occasions import Occasion, Source
from targets.services.past import Past
from targets.services.recipients import Directory

_MORNING = timedelta(hours=8)
_WHOLE = operator("replay")
REASONS = {
    Reason.FIRST: text("opened", "mở"),
    Reason.WORSE: text("worse", "xấu hơn"),
    Reason.REMINDER: text("reminder", "nhắc lại"),
    Reason.ESCALATION: text("escalated", "chuyển cấp trên"),
    Reason.RECOVERED: text("over", "đã hết"),
    Reason.SETTLED: text("closed", "đóng"),
}


class Happening(NamedTuple):
    """A notification that would have been written.

    `addresses`: those of the recipients, joined by commas ("": there is no recipient). `snapshot`: the content of the message.
    """

    day: date
    rule: AlertRule
    reason: Reason
    recipient: str
    facts: dict[str, Any]


def replay(
    *, plan: Plan, rules: Sequence[AlertRule], first: date, last: date, today: date, by: Actor = _WHOLE
) -> Iterator[Happening]:
    """Yield the notifications from the first day to the last, in order, as if no user had responded.

    Figures count from their day of publication, and target versions from the day on which they were in force.
    Departments, holidays and rules are those of today. Only targets that are visible to the actor are replayed.
    """
    known = Target.objects.visible_to(by).filter(plan=plan).order_by("identifier").to_judge()
    families = conditions.families(rules)
    targets = [each for each in known if any(conditions.concerns(rule, each, families) for rule in rules)]
    yield from _Year(targets, rules, first, last, today).days()


class _Year:
    """The replay of rules for the targets of a plan: the state after the days so far."""

    def __init__(self, targets: list[Target], rules: Sequence[AlertRule], first: date, last: date, today: date) -> None:
        self._targets, self._rules = targets, rules
        self._first, self._last, self._today = first, last, today
        self._published = _published(targets, first, last)
        self._directory = Directory(targets)
        self._families = conditions.families(rules)
        self._calendar = Holiday.objects.calendar()
        self._past = Past(targets)
        self._source = Source(self._past.revised, self._past.late, lambda: self._calendar)
        self._judged: dict[int, Judged] = {}
        self._told: dict[tuple[int, int], Told] = {}
        self._about: dict[tuple[int, int], set[str]] = defaultdict(set)
        self._findings: dict[tuple[int, int], dict[str, Any]] = {}
        self._heard: dict[tuple[int, int], dict[str, None]] = defaultdict(dict)

    def days(self) -> Iterator[Happening]:
        day = self._first
        while day <= self._last:
            yield from self._day(day)
            day += timedelta(days=1)

    def _day(self, day: date) -> Iterator[Happening]:
        posted = self._published.get(day, set())
        stale = [each for each in self._targets if each.pk in posted or not self._holds(each, day)]
        before = {each.pk: self._judged.get(each.pk) for each in stale}
        if stale:
            found = judge_many(targets=stale, as_of=day, today=self._today)
            self._judged |= {each.target.pk: each for each in found}
        for target in self._targets:
            judged = self._judged.get(target.pk)
            if judged is not None:
                looked = _looked(judged, before.get(target.pk, judged), target.pk in posted)
                fresh = target.pk in before
                for rule in self._rules:
                    # Skip the days on which nothing can change for this target and rule.
                    if fresh or (rule.pk, target.pk) in self._told or RuleKind(rule.kind).by_time:
                        yield from self._decide(rule, looked, day)

    def _holds(self, target: Target, day: date) -> bool:
        judged = self._judged.get(target.pk)
        return judged is not None and assessments.holds_through(judged) >= day

    def _decide(self, rule: AlertRule, looked: Looked, day: date) -> Iterator[Happening]:
        target = looked.judged.target
        key = rule.pk, target.pk
        told = self._told.get(key)
        occasion, truth = self._truth(rule, looked, day, told)
        if told is not None and looked.news and truth.grade:
            told = told._replace(figures=told.figures + 1)
        now = Now(alerts.start_of(day) + _MORNING, day, calendar=self._calendar)
        found = alerting.decide(truth, told, conditions.patience_of(rule), now)
        if found.state is None:
            return
        after = alerting.advance(told, truth, found, now)
        self._told[key] = after
        if found.state == AlertState.RESOLVED:
            del self._told[key]
        if occasion is not None:
            self._about[key].add(occasion.about)
            self._findings[key] = occasion.finding
        if found.reason is not Reason.NONE:
            level = 0 if found.reason is Reason.FIRST else after.level
            to = self._addresses(rule, looked.judged, found.reason, level)
            yield Happening(
                day, rule, found.reason, to, alert_rows.facts_of(found.reason, looked, self._findings.get(key))
            )

    def _truth(self, rule: AlertRule, looked: Looked, day: date, told: Told | None) -> tuple[Occasion | None, Truth]:
        if not conditions.concerns(rule, looked.judged.target, self._families):
            return None, Truth(0)
        condition, news, occasion = conditions.condition_of(rule), conditions.is_news(rule, looked), None
        if condition.kind.by_occasion and (news or told is not None):
            # The evaluation may be from an earlier day: triggers are detected as of today.
            occasion = occasions.find(rule, looked._replace(judged=replace(looked.judged, as_of=day)), self._source)
            about = self._about[rule.pk, looked.judged.target.pk]
            if occasion is not None and told is None and occasions.is_told(rule, occasion.about, about - {""}):
                occasion = None
        bad = None if occasion is None else occasion.grade
        return occasion, conditions.truth_of(condition, looked.judged.assessment, news=news, occasion=bad)

    def _addresses(self, rule: AlertRule, judged: Judged, reason: Reason, level: int) -> str:
        """Return the addresses of a notification, joined by commas."""
        event, severity = alerts.EVENTS[reason], conditions.severity_of(rule, judged.assessment.status)
        heard = self._heard[rule.pk, judged.target.pk]
        if reason is Reason.FIRST:
            heard.clear()
        if event is not Event.RESOLVED or not heard:
            people = telling.people(event, judged.target, rule, level, severity, self._directory)
            heard |= dict.fromkeys(each.address for each in people)
            return ", ".join(each.address for each in people)
        return ", ".join(heard)


def _looked(judged: Judged, was: Judged | None, posted: bool) -> Looked:
    if was is None:
        return Looked(judged, "", posted, by_time=True)
    before = was.assessment
    return Looked(judged, before.status.value, posted, before.overdue, was.version.number, by_time=True)


def _published(targets: Sequence[Target], first: date, last: date) -> dict[date, set[int]]:
    """Return, by day, the ids of the targets for which a figure was published."""
    series: dict[Pair, set[int]] = defaultdict(set)
    for target in targets:
        for pair in read_by({(target.indicator_id, target.area_id)}):
            series[pair].add(target.pk)
    found: dict[date, set[int]] = defaultdict(set)
    rows = Revision.objects.valid().of_series(series, "measurement__").filter(published__range=(first, last))
    for indicator, area, day in rows.values_list("measurement__indicator", "measurement__area", "published"):
        found[day] |= series.get((indicator, area), set())
    return found
