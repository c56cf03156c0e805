"""The link of a message: whoever has it says that he is at it, and can do nothing else with it."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail, signing
from django.test import Client
from django.urls import reverse

from indicators.models import Indicator
from kpitracker.lib import clock
from kpitracker.lib.models.audit import AuditEntry
from targets.models import Alert, Delivery
from targets.services.alerting import user_responses
from targets.services.assessment import assess
from targets.services.notifications import links
from tasks.delivery import send_due_deliveries
from tests import factories

pytestmark = pytest.mark.django_db

SAID = {"note": "Floods in May", "promised_day": ""}


@pytest.fixture
def path(settings: Any) -> str:
    """As it stands in the mail."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    factories.world()
    factories.figure("sales", "2024", 900)
    assess.process_series_changes(now=clock.now())
    send_due_deliveries()
    [result] = set(re.findall(rf"{settings.PUBLIC_URL}(/answer/\S+/)", str(mail.outbox[0].body)))
    return str(result)


def test_to_look_at_it_does_nothing_and_to_answer_notes_who_and_why(client: Client, path: str) -> None:
    shown = client.get(path)
    assert "Sales, City" in shown.content.decode()
    assert shown["Cache-Control"].startswith("max-age=0, no-cache")
    assert Alert.objects.get().state == "firing"

    assert client.post(path, SAID).status_code == 200
    alert = Alert.objects.get()
    assert (alert.state, alert.acknowledged_by, alert.acknowledgement_note) == (
        "acknowledged", "statistics@example.org", "Floods in May"
    )  # fmt: skip
    assert AuditEntry.objects.filter(verb="acknowledged", actor="statistics@example.org").count() == 1


def test_it_needs_the_token_of_the_form(path: str) -> None:
    assert Client(enforce_csrf_checks=True).post(path, SAID).status_code == 403
    assert Alert.objects.get().state == "firing"


@pytest.mark.parametrize(
    "answer",
    [
        {"note": "Floods", "promised_day": "9999-12-31"},
        {"note": "Floods", "promised_day": "31/12/9999"},
        {"note": "x" * 70_000},
        {"note": "a NUL: \0"},
        {"note": "a turned direction: \u202e"},
        {"note": "no character: \uffff"},
        {"note": "e" + "\u0301" * 40},
    ],
    ids=["a day without end", "the same in Vietnamese", "70,000 letters", "NUL", "turned", "no character", "marks"],
)
def test_what_the_api_would_refuse_is_asked_again(client: Client, path: str, answer: dict[str, str]) -> None:
    page = client.post(path, answer)
    assert page.status_code == 200
    assert "errorlist" in page.content.decode() or "<form" in page.content.decode()
    assert Alert.objects.get().state == "firing"


@pytest.mark.parametrize("said", [{"note": " "}, {"note": "x", "promised_day": "01/02/2020"}, {}])
def test_what_says_nothing_is_asked_again(client: Client, path: str, said: dict[str, str]) -> None:
    answer = client.post(path, said)
    assert b"csrfmiddlewaretoken" in answer.content
    assert Alert.objects.get().state == "firing"


def forged(path: str) -> str:
    return path.replace("/answer/", "/answer/f", 1)


def of_another_purpose(path: str) -> str:
    return f"/answer/{signing.TimestampSigner(sep='.').sign(Delivery.objects.get().pk.hex)}/"


def closed(path: str) -> str:
    by = factories.BY
    user_responses.resolve_alert(alert=Alert.objects.get(), by=by, now=clock.now(), reason="counted twice")
    return path


def restricted(path: str) -> str:
    factories.department("press")
    contact = factories.contact(department="press", role="everything")
    Delivery.objects.update(contact=contact, recipient=contact.address)
    Indicator.objects.update(restricted=True)
    return path


@pytest.mark.parametrize("change", [forged, of_another_purpose, closed, restricted, lambda path: "/answer/x/"])
def test_a_link_that_does_not_hold_says_so_and_nothing_else(client: Client, path: str, change: Any) -> None:
    link = change(path)
    for answer in (client.get(link), client.post(link, SAID)):
        assert answer.status_code == 404
        assert b"Sales" not in answer.content
    assert not Alert.objects.filter(state="acknowledged").exists()


def test_after_a_month_it_is_too_old(client: Client, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "_TOKEN_LIFETIME", timedelta(seconds=-1))
    assert client.get(path).status_code == 404


def test_acknowledged_without_an_action_is_said(client: Client, path: str) -> None:
    client.post(path, SAID)
    alert = Alert.objects.get()
    assert user_responses.has_no_open_action(alert)
    factories.action(alert.target, "2030-01-01")
    assert not user_responses.has_no_open_action(alert)


def test_an_answer_is_shown_and_a_second_one_starts_from_it(client: Client, path: str) -> None:
    day = clock.today() + timedelta(days=15)
    client.post(path, {"note": "Floods in May", "promised_day": f"{day:%d/%m/%Y}"}, headers={"Accept-Language": "vi"})
    page = client.get(path, headers={"Accept-Language": "vi"})
    assert "Floods in May" in page.content.decode()
    assert f"{day:%d/%m/%Y}" in page.content.decode()
    form = page.context["form"]
    again = {"note": "Better now", "promised_day": form["promised_day"].as_widget().partition('value="')[2][:10]}
    client.post(path, again, headers={"Accept-Language": "vi"})
    alert = Alert.objects.get()
    assert (alert.acknowledgement_note, alert.promised_day) == ("Better now", day)


def test_the_calendar_of_the_page_has_its_texts_without_a_login(client: Client, path: str) -> None:
    texts = reverse("answer-texts")
    assert f'<script src="{texts}">' in client.get(path).content.decode()
    answer = client.get(texts, headers={"Accept-Language": "vi"})
    assert answer.status_code == 200
    assert "gettext_noop" in answer.content.decode()
    assert "%d/%m/%Y" in answer.content.decode()
