"""Logging in, setting passwords, being locked out."""

import re
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.test import Client
from django.urls import reverse

from indicators.models import AccountEmail, User
from indicators.services.access import user_accounts
from kpitracker.lib import clock
from kpitracker.lib.actor import system_actor
from kpitracker.lib.models import AuditEntry
from tasks.account_emails import send_due_emails
from tests.admin_support import PASSWORD, administrator, client_of, person

pytestmark = pytest.mark.django_db

NEW = "something else entirely"
BY = system_actor("tests")


def browser(language: str = "en") -> Client:
    return Client(headers={"Accept-Language": language, "Accept": "text/html"})


def log_in(client: Client, username: str = "lan", password: str = PASSWORD, **more: Any) -> Any:
    return client.post("/admin/login/", {"username": username, "password": password}, **more)


def is_in(client: Client) -> bool:
    return bool(client.get("/admin/").status_code == 200)


def link(mail: Any) -> str:
    [result] = set(re.findall(r"http://[^/]+(/admin/password/\S+)", mail.body))
    return str(result)


def set_password(client: Client, path: str, password: str = NEW) -> Any:
    form = client.get(path, follow=True)
    return client.post(form.request["PATH_INFO"], {"new_password1": password, "new_password2": password})


class TestLogin:
    @pytest.mark.parametrize(
        ("role", "asked", "first"),
        [
            pytest.param("viewer", None, "/", id="viewers see the board"),
            pytest.param("planner", "/", "/", id="plan owners see the board"),
            pytest.param("administrator", None, "/", id="administrators see the board"),
            pytest.param("officer", None, "/my-work/", id="officers see what they owe"),
            pytest.param("officer", "/", "/my-work/", id="officers see what they owe from the first address too"),
            pytest.param("officer", "/?plan=hcmc", "/?plan=hcmc", id="a chosen board is shown to officers"),
            pytest.param("officer", "/admin/", "/admin/", id="a page that was asked for is shown"),
            pytest.param("officer", "https://example.org/", "/my-work/", id="no page of another host"),
        ],
    )
    def test_the_first_page_after_the_login(self, role: str, asked: str | None, first: str) -> None:
        person("lan", role)
        client = browser()
        fields = {"username": "lan", "password": PASSWORD} | ({"next": asked} if asked else {})
        answer = client.post("/admin/login/", fields)
        assert (answer.status_code, answer["Location"]) == (302, first)
        assert client.get("/admin/login/")["Location"] == ("/my-work/" if role == "officer" else "/")

    def test_the_session_gets_a_new_id_and_the_audit_a_row(self) -> None:
        person("lan")
        client = browser()
        session = client.session
        session["planted"] = "by somebody else"
        session.save()
        client.cookies["sessionid"] = str(session.session_key)
        answer = log_in(client)
        assert (answer.status_code, answer["Location"]) == (302, "/")
        assert client.cookies["sessionid"].value != session.session_key
        noted = AuditEntry.objects.get(verb="logged-in")
        assert (noted.actor, noted.label, noted.address) == ("admin lan", "lan", "127.0.0.1")

    def test_wrong_unknown_invited_and_inactive_are_told_the_same(self) -> None:
        person("lan")
        user_accounts.deactivate_user(user=person("gone"), by=BY)
        user_accounts.invite_user(by=BY, now=clock.now(), username="new", email="new@example.org")
        notified = [
            log_in(browser(), name, password).context["form"].non_field_errors()
            for name, password in (("lan", "wrong"), ("nobody", "wrong"), ("gone", PASSWORD), ("new", "!"))
        ]
        assert notified[0]
        assert all(item == notified[0] for item in notified)

    @pytest.mark.parametrize("path", ["/admin/login/", "/admin/forgotten/", "/admin/password/MQ/set-password/"])
    @pytest.mark.parametrize("language", ["en", "vi"])
    def test_the_pages_speak_both_languages(self, path: str, language: str) -> None:
        page = browser(language).get(path).content.decode()
        assert ("mật khẩu" in page or "Liên kết" in page) == (language == "vi")


class TestInvitation:
    def test_from_the_letter_to_the_first_page(self, mailoutbox: list[EmailMessage]) -> None:
        user_accounts.invite_user(by=BY, now=clock.now(), username="lan", email="lan@example.org", role="officer")
        assert send_due_emails() == 1
        client = browser()
        assert set_password(client, link(mailoutbox[0])).status_code == 302
        assert log_in(client, password=NEW).status_code == 302
        assert is_in(client)
        assert AuditEntry.objects.filter(verb="password", actor="admin lan").count() == 1

    def test_the_link_works_once(self, mailoutbox: list[EmailMessage]) -> None:
        user_accounts.invite_user(by=BY, now=clock.now(), username="lan", email="lan@example.org")
        send_due_emails()
        set_password(browser(), link(mailoutbox[0]))
        second = browser().get(link(mailoutbox[0]), follow=True)
        assert "form" not in second.context or second.context["form"] is None
        assert "does not work" in second.content.decode()

    def test_the_link_is_stored_nowhere(self, mailoutbox: list[EmailMessage]) -> None:
        user_accounts.invite_user(by=BY, now=clock.now(), username="lan", email="lan@example.org")
        send_due_emails()
        token = link(mailoutbox[0]).rstrip("/").rpartition("/")[2]
        assert token not in str(list(AccountEmail.objects.values())) + str(list(AuditEntry.objects.values()))

    def test_the_link_of_somebody_who_left_does_not_work(self, mailoutbox: list[EmailMessage]) -> None:
        user = user_accounts.invite_user(by=BY, now=clock.now(), username="lan", email="lan@example.org")
        send_due_emails()
        user_accounts.deactivate_user(user=user, by=BY)
        assert "does not work" in browser().get(link(mailoutbox[0]), follow=True).content.decode()

    @pytest.mark.parametrize("password", ["short", "password", "12345678", "lan@example.org"])
    def test_a_bad_password_is_told_at_its_field(self, password: str, mailoutbox: list[EmailMessage]) -> None:
        user_accounts.invite_user(by=BY, now=clock.now(), username="lan", email="lan@example.org")
        send_due_emails()
        answer = set_password(browser(), link(mailoutbox[0]), password)
        assert "new_password2" in answer.context["form"].errors
        assert not User.objects.get().has_usable_password()


