"""Alerts: who is told of what."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings

from kpitracker.lib import clock
from kpitracker.lib.outbound import mail_files
from targets.models import Alert, Delivery
from targets.services.assessment import assess
from tasks.delivery import send_due_deliveries
from tests import factories
from tests.mailbox import read_mailbox
from tests.support import Api, api_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def api(tmp_path: Path, settings: Any) -> Api:
    settings.EMAIL_FILE_PATH, settings.EMAIL_BACKEND = tmp_path, mail_files.BACKEND
    factories.world()
    factories.figure("sales", "2024", 1300)
    look()
    return api_of()


def look() -> None:
    assess.process_series_changes(now=clock.now())


def post(value: int, **more: Any) -> None:
    factories.figure("sales", "2024", value, **more)
    look()


def mails() -> list[Any]:
    return read_mailbox(settings.EMAIL_FILE_PATH)


def test_a_worse_status_opens_one_alert_and_sends_one_message(api: Api) -> None:
    assert api.rows("alerts/") == []
    post(900)
    rows = api.rows("alerts/")
    assert [(row["target"], row["status"], row["state"], row["severity"], row["rule"]) for row in rows] == [
        ("plan:sales:city", "missed", "firing", "critical", "status-worrying")
    ]
    assert "900" in rows[0]["message"]
    assert api.get(f"alerts/{rows[0]['id']}/").ok().items() >= rows[0].items()
    assert send_due_deliveries() == 1
    assert len(mails()) == 1
    assert send_due_deliveries() == 0


def test_posting_the_same_again_tells_nobody(api: Api) -> None:
    post(900)
    send_due_deliveries()
    post(900)
    assert send_due_deliveries() == 0
    assert len(mails()) == 1


def test_history_tells_nobody(api: Api) -> None:
    post(900, published="2025-01-01")
    factories.figure("sales", "2024", 800, published=None)
    look()
    assert api.rows("alerts/") == []


def test_recovery_closes_the_alert_and_the_next_breach_is_another(api: Api) -> None:
    post(900)
    post(1300)
    assert [row["state"] for row in api.rows("alerts/")] == ["resolved"]
    post(800)
    rows = api.rows("alerts/")
    assert sorted(row["state"] for row in rows) == ["firing", "resolved"]
    # What waits for one person goes as one message.
    assert send_due_deliveries() == 1
    assert len(mails()) == 1


def test_getting_worse_is_told_within_the_same_alert(api: Api) -> None:
    factories.plan("running", str(clock.today().year))
    target = factories.target("sales", plan="running")
    first = f"{clock.today().year}-01"
    factories.figure("sales", first, 100)
    look()
    factories.figure("sales", first, 98)
    look()
    factories.figure("sales", first, 50)
    look()
    alert = Alert.objects.get(target=target, rule__code="status-worrying")
    assert alert.status == "off_track"
    notified = Delivery.objects.filter(alert=alert).order_by("pk").values_list("event", "status")
    assert list(notified) == [("opened", "at_risk"), ("worse", "off_track")]


@pytest.mark.parametrize(
    ("own", "above", "fallback", "wanted"),
    [
        pytest.param("own@x.vn", "top@x.vn", "all@x.vn", "own@x.vn", id="the department that answers"),
        pytest.param("", "top@x.vn", "all@x.vn", "top@x.vn", id="else the nearest above it with an address"),
        pytest.param("", "", "all@x.vn", "all@x.vn", id="else the address of the instance"),
    ],
)
def test_who_is_told(api: Api, own: str, above: str, fallback: str, wanted: str) -> None:
    factories.department("top", email=above)
    factories.department("middle", parent="top")
    factories.department("office", parent="middle", email=own)
    factories.indicator("jobs", department="office")
    factories.target("jobs")
    with override_settings(ALERT_EMAIL=fallback):
        factories.figure("jobs", "2024", 5)
        look()
    assert Delivery.objects.get().recipient == wanted


def test_without_anybody_to_tell_the_delivery_says_so(api: Api) -> None:
    factories.indicator("jobs")
    factories.target("jobs")
    factories.figure("jobs", "2024", 5)
    look()
    row = Delivery.objects.get()
    assert (row.state, row.recipient) == ("failed", "")
    assert send_due_deliveries() == 0


def test_the_message_says_what_is_wrong_in_both_languages(api: Api) -> None:
    post(900, stage="official")
    send_due_deliveries()
    message = mails()[0]
    body = message.get_body(("plain",)).get_content()
    for words in (
        "không đạt",
        "missed",
        "1.200",
        "1,200",
        "900",
        "−300",
        "năm 2024",
        "statistics",
        "/targets/plan:sales:city/",
    ):
        assert words.lower() in body.lower()
    assert message["To"] == "statistics@example.org"
    assert str(Delivery.objects.get().pk) in message["Message-ID"]


def test_a_mail_is_html_too_and_escapes_what_people_write(api: Api) -> None:
    factories.indicator("jobs", name="<b>Việc làm</b>", department="statistics")
    factories.target("jobs")
    factories.figure("jobs", "2024", 5)
    look()
    send_due_deliveries()
    html = mails()[0].get_body(("html",)).get_content()
    assert "&lt;b&gt;Việc làm&lt;/b&gt;" in html
    assert "<b>" not in html
    assert "/targets/plan:jobs:city/" in html
    assert "/admin/" not in html


def test_the_end_is_told_as_such(api: Api) -> None:
    post(900)
    send_due_deliveries()
    post(1300)
    send_due_deliveries()
    subjects = [str(message["Subject"]) for message in mails()]
    assert [("đã hết" in subject and "over" in subject) for subject in subjects].count(True) == 1
    texts = [message.get_body(("plain",)).get_content() for message in mails()]
    assert [("nothing is expected of you" in text) for text in texts].count(True) == 1


@pytest.mark.parametrize(
    "query", ["state=firing", "severity=critical", "plan=plan", "department=statistics", "status__in=missed"]
)
def test_filters(api: Api, query: str) -> None:
    post(900)
    assert len(api.rows(f"alerts/?{query}")) == 1
    name = query.partition("=")[0]
    others = {"state": "resolved", "severity": "info", "status__in": "at_risk,met"}
    assert api.rows(f"alerts/?{name}={others.get(name, 'nothing')}") == []


def test_an_alert_that_does_not_exist(api: Api) -> None:
    api.get("alerts/00000000-0000-7000-8000-000000000000/").problem(404, "not-found")
    api.get("alerts/1/").problem(404, "not-found")
