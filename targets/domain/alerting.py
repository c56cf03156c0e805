"""The state machine of an alert: from the condition, the progress of the alert and the time to a decision.

This module does not evaluate rules: the caller passes whether the condition holds and how severe it is.
"""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from indicators.domain.calendars import WEEKENDS_ONLY, Calendar
from indicators.domain.due import due_day
from indicators.domain.vocabulary import DueUnit


class Reason(StrEnum):
    """Why a notification is sent."""

    NONE = "none"
    FIRST = "first"
    WORSE = "worse"
    RECOVERED = "recovered"
    REMINDER = "reminder"
    ESCALATION = "escalation"
    SETTLED = "settled"


class Event(StrEnum):
    """The event that a notification reports."""

    OPENED = "opened"
    WORSE = "worse"
    RESOLVED = "resolved"
    REMINDER = "reminder"
    ESCALATION = "escalation"


class AlertState(StrEnum):
    """`pending`: the condition must hold for some time before the alert fires."""

    PENDING = "pending"
    FIRING = "firing"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"

    @property
    def told(self) -> bool:
        """Whether a notification was sent and the alert is not resolved."""
        return self in (AlertState.FIRING, AlertState.ACKNOWLEDGED)


class Patience(NamedTuple):
    """The time settings of a rule.

    An alert fires once its condition has held for `for_duration`, `for_days` working days or `for_figures` figures,
    whichever comes first (0: not required). It resolves once the condition has been false for `keep_firing_for`.
    A reminder follows every `remind_days` working days. An escalation by one level follows every `escalate_days`
    working days without an acknowledgement, at most `max_escalations` times (0 days: never).
    """

    hold: timedelta = timedelta(0)
    hold_figures: int = 0
    hold_days: int = 0
    clear_hold: timedelta = timedelta(0)
    remind_days: int = 0
    escalate_days: int = 0
    levels: int = 1


class Truth(NamedTuple):
    """The condition of a rule now. `severity_rank`: 0 if it does not hold, else greater for worse.

    `is_new`: a current change made it true, not loaded history or an earlier state. `is_final`: the result of the
    target is known and cannot change. `is_one_shot`: the alert opens and resolves with a single notification.
    """

    grade: int
    news: bool = True
    final: bool = False
    passing: bool = False


class Told(NamedTuple):
    """The progress of an open alert. `severity_rank`: the rank at the last notification.

    `started_at`, `started_on`: time and day since when the condition holds; `figure_count`: for how many figures.
    `last_notified_on`: the day of the last notification. `last_escalated_on`: the day from which the next escalation is
    counted: of the first notification, of a worse one, of an escalation or of a broken promise. `cleared_since`: since
    when the condition is false (None: it holds). `promised_by`: the day until which an acknowledgement promised action.
    """

    state: AlertState
    grade: int
    since: datetime
    since_day: date
    figures: int = 1
    told_on: date | None = None
    raised_on: date | None = None
    level: int = 0
    over_since: datetime | None = None
    promised: date | None = None


class Now(NamedTuple):
    """The time of a decision, its local day, and the end of the silence that applies (None: no silence)."""

    moment: datetime
    day: date
    silent_until: datetime | None = None
    calendar: Calendar = WEEKENDS_ONLY

    @property
    def silent(self) -> bool:
        return self.silent_until is not None and self.moment < self.silent_until


class Decision(NamedTuple):
    """The reason to notify, and the next state of the alert (None: there is no alert).

    `cleared_since` as in `AlertProgress`. `next_check_at`, `next_check_on`: the time or day from which the decision may
    differ although nothing changes.
    """

    reason: Reason
    state: AlertState | None
    over_since: datetime | None = None
    look_at: datetime | None = None
    look_on: date | None = None


_NOTHING = Decision(Reason.NONE, None)
_SPEAKING = (Reason.FIRST, Reason.WORSE, Reason.REMINDER, Reason.ESCALATION)


def decide(truth: Truth, told: Told | None, patience: Patience, now: Now) -> Decision:
    """Decide about an open alert, or about opening one (`progress` None). The first rule that fits applies."""
    if told is None and truth.passing:
        return Decision(Reason.FIRST, AlertState.RESOLVED) if truth.grade and truth.news else _NOTHING
    if told is None:
        return _begin(truth, patience, now) if truth.grade and truth.news else _NOTHING
    if told.state == AlertState.PENDING:
        return _wait(truth, told, patience, now)
    if not truth.grade:
        return _end(told, patience, now)
    if truth.grade > told.grade and truth.news:
        return _onwards(Reason.WORSE, truth, _spoken(told, truth, now), patience, now)
    return _again(truth, told, patience, now)


def advance(told: Told | None, truth: Truth, found: Decision, now: Now) -> Told:
    """Return the progress of the alert after a decision with a state: the input of the next decision."""
    known = told or Told(AlertState.PENDING, 0, now.moment, now.day)
    reason = found.reason
    # After a broken promise the alert must be acknowledged again, with the full time before the next escalation.
    anew = reason is Reason.REMINDER and known.state == AlertState.ACKNOWLEDGED
    raised = anew or reason in (Reason.FIRST, Reason.WORSE, Reason.ESCALATION)
    return known._replace(
        state=found.state or known.state,
        # A notification shows the current severity, also if loaded history made it worse.
        grade=max(known.grade, truth.grade) if reason in _SPEAKING else known.grade,
        told_on=known.told_on if reason is Reason.NONE else now.day,
        raised_on=now.day if raised else known.raised_on,
        level=known.level + (reason is Reason.ESCALATION),
        over_since=found.over_since,
    )