class TestForgotten:
    def ask(self, email: str) -> Any:
        return browser().post("/admin/forgotten/", {"email": email})

    def test_the_answer_is_the_same_whether_the_address_exists_or_not(self) -> None:
        person("lan", email="lan@example.org")
        user_accounts.deactivate_user(user=person("gone", email="gone@example.org"), by=BY)
        answers = [self.ask(email) for email in ("LAN@example.org", "nobody@example.org", "gone@example.org")]
        masked = [re.sub(r'value="[^"]*"', "", answer.content.decode()) for answer in answers]
        assert {answer.status_code for answer in answers} == {200}
        assert masked[0] == masked[1] == masked[2]
        assert [letter.user.username for letter in AccountEmail.objects.filter(kind="reset")] == ["lan"]

    def test_three_letters_an_hour_and_no_more(self) -> None:
        person("lan", email="lan@example.org")
        for _ in range(5):
            self.ask("lan@example.org")
        letters = AccountEmail.objects.filter(kind="reset")
        assert letters.count() == 3
        letters.update(requested_at=clock.now() - timedelta(minutes=61))
        self.ask("lan@example.org")
        assert AccountEmail.objects.filter(kind="reset").count() == 4
        assert AuditEntry.objects.filter(verb="reset").count() == 4

    def test_a_new_password_ends_the_old_one_and_every_session(self, mailoutbox: list[EmailMessage]) -> None:
        user = person("lan", email="lan@example.org")
        AccountEmail.objects.all().delete()
        client = client_of(user)
        self.ask("lan@example.org")
        send_due_emails()
        set_password(browser(), link(mailoutbox[0]))
        assert not is_in(client)
        assert log_in(browser()).status_code == 200
        assert log_in(browser(), password=NEW).status_code == 302


class TestSessions:
    def test_a_password_of_ones_own_ends_the_other_sessions(self) -> None:
        user = person("lan")
        here, there = client_of(user), client_of(user)
        fields = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
        assert here.post("/admin/password_change/", fields).status_code == 302
        assert (is_in(here), is_in(there)) == (True, False)
        assert AuditEntry.objects.filter(verb="password", actor="admin lan").exists()

    def test_who_is_deactivated_is_out_and_stays_out_when_he_is_back(self) -> None:
        user = person("lan")
        client = client_of(user)
        assert is_in(client)
        user_accounts.deactivate_user(user=user, by=BY)
        assert not is_in(client)
        user_accounts.reactivate_user(user=user, by=BY)
        assert not is_in(client)

    def test_nobody_sets_the_password_of_somebody_else(self) -> None:
        user = person("lan")
        assert administrator().get(f"/admin/indicators/user/{user.pk}/password/").status_code in (302, 404)


class TestGuessing:
    def guess(self, count: int, **more: Any) -> list[int]:
        return [log_in(browser(), password="wrong", **more).status_code for _ in range(count)]

    def test_ten_bad_logins_lock_the_pair_out_even_with_the_right_password(self) -> None:
        person("lan")
        assert self.guess(9) == [200] * 9
        assert self.guess(2) == [429] * 2
        locked = log_in(browser())
        assert (locked.status_code, locked["Retry-After"]) == (429, "900")
        assert "15 minutes" in locked.content.decode()

    def test_the_same_person_from_another_address_is_let_in(self) -> None:
        person("lan")
        self.guess(10)
        assert log_in(browser(), REMOTE_ADDR="10.0.0.9").status_code == 302

    def test_somebody_else_from_the_same_address_is_let_in(self) -> None:
        person("lan")
        person("hoa")
        self.guess(10)
        assert log_in(browser(), "hoa").status_code == 302

    def test_after_fifteen_minutes_it_is_over_whatever_was_tried_meanwhile(self) -> None:
        person("lan")
        self.guess(15)
        AccessAttempt.objects.update(attempt_time=clock.now() - timedelta(minutes=16))
        assert log_in(browser()).status_code == 302

    def test_a_good_login_forgets_the_bad_ones(self) -> None:
        person("lan")
        self.guess(9)
        assert log_in(browser()).status_code == 302
        assert self.guess(9) == [200] * 9

    def test_machines_are_told_by_a_problem(self) -> None:
        self.guess(10)
        answer = log_in(Client(headers={"Accept": "application/json"}), password="wrong")
        assert (answer.status_code, answer["Content-Type"]) == (429, "application/problem+json")
        assert answer.json()["type"] == "/problems/too-many-attempts"

    def test_the_page_speaks_vietnamese(self) -> None:
        self.guess(10)
        assert "15 phút" in log_in(browser("vi"), password="wrong").content.decode()

    def test_no_password_is_kept_of_what_was_tried(self) -> None:
        log_in(browser(), password="a secret mistyped")
        assert "mistyped" not in str(list(AccessAttempt.objects.values()))


def test_the_names_of_the_doors() -> None:
    assert reverse("admin:first_password", args=["a", "b"]) == "/admin/password/a/b/"
