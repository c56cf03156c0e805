"""The state machine of an alert: from the condition, the progress of the alert and the time to a decision.

This module does not evaluate rules: the caller passes whether the condition holds and how severe it is.
"""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from indicators.domain.calendars import WEEKENDS_ONLY, Calendar, due_day
from indicators.domain.choices import DueUnit


class NotificationReason(StrEnum):
    """Why a notification is sent; `none`: it is not sent.

    `recovered`: the condition is over, so the alert is resolved. `settled`: the result of the target is known, so the
    alert is resolved instead of sending a reminder. `ended`: the target was suspended or withdrawn.
    """

    NONE = "none"
    FIRST = "first"
    WORSE = "worse"
    RECOVERED = "recovered"
    REMINDER = "reminder"
    ESCALATION = "escalation"
    SETTLED = "settled"
    ENDED = "ended"


class AlertEvent(StrEnum):
    """The event that a notification reports. `opened`: the alert fires; a pending alert is not reported."""

    OPENED = "opened"
    WORSE = "worse"
    RESOLVED = "resolved"
    REMINDER = "reminder"
    ESCALATION = "escalation"


class AlertState(StrEnum):
    """As in Alertmanager; an alert that is not resolved is open.

    `pending`: the condition must hold for some time before the alert fires. `acknowledged`: firing, and a person has
    taken it.
    """

    PENDING = "pending"
    FIRING = "firing"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"

    @property
    def is_active(self) -> bool:
        """Whether a notification was sent and the alert is not resolved."""
        return self in (AlertState.FIRING, AlertState.ACKNOWLEDGED)


class RuleTiming(NamedTuple):
    """The time settings of a rule.

    An alert fires as soon as its condition has held for `for_duration`, for `for_days` working days or for
    `for_figures` figures. A value of 0 is ignored; if all three are 0, the alert fires at once. It resolves once the condition has
    been false for `keep_firing_for`.
    The first reminder follows after `remind_days` working days, the second after twice as many, all further ones after
    four times as many. An escalation by one level follows every `escalate_days` working days without an
    acknowledgement, at most `max_escalations` times (0 days: never).
    """

    for_duration: timedelta = timedelta(0)
    for_figures: int = 0
    for_days: int = 0
    keep_firing_for: timedelta = timedelta(0)
    remind_days: int = 0
    escalate_days: int = 0
    max_escalations: int = 1


class ConditionState(NamedTuple):
    """The condition of a rule now. `severity_rank`: 0 if it does not hold, else greater for worse.

    `is_new`: figures that were posted now made it true. False for quiet figures, and if it was already true before.
    `is_result_known`: the target is met, exceeded or missed, so that a reminder can change nothing. `is_one_shot`: the
    alert opens and resolves with a single notification.
    `is_data_missing`: the target has no value by which the condition could be judged. `is_target_ended`: it was suspended
    or withdrawn.
    """

    severity_rank: int
    is_new: bool = True
    is_result_known: bool = False
    is_one_shot: bool = False
    is_data_missing: bool = False
    is_target_ended: bool = False


class AlertProgress(NamedTuple):
    """The progress of an open alert. `severity_rank`: the rank at the last notification.

    `started_at`, `started_on`: time and day since when the condition has held; `figure_count`: for how many figures.
    `last_notified_on`: the day of the last notification. `escalation_counted_from`: the day of the first
    notification, or of a later worse one, escalation or reminder after the promised day; the time until the next
    escalation is counted from it. `cleared_since`: since when the condition has been false (None: it holds).
    `promised_day`: the day until which an acknowledgement promised action.
    `reminder_count`: the reminders since the alert last changed. `data_missing_since`: the day since which the target
    has no value (None: it has one).
    """

    state: AlertState
    severity_rank: int
    started_at: datetime
    started_on: date
    figure_count: int = 1
    last_notified_on: date | None = None
    escalation_counted_from: date | None = None
    escalation_level: int = 0
    cleared_since: datetime | None = None
    promised_day: date | None = None
    reminder_count: int = 0
    data_missing_since: date | None = None


class DecisionContext(NamedTuple):
    """The time of a decision, its local day, the end of the silence that applies (None: none), and the calendar."""

    moment: datetime
    day: date
    silenced_until: datetime | None = None
    calendar: Calendar = WEEKENDS_ONLY

    @property
    def is_silenced(self) -> bool:
        return self.silenced_until is not None and self.moment < self.silenced_until


class AlertDecision(NamedTuple):
    """The reason to notify, and the next state of the alert (None: there is no alert).

    `cleared_since` as in `AlertProgress`. `next_check_at`, `next_check_on`: the time or day from which the passage of
    time alone may change the decision.
    """

    reason: NotificationReason
    state: AlertState | None
    cleared_since: datetime | None = None
    next_check_at: datetime | None = None
    next_check_on: date | None = None


# The interval between reminders of an unchanged alert grows: 5, 10 and then 20 working days with the default rules.
REMINDER_FACTORS = (1, 2, 4)
_NOTIFYING_REASONS = (
    NotificationReason.FIRST,
    NotificationReason.WORSE,
    NotificationReason.REMINDER,
    NotificationReason.ESCALATION,
)


