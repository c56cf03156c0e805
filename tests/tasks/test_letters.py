"""Letters to people: claimed once, sent, marked; what fails is tried again, and holds no other."""

from email.message import EmailMessage
from typing import Any

import pytest

from indicators.models import Letter
from indicators.services import letters, people
from kpitracker.lib import clock
from kpitracker.lib.actor import operator
from tasks import sweep
from tasks.letters import send_due
from tests.processes import free_port

pytestmark = pytest.mark.django_db

BY = operator("tests")


@pytest.fixture
def letter() -> Letter:
    user = people.invite(by=BY, now=clock.now(), username="lan", email="lan@example.org", first_name="<Lan>")
    return user.letters.get()


@pytest.fixture
def no_mail_server(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()


def test_it_is_sent_once_in_both_languages(letter: Letter, mailoutbox: list[Any]) -> None:
    assert (send_due(), send_due()) == (1, 0)
    [mail] = mailoutbox
    assert mail.to == ["lan@example.org"]
    assert "Xin chào <Lan>" in mail.body
    assert "Hello <Lan>" in mail.body
    assert mail.extra_headers["Message-ID"].startswith(f"<letter-{letter.pk}@")
    letter.refresh_from_db()
    assert (letter.state, letter.attempts, letter.answer) == ("sent", 1, "accepted")


@pytest.mark.usefixtures("no_mail_server")
def test_without_a_mail_server_it_waits_and_after_ten_tries_it_stays_failed(letter: Letter) -> None:
    assert send_due() == 0
    letter.refresh_from_db()
    assert (letter.state, letter.attempts) == ("pending", 1)
    assert letter.due_at > clock.now()
    for _ in range(12):
        Letter.objects.update(due_at=clock.now())
        send_due()
    letter.refresh_from_db()
    assert (letter.state, letter.attempts) == ("failed", 10)


def test_one_that_cannot_be_sent_holds_no_other(letter: Letter, mailoutbox: list[EmailMessage]) -> None:
    other = people.invite(by=BY, now=clock.now(), username="hoa", email="hoa@example.org")
    type(other).objects.filter(pk=letter.user_id).update(email="not an address\n")
    assert send_due() == 1
    assert Letter.objects.get(user=other).state == "sent"
    assert Letter.objects.get(pk=letter.pk).state == "pending"


def test_it_is_claimed_by_one_of_many(letter: Letter) -> None:
    now = clock.now()
    first, second = Letter.objects.get(), Letter.objects.get()
    assert letters.claim(letter=first, now=now)
    assert not letters.claim(letter=second, now=now)
    [again] = letters.due(now=now + letters.LEASE)
    assert letters.claim(letter=again, now=now + letters.LEASE)


def test_nobody_writes_to_somebody_who_left(letter: Letter, mailoutbox: list[EmailMessage]) -> None:
    people.deactivate(user=letter.user, by=BY)
    assert send_due() == 0
    assert Letter.objects.get().state == "failed"


def test_the_sweep_finds_it(letter: Letter, mailoutbox: list[EmailMessage]) -> None:
    assert sweep.run().messages == 1
    assert len(mailoutbox) == 1


def test_the_worker_hears_of_it_after_the_commit(letter: Letter, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks() as rung:
        people.invite_again(user=letter.user, by=BY, now=clock.now())
    assert [ring.args for ring in rung] == [("tasks.letters.send_letters",)]
