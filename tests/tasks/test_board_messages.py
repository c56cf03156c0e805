"""The board by mail: in the weekly digest, and as the report for a meeting."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from html import unescape
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from indicators.domain.delivery_hours import is_first_of_month
from indicators.models import Contact, Holiday, Indicator
from targets.models import Delivery, Plan, Target
from targets.services.assessment import assess
from targets.services.reports import closings
from targets.services.reports.board_messages import write_board_messages
from tasks.delivery import send_due_deliveries
from tests import factories
from tests.admin_support import client_of, person
from tests.smtp_servers import Mailbox
from tests.targets.pages.board_world import reader_of_two_targets, row_of, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]

MONDAY = datetime(2024, 7, 15, 5, tzinfo=UTC)  # noon in Ho Chi Minh City


@pytest.fixture(scope="module")
def client(shared_rows: Callable[[], AbstractContextManager[None]]) -> Client:
    with time_machine.travel(MONDAY, tick=False), shared_rows():
        made = reader_of_two_targets()
        while assess.process_series_changes(now=MONDAY):
            pass
        Delivery.objects.all().delete()
        return made


@pytest.fixture
def reader(client: Client) -> Iterator[Client]:
    with time_machine.travel(MONDAY, tick=False):
        yield client


@pytest.fixture(autouse=True)
def letters(settings: Any) -> list[Any]:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    return mail.outbox


def weekly(**values: Any) -> Contact:
    return factories.contact(**{"role": "everything", "digest": "weekly", "language": "en", **values})


def send(moment: datetime = MONDAY) -> int:
    """Write what is due and send it. Return the number of messages."""
    write_board_messages(now=moment)
    return send_due_deliveries()


def html_of(letter: Any) -> str:
    return str(letter.alternatives[0][0])


def words_of(html: str) -> str:
    return text_of(type("Answer", (), {"content": html.encode()}))


def test_a_mail_server_gets_the_table_of_the_board_with_the_same_numbers(reader: Client, settings: Any) -> None:
    inbox = Mailbox()
    inbox.up()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", inbox.port
    weekly()
    try:
        assert (send(), send()) == (1, 0)
    finally:
        inbox.down()
    [message] = inbox.taken
    assert message["Subject"] == "[kpitracker] Board of 15 July 2024: Plan"
    text, html = (_part(message, kind) for kind in ("plain", "html"))
    board = reader.get("/")
    assert board.context["groups"], "the page shows its rows"
    rows = [row for _, group in board.context["groups"] for row in group]
    assert [row.name for row in rows] == ["Roads", "Sales", "Trees"]
    assert text.index("1. Roads") < text.index("2. Sales") < text.index("3. Trees")
    for row in rows:
        in_html = row_of(type("Answer", (), {"content": html.encode()}), row.name)
        for shown in (row.label, row.promise, row.change, row.actual, row.due, row.variance, row.outlook, row.lead):
            assert shown in in_html, row.name
            assert shown in text, row.name
    assert board.context["headline"].counts in text
    assert "http://127.0.0.1:8000/?plan=plan" in text
    assert 'href="http://127.0.0.1:8000/targets/plan:roads:city/"' in html


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def test_alerts_of_the_week_and_the_board_are_one_message(reader: Client, letters: list[Any]) -> None:
    weekly()
    with time_machine.travel(MONDAY - timedelta(days=3), tick=False):
        factories.figure("roads", "2024", 1)
        factories.figure("sales", "2024-01/2024-06", 1)
        while assess.process_series_changes(now=MONDAY - timedelta(days=3)):
            pass
    assert send() == 2
    [letter] = [letter for letter in letters if letter.to == ["desk@example.org"]]
    assert letter.subject == "[kpitracker] 2 alerts"
    assert letter.body.index("- Roads, City, 2024") < letter.body.index("Board of 15 July 2024: Plan")
    assert "Board of 15 July 2024: Plan" in html_of(letter)
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}


def test_one_alert_keeps_its_own_page_above_the_board(reader: Client, letters: list[Any]) -> None:
    weekly()
    with time_machine.travel(MONDAY - timedelta(days=3), tick=False):
        factories.figure("roads", "2024", 1)
        while assess.process_series_changes(now=MONDAY - timedelta(days=3)):
            pass
    assert send() == 1
    assert letters[0].subject.startswith("[kpitracker] Roads")
    assert "/answer/" in letters[0].body
    assert "1. Roads" in letters[0].body


def test_alerts_arrive_when_there_is_no_board_any_more(reader: Client, letters: list[Any]) -> None:
    weekly()
    with time_machine.travel(MONDAY - timedelta(days=3), tick=False):
        factories.figure("roads", "2024", 1)
        while assess.process_series_changes(now=MONDAY - timedelta(days=3)):
            pass
    write_board_messages(now=MONDAY)
    Plan.objects.update(period_start=date(2030, 1, 1), period_end=date(2030, 12, 31))
    assert send_due_deliveries() == 1
    assert letters[0].subject.startswith("[kpitracker] Roads")
    assert "1. Roads" not in letters[0].body


def test_the_report_has_the_worst_targets_actions_and_what_changed(reader: Client, letters: list[Any]) -> None:
    roads = Target.objects.get(identifier="plan:roads:city")
    factories.action(roads, "2024-09-30", text="Open <b>two</b> lanes", person="Lan")
    closings.close_plan(plan=Plan.objects.get(), by=factories.BY, now=MONDAY, reason="x", as_of=date(2024, 6, 15))
    weekly(digest="", meeting_report="weekly", language="vi")
    assert send() == 1
    [letter] = letters
    assert letter.subject == "[kpitracker] Báo cáo ngày 15/07/2024: Plan"
    for part in (letter.body, words_of(html_of(letter))):
        places = [part.index(title) for title in ("Roads", "Chỉ tiêu cần quan tâm", "Những thay đổi")]
        assert places == sorted(places)
        assert "so với lần chốt số 1, ngày 15/06/2024" in part
        assert "Open <b>two</b> lanes" in part
    assert "<b>two</b>" not in html_of(letter)
    assert "http://127.0.0.1:8000/plans/plan/report/" in letter.body
    page = text_of(reader.get("/plans/plan/report/", headers={"Accept-Language": "vi"}))
    sentence = next(line for line in letter.body.splitlines() if line.startswith("Roads: "))
    assert sentence.removeprefix("Roads: ") in page


def test_without_a_language_it_is_in_both(reader: Client, letters: list[Any]) -> None:
    weekly(language="")
    assert send() == 1
    assert letters[0].subject.endswith("Bảng theo dõi ngày 15/07/2024: Plan · Board of 15 July 2024: Plan")
    assert "Tốt" not in letters[0].subject
    assert html_of(letters[0]).count("<thead>") == 2


def test_a_department_gets_its_part(reader: Client, letters: list[Any]) -> None:
    factories.department("b")
    factories.target("trees", period="2024-Q1", department="b", lower=1)
    weekly(role="department", department="b")
    assert send() == 1
    assert "Trees" in letters[0].body
    assert "Roads" not in letters[0].body + html_of(letters[0])
    board = client_of(person("hoa", "viewer", "b")).get("/")
    assert board.context["headline"].counts in letters[0].body


def test_a_restricted_indicator_of_others_is_in_no_row_and_no_count(reader: Client, letters: list[Any]) -> None:
    factories.department("b")
    _restrict("roads")
    weekly(role="leaders", department="b")
    assert send() == 1
    [letter] = letters
    assert "Roads" not in letter.body + html_of(letter)
    board = client_of(person("mai", "planner", "b")).get("/")
    assert board.context["headline"].counts in letter.body
    assert f"{board.context['score']} points of 100" in letter.body


def _restrict(code: str) -> None:
    Indicator.objects.filter(code=code).update(restricted=True, department=factories.department("c"))


def test_a_copy_says_the_same_unless_its_reader_may_see_less_by_then(
    reader: Client, letters: list[Any], settings: Any
) -> None:
    factories.department("b")
    weekly(role="leaders", department="b")
    working = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "no.such.Backend"
    assert send() == 0
    settings.EMAIL_BACKEND = working
    Indicator.objects.filter(code="roads").update(name="Avenues")
    later = MONDAY + timedelta(seconds=10)
    with time_machine.travel(later, tick=False):
        assert send_due_deliveries() == 1
    assert "1. Roads" in letters[0].body
    assert "Avenues" not in letters[0].body
    Delivery.objects.update(state="pending", sent_at=None, due_at=MONDAY)
    _restrict("roads")
    with time_machine.travel(later, tick=False):
        assert send_due_deliveries() == 1
    assert "Roads" not in letters[1].body


DUE: dict[str, tuple[dict[str, Any], date, str | None]] = {
    "a weekly digest on Monday": ({"digest": "weekly"}, date(2024, 7, 15), "board"),
    "a weekly digest on Tuesday": ({"digest": "weekly"}, date(2024, 7, 16), None),
    "a weekly digest after a holiday on Monday": (
        {"digest": "weekly", "working_days_only": True}, date(2024, 9, 3), "board"
    ),
    "a weekly digest on that holiday": ({"digest": "weekly", "working_days_only": True}, date(2024, 9, 2), None),
    "a weekly digest on a holiday that does not matter": ({"digest": "weekly"}, date(2024, 9, 2), "board"),
    "a daily digest": ({"digest": "daily"}, date(2024, 7, 15), None),
    "single messages": ({"digest": ""}, date(2024, 7, 15), None),
    "a weekly report beside single messages": ({"digest": "", "meeting_report": "weekly"}, date(2024, 7, 15), "report"),
    "a weekly report, which has the board": ({"meeting_report": "weekly"}, date(2024, 7, 15), "report"),
    "a monthly report on the first Monday": ({"meeting_report": "monthly"}, date(2024, 7, 1), "report"),
    "a monthly report on another Monday beside the digest": ({"meeting_report": "monthly"}, date(2024, 7, 15), "board"),
    "a monthly report alone on another Monday": ({"digest": "", "meeting_report": "monthly"}, date(2024, 7, 15), None),
    "a monthly report after a holiday": (
        {"digest": "", "meeting_report": "monthly", "working_days_only": True}, date(2024, 9, 3), "report"
    ),
    "a contact that is switched off": ({"digest": "weekly", "active": False}, date(2024, 7, 15), None),
}  # fmt: skip


@pytest.mark.parametrize(("values", "day", "event"), DUE.values(), ids=DUE)
def test_who_gets_what_on_which_day(reader: Client, values: dict[str, Any], day: date, event: str | None) -> None:
    Holiday.objects.create(day=date(2024, 9, 2), name="Quốc khánh")
    contact = weekly(**values)
    moment = datetime.combine(day, MONDAY.timetz())
    with time_machine.travel(moment, tick=False):
        written = (write_board_messages(now=moment), write_board_messages(now=moment))
    assert written == (int(event is not None), 0)
    assert [(row.event, row.due_day, row.contact) for row in Delivery.objects.all()] == [
        (event, day, contact)
    ] * written[0]


def test_it_is_sent_at_half_past_seven_and_outside_quiet_hours(reader: Client) -> None:
    weekly()
    weekly(address="late@example.org", quiet_from="20:00", quiet_until="09:00")
    write_board_messages(now=datetime(2024, 7, 14, 17, 1, tzinfo=UTC))
    times = [row.due_at.astimezone(UTC).strftime("%d %H:%M") for row in Delivery.objects.order_by("due_at")]
    assert times == ["15 00:30", "15 02:00"]


def test_the_first_weekly_time_of_a_month_is_its_first_monday() -> None:
    mondays = [date(2024, 7, 1) + timedelta(days=7 * week) for week in range(5)]
    hours = Contact(digest="").delivery_hours
    assert [is_first_of_month(day, hours) for day in mondays] == [True, False, False, False, False]


def test_what_was_missed_while_the_service_stood_still_is_written_once(reader: Client) -> None:
    weekly()
    for day in (12, 17, 18):
        write_board_messages(now=datetime(2024, 7, day, 5, tzinfo=UTC))
    assert [row.due_day for row in Delivery.objects.all()] == [date(2024, 7, 15)]


def test_without_a_plan_nothing_is_written(reader: Client) -> None:
    Plan.objects.update(period_start=date(2030, 1, 1), period_end=date(2030, 12, 31))
    weekly()
    assert write_board_messages(now=MONDAY) == 0


REMOVED = {
    "The contact was removed.": lambda contact: contact.delete(),
    "The contact is switched off.": lambda contact: Contact.objects.update(active=False),
}


@pytest.mark.parametrize(("response", "remove"), REMOVED.items(), ids=REMOVED)
def test_it_is_dropped_when(reader: Client, letters: list[Any], response: str, remove: Any) -> None:
    contact = weekly()
    write_board_messages(now=MONDAY)
    remove(contact)
    assert send_due_deliveries() == 0
    assert list(Delivery.objects.values_list("state", "response")) == [("dropped", response)]
    assert letters == []


def test_two_contacts_with_one_address_get_each_their_part(reader: Client, letters: list[Any]) -> None:
    factories.department("b")
    factories.target("trees", period="2024-Q1", department="b", lower=1)
    weekly()
    weekly(role="department", department="b")
    assert send() == 2
    assert sorted("Roads" in letter.body for letter in letters) == [False, True]


def test_a_name_is_a_name_and_no_tag(reader: Client, letters: list[Any]) -> None:
    name = "<script>alert(1)</script> & co"
    Indicator.objects.filter(code="roads").update(name=name, name_en="")
    weekly()
    assert send() == 1
    assert f"1. {name}" in letters[0].body
    assert "<script" not in html_of(letters[0])
    assert name in unescape(html_of(letters[0]))


def test_more_targets_need_no_more_queries(reader: Client) -> None:
    contact = weekly(meeting_report="weekly")

    def queries() -> int:
        Delivery.objects.all().delete()
        now = MONDAY
        delivery = Delivery.objects.create(
            event="report", due_day=now.date(), recipient=contact.address, contact=contact, due_at=now
        )
        with CaptureQueriesContext(connection) as captured:
            assert send_due_deliveries() == 1
        delivery.refresh_from_db()
        assert delivery.state == "sent"
        return len(captured)

    queries()
    before = queries()
    for number in range(6):
        factories.indicator(f"more{number}")
        factories.target(f"more{number}")
    assert queries() == before


def test_a_long_board_names_the_worst_and_how_many_are_left_out(
    reader: Client, letters: list[Any], monkeypatch: Any
) -> None:
    monkeypatch.setattr("targets.pages.mailed_board.MAX_ROWS", 2)
    weekly()
    assert send() == 1
    assert "1. Roads" in letters[0].body
    assert "Trees" not in letters[0].body
    assert "and 1 more on the board" in letters[0].body
    assert "and 1 more on the board" in html_of(letters[0])