def decide_alert(
    condition: ConditionState, progress: AlertProgress | None, timing: RuleTiming, now: DecisionContext
) -> AlertDecision:
    """Decide about an open alert, or about opening one (`progress` None). The cases are tried in order.

    An alert that was notified continues while the data is missing: otherwise withdrawing a figure would silence it.
    """
    if condition.is_target_ended and progress is not None:
        reason = NotificationReason.ENDED if progress.state.is_active else NotificationReason.NONE
        return AlertDecision(reason, AlertState.RESOLVED)
    if condition.is_data_missing and progress is not None and progress.state.is_active:
        condition = condition._replace(severity_rank=condition.severity_rank or progress.severity_rank)
    if progress is None:
        if not (condition.severity_rank and condition.is_new):
            return AlertDecision(NotificationReason.NONE, None)
        if condition.is_one_shot:
            return AlertDecision(NotificationReason.FIRST, AlertState.RESOLVED)
        progress = AlertProgress(AlertState.PENDING, condition.severity_rank, now.moment, now.day)
    if progress.state == AlertState.PENDING:
        return _check_pending(condition, progress, timing, now)
    if not condition.severity_rank:
        return _check_cleared(progress, timing, now)
    if condition.severity_rank > progress.severity_rank and condition.is_new:
        return _with_next_check(
            NotificationReason.WORSE, condition, _after_notification(progress, condition, now), timing, now
        )
    return _check_still_firing(condition, progress, timing, now)


def next_progress(
    progress: AlertProgress | None, condition: ConditionState, decision: AlertDecision, now: DecisionContext
) -> AlertProgress:
    """Return the progress after a decision whose `state` is not None. It is the input of the next decision."""
    current = progress or AlertProgress(AlertState.PENDING, 0, now.moment, now.day)
    reason = decision.reason
    # After the promised day the alert must be acknowledged again, with the full time before the next escalation.
    promised_day_passed = reason is NotificationReason.REMINDER and current.state == AlertState.ACKNOWLEDGED
    restarts_reminders = promised_day_passed or reason in (NotificationReason.FIRST, NotificationReason.WORSE)
    restarts_escalation = restarts_reminders or reason is NotificationReason.ESCALATION
    return current._replace(
        state=decision.state or current.state,
        # A notification states the current severity, even if quiet figures raised it.
        severity_rank=max(current.severity_rank, condition.severity_rank)
        if reason in _NOTIFYING_REASONS
        else current.severity_rank,
        last_notified_on=current.last_notified_on if reason is NotificationReason.NONE else now.day,
        escalation_counted_from=now.day if restarts_escalation else current.escalation_counted_from,
        escalation_level=current.escalation_level + (reason is NotificationReason.ESCALATION),
        cleared_since=decision.cleared_since,
        reminder_count=0 if restarts_reminders else current.reminder_count + (reason is NotificationReason.REMINDER),
        data_missing_since=(current.data_missing_since or now.day) if condition.is_data_missing else None,
    )


def _check_pending(
    condition: ConditionState, progress: AlertProgress, timing: RuleTiming, now: DecisionContext
) -> AlertDecision:
    """Keep an alert pending, let it fire, or resolve it without a notification."""
    if not condition.severity_rank:
        return AlertDecision(NotificationReason.NONE, AlertState.RESOLVED)
    fires_at = progress.started_at + timing.for_duration
    last_pending_day = None
    if timing.for_days:
        last_pending_day = due_day(progress.started_on, timing.for_days, DueUnit.WORKING_DAYS, now.calendar)
    # One of the given thresholds is enough.
    fires_now = (
        (timing.for_duration and now.moment >= fires_at)
        or (timing.for_figures and progress.figure_count >= timing.for_figures)
        or (last_pending_day is not None and now.day > last_pending_day)
    )
    if (timing.for_duration or timing.for_figures or timing.for_days) and not fires_now:
        first_firing_day = None if last_pending_day is None else last_pending_day + timedelta(days=1)
        return AlertDecision(
            NotificationReason.NONE,
            AlertState.PENDING,
            next_check_at=fires_at if timing.for_duration else None,
            next_check_on=first_firing_day,
        )
    return _with_next_check(
        NotificationReason.FIRST, condition, _after_notification(progress, condition, now), timing, now
    )


def _check_cleared(progress: AlertProgress, timing: RuleTiming, now: DecisionContext) -> AlertDecision:
    """Resolve an alert whose condition has been false for long enough. A silence does not stop this notification."""
    cleared_since = progress.cleared_since or now.moment
    closes_at = cleared_since + timing.keep_firing_for
    if now.moment >= closes_at:
        return AlertDecision(NotificationReason.RECOVERED, AlertState.RESOLVED)
    return AlertDecision(NotificationReason.NONE, progress.state, cleared_since=cleared_since, next_check_at=closes_at)


