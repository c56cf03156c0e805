"""What people say about things."""

from typing import Any

import pytest

from indicators.models import Measurement, Revision
from kpitracker.lib import clock
from kpitracker.lib.models import AuditEntry
from targets.models import Alert, Comment
from targets.services.assessment import assess
from tests import factories
from tests.support import Api, api_of

pytestmark = pytest.mark.django_db

ID = "plan:sales:city"


@pytest.fixture
def api() -> Api:
    target = factories.world()
    factories.figure("sales", "2024", 900)
    assess.process_series_changes(now=clock.now())
    factories.action(target, "2024-09-30")
    return api_of()


def things() -> dict[str, str]:
    alert = Alert.objects.get()
    figure, action = Measurement.objects.get(), alert.target.actions.get()
    return {"target": ID, "measurement": str(figure.pk), "alert": str(alert.pk), "action": str(action.pk)}


@pytest.mark.database
def test_a_comment_is_about_one_thing_and_is_found_there(api: Api) -> None:
    for name, given in things().items():
        row = api.post("comments/", {name: given, "text": f"about the {name}\nof two lines"}).ok(201)
        assert {key: row[key] for key in things()} == {**dict.fromkeys(things()), name: given}
        assert api.get(f"comments/{row['id']}/").ok() == row
        assert [entry["id"] for entry in api.rows(f"comments/?{name}={given}")] == [row["id"]]
    assert len(api.rows("comments/?page_size=3")) == 4


@pytest.mark.parametrize(
    "body, status, slug",
    [
        pytest.param({"text": "about nothing"}, 400, "required", id="about nothing"),
        pytest.param({"text": "x", "target": ID, "alert": "y"}, 400, "required", id="about two things"),
        pytest.param({"target": ID, "text": " "}, 400, "required", id="nothing is said"),
        pytest.param({"target": "plan:x:y", "text": "x"}, 422, "unknown-target", id="no such target"),
        pytest.param({"measurement": "1", "text": "x"}, 422, "unknown-figure", id="what is no id"),
        pytest.param(
            {"alert": f"{'0' * 8}-0000-0000-0000-{'0' * 12}", "text": "x"}, 422, "unknown-alert", id="no alert"
        ),
        pytest.param({"action": "1", "text": "x"}, 422, "unknown-action", id="no such action"),
    ],
)
def test_refused(api: Api, body: dict[str, Any], status: int, slug: str) -> None:
    api.post("comments/", body).problem(status, slug)
    assert not Comment.objects.exists()


def test_it_is_withdrawn_by_its_author_and_stays_in_the_audit(api: Api) -> None:
    author = api_of("statistics", ["read", "alerts:write"])
    pk = author.post("comments/", {"target": ID, "text": "Wrong person"}).ok(201)["id"]
    path = f"comments/{pk}/withdraw/"
    api_of("statistics", ["read", "alerts:write"]).post(path).problem(403, "not-your-comment")
    missing = author.post(path).ok()
    assert (missing["text"], missing["withdrawn_at"] is not None) == ("", True)
    assert api.post(path).ok() == missing
    assert AuditEntry.objects.get(verb="revoked").before["text"] == "Wrong person"


def test_a_figure_that_waits_for_approval_is_none_yet(api: Api) -> None:
    factories.indicator("checked", needs_approval=True)
    factories.figure("checked", "2024", 5)
    waiting = Revision.objects.get(measurement__indicator__code="checked").measurement_id
    api.post("comments/", {"measurement": str(waiting), "text": "x"}).problem(422, "unknown-figure")
