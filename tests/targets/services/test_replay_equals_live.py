"""A replay writes exactly the messages that the live engine wrote on the same days."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from kpitracker.lib import clock
from targets.domain.alerting import AlertEvent
from targets.domain.choices import Goal
from targets.models import Action, AlertRule, Delivery, Plan, Target
from targets.services.alerting import engine, replay, scheduled, trials
from targets.services.assessment import assess, daily
from targets.services.planning import actions, judgements, targets
from tests import factories
from tests.example_counts import GIVEN, amount

pytestmark = [pytest.mark.django_db, pytest.mark.database]

PERIOD, EVE, LAST = "2024-01/2024-02", date(2024, 2, 1), date(2024, 3, 10)
DAYS = (LAST - EVE).days
# A message: day, rule, event, target, recipients, and the facts that its text is written from.
Message = tuple[date, str, str, str, str, Any]


def morning(day: date) -> datetime:
    return clock.start_of_day(day) + timedelta(hours=8)


def run_jobs(now: datetime) -> None:
    """What the sweep does, in its order, but for sending."""
    while assess.process_series_changes(now=now):
        pass
    daily.assess_expired(now=now)
    scheduled.run_daily_scan(now=now)
    engine.process_due_alerts(now=now)


def live_messages() -> list[Message]:
    rows = (
        Delivery.objects.filter(alert__isnull=False, webhook=None)
        .order_by("pk")
        .select_related("alert__rule", "alert__target")
    )
    by_message: dict[tuple[Any, int], list[Delivery]] = {}
    for row in rows:
        by_message.setdefault((row.alert_id, row.sequence), []).append(row)
    return [
        message(
            datetime.fromisoformat(first.snapshot["at"]).date(),
            first.alert.rule.code,
            first.event,
            first.alert.target.identifier,
            [row.recipient for row in deliveries],
            first.snapshot,
        )
        for deliveries in by_message.values()
        for first in deliveries[:1]
        if first.alert is not None
    ]


def message(day: date, rule: str, event: str, target: str, recipients: Iterable[str], snapshot: Any) -> Message:
    facts = {name: value for name, value in snapshot.items() if name != "at"}
    return day, rule, event, target, ", ".join(recipients), facts


def replayed_messages(plan: str, *codes: str, first: date, last: date) -> list[Message]:
    rules = list(AlertRule.objects.filter(code__in=codes))
    messages = replay.replay(plan=Plan.objects.get(code=plan), rules=rules, first=first, last=last, today=last)
    return [
        message(row.day, row.rule.code, row.event, row.snapshot["target"], [row.addresses], row.snapshot)
        for row in messages
    ]


def in_order(messages: Iterable[Message]) -> list[Message]:
    return sorted(messages, key=lambda row: row[:5])


def create_target(indicator: str, now: datetime, plan: str = "plan", **values: Any) -> None:
    terms: dict[str, Any] = {"goal": Goal.AT_LEAST, "lower": Decimal(200), "announced": date(2023, 12, 8), **values}
    targets.create_target(by=factories.BY, now=now, indicator=indicator, plan=plan, **terms)


def test_one_message_for_a_department_that_posted_nothing() -> None:
    """The trial named six messages where two were written: it left the inhibition of the department out."""
    AlertRule.objects.exclude(code="figures-overdue").update(active=False)
    eve, last = date(2024, 1, 5), date(2024, 3, 10)
    factories.area()
    factories.department(email="office@example.org")
    factories.plan()
    for code in ("jobs", "sales", "trade"):
        factories.indicator(code, department="statistics")
        create_target(code, morning(eve))
    for number in range(1, (last - eve).days + 1):
        run_jobs(morning(eve + timedelta(days=number)))
    written = live_messages()
    assert [(event, recipients) for _, _, event, _, recipients, _ in written] == [
        ("opened", "office@example.org"),
        ("reminder", "office@example.org"),
    ]
    rule = AlertRule.objects.get(code="figures-overdue")
    trial = trials.try_rule(
        rule=rule, plan="plan", by=factories.BY, today=last, first=eve + timedelta(days=1), last=last
    )
    assert len(trial.notifications) == 2
    assert replayed_messages("plan", "figures-overdue", first=eve + timedelta(days=1), last=last) == written


class Event(NamedTuple):
    """Something that users do on the morning of a day. `number`: a figure, a term or a choice, by kind."""

    day: date
    kind: str
    subject: str
    number: int


INDICATORS = ("jobs", "sales", "trade")
MONTHS = ("2024-01", "2024-02", "2024-01/2024-02")
CODES = (
    "action-overdue", "back-on-track", "figure-revised", "figures-due-soon", "figures-overdue", "met-early",
    "pace-out-of-reach", "status-worrying", "target-amended", "variance",
)  # fmt: skip


def events_of(kind: str, subjects: Iterable[str], numbers: st.SearchStrategy[int], day_of: int) -> Any:
    """Events of one kind, on days of their own: an amendment and a figure of one day may come in either order."""
    days = [EVE + timedelta(days=number) for number in range(1, DAYS + 1) if number % 3 == day_of]
    event = st.builds(Event, st.sampled_from(days), st.just(kind), st.sampled_from(list(subjects)), numbers)
    return st.lists(event, max_size=9 if kind == "figure" else 3, unique_by=lambda row: (row.day, row.subject))


EVENTS = st.tuples(
    events_of("figure", [f"{code} {month}" for code in INDICATORS for month in MONTHS], st.integers(-2, 25), 0),
    events_of("amendment", INDICATORS, st.integers(5, 30), 1),
    events_of("judgement", ["plan"], st.sampled_from(range(6)), 2),
    events_of("action", INDICATORS, st.integers(0, 12), 1),
    events_of("action done", INDICATORS, st.just(0), 2),
).map(lambda lists: sorted(event for events in lists for event in events))
TIMING_FIELDS: dict[str, st.SearchStrategy[int]] = {
    "for_hours": st.sampled_from([0, 0, 30]),
    "for_figures": st.sampled_from([0, 0, 2]),
    "keep_firing_hours": st.sampled_from([0, 0, 50]),
    "remind_days": st.integers(0, 6),
    "escalate_days": st.integers(0, 6),
    "max_escalations": st.integers(0, 2),
}
TIMINGS = st.fixed_dictionaries(TIMING_FIELDS)


def build_world(due_days: int, timings: dict[str, dict[str, int]], lead: list[str]) -> None:
    """Rules count from the day after the eve, as in a replay."""
    AlertRule.objects.update(active=False)
    factories.area()
    factories.department("hall", email="hall@example.org")
    factories.department("office", parent="hall", email="office@example.org")
    factories.department("desk", parent="hall")
    factories.plan(period=PERIOD)
    factories.plan("other", period=PERIOD)
    for code, department in zip(INDICATORS, lead, strict=True):
        factories.indicator(code, department=department, due_days=due_days)
        create_target(code, morning(EVE))
    factories.indicator("share", formula="100 * sales / trade", kind="rate", department=lead[0])
    factories.indicator("reform", department="office")
    create_target("share", morning(EVE), lower=Decimal(90))
    create_target("reform", morning(EVE), qualitative=True, goal="", lower=None)
    create_target(INDICATORS[0], morning(EVE), "other", lower=Decimal(20))
    run_jobs(morning(EVE))
    AlertRule.objects.create(code="variance", name="v", kind="variance_beyond", amount=5, in_percent=True)
    for code, timing in timings.items():
        AlertRule.objects.filter(code=code).update(active=True, **timing)


def perform(event: Event) -> None:
    now = morning(event.day)
    if event.kind == "figure":
        indicator, month = event.subject.split()
        value = None if event.number < 0 else event.number * 10
        reason = {-1: "not_available", -2: "withdrawn"}.get(event.number, "")
        factories.figure(indicator, month, value, published=event.day, now=now, missing_reason=reason)
        return
    plan_targets = Target.objects.filter(plan__code="plan")
    if event.kind == "judgement":
        status = ("exceeded", "met", "missed", "on_track", "at_risk", "off_track")[event.number]
        target = plan_targets.get(qualitative=True)
        judgements.record_judgement(target=target, by=factories.BY, now=now, status=status, reason="Because")
        return
    target = plan_targets.get(indicator__code=event.subject)
    if event.kind == "amendment":
        lower = Decimal(event.number * 10)
        targets.amend_target(target=target, by=factories.BY, now=now, announced=event.day, act="7", lower=lower)
    elif event.kind == "action":
        due = event.day + timedelta(days=event.number)
        actions.create_action(by=factories.BY, now=now, target=target, text="Build", due_day=due)
    elif (action := Action.objects.filter(target=target, closed_day=None).order_by("pk").first()) is not None:
        actions.update_action(action=action, by=factories.BY, now=now, state="done")


REACHED: set[str] = set()


@settings(max_examples=amount(2, 2, full=100, quick=1), suppress_health_check=list(HealthCheck))
@example(
    due_days=5,
    timings={code: dict.fromkeys(TIMING_FIELDS, 0) for code in CODES},
    lead=["office", "desk", "office"],
    # Two overdue actions are worse than one.
    events=[Event(EVE + timedelta(days=number), "action", "jobs", 0) for number in (1, 4)],
    single="action-overdue",
)
@given(
    due_days=st.integers(2, 9),
    timings=st.fixed_dictionaries(dict.fromkeys(CODES, TIMINGS)),
    lead=st.lists(st.sampled_from(["office", "office", "desk"]), min_size=3, max_size=3),
    events=EVENTS,
    single=st.sampled_from(CODES),
)
def check_world(
    due_days: int, timings: dict[str, dict[str, int]], lead: list[str], events: list[Event], single: str
) -> None:
    with transaction.atomic():
        build_world(due_days, timings, lead)
        remaining = list(events)
        for number in range(1, DAYS + 1):
            day = EVE + timedelta(days=number)
            while remaining and remaining[0].day == day:
                perform(remaining.pop(0))
            run_jobs(morning(day))
        written, first = live_messages(), EVE + timedelta(days=1)
        for plan in ("plan", "other"):
            expected = in_order(row for row in written if row[3].startswith(f"{plan}:"))
            assert in_order(replayed_messages(plan, *CODES, first=first, last=LAST)) == expected
            alone = replayed_messages(plan, single, first=first, last=LAST)
            assert in_order(alone) == [row for row in expected if row[1] == single]
        REACHED.update(f"{rule} {event}" for _, rule, event, *_ in written)
        transaction.set_rollback(True)


def test_a_trial_names_the_messages_of_the_live_run() -> None:
    REACHED.clear()
    check_world()
    if GIVEN != "quick":
        # All happened that the engine can decide, to most kinds of rules.
        assert {reached.split()[1] for reached in REACHED} == {event.value for event in AlertEvent}
        assert len({reached.split()[0] for reached in REACHED}) >= 7