def _check_still_firing(
    condition: ConditionState, progress: AlertProgress, timing: RuleTiming, now: DecisionContext
) -> AlertDecision:
    """Remind, escalate or resolve: the condition holds and is not worse."""
    if _is_settled(condition, progress):
        return _close_settled(progress, timing, now)
    if progress.state == AlertState.ACKNOWLEDGED:
        if progress.promised_day is None or now.day <= progress.promised_day:
            return _with_next_check(NotificationReason.NONE, condition, progress, timing, now)
        if not now.is_silenced:
            # The promised day has passed.
            return _with_next_check(
                NotificationReason.REMINDER, condition, _after_notification(progress, condition, now), timing, now
            )
    elif not now.is_silenced:
        if _is_reached(_escalation_day(progress, timing, now), now):
            escalated = _after_notification(progress, condition, now)._replace(
                escalation_level=progress.escalation_level + 1, reminder_count=progress.reminder_count
            )
            return _with_next_check(NotificationReason.ESCALATION, condition, escalated, timing, now)
        if _is_reached(_reminder_day(progress, timing, now), now):
            reminded = _after_notification(progress, condition, now)._replace(
                escalation_counted_from=progress.escalation_counted_from, reminder_count=progress.reminder_count + 1
            )
            return _with_next_check(NotificationReason.REMINDER, condition, reminded, timing, now)
    return _with_next_check(NotificationReason.NONE, condition, progress, timing, now)


def _is_settled(condition: ConditionState, progress: AlertProgress) -> bool:
    """Whether the result is known and the recipients already know its severity."""
    return condition.is_result_known and condition.severity_rank <= progress.severity_rank


def _close_settled(progress: AlertProgress, timing: RuleTiming, now: DecisionContext) -> AlertDecision:
    """Resolve an alert with a known result on the day of its next reminder or escalation, even during a silence.

    A further message would be pointless.
    """
    closing_day = _settled_closing_day(progress, timing, now)
    if _is_reached(closing_day, now):
        return AlertDecision(NotificationReason.SETTLED, AlertState.RESOLVED)
    return AlertDecision(NotificationReason.NONE, progress.state, next_check_on=closing_day)


def _settled_closing_day(progress: AlertProgress, timing: RuleTiming, now: DecisionContext) -> date | None:
    """Return the day of resolution.

    Acknowledged: after the promised day; without one, on the day of the next reminder, because escalation has stopped.
    Otherwise: on the day of the next reminder or escalation, whichever is earlier.
    """
    # As before a first reminder: the recipients of the result have time to respond.
    next_reminder = _reminder_day(progress._replace(reminder_count=0), timing, now)
    next_escalation = _escalation_day(progress, timing, now)
    if progress.state == AlertState.ACKNOWLEDGED:
        return (
            next_reminder or next_escalation
            if progress.promised_day is None
            else progress.promised_day + timedelta(days=1)
        )
    return min((day for day in (next_reminder, next_escalation) if day is not None), default=None)


def _after_notification(progress: AlertProgress, condition: ConditionState, now: DecisionContext) -> AlertProgress:
    """Return the progress as it is after a notification today; the alert must be acknowledged again."""
    severity_rank = max(progress.severity_rank, condition.severity_rank)
    return progress._replace(
        state=AlertState.FIRING,
        severity_rank=severity_rank,
        last_notified_on=now.day,
        escalation_counted_from=now.day,
        reminder_count=0,
    )


def _with_next_check(
    reason: NotificationReason,
    condition: ConditionState,
    progress: AlertProgress,
    timing: RuleTiming,
    now: DecisionContext,
) -> AlertDecision:
    """Return the decision with the time of its next check. During a silence this is the end of the silence."""
    if _is_settled(condition, progress):
        return AlertDecision(reason, progress.state, next_check_on=_settled_closing_day(progress, timing, now))
    if now.is_silenced:
        return AlertDecision(reason, progress.state, next_check_at=now.silenced_until)
    if progress.state == AlertState.ACKNOWLEDGED:
        day_after_promised_day = None if progress.promised_day is None else progress.promised_day + timedelta(days=1)
        return AlertDecision(reason, progress.state, next_check_on=day_after_promised_day)
    check_days = [
        day for day in (_escalation_day(progress, timing, now), _reminder_day(progress, timing, now)) if day is not None
    ]
    return AlertDecision(reason, progress.state, next_check_on=min(check_days, default=None))


def _escalation_day(progress: AlertProgress, timing: RuleTiming, now: DecisionContext) -> date | None:
    since = progress.escalation_counted_from or progress.last_notified_on
    if since is None or not timing.escalate_days or progress.escalation_level >= timing.max_escalations:
        return None
    return due_day(since, timing.escalate_days, DueUnit.WORKING_DAYS, now.calendar)


def _reminder_day(progress: AlertProgress, timing: RuleTiming, now: DecisionContext) -> date | None:
    if progress.last_notified_on is None or not timing.remind_days:
        return None
    days = timing.remind_days * REMINDER_FACTORS[min(progress.reminder_count, len(REMINDER_FACTORS) - 1)]
    return due_day(progress.last_notified_on, days, DueUnit.WORKING_DAYS, now.calendar)


def _is_reached(day: date | None, now: DecisionContext) -> bool:
    return day is not None and now.day >= day
