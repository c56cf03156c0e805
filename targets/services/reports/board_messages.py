"""The board by mail: written once a day for the contacts whose weekly digest or meeting report is due, read when it is sent."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from indicators.domain.calendars import Calendar
from indicators.domain.choices import ContactRole
from indicators.domain.delivery_hours import DigestFrequency, ReportFrequency, is_first_of_month, weekly_time_on
from indicators.models import Contact, Department, Holiday
from kpitracker.lib import clock
from kpitracker.lib.actor import Actor, Scope
from kpitracker.lib.job_slots import claim_slot
from kpitracker.lib.models import JobRun
from targets import signals
from targets.domain.choices import BoardMessage
from targets.models import Delivery
from targets.services.planning import part_scopes
from targets.services.reports.board import a_month_before, build_board, choose_current_plan, load_part
from targets.services.reports.meeting_reports import MeetingReport, build_meeting_report
from targets.services.reports.scorecards import ScorecardQuery

JOB_NAME = "write-board-messages"
# A service that stood still for longer writes no more messages of the past.
_MAX_DAYS_BEHIND: Final = timedelta(days=6)


def write_board_messages(*, now: datetime) -> int:
    """Write the deliveries of today and of the days since the last run. Return their number."""
    today = clock.local_day(now)
    with claim_slot(JOB_NAME, today.isoformat(), now) as acquired:
        return _write_for_days(_days_since_last_run(today), now) if acquired else 0


def _days_since_last_run(today: date) -> list[date]:
    earlier = JobRun.objects.filter(job=JOB_NAME, slot__lt=today.isoformat()).order_by("-slot").values_list("slot")
    last = date.fromisoformat(earlier[0][0]) if earlier[:1] else today - timedelta(days=1)
    first = max(last, today - _MAX_DAYS_BEHIND) + timedelta(days=1)
    return [first + timedelta(days=offset) for offset in range((today - first).days + 1)]


@transaction.atomic
def _write_for_days(days: list[date], now: datetime) -> int:
    calendar, deliveries = Holiday.objects.calendar(), list[Delivery]()
    for contact in Contact.objects.active():
        due = list(_iter_due(contact, days, calendar))
        if due and _current_plan(reader_for(contact), clock.local_day(now)):
            deliveries += due[-1:]
    # Of two workers after an abandoned slot, the second finds the rows of the first.
    Delivery.objects.bulk_create(deliveries, ignore_conflicts=True)
    if deliveries:
        signals.deliveries_ready.send(sender=Delivery)
    return len(deliveries)


def _iter_due(contact: Contact, days: list[date], calendar: Calendar) -> Iterator[Delivery]:
    hours = contact.delivery_hours
    for day in days:
        event, moment = _event_on(contact, day, calendar), weekly_time_on(day, hours, calendar)
        if event is not None and moment is not None:
            yield Delivery(
                event=event.value,
                due_day=day,
                channel=contact.channel,
                recipient=contact.address,
                contact=contact,
                due_at=timezone.make_aware(moment, timezone.get_default_timezone()),
            )


def _event_on(contact: Contact, day: date, calendar: Calendar) -> BoardMessage | None:
    """What the contact gets on a day on which weekly digests are sent."""
    report = ReportFrequency(contact.meeting_report)
    if report is ReportFrequency.WEEKLY or (
        report is ReportFrequency.MONTHLY and is_first_of_month(day, contact.delivery_hours, calendar)
    ):
        return BoardMessage.REPORT
    return BoardMessage.BOARD if contact.digest == DigestFrequency.WEEKLY else None


def reader_for(contact: Contact) -> Actor:
    """The actor with what a contact may see: of a department its part; for the leadership or everything the whole plan.

    Restricted indicators of other departments are hidden from both.
    """
    is_of_part = contact.role == ContactRole.DEPARTMENT
    scopes = {Scope.READ} if is_of_part else {Scope.READ, Scope.PLANS_WRITE}
    return Actor(contact.name, department=contact.department_id, scopes=frozenset(scopes))


def _current_plan(by: Actor, today: date) -> object:
    return choose_current_plan(part_scopes.own_plans(by), today)


def load_board_for(contact: Contact, event: BoardMessage) -> MeetingReport | None:
    """Evaluate the board that a contact gets today, as the page shows it; None without a plan."""
    by, today = reader_for(contact), clock.today()
    plan = choose_current_plan(part_scopes.own_plans(by), today)
    if plan is None:
        return None
    query = ScorecardQuery(plan, today, today, by)
    part = Department.objects.visible_ids(by)
    if event is BoardMessage.REPORT:
        return build_meeting_report(query, part)
    return MeetingReport(build_board(query, load_part(query, part), a_month_before(today)), None)
