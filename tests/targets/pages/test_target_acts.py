"""What is done on the page of a target: acknowledge, ask for an action, report progress, comment, by those who may."""

import re
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from indicators.models import Area, Department, Indicator
from kpitracker.lib import clock
from targets.models import Action, Alert, Comment, Plan, Target
from targets.services.alerting import user_responses
from targets.services.assessment import assess
from tests import factories
from tests.admin_support import client_of, person
from tests.project.test_languages import foreign_texts, iso_days

pytestmark = pytest.mark.django_db

PATH = "/targets/plan:sales:city/"
HTMX = {"HX-Request": "true"}
ACTION = {"text": "Open a second shop", "department": "", "person": "Hoa", "email": "", "due_day": "2030-01-31"}


@pytest.fixture
def target() -> Target:
    """A target with an alert, an action of another department, and departments beside the lead."""
    row = factories.world()
    factories.department("builders")
    factories.department("press")
    factories.figure("sales", "2024", 900)
    assess.process_series_changes(now=clock.now())
    factories.action(row, "2029-12-31", text="Build a road", department="builders")
    return row


def reader(role: str, department: str | None = None) -> Client:
    return client_of(person("lan", role, department))


def text_of(answer: Any) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", answer.content.decode())).split())


def addresses(answer: Any) -> set[str]:
    """The forms of the page for acts about the target, by the first words of their addresses."""
    return {
        address.removeprefix("/targets/plan:sales:city/").split("/")[0] + ("/id" if address.count("/") > 4 else "")
        for address in re.findall(r'hx-post="([^"]*)"', answer.content.decode())
    }


EVERYTHING = {"alerts/id", "actions", "actions/id", "comments"}
ROLES = [
    pytest.param("administrator", None, EVERYTHING, id="an administrator may do everything"),
    pytest.param("planner", None, EVERYTHING, id="a plan owner of the whole organisation too"),
    pytest.param("planner", "statistics", EVERYTHING, id="a plan owner of the lead too"),
    pytest.param("officer", "statistics", {"alerts/id", "comments"}, id="an officer of the lead answers and comments"),
    pytest.param("viewer", "statistics", set(), id="a viewer only reads"),
    pytest.param("viewer", None, set(), id="a viewer of the whole organisation only reads"),
    pytest.param("planner", "press", {"comments"}, id="a plan owner of another department comments"),
    pytest.param("planner", "builders", {"comments", "actions/id"}, id="the department of an action reports progress"),
]


@pytest.mark.parametrize(("role", "department", "expected"), ROLES)
def test_forms_are_shown_to_those_who_may_and_others_are_refused(
    target: Target, role: str, department: str | None, expected: set[str]
) -> None:
    client, alert, action = reader(role, department), Alert.objects.get(), Action.objects.get()
    page = client.get(PATH)
    assert page.status_code == 200
    assert addresses(page) == expected
    posts: dict[str, tuple[str, dict[str, Any]]] = {
        "alerts/id": (f"alerts/{alert.pk}/", {"note": "Floods"}),
        "actions": ("actions/", ACTION),
        "actions/id": (f"actions/{action.pk}/", {"state": "in_progress", "seen_version": action.row_version}),
        "comments": ("comments/", {"text": "Why?"}),
    }
    statuses = {name: client.post(PATH + path, values).status_code for name, (path, values) in posts.items()}
    assert statuses == {name: 302 if name in expected else 403 for name in posts}


def test_without_scripts_the_page_leads_back_and_says_what_was_stored(target: Target) -> None:
    client = reader("administrator")
    answer = client.post(f"{PATH}comments/", {"text": "Two\nlines & <b>no tags</b>"})
    assert answer["Location"] == "/targets/plan:sales:city/#responses"
    page = client.get(PATH)
    assert "The comment is stored." in text_of(page)
    assert "Two<br>lines &amp; &lt;b&gt;no tags" in page.content.decode()


@pytest.mark.parametrize(
    ("path", "values", "words"),
    [
        pytest.param("comments/", {"text": "Why?"}, "The comment is stored.", id="a comment"),
        pytest.param("actions/", ACTION, "The action is stored.", id="an action"),
        pytest.param("alerts/{alert}/", {"note": "Floods"}, "The alert is acknowledged.", id="an answer"),
        pytest.param(
            "actions/{action}/", {"state": "done", "outcome": "Built"}, "The progress is stored.", id="a close"
        ),
    ],
)
def test_with_htmx_only_the_part_is_exchanged(target: Target, path: str, values: dict[str, Any], words: str) -> None:
    action = Action.objects.get()
    place = PATH + path.format(alert=Alert.objects.get().pk, action=action.pk)
    answer = reader("administrator").post(place, values | {"seen_version": action.row_version}, headers=HTMX)
    assert answer.status_code == 200
    assert answer.content.decode().startswith('<section id="responses"')
    assert words in text_of(answer)
    assert all(
        str(shown) in text_of(answer) for name, shown in values.items() if shown and name in ("text", "note", "outcome")
    )


