"""On the page of one's own work people approve, answer alerts and report on actions, by the same services as elsewhere."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from indicators.models import Approval, Indicator, Measurement, User
from kpitracker.lib import clock
from targets.models import Action, Alert, Target
from targets.services.assessment import assess
from tests import factories
from tests.admin_support import client_of, person
from tests.targets.pages.test_work import text_of

pytestmark = pytest.mark.django_db

YEAR = clock.today().year - 1


@pytest.fixture
def client() -> Client:
    """An officer of the department that owes the figures of last year; a second person must approve them."""
    factories.area()
    factories.department(email="statistics@example.org")
    factories.indicator(department="statistics", unit="jobs")
    factories.plan(period=str(YEAR))
    factories.target()
    return client_of(person("lan", "officer", "statistics"))


@pytest.fixture
def waiting(client: Client) -> Approval:
    """A figure that another officer has posted, over an earlier one that counts."""
    factories.figure("sales", f"{YEAR}-01", 90)
    Indicator.objects.update(needs_approval=True)
    other = client_of(person("hoa", "officer", "statistics", first_name="Hoa", last_name="Lê"))
    other.post(
        "/admin/indicators/measurement/add/",
        {
            "indicator": str(Measurement.objects.get().indicator_id),
            "area": str(Measurement.objects.get().area_id),
            "period": f"{YEAR}-01",
            "value": "95",
            "source": "Report 7",
            "_save": "Save",
        },
    )
    return Approval.objects.get()


def decide(client: Client, approval: Approval, decision: str, reason: str = "") -> Any:
    fields = {f"decision|{approval.pk}": decision, f"reason|{approval.pk}": reason}
    return client.post("/my-work/approvals/", fields, follow=True)


class TestApprovals:
    def test_it_says_from_what_to_what_by_which_person_with_which_source(
        self, client: Client, waiting: Approval
    ) -> None:
        text = text_of(client.get("/my-work/"))
        assert f"Sales January {YEAR} , City 90 jobs → 95 jobs" in text or f"Sales January {YEAR}, City 90 jobs" in text
        assert all(words in text for words in ("95 jobs", "source: Report 7", "Lê Hoa"))

    def test_nothing_is_preselected(self, client: Client, waiting: Approval) -> None:
        page = client.get("/my-work/").content.decode()
        assert page.count('name="decision|') == 2
        assert not re.search(r'name="decision[^>]* checked', page)
        assert "Recorded" not in text_of(client.post("/my-work/approvals/", {}, follow=True))
        assert Approval.objects.get().state == "pending"

    def test_approved_it_counts(self, client: Client, waiting: Approval) -> None:
        answer = decide(client, waiting, "approve")
        assert f"Approved: Sales, January {YEAR}, City: 95 jobs." in text_of(answer)
        assert str(Measurement.objects.get().value) == "95"

    def test_a_rejection_needs_a_reason(self, client: Client, waiting: Approval) -> None:
        answer = decide(client, waiting, "reject")
        assert "Not stored. Give a reason." in text_of(answer)
        assert 'value="reject" checked' in answer.content.decode()
        assert f"Rejected: Sales, January {YEAR}, City: 95 jobs." in text_of(decide(client, waiting, "reject", "Typo"))
        assert (Approval.objects.get().state, Approval.objects.get().reason) == ("rejected", "Typo")

    @pytest.mark.parametrize(
        ("decision", "reason", "words"),
        [
            pytest.param("", "Typo", "Choose to approve or to reject.", id="a reason without a decision"),
            pytest.param("burn", "", "Choose to approve or to reject.", id="a decision that there is not"),
            pytest.param("reject", "a\x00b", "The character U+0000 is not allowed.", id="a control character"),
        ],
    )
    def test_what_cannot_be_stored_is_said(
        self, client: Client, waiting: Approval, decision: str, reason: str, words: str
    ) -> None:
        answer = decide(client, waiting, decision, reason)
        assert words in text_of(answer)
        assert Approval.objects.get().state == "pending"

    def test_the_poster_is_told_that_another_decides(self, client: Client, waiting: Approval) -> None:
        poster = client_of(User.objects.get(username="hoa"))
        answer = poster.get("/my-work/")
        assert "You posted it: another person of the department decides." in text_of(answer)
        assert 'name="decision' not in answer.content.decode()
        decide(poster, waiting, "approve")
        assert Approval.objects.get().state == "pending"

    def test_the_second_of_two_decisions_is_told(self, client: Client, waiting: Approval) -> None:
        decide(client_of(person("mai", "officer", "statistics")), waiting, "approve")
        answer = decide(client, waiting, "reject", "Typo")
        assert "Not stored: another user has decided about this figure in the meantime." in text_of(answer)
        assert Approval.objects.get().state == "approved"

    def test_a_viewer_and_another_department_decide_nothing(self, client: Client, waiting: Approval) -> None:
        factories.department("b")
        viewer = client_of(person("viewer", "viewer", "statistics"))
        assert 'name="decision' not in viewer.get("/my-work/").content.decode()
        assert decide(viewer, waiting, "approve").status_code == 403
        other = client_of(person("other", "officer", "b"))
        assert "95 jobs" not in text_of(other.get("/my-work/"))
        decide(other, waiting, "approve")
        assert Approval.objects.get().state == "pending"


@pytest.fixture
def alert(client: Client) -> Alert:
    factories.figure("sales", str(YEAR), 900)
    assess.process_series_changes(now=clock.now())
    return Alert.objects.get()


class TestAlerts:
    def test_an_alert_is_answered_there(self, client: Client, alert: Alert) -> None:
        text = text_of(client.get("/my-work/"))
        assert f"Sales, City, {YEAR}: missed (provisional)." in text
        promised = clock.today() + timedelta(days=30)
        fields = {"note": "Shop was closed", "promised_day": promised.isoformat()}
        answer = client.post(f"/my-work/alerts/{alert.pk}/", fields, follow=True)
        assert answer.redirect_chain == [("/my-work/#alerts", 302)]
        assert "Answered: lan: Shop was closed (promised for" in text_of(answer)
        alert.refresh_from_db()
        assert (alert.state, alert.promised_day) == ("acknowledged", promised)

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            pytest.param({}, "This field is required.", id="no text"),
            pytest.param({"note": " "}, "This field is required.", id="a blank text"),
            pytest.param({"note": "x", "promised_day": "2020-01-01"}, "Not before today", id="a day that has passed"),
            pytest.param({"note": "x", "promised_day": "soon"}, "Enter a valid date.", id="no day"),
        ],
    )
    def test_what_is_wrong_is_said_beside_the_alert(
        self, client: Client, alert: Alert, fields: dict[str, str], words: str
    ) -> None:
        answer = client.post(f"/my-work/alerts/{alert.pk}/", fields)
        assert (answer.status_code, words in text_of(answer)) == (200, True)
        assert "<details open>" in answer.content.decode()
        assert Alert.objects.get().state == "firing"

    def test_others_have_no_form(self, client: Client, alert: Alert) -> None:
        factories.department("b")
        viewer = client_of(person("viewer", "viewer", "statistics"))
        assert "/my-work/alerts/" not in viewer.get("/my-work/").content.decode()
        assert viewer.post(f"/my-work/alerts/{alert.pk}/", {"note": "x"}).status_code == 403
        other = client_of(person("other", "officer", "b"))
        assert other.post(f"/my-work/alerts/{alert.pk}/", {"note": "x"}).status_code == 404
        assert Alert.objects.get().state == "firing"

    def test_a_department_that_supports_the_target_sees_its_alerts(self, client: Client, alert: Alert) -> None:
        Target.objects.get().cooperating.add(factories.department("b"))
        assert "missed (provisional)" in text_of(client_of(person("other", "officer", "b")).get("/my-work/"))


class TestActions:
    @pytest.fixture
    def action(self, client: Client) -> Action:
        return factories.action(Target.objects.get(), f"{YEAR}-12-31", text="Open a second shop")

    def test_progress_is_reported_and_the_action_is_closed_there(self, client: Client, action: Action) -> None:
        late = (clock.today() - date(YEAR, 12, 31)).days
        assert f"({late} days late)" in text_of(client.get("/my-work/"))
        fields = {"state": "in_progress", "outcome": "Rooms found", "closed_day": "", "seen_version": "1"}
        assert "Rooms found" in text_of(client.post(f"/my-work/actions/{action.pk}/", fields, follow=True))
        fields = {"state": "done", "outcome": "Open", "closed_day": "", "seen_version": "2"}
        answer = client.post(f"/my-work/actions/{action.pk}/", fields, follow=True)
        assert f"Stored: Sales, City, {YEAR}: Open a second shop." in text_of(answer)
        action.refresh_from_db()
        assert (action.state, action.outcome, action.closed_day) == ("done", "Open", clock.today())

    def test_what_another_wrote_meanwhile_is_not_overwritten_unseen(self, client: Client, action: Action) -> None:
        fields = {"state": "in_progress", "outcome": "Mine", "closed_day": "", "seen_version": "1"}
        client.post(f"/my-work/actions/{action.pk}/", {**fields, "outcome": "Theirs"})
        answer = client.post(f"/my-work/actions/{action.pk}/", fields)
        text = text_of(answer)
        assert "Another user has changed this action since you opened the page." in text
        assert ("Theirs" in text, "Mine" in text) == (True, True)
        assert Action.objects.get().outcome == "Theirs"
        [version] = re.findall(r'name="seen_version" value="(\d+)"', answer.content.decode())
        client.post(f"/my-work/actions/{action.pk}/", {**fields, "seen_version": version})
        assert Action.objects.get().outcome == "Mine"

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            pytest.param({"state": "burnt"}, "Select a valid choice.", id="an unknown state"),
            pytest.param({"closed_day": "2999-01-01", "state": "done"}, "Not after today", id="closed in the future"),
            pytest.param({"closed_day": "2024-01-01"}, "Only a closed action has this day.", id="closed and open"),
        ],
    )
    def test_what_is_wrong_is_said_beside_the_action(
        self, client: Client, action: Action, fields: dict[str, str], words: str
    ) -> None:
        whole = {"state": "in_progress", "outcome": "x", "closed_day": "", "seen_version": "1", **fields}
        assert words in text_of(client.post(f"/my-work/actions/{action.pk}/", whole))
        assert Action.objects.get().state == "open"

    def test_others_have_no_form(self, client: Client, action: Action) -> None:
        factories.department("b")
        fields = {"state": "done", "outcome": "", "closed_day": "", "seen_version": "1"}
        viewer = client_of(person("viewer", "viewer", "statistics"))
        assert "/my-work/actions/" not in viewer.get("/my-work/").content.decode()
        assert viewer.post(f"/my-work/actions/{action.pk}/", fields).status_code == 403
        other = client_of(person("other", "officer", "b"))
        assert other.post(f"/my-work/actions/{action.pk}/", fields).status_code == 404
        assert Action.objects.get().state == "open"


@pytest.mark.parametrize("path", ["approvals/", "alerts/{}/", "actions/{}/"])
def test_what_writes_needs_a_login_its_token_and_a_post(client: Client, path: str) -> None:
    address = "/my-work/" + path.format("01990000-0000-7000-8000-000000000000")
    assert client.get(address).status_code == 405
    assert Client().post(address)["Location"].startswith("/admin/login/")
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(person("strict", "officer", "statistics"))
    assert strict.post(address).status_code == 403


def test_more_rows_need_no_more_queries(client: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/my-work/").status_code == 200
        return len(captured)

    def add(code: str) -> None:
        factories.indicator(code, department="statistics", needs_approval=True, unit="jobs")
        target = factories.target(code)
        factories.action(target, f"{YEAR}-12-31")
        factories.figure(code, f"{YEAR}-01", 5)
        assess.process_series_changes(now=clock.now())

    add("first")
    queries()
    before = queries()
    for number in range(4):
        add(f"more{number}")
    assert queries() == before
    assert before <= 45, before
