"""When somebody is told, and why: one rule a row."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.domain.calendars import Calendar
from targets.domain.alerting import (
    AlertProgress,
    AlertState,
    ConditionState,
    DecisionContext,
    NotificationReason,
    RuleTiming,
    decide_alert,
    next_progress,
)

MONDAY = date(2024, 7, 1)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# The days of a promise and of reminders are days of work: this Thursday and Friday are holidays.
HOLIDAYS = Calendar(days_off=frozenset({date(2024, 7, 4), date(2024, 7, 5)}))
PATIENCE = RuleTiming(remind_days=3, escalate_days=5, max_escalations=2)
HELD = RuleTiming(for_duration=2 * DAY)
BY_FIGURES = RuleTiming(for_figures=2)
BY_DAYS = RuleTiming(for_days=2)
CAREFUL = RuleTiming(keep_firing_for=DAY)


def at(day: date, hour: int = 8, **given: Any) -> DecisionContext:
    return DecisionContext(datetime(day.year, day.month, day.day, hour, tzinfo=UTC), day, **given)


def day(after: int) -> date:
    return MONDAY + timedelta(days=after)


START = at(MONDAY).moment


def firing(**given: Any) -> AlertProgress:
    first = {"last_notified_on": MONDAY, "escalation_counted_from": MONDAY}
    return AlertProgress(
        **{"state": AlertState.FIRING, "severity_rank": 2, "started_at": START, "started_on": MONDAY, **first, **given}
    )


def pending(**given: Any) -> AlertProgress:
    return AlertProgress(
        **{"state": AlertState.PENDING, "severity_rank": 2, "started_at": START, "started_on": MONDAY, **given}
    )


def acknowledged(**given: Any) -> AlertProgress:
    return firing(state=AlertState.ACKNOWLEDGED, **given)


BAD, GOOD, WORSE, BETTER = ConditionState(2), ConditionState(0), ConditionState(3), ConditionState(1)
# The result is known: nothing more can be brought about.
KNOWN = ConditionState(2, is_new=False, is_result_known=True)
WORST = ConditionState(3, is_result_known=True)
OLD = ConditionState(3, is_new=False)
MISSING = ConditionState(0, is_data_missing=True)
REMINDING = RuleTiming(remind_days=3)


def reminded(times: int) -> AlertProgress:
    """Reminded on Monday for the last time."""
    return firing(reminder_count=times)


SILENT: dict[str, Any] = {"silenced_until": at(day(20)).moment}

# truth, told, patience, now -> reason, state
RULES: dict[str, tuple[ConditionState, AlertProgress | None, RuleTiming, DecisionContext, str, str | None]] = {
    "nothing holds and nothing is open": (GOOD, None, PATIENCE, at(MONDAY), "none", None),
    "it begins": (BAD, None, PATIENCE, at(MONDAY), "first", "firing"),
    "it held before, or is history": (OLD, None, PATIENCE, at(MONDAY), "none", None),
    "it begins, and must hold for a while": (BAD, None, HELD, at(MONDAY), "none", "pending"),
    "it has not held for long enough": (BAD, pending(), HELD, at(day(1)), "none", "pending"),
    "it has held for long enough": (BAD, pending(), HELD, at(day(2)), "first", "firing"),
    "what is loaded later does not hold it back": (OLD, pending(), HELD, at(day(2)), "first", "firing"),
    "it ends before anybody was told": (GOOD, pending(), HELD, at(day(1)), "none", "resolved"),
    "it begins, and must hold for two figures": (BAD, None, BY_FIGURES, at(MONDAY), "none", "pending"),
    "it holds for the second figure": (BAD, pending(figure_count=2), BY_FIGURES, at(day(1)), "first", "firing"),
    "however long, it is one figure": (BAD, pending(), BY_FIGURES, at(day(99)), "none", "pending"),
    "it has not held for two days of work": (BAD, pending(), BY_DAYS, at(day(2)), "none", "pending"),
    "it has held for two days of work": (BAD, pending(), BY_DAYS, at(day(3)), "first", "firing"),
    "by figures or by days, what comes first": (
        BAD,
        pending(figure_count=2),
        RuleTiming(for_duration=9 * DAY, for_figures=2),
        at(day(1)),
        "first",
        "firing",
    ),
    "it happens in a moment: told once, and over": (
        ConditionState(1, is_one_shot=True),
        None,
        RuleTiming(for_duration=DAY, remind_days=1),
        at(MONDAY),
        "first",
        "resolved",
    ),
    "it happened before": (ConditionState(1, is_new=False, is_one_shot=True), None, PATIENCE, at(MONDAY), "none", None),
    "it did not happen": (ConditionState(0, is_one_shot=True), None, PATIENCE, at(MONDAY), "none", None),
    "it is as bad as it was told": (BAD, firing(), PATIENCE, at(day(1)), "none", "firing"),
    "it is worse": (WORSE, firing(), PATIENCE, at(day(1)), "worse", "firing"),
    "it is better, and holds still": (BETTER, firing(), PATIENCE, at(day(1)), "none", "firing"),
    "history that makes it worse": (OLD, firing(), PATIENCE, at(day(1)), "none", "firing"),
    "it is worse than what was answered": (WORSE, acknowledged(), PATIENCE, at(day(1)), "worse", "firing"),
    "it is over": (GOOD, firing(), PATIENCE, at(day(1)), "recovered", "resolved"),
    "it is over after an answer": (GOOD, acknowledged(), PATIENCE, at(day(1)), "recovered", "resolved"),
    "it is over, told even in a silence": (GOOD, firing(), PATIENCE, at(day(1), **SILENT), "recovered", "resolved"),
    "it is over, if it stays so": (GOOD, firing(), CAREFUL, at(day(1)), "none", "firing"),
    "it has not been over for long enough": (
        GOOD,
        firing(cleared_since=at(day(1)).moment),
        CAREFUL,
        at(day(1), 20),
        "none",
        "firing",
    ),
    "it has been over for long enough": (
        GOOD,
        firing(cleared_since=at(day(1)).moment),
        CAREFUL,
        at(day(2)),
        "recovered",
        "resolved",
    ),
    "it is back before it was over": (
        BAD,
        firing(cleared_since=at(day(1)).moment),
        CAREFUL,
        at(day(2)),
        "none",
        "firing",
    ),
    "too early for a reminder": (BAD, firing(), PATIENCE, at(day(2)), "none", "firing"),
    "a reminder after three days of work": (BAD, firing(), PATIENCE, at(day(3)), "reminder", "firing"),
    "holidays are no days of work": (BAD, firing(), PATIENCE, at(day(3), calendar=HOLIDAYS), "none", "firing"),
    "a reminder behind the holidays": (BAD, firing(), PATIENCE, at(day(7), calendar=HOLIDAYS), "reminder", "firing"),
    "no reminder in a silence": (BAD, firing(), PATIENCE, at(day(3), **SILENT), "none", "firing"),
    "no reminder where the rule asks for none": (BAD, firing(), RuleTiming(), at(day(99)), "none", "firing"),
    "no reminder where it was answered": (
        BAD,
        acknowledged(promised_day=day(9)),
        PATIENCE,
        at(day(9)),
        "none",
        "acknowledged",
    ),
    "the promised day has passed": (
        BAD,
        acknowledged(promised_day=day(9)),
        PATIENCE,
        at(day(10)),
        "reminder",
        "firing",
    ),
    "nor in a silence": (
        BAD,
        acknowledged(promised_day=day(9)),
        PATIENCE,
        at(day(10), **SILENT),
        "none",
        "acknowledged",
    ),
    "answered without a day": (BAD, acknowledged(), PATIENCE, at(day(99)), "none", "acknowledged"),
    "nobody answers for five days of work": (BAD, firing(), PATIENCE, at(day(7)), "escalation", "firing"),
    "higher still after five more": (
        BAD,
        firing(escalation_level=1, escalation_counted_from=day(7), last_notified_on=day(11)),
        PATIENCE,
        at(day(14)),
        "escalation",
        "firing",
    ),
    "nobody is above the highest": (
        BAD,
        firing(escalation_level=2, escalation_counted_from=day(14), last_notified_on=day(14)),
        PATIENCE,
        at(day(21)),
        "reminder",
        "firing",
    ),
    "no escalation in a silence": (BAD, firing(), PATIENCE, at(day(7), **SILENT), "none", "firing"),
    "no escalation where it was answered": (
        BAD,
        acknowledged(promised_day=day(30)),
        PATIENCE,
        at(day(20)),
        "none",
        "acknowledged",
    ),
    "the result is known, and worse than what was told": (WORST, firing(), PATIENCE, at(day(9)), "worse", "firing"),
    "the result is known, and whoever was told has time to answer": (
        KNOWN,
        firing(),
        PATIENCE,
        at(day(2)),
        "none",
        "firing",
    ),
    "the result is known: closed instead of reminded": (KNOWN, firing(), PATIENCE, at(day(3)), "settled", "resolved"),
    "the result is known: closed instead of raised": (
        KNOWN,
        firing(),
        RuleTiming(escalate_days=5),
        at(day(7)),
        "settled",
        "resolved",
    ),
    "the result is known: a closing is told even in a silence": (
        KNOWN,
        firing(),
        PATIENCE,
        at(day(3), **SILENT),
        "settled",
        "resolved",
    ),
    "the result is known, and nobody is ever reminded": (KNOWN, firing(), RuleTiming(), at(day(99)), "none", "firing"),
    "the result is known, and better than what was told": (
        ConditionState(1, is_new=False, is_result_known=True),
        firing(),
        PATIENCE,
        at(day(3)),
        "settled",
        "resolved",
    ),
    "a worse result that was loaded is told by the reminder first": (
        ConditionState(3, is_new=False, is_result_known=True),
        firing(),
        PATIENCE,
        at(day(3)),
        "reminder",
        "firing",
    ),
    "the result is known, and the promised day is not over": (
        KNOWN,
        acknowledged(promised_day=day(9)),
        PATIENCE,
        at(day(9)),
        "none",
        "acknowledged",
    ),
    "the result is known, and the promised day is over": (
        KNOWN,
        acknowledged(promised_day=day(9)),
        PATIENCE,
        at(day(10)),
        "settled",
        "resolved",
    ),
    "the result is known, answered without a day": (
        KNOWN,
        acknowledged(),
        PATIENCE,
        at(day(3)),
        "settled",
        "resolved",
    ),
    "the result is known, answered without a day, a day too early": (
        KNOWN,
        acknowledged(),
        PATIENCE,
        at(day(2)),
        "none",
        "acknowledged",
    ),
    "the result is known, and nobody has heard of it yet": (KNOWN, pending(), HELD, at(day(2)), "first", "firing"),
    "a second reminder not after as many days": (BAD, reminded(1), REMINDING, at(day(7)), "none", "firing"),
    "a second reminder after twice as many": (BAD, reminded(1), REMINDING, at(day(8)), "reminder", "firing"),
    "a third not after twice as many": (BAD, reminded(2), REMINDING, at(day(15)), "none", "firing"),
    "a third after four times as many": (BAD, reminded(2), REMINDING, at(day(16)), "reminder", "firing"),
    "all further ones after as many": (BAD, reminded(9), REMINDING, at(day(16)), "reminder", "firing"),
    "the result is known: closed as early as before a first reminder": (
        KNOWN,
        reminded(2),
        REMINDING,
        at(day(4)),
        "settled",
        "resolved",
    ),
    "the data is missing: nothing is over": (MISSING, firing(), PATIENCE, at(day(1)), "none", "firing"),
    "nor after the time in which it must stay over": (MISSING, firing(), CAREFUL, at(day(9)), "none", "firing"),
    "nor what was over, but not for long enough": (
        MISSING,
        firing(cleared_since=at(day(1)).moment),
        CAREFUL,
        at(day(2)),
        "none",
        "firing",
    ),
    "the data is missing: it is reminded of": (MISSING, firing(), PATIENCE, at(day(3)), "reminder", "firing"),
    "the data is missing: it is escalated": (
        MISSING,
        firing(last_notified_on=day(4)),
        PATIENCE,
        at(day(7)),
        "escalation",
        "firing",
    ),
    "the data is missing, and it was answered": (
        MISSING,
        acknowledged(promised_day=day(9)),
        PATIENCE,
        at(day(9)),
        "none",
        "acknowledged",
    ),
    "the data is missing behind the promised day": (
        MISSING,
        acknowledged(promised_day=day(9)),
        PATIENCE,
        at(day(10)),
        "reminder",
        "firing",
    ),
    "the data is missing, and nobody was told": (MISSING, pending(), HELD, at(day(1)), "none", "resolved"),
    "the data is missing, and nothing is open": (MISSING, None, PATIENCE, at(MONDAY), "none", None),
    "the result never came, and what is known is as bad": (
        ConditionState(2, is_data_missing=True),
        firing(),
        PATIENCE,
        at(day(3)),
        "reminder",
        "firing",
    ),
    "the result is known and then corrected": (GOOD, firing(), PATIENCE, at(day(3)), "recovered", "resolved"),
}


@pytest.mark.parametrize(("truth", "told", "patience", "now", "reason", "state"), RULES.values(), ids=RULES)
def test_the_rules(
    truth: ConditionState,
    told: AlertProgress | None,
    patience: RuleTiming,
    now: DecisionContext,
    reason: str,
    state: str | None,
) -> None:
    found = decide_alert(truth, told, patience, now)
    assert (found.reason, found.state) == (reason, state)


NEXT: dict[
    str, tuple[ConditionState, AlertProgress | None, RuleTiming, DecisionContext, datetime | None, date | None]
] = {
    "when it has held for long enough": (BAD, None, HELD, at(MONDAY), at(day(2)).moment, None),
    "not by time, where figures are counted": (BAD, None, BY_FIGURES, at(MONDAY), None, None),
    "when it has been over for long enough": (GOOD, firing(), CAREFUL, at(MONDAY), at(day(1)).moment, None),
    "on the day of the reminder": (BAD, None, PATIENCE, at(MONDAY), None, day(3)),
    "on the day of the escalation": (BAD, firing(last_notified_on=day(4)), PATIENCE, at(day(4)), None, day(7)),
    "when the silence ends": (BAD, firing(), PATIENCE, at(day(1), **SILENT), at(day(20)).moment, None),
    "behind so many days of work": (BAD, None, BY_DAYS, at(MONDAY), None, day(3)),
    "after the promised day": (BAD, acknowledged(promised_day=day(9)), PATIENCE, at(day(1)), None, day(10)),
    "on the day of the closing, where the result is known": (WORST, firing(), PATIENCE, at(day(2)), None, day(7)),
    "of a known result not at the end of a silence": (KNOWN, firing(), PATIENCE, at(day(1), **SILENT), None, day(3)),
    "of a known result after the promised day": (
        KNOWN,
        acknowledged(promised_day=day(9)),
        PATIENCE,
        at(day(1)),
        None,
        day(10),
    ),
    "never, where nothing can come": (BAD, firing(), RuleTiming(), at(day(1)), None, None),
}


@pytest.mark.parametrize(("truth", "told", "patience", "now", "moment", "on"), NEXT.values(), ids=NEXT)
def test_when_to_look_again(
    truth: ConditionState,
    told: AlertProgress | None,
    patience: RuleTiming,
    now: DecisionContext,
    moment: datetime | None,
    on: date | None,
) -> None:
    found = decide_alert(truth, told, patience, now)
    assert (found.next_check_at, found.next_check_on) == (moment, on)


def test_a_worse_result_that_was_loaded_is_closed_after_its_reminder() -> None:
    loaded, now = ConditionState(3, is_new=False, is_result_known=True), at(day(3))
    found = decide_alert(loaded, firing(), PATIENCE, now)
    again = next_progress(firing(), loaded, found, now)
    assert (found.next_check_on, again.severity_rank) == (day(7), 3)
    assert decide_alert(loaded, again, PATIENCE, at(day(7))).reason is NotificationReason.SETTLED


def test_who_breaks_his_promise_has_as_long_to_answer_as_at_first() -> None:
    now = at(day(10))
    told = acknowledged(promised_day=day(9))
    again = next_progress(told, BAD, decide_alert(BAD, told, PATIENCE, now), now)
    assert (again.state, again.escalation_counted_from) == (AlertState.FIRING, day(10))
    assert decide_alert(BAD, again, PATIENCE, at(day(11))).reason is NotificationReason.NONE
    assert decide_alert(BAD, again, PATIENCE, at(day(15))).reason is NotificationReason.REMINDER


def test_the_days_between_reminders_grow_and_start_again_when_it_becomes_worse() -> None:
    progress, days = firing(), list[int]()
    for number in range(1, 130):
        now = at(day(number))
        condition = WORSE if number == 60 else ConditionState(progress.severity_rank)
        decision = decide_alert(condition, progress, RuleTiming(remind_days=5), now)
        progress = next_progress(progress, condition, decision, now)
        if decision.reason is not NotificationReason.NONE:
            days.append(number)
    # Working days: 5, 10, 20, and from the day on which it became worse 5, 10, 20 again.
    assert days == [7, 21, 49, 60, 67, 81, 109]


def test_since_when_the_data_is_missing_is_kept_until_it_is_back() -> None:
    progress, since = firing(), list[date | None]()
    for number, condition in enumerate([BAD, MISSING, MISSING, BAD, MISSING]):
        now = at(day(number))
        progress = next_progress(progress, condition, decide_alert(condition, progress, RuleTiming(), now), now)
        since.append(progress.data_missing_since)
    assert since == [None, day(1), day(1), None, day(4)]


histories = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 40), st.booleans(), st.booleans()), max_size=30)
patiences = st.builds(
    RuleTiming,
    for_duration=st.sampled_from([timedelta(0), DAY]),
    for_figures=st.integers(0, 2),
    for_days=st.integers(0, 2),
    keep_firing_for=st.sampled_from([timedelta(0), DAY]),
    remind_days=st.integers(0, 3),
    escalate_days=st.integers(0, 3),
    max_escalations=st.integers(0, 3),
)


@given(histories, patiences)
def test_whoever_is_told_of_the_end_was_told_of_the_beginning(
    history: list[tuple[int, int, bool, bool]], patience: RuleTiming
) -> None:
    told, now, heard = None, START, list[NotificationReason]()
    for grade, hours, final, missing in history:
        now += hours * HOUR
        stamp = DecisionContext(now, now.date())
        truth = ConditionState(grade, is_result_known=final and not missing, is_data_missing=missing)
        found = decide_alert(truth, told, patience, stamp)
        # Asked again in the same moment there is nothing more to say: jobs may run twice.
        again = None if found.state in (None, AlertState.RESOLVED) else next_progress(told, truth, found, stamp)
        if again is not None:
            assert decide_alert(truth, again, patience, stamp).reason is NotificationReason.NONE
        told = again
        if found.reason is not NotificationReason.NONE:
            heard.append(found.reason)
    open_ = False
    for reason in heard:
        assert open_ == (reason is not NotificationReason.FIRST)
        open_ = reason not in (NotificationReason.RECOVERED, NotificationReason.SETTLED)
    assert heard.count(NotificationReason.ESCALATION) <= patience.max_escalations * max(
        1, heard.count(NotificationReason.FIRST)
    )
