"""Letters to people: claimed once, sent, marked; what fails is tried again, and holds no other."""

from email.message import EmailMessage
from typing import Any

import pytest

from indicators.models import AccountEmail
from indicators.services.access import account_emails, user_accounts
from kpitracker.lib import clock
from kpitracker.lib.actor import system_actor
from tasks import sweep
from tasks.account_emails import send_due_emails
from tests.processes import free_port

pytestmark = [pytest.mark.django_db, pytest.mark.database]

BY = system_actor("tests")


@pytest.fixture
def letter() -> AccountEmail:
    user = user_accounts.invite_user(
        by=BY, now=clock.now(), username="lan", email="lan@example.org", first_name="<Lan>"
    )
    return user.account_emails.get()


@pytest.fixture
def no_mail_server(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()


def test_it_is_sent_once_in_both_languages(letter: AccountEmail, mailoutbox: list[Any]) -> None:
    assert (send_due_emails(), send_due_emails()) == (1, 0)
    [mail] = mailoutbox
    assert mail.to == ["lan@example.org"]
    assert "Xin chào <Lan>" in mail.body
    assert "Hello <Lan>" in mail.body
    assert mail.extra_headers["Message-ID"].startswith(f"<letter-{letter.pk}@")
    letter.refresh_from_db()
    assert (letter.state, letter.attempts, letter.answer) == ("sent", 1, "accepted")


@pytest.mark.usefixtures("no_mail_server")
def test_without_a_mail_server_it_waits_and_after_ten_tries_it_stays_failed(letter: AccountEmail) -> None:
    assert send_due_emails() == 0
    letter.refresh_from_db()
    assert (letter.state, letter.attempts) == ("pending", 1)
    assert letter.due_at > clock.now()
    for _ in range(12):
        AccountEmail.objects.update(due_at=clock.now())
        send_due_emails()
    letter.refresh_from_db()
    assert (letter.state, letter.attempts) == ("failed", 10)


def test_one_that_cannot_be_sent_holds_no_other(letter: AccountEmail, mailoutbox: list[EmailMessage]) -> None:
    other = user_accounts.invite_user(by=BY, now=clock.now(), username="hoa", email="hoa@example.org")
    type(other).objects.filter(pk=letter.user_id).update(email="not an address\n")
    assert send_due_emails() == 1
    assert AccountEmail.objects.get(user=other).state == "sent"
    assert AccountEmail.objects.get(pk=letter.pk).state == "pending"


def test_it_is_claimed_by_one_of_many(letter: AccountEmail) -> None:
    now = clock.now()
    first, second = AccountEmail.objects.get(), AccountEmail.objects.get()
    assert account_emails.claim_email(account_email=first, now=now)
    assert not account_emails.claim_email(account_email=second, now=now)
    [repeated] = account_emails.due_emails(now=now + account_emails.CLAIM_LEASE)
    assert account_emails.claim_email(account_email=repeated, now=now + account_emails.CLAIM_LEASE)


def test_nobody_writes_to_somebody_who_left(letter: AccountEmail, mailoutbox: list[EmailMessage]) -> None:
    user_accounts.deactivate_user(user=letter.user, by=BY)
    assert send_due_emails() == 0
    assert AccountEmail.objects.get().state == "failed"


def test_the_sweep_finds_it(letter: AccountEmail, mailoutbox: list[EmailMessage]) -> None:
    assert sweep.run_sweep().messages == 1
    assert len(mailoutbox) == 1


def test_the_worker_hears_of_it_after_the_commit(letter: AccountEmail, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks() as rung:
        user_accounts.resend_invitation(user=letter.user, by=BY, now=clock.now())
    assert [ring.args for ring in rung] == [("tasks.account_emails.send_account_emails",)]