def test_what_was_sent_is_stored_by_the_services_of_the_api(target: Target) -> None:
    client = reader("planner", "statistics")
    client.post(f"{PATH}actions/", ACTION)
    action = Action.objects.get(text=ACTION["text"])
    assert (str(action.department), action.person, action.due_day.isoformat()) == ("Statistics", "Hoa", "2030-01-31")
    version = {"seen_version": action.row_version}
    client.post(f"{PATH}actions/{action.pk}/", {"state": "done", "outcome": "Opened", **version})
    action.refresh_from_db()
    assert (action.state, action.outcome, action.closed_day) == ("done", "Opened", clock.today())
    client.post(f"{PATH}alerts/{Alert.objects.get().pk}/", {"note": "Floods in May", "promised_day": ""})
    alert = Alert.objects.get()
    assert (alert.state, alert.acknowledgement_note) == ("acknowledged", "Floods in May")


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["without scripts", "with htmx"])
@pytest.mark.parametrize(
    ("path", "values", "words"),
    [
        pytest.param("comments/", {"text": " "}, "This field is required.", id="an empty comment"),
        pytest.param("comments/", {"text": "a\u202eb"}, "U+202E", id="a comment with a character that turns the text"),
        pytest.param("actions/", ACTION | {"due_day": ""}, "This field is required.", id="an action without a day"),
        pytest.param("actions/", ACTION | {"due_day": "soon"}, "Enter a valid date.", id="an action with no day"),
        pytest.param("actions/", ACTION | {"department": "moon"}, "moon", id="an unknown department"),
        pytest.param("actions/", ACTION | {"email": "hoa"}, "valid email", id="no e-mail address"),
        pytest.param("alerts/{alert}/", {"note": "Floods", "promised_day": "2020-01-01"}, "Not before", id="a promise in the past"),
        pytest.param("alerts/{alert}/", {"note": ""}, "This field is required.", id="an answer without words"),
        pytest.param("actions/{action}/", {"state": "open", "closed_day": "2024-01-01"}, "Only a closed action", id="an end of what is open"),
        pytest.param("actions/{action}/", {"state": "done", "closed_day": "2999-01-01"}, "Not after today", id="an end in the future"),
    ],
)  # fmt: skip
def test_what_is_refused_is_said_and_what_was_typed_is_kept(
    target: Target, path: str, values: dict[str, Any], words: str, headers: dict[str, str]
) -> None:
    alert, action = Alert.objects.get(), Action.objects.get()
    before = (Action.objects.count(), Comment.objects.count(), alert.state, action.row_version)
    posted = values | {"seen_version": action.row_version}
    place = PATH + path.format(alert=alert.pk, action=action.pk)
    answer = reader("administrator").post(place, posted, headers=headers)
    assert answer.status_code == 400
    assert "Nothing was stored." in text_of(answer)
    assert words in text_of(answer)
    assert answer.content.decode().count("<details open>") == 1
    for name in ("text", "note", "person"):
        if typed := values.get(name, "").strip():
            assert typed in answer.content.decode()
    alert.refresh_from_db()
    action.refresh_from_db()
    assert (Action.objects.count(), Comment.objects.count(), alert.state, action.row_version) == before


def test_a_change_by_another_user_is_told_and_is_overwritten_only_knowingly(target: Target) -> None:
    client, alert, action = reader("administrator"), Alert.objects.get(), Action.objects.get()
    page = client.get(PATH).content.decode()
    user_responses.acknowledge_alert(alert=alert, by=factories.BY, now=clock.now(), note="It rained")
    action.outcome = "Half of it"
    action.row_version += 1
    action.save()
    assert 'name="seen_answer" id="' in page or 'name="seen_answer"' in page
    first = client.post(f"{PATH}alerts/{alert.pk}/", {"note": "Floods", "seen_answer": ""}, headers=HTMX)
    assert first.status_code == 400
    assert "Another user has answered this alert" in text_of(first)
    assert "It rained" in text_of(first)
    seen = re.findall(r'name="seen_answer" value="([^"]+)"', first.content.decode())
    again = client.post(f"{PATH}alerts/{alert.pk}/", {"note": "Floods", "seen_answer": seen[0]}, headers=HTMX)
    assert again.status_code == 200
    alert.refresh_from_db()
    assert alert.acknowledgement_note == "Floods"
    late = client.post(f"{PATH}actions/{action.pk}/", {"state": "done", "seen_version": action.row_version - 1})
    assert late.status_code == 400
    assert "Another user has changed this action" in text_of(late)
    assert "Half of it" in text_of(late)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_all_is_said_in_the_language_of_the_reader(target: Target, language: str) -> None:
    client = reader("administrator")
    Indicator.objects.update(name="Việc 1", name_en="Work 1")
    Area.objects.update(name="Việc 2", name_en="Work 2")
    Department.objects.update(name="Việc 3", name_en="Work 3")
    Plan.objects.update(name="Việc 4", name_en="Work 4")
    pages = [client.get(path, headers={"Accept-Language": language}) for path in (PATH, f"{PATH}what-if/?lower=900")]
    pages.append(client.post(f"{PATH}actions/", {}, headers={"Accept-Language": language, **HTMX}))
    for page in pages:
        content = page.content.decode()
        mistakes = [text for text in foreign_texts(content, language) if text not in ("Build a road", "Tiếng Việt")]
        assert mistakes + iso_days(content) == []


def test_what_is_not_of_this_target_does_not_exist(target: Target) -> None:
    factories.indicator("other", department="statistics")
    factories.target("other")
    alert, action = Alert.objects.get(), Action.objects.get()
    client = reader("administrator")
    for path in (f"alerts/{alert.pk}/", f"actions/{action.pk}/"):
        assert client.post(f"/targets/plan:other:city/{path}", {"note": "x"}).status_code == 404
    assert client.post("/targets/plan:none:city/comments/", {"text": "x"}).status_code == 404
    assert client.get(f"{PATH}comments/").status_code == 405


def test_the_queries_do_not_grow_with_what_was_done(target: Target) -> None:
    client = reader("planner", "statistics")

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(PATH).status_code == 200
        return len(queries)

    count()
    before = count()
    for number in range(5):
        factories.action(target, "2029-12-31", text=f"Build {number}", department="builders")
        factories.comment(target=target.identifier, text=f"Why {number}?")
    assert count() == before
