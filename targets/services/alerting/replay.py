"""Replay alert rules over past days, with what was known on each day. Nothing is stored and nothing is sent."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from indicators.models import Revision
from indicators.querysets import SeriesKey
from indicators.services.figures.series import source_series
from kpitracker.lib import clock
from kpitracker.lib.actor import Actor, system_actor
from kpitracker.lib.i18n.text import text
from targets.domain.alerting import AlertEvent, NotificationReason
from targets.domain.rules import RuleKind
from targets.models import AlertRule, Judgement, Plan, Target
from targets.payloads.alerts import AlertSnapshot
from targets.services.alerting import conditions, engine, scheduled
from targets.services.alerting.memory_store import MemoryStore
from targets.services.alerting.store import EvaluatedTarget
from targets.services.evaluation import comparison
from targets.services.evaluation.comparison import Cause
from targets.services.evaluation.evaluate import evaluate_targets
from targets.services.evaluation.target_versions import find_version_in_force
from targets.services.notifications.owed_figures import find_targets_owed_by, load_owing_departments

_MORNING = timedelta(hours=8)
_OPERATOR = system_actor("replay")
REASON_NAMES = {
    NotificationReason.FIRST: text("opened", "mở"),
    NotificationReason.WORSE: text("worse", "xấu hơn"),
    NotificationReason.REMINDER: text("reminder", "nhắc lại"),
    NotificationReason.ESCALATION: text("escalated", "chuyển cấp trên"),
    NotificationReason.RECOVERED: text("over", "đã hết"),
    NotificationReason.SETTLED: text("closed", "đóng"),
    NotificationReason.ENDED: text("target ended", "chỉ tiêu kết thúc"),
}


class ReplayedMessage(NamedTuple):
    """A message that would have been written.

    `addresses`: those of the recipients, joined by commas ("": there is no recipient).
    """

    day: date
    rule: AlertRule
    reason: NotificationReason
    event: AlertEvent
    addresses: str
    snapshot: AlertSnapshot


def replay(
    *, plan: Plan, rules: Sequence[AlertRule], first: date, last: date, today: date, by: Actor = _OPERATOR
) -> Iterator[ReplayedMessage]:
    """Yield the messages about a plan from the first day to the last, in order, as if no user had responded.

    The engine runs as it does each morning after the posts of the day were processed, with the assessments of the day
    before `first` and no alerts at the start. Figures count from their day of publication, judgements from their day,
    target versions from the day on which they were in force. Departments, holidays and rules are those of today.
    Only messages about targets that are visible to the actor are shown.
    """
    rules = [
        AlertRule(**{field.attname: getattr(rule, field.attname) for field in rule._meta.concrete_fields})
        for rule in rules
    ]
    for rule in rules:
        rule.active = True
    subtrees = conditions.DepartmentSubtrees()
    candidates = Target.objects.visible_to(by).filter(plan=plan).order_by("identifier").for_assessment()
    shown = [target for target in candidates if any(conditions.is_in_scope(rule, target, subtrees) for rule in rules)]
    yield from _Replay(shown, rules, first, today).messages(last)


class _Replay:
    """The days of a replay, with the state after each of them in memory."""

    def __init__(self, shown: Sequence[Target], rules: Sequence[AlertRule], first: date, today: date) -> None:
        self._shown_ids, self._first, self._today = {target.pk for target in shown}, first, today
        self._targets = (
            _with_neighbours(shown, today) if any(rule.kind == RuleKind.OVERDUE for rule in rules) else list(shown)
        )
        self._targets.sort(key=lambda target: target.pk)
        self._store = MemoryStore(rules, self._targets, clock.start_of_day(first - timedelta(days=1)))

    def messages(self, last: date) -> Iterator[ReplayedMessage]:
        store = self._store
        self._assess(self._targets, Cause.OTHER)
        news_by_day = _load_news_by_day(self._targets, self._first, last)
        for day in (self._first + timedelta(days=number) for number in range((last - self._first).days + 1)):
            store.begin_day(clock.start_of_day(day) + _MORNING)
            self._run_day(news_by_day[day])
            for reason, deliveries in store.notifications:
                alert, event, snapshot = deliveries[0].alert, deliveries[0].event, deliveries[0].snapshot
                if alert is not None and alert.target_id in self._shown_ids:
                    addresses = ", ".join(delivery.recipient for delivery in deliveries)
                    yield ReplayedMessage(day, alert.rule, reason, AlertEvent(event), addresses, snapshot)
            store.notifications.clear()

    def _run_day(self, news_ids: Collection[int]) -> None:
        """Do what the jobs of a day do, in the order of the sweep."""
        store = self._store
        self._process(self._assess([target for target in self._targets if target.pk in news_ids], Cause.NEWS))
        never_assessed = [target for target in self._targets if target.pk not in store.assessments]
        self._process(
            self._assess([row for row in never_assessed if find_version_in_force(row, store.today)], Cause.TIME)
        )
        expired_ids = {pk for pk, stored in store.assessments.items() if stored.valid_through < store.today}
        self._process(self._assess([target for target in self._targets if target.pk in expired_ids], Cause.TIME))
        self._process([store.unchanged_target(pk, by_time=True) for pk in self._scanned_ids()])
        store.reschedule_after_closed_actions()
        while due_ids := store.due_target_ids():
            self._process([store.unchanged_target(pk) for pk in sorted(due_ids)])

    def _process(self, evaluated_targets: Sequence[EvaluatedTarget]) -> None:
        self._store.begin_run(evaluated_targets)
        engine.process_evaluations(evaluated_targets=evaluated_targets, now=self._store.context.now, store=self._store)

    def _assess(self, targets: Sequence[Target], cause: Cause) -> list[EvaluatedTarget]:
        """Evaluate targets today. Return those whose assessment changed."""
        store, changed = self._store, []
        evaluations = evaluate_targets(targets=targets, as_of=store.today, today=self._today) if targets else []
        for evaluation in evaluations:
            pk = evaluation.target.pk
            new = comparison.compare_assessment(evaluation, store.assessments.get(pk), store.today, cause)
            store.evaluations[pk] = evaluation
            if new is not None:
                store.save_assessment(new)
                changed.append(
                    EvaluatedTarget(
                        evaluation,
                        new.previous_status,
                        new.cause is Cause.NEWS,
                        new.previously_overdue,
                        new.previous_version,
                        by_day_alone=new.cause is Cause.TIME,
                        was_not_notified=new.previously_not_notified,
                    )
                )
        return changed

    def _scanned_ids(self) -> list[int]:
        store, target_ids = self._store, set[int]()
        if (last := scheduled.last_due_soon_day(store.rules, store.today)) is not None:
            target_ids |= {pk for pk, row in store.assessments.items() if store.today <= row.valid_through <= last}
        if any(rule.kind == RuleKind.ACTION_OVERDUE for rule in store.rules):
            target_ids |= store.ids_with_overdue_actions() & store.assessments.keys()
        return sorted(target_ids)


def _with_neighbours(targets: Sequence[Target], today: date) -> list[Target]:
    """Add the other targets of the departments: they decide whether a department has posted nothing at all."""
    owing = load_owing_departments(targets, today)
    department_ids = {department.pk for departments in owing.values() for department in departments}
    ids = set[int]().union(*(find_targets_owed_by(pk, today) for pk in department_ids))
    neighbours = Target.objects.filter(pk__among=ids - {target.pk for target in targets})
    return [*targets, *neighbours.for_assessment()]


def _load_news_by_day(targets: Sequence[Target], first: date, last: date) -> dict[date, set[int]]:
    """Return, by day, the ids of the targets that a figure or a judgement of that day is about."""
    targets_by_series: dict[SeriesKey, set[int]] = defaultdict(set)
    ids_by_pair: dict[SeriesKey, set[int]] = defaultdict(set)
    for target in targets:
        ids_by_pair[target.indicator_id, target.area_id].add(target.pk)
    for pair, target_ids in ids_by_pair.items():
        for source in source_series({pair}):
            targets_by_series[source] |= target_ids
    ids_by_day: dict[date, set[int]] = defaultdict(set)
    revisions = Revision.objects.valid().for_series(targets_by_series, "measurement__")
    published = revisions.filter(published__range=(first, last))
    for indicator, area, day in published.values_list("measurement__indicator", "measurement__area", "published"):
        ids_by_day[day] |= targets_by_series.get((indicator, area), set())
    judged = Judgement.objects.filter(target__among=[target.pk for target in targets], day__range=(first, last))
    for target_id, day in judged.values_list("target", "day"):
        ids_by_day[day].add(target_id)
    return ids_by_day
