"""What goes to one person at one time goes as one message, and nothing is missing in it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives

from indicators.models import Contact, Indicator, SeriesChange
from kpitracker.lib import clock
from targets.models import Delivery, Target
from targets.services.assessment import assess
from targets.services.notifications import batching, outbox
from tasks.channels.render import MAX_MAIL_LINES
from tasks.delivery import send_due_deliveries
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.database]

OFFICE = "office@example.org"


@pytest.fixture(autouse=True)
def office(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    factories.area()
    factories.department(email=OFFICE)
    factories.plan()


def breach(*names: str, value: int = 900) -> None:
    """Targets that are exceeded, and by the next figure missed, all at one time."""
    for name in names:
        if not Indicator.objects.filter(code=name).exists():
            factories.indicator(name, department="statistics")
            factories.target(name)
            factories.figure(name, "2024", 1300)
    judge()
    for name in names:
        factories.figure(name, "2024", value)
    judge()


def judge() -> None:
    while assess.process_series_changes(now=clock.now()):
        pass


def at(seconds: int, monkeypatch: pytest.MonkeyPatch) -> datetime:
    moment = clock.now() + timedelta(seconds=seconds)
    monkeypatch.setattr(clock, "now", lambda: moment)
    return moment


def letters() -> list[EmailMultiAlternatives]:
    return mail.outbox  # type: ignore[return-value]


def states() -> list[tuple[str, bool]]:
    rows = Delivery.objects.order_by("pk")
    return [(row.state, row.merged_into_id is not None) for row in rows]


def test_many_at_once_are_one_message_that_names_each() -> None:
    breach("jobs", "sales", "trade")
    assert send_due_deliveries() == 1
    [letter] = letters()
    leader = Delivery.objects.order_by("pk")[0]
    assert letter.extra_headers["Message-ID"].startswith(f"<{leader.pk}@")
    assert letter.subject == "[kpitracker] 3 cảnh báo · 3 alerts"
    for name in ("Jobs", "Sales", "Trade"):
        assert f"{name}, City, năm 2024: dự kiến không đạt" in letter.body
        assert f"{name}, City, 2024: missed" in letter.body
    assert "/my-work/\n" in letter.body
    html = str(letter.alternatives[0][0])
    assert "Trade, City, 2024: missed" in html
    assert states() == [("sent", False), ("sent", True), ("sent", True)]


def test_one_at_a_time_is_sent_at_once_each(monkeypatch: pytest.MonkeyPatch) -> None:
    breach("jobs")
    assert send_due_deliveries() == 1
    breach("sales")
    assert send_due_deliveries() == 1
    assert [letter.subject.count("Jobs") for letter in letters()] == [2, 0]


def test_after_many_the_next_waits_a_minute_and_gathers(monkeypatch: pytest.MonkeyPatch) -> None:
    breach("jobs", "sales")
    send_due_deliveries()
    breach("trade")
    breach("crime")
    assert send_due_deliveries() == 0
    at(61, monkeypatch)
    assert send_due_deliveries() == 1
    assert letters()[-1].subject == "[kpitracker] 2 cảnh báo · 2 alerts"


def test_what_is_tried_again_is_the_same_message(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    breach("jobs", "sales")
    settings.EMAIL_BACKEND = "no.such.Backend"
    assert send_due_deliveries() == 0
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    breach("trade")
    at(10, monkeypatch)
    assert send_due_deliveries() == 2
    first, second = sorted(letters(), key=lambda letter: letter.extra_headers["Message-ID"])
    assert first.subject == "[kpitracker] 2 cảnh báo · 2 alerts"
    assert "Trade" not in first.body
    assert "Trade" in second.subject


def test_its_end_stands_behind_its_beginning() -> None:
    breach("jobs")
    factories.figure("jobs", "2024", 1300)
    judge()
    assert send_due_deliveries() == 1
    body = letters()[0].body
    assert body.index("Jobs, City, 2024: missed") < body.index("Jobs, City, 2024: exceeded")


def test_its_end_does_not_overtake_a_beginning_that_is_tried_again(settings: Any) -> None:
    breach("jobs")
    settings.EMAIL_BACKEND = "no.such.Backend"
    send_due_deliveries()
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    factories.figure("jobs", "2024", 1300)
    judge()
    breach("sales", "trade")
    assert send_due_deliveries() == 1
    assert "Jobs" not in letters()[0].body
    assert letters()[0].subject == "[kpitracker] 2 cảnh báo · 2 alerts"


def test_while_a_storm_is_being_judged_mail_waits_and_programs_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    breach("jobs")
    other = Indicator.objects.get().pk
    area = Target.objects.get().area_id
    SeriesChange.objects.bulk_create(
        SeriesChange(indicator_id=other, area_id=area, recorded_at=clock.now(), retry_at=clock.now())
        for _ in range(batching._STORM_MARKS)
    )
    assert [row.channel for row in outbox.next_deliveries(now=clock.now())] == []
    hook = factories.webhook()
    Delivery.objects.filter(channel="email").update(channel="webhook", webhook=hook)
    assert [row.channel for row in outbox.next_deliveries(now=clock.now())] == ["webhook"]
    Delivery.objects.update(channel="email", webhook=None)
    moment = at(61, monkeypatch)
    assert [row.channel for row in outbox.next_deliveries(now=moment)] == ["email"], "but not for ever"


def test_given_up_together_and_sent_again_together(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    breach("jobs", "sales")
    settings.EMAIL_BACKEND = "no.such.Backend"
    for _ in range(10):
        Delivery.objects.filter(merged_into=None).update(due_at=clock.now())
        send_due_deliveries()
    assert states() == [("failed", False), ("failed", True)]
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    part = Delivery.objects.get(merged_into__isnull=False)
    outbox.replay(delivery=part, by=factories.BY, now=clock.now())
    assert send_due_deliveries() == 1
    assert letters()[0].subject == "[kpitracker] 2 cảnh báo · 2 alerts"
    assert states() == [("sent", False), ("sent", True)]


def test_of_a_storm_the_first_are_listed_and_the_others_counted() -> None:
    breach(*(f"k{number}" for number in range(MAX_MAIL_LINES + 3)))
    assert send_due_deliveries() == 1
    assert "và 3 cảnh báo khác" in letters()[0].body
    assert letters()[0].body.count("/targets/plan:") == 2 * MAX_MAIL_LINES


def test_in_the_language_of_who_gets_it() -> None:
    factories.contact(department="statistics", language="vi")
    breach("jobs")
    breach("sales", "trade")
    send_due_deliveries()
    assert [("không đạt" in letter.body, "missed" in letter.body) for letter in letters()] == [(True, False)]


def test_a_digest_is_one_message_of_all_that_came(monkeypatch: pytest.MonkeyPatch) -> None:
    factories.contact(department="statistics", digest="daily")
    breach("jobs")
    breach("sales")
    assert send_due_deliveries() == 0
    at(24 * 3600, monkeypatch)
    assert send_due_deliveries() == 1
    assert letters()[0].subject == "[kpitracker] 2 cảnh báo · 2 alerts"


def test_what_has_become_restricted_meanwhile_is_not_named(monkeypatch: pytest.MonkeyPatch) -> None:
    factories.department("press")
    factories.contact(department="press", role="everything", digest="daily")
    breach("jobs", "sales", "trade")
    Indicator.objects.filter(code="sales").update(restricted=True)
    at(24 * 3600, monkeypatch)
    assert Contact.objects.exists()
    send_due_deliveries()
    [press] = [letter for letter in letters() if letter.to != [OFFICE]]
    assert press.subject == "[kpitracker] 2 cảnh báo · 2 alerts"
    assert "Sales" not in press.body