def _begin(truth: Truth, patience: Patience, now: Now) -> Decision:
    return _wait(truth, Told(AlertState.PENDING, truth.grade, now.moment, now.day), patience, now)


def _wait(truth: Truth, told: Told, patience: Patience, now: Now) -> Decision:
    """Keep an alert pending, let it fire, or resolve it without a notification."""
    if not truth.grade:
        return Decision(Reason.NONE, AlertState.RESOLVED)
    ends = told.since + patience.hold
    last = _worked_after(told.since_day, patience.hold_days, now) if patience.hold_days else None
    # Of the required durations the first to end counts.
    enough = (
        (patience.hold and now.moment >= ends)
        or (patience.hold_figures and told.figures >= patience.hold_figures)
        or (last is not None and now.day > last)
    )
    if (patience.hold or patience.hold_figures or patience.hold_days) and not enough:
        after = None if last is None else last + timedelta(days=1)
        return Decision(Reason.NONE, AlertState.PENDING, look_at=ends if patience.hold else None, look_on=after)
    return _onwards(Reason.FIRST, truth, _spoken(told, truth, now), patience, now)


def _end(told: Told, patience: Patience, now: Now) -> Decision:
    """Resolve an alert whose condition has been false for long enough. A silence does not stop this notification."""
    over = told.over_since or now.moment
    closes = over + patience.clear_hold
    if now.moment >= closes:
        return Decision(Reason.RECOVERED, AlertState.RESOLVED)
    return Decision(Reason.NONE, told.state, over_since=over, look_at=closes)


def _again(truth: Truth, told: Told, patience: Patience, now: Now) -> Decision:
    """Remind, escalate or close: the condition holds and is not worse."""
    if _is_settled(truth, told):
        return _settle(told, patience, now)
    if told.state == AlertState.ACKNOWLEDGED:
        if told.promised is None or now.day <= told.promised:
            return _onwards(Reason.NONE, truth, told, patience, now)
        if not now.silent:
            # The promised day has passed.
            return _onwards(Reason.REMINDER, truth, _spoken(told, truth, now), patience, now)
    elif not now.silent:
        if _passed(_raise_on(told, patience, now), now):
            higher = _spoken(told, truth, now)._replace(level=told.level + 1)
            return _onwards(Reason.ESCALATION, truth, higher, patience, now)
        if _passed(_remind_on(told, patience, now), now):
            again = _spoken(told, truth, now)._replace(raised_on=told.raised_on)
            return _onwards(Reason.REMINDER, truth, again, patience, now)
    return _onwards(Reason.NONE, truth, told, patience, now)


def _is_settled(truth: Truth, told: Told) -> bool:
    """Whether the result is final and its severity was already notified."""
    return truth.final and truth.grade <= told.grade


def _settle(told: Told, patience: Patience, now: Now) -> Decision:
    """Close a final alert on the day of its next reminder, also during a silence: a reminder could change nothing."""
    on = _settles_on(told, patience, now)
    if _passed(on, now):
        return Decision(Reason.SETTLED, AlertState.RESOLVED)
    return Decision(Reason.NONE, told.state, look_on=on)


def _settles_on(told: Told, patience: Patience, now: Now) -> date | None:
    remind, raise_ = _remind_on(told, patience, now), _raise_on(told, patience, now)
    if told.state == AlertState.ACKNOWLEDGED:
        return remind or raise_ if told.promised is None else told.promised + timedelta(days=1)
    return min((day for day in (remind, raise_) if day is not None), default=None)


def _spoken(told: Told, truth: Truth, now: Now) -> Told:
    """Return the progress after a notification today that is not acknowledged yet."""
    grade = max(told.grade, truth.grade)
    return told._replace(state=AlertState.FIRING, grade=grade, told_on=now.day, raised_on=now.day)


def _onwards(reason: Reason, truth: Truth, told: Told, patience: Patience, now: Now) -> Decision:
    """Return the decision with the time of its next check. During a silence this is the end of the silence."""
    if _is_settled(truth, told):
        return Decision(reason, told.state, look_on=_settles_on(told, patience, now))
    if now.silent:
        return Decision(reason, told.state, look_at=now.silent_until)
    if told.state == AlertState.ACKNOWLEDGED:
        after = None if told.promised is None else told.promised + timedelta(days=1)
        return Decision(reason, told.state, look_on=after)
    days = [day for day in (_raise_on(told, patience, now), _remind_on(told, patience, now)) if day is not None]
    return Decision(reason, told.state, look_on=min(days, default=None))


def _raise_on(told: Told, patience: Patience, now: Now) -> date | None:
    if not patience.escalate_days or told.level >= patience.levels:
        return None
    return _worked_after(told.raised_on or told.told_on, patience.escalate_days, now)


def _remind_on(told: Told, patience: Patience, now: Now) -> date | None:
    return _worked_after(told.told_on, patience.remind_days, now) if patience.remind_days else None


def _worked_after(day: date | None, days: int, now: Now) -> date | None:
    return None if day is None else due_day(day, days, DueUnit.WORKING_DAYS, now.calendar)


def _passed(day: date | None, now: Now) -> bool:
    return day is not None and now.day >= day
