"""Whether somebody must be told of something, and why: from what is true now, what was told last, and now.

Nothing here knows what a rule looks at: that it holds, and how bad it is, has been found before.
"""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from indicators.domain.calendars import WEEKENDS_ONLY, Calendar
from indicators.domain.due import due_day
from indicators.domain.vocabulary import DueUnit


class Reason(StrEnum):
    """Why somebody is told."""

    NONE = "none"
    FIRST = "first"
    WORSE = "worse"
    RECOVERED = "recovered"
    REMINDER = "reminder"
    ESCALATION = "escalation"
    SETTLED = "settled"


class Event(StrEnum):
    """What somebody may be told of an alert."""

    OPENED = "opened"
    WORSE = "worse"
    RESOLVED = "resolved"
    REMINDER = "reminder"
    ESCALATION = "escalation"


class AlertState(StrEnum):
    """`pending`: it must stay true for a while before anybody is told."""

    PENDING = "pending"
    FIRING = "firing"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"

    @property
    def told(self) -> bool:
        """Somebody knows of it and it is not over."""
        return self in (AlertState.FIRING, AlertState.ACKNOWLEDGED)


class Patience(NamedTuple):
    """What a rule says about time.

    It must hold for `hold`, or for so many worked days or figures (0: not asked), before it is told, and be over for
    `clear_hold` before it is closed. It is told again every `remind_days` worked days, and one level higher, up to `levels`, after every
    `escalate_days` without an answer (0: never).
    """

    hold: timedelta = timedelta(0)
    hold_figures: int = 0
    hold_days: int = 0
    clear_hold: timedelta = timedelta(0)
    remind_days: int = 0
    escalate_days: int = 0
    levels: int = 1


class Truth(NamedTuple):
    """What is true now. `grade`: 0 where the rule does not hold, else greater for worse.

    `news`: it has become so by something that came now, not by history that was loaded, or stood so before; `final`: the
    result is known, and nothing more can be brought about; `passing`: it is told once, and over with that.
    """

    grade: int
    news: bool = True
    final: bool = False
    passing: bool = False


class Told(NamedTuple):
    """An open alert: since when it holds (the moment, and its day), by how many figures, and how bad it was when somebody was told last.

    `told_on`: the day of the last message, `raised_on`: that of the last escalation, or of the message before any;
    `over_since`: it holds no more, from then on; `promised`: by that day whoever acknowledged it will have done something.
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
    """The moment, its day where the service stands, and what is silent until a moment (None: nothing)."""

    moment: datetime
    day: date
    silent_until: datetime | None = None
    calendar: Calendar = WEEKENDS_ONLY

    @property
    def silent(self) -> bool:
        return self.silent_until is not None and self.moment < self.silent_until


class Decision(NamedTuple):
    """Why somebody is told, and how the alert stands then (None: there is none).

    `over_since` as in `Told`. `look_at`, `look_on`: without anything new, from when something else is to be decided.
    """

    reason: Reason
    state: AlertState | None
    over_since: datetime | None = None
    look_at: datetime | None = None
    look_on: date | None = None


_NOTHING = Decision(Reason.NONE, None)
_SPEAKING = (Reason.FIRST, Reason.WORSE, Reason.REMINDER, Reason.ESCALATION)


def decide(truth: Truth, told: Told | None, patience: Patience, now: Now) -> Decision:
    """What follows of an alert that is open (None: none is). The first rule that fits decides."""
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
    """The alert after a decision that leaves one: what the next decision is made from."""
    known = told or Told(AlertState.PENDING, 0, now.moment, now.day)
    reason = found.reason
    # Who has broken his promise is to answer anew, and has as long for it as at first.
    anew = reason is Reason.REMINDER and known.state == AlertState.ACKNOWLEDGED
    raised = anew or reason in (Reason.FIRST, Reason.WORSE, Reason.ESCALATION)
    return known._replace(
        state=found.state or known.state,
        # Whoever is reminded hears how it is now: also of what became worse by history that was loaded.
        grade=max(known.grade, truth.grade) if reason in _SPEAKING else known.grade,
        told_on=known.told_on if reason is Reason.NONE else now.day,
        raised_on=now.day if raised else known.raised_on,
        level=known.level + (reason is Reason.ESCALATION),
        over_since=found.over_since,
    )


def _begin(truth: Truth, patience: Patience, now: Now) -> Decision:
    return _wait(truth, Told(AlertState.PENDING, truth.grade, now.moment, now.day), patience, now)


def _wait(truth: Truth, told: Told, patience: Patience, now: Now) -> Decision:
    """It holds, but not for long enough; or long enough now; or no more, and nobody has heard of it."""
    if not truth.grade:
        return Decision(Reason.NONE, AlertState.RESOLVED)
    ends = told.since + patience.hold
    last = _worked_after(told.since_day, patience.hold_days, now) if patience.hold_days else None
    # Whichever is asked for and comes first.
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
    """It is over, if it stays so. Whoever was told of it hears it, silence or not."""
    over = told.over_since or now.moment
    closes = over + patience.clear_hold
    if now.moment >= closes:
        return Decision(Reason.RECOVERED, AlertState.RESOLVED)
    return Decision(Reason.NONE, told.state, over_since=over, look_at=closes)


def _again(truth: Truth, told: Told, patience: Patience, now: Now) -> Decision:
    """It holds as it did."""
    if _is_settled(truth, told):
        return _settle(told, patience, now)
    if told.state == AlertState.ACKNOWLEDGED:
        if told.promised is None or now.day <= told.promised:
            return _onwards(Reason.NONE, truth, told, patience, now)
        if not now.silent:
            # Who answered has had his time.
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
    """The result is known, and whoever was told knows how bad it is."""
    return truth.final and truth.grade <= told.grade


def _settle(told: Told, patience: Patience, now: Now) -> Decision:
    """To be reminded of it would help nobody: it is closed when it would be brought to mind, in a silence, too."""
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
    """Somebody is told today, and has not answered."""
    grade = max(told.grade, truth.grade)
    return told._replace(state=AlertState.FIRING, grade=grade, told_on=now.day, raised_on=now.day)


def _onwards(reason: Reason, truth: Truth, told: Told, patience: Patience, now: Now) -> Decision:
    """With what is to be looked at next: in a silence nothing before its end."""
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
