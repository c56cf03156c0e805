"""Who is told of alerts, and how: kept by administrators."""

from typing import Any

import pytest

from indicators.models import Contact, Department
from tests import factories
from tests.support import Api, api_of

pytestmark = pytest.mark.django_db

DESK = {"name": "Văn phòng", "department": "statistics", "address": "desk@example.org"}


@pytest.fixture
def api() -> Api:
    factories.department()
    return api_of()


@pytest.mark.database
def test_a_contact_is_added_read_changed_and_taken_away(api: Api) -> None:
    hours = {"quiet_from": "21:00", "quiet_until": "06:30", "working_days_only": True, "digest": "daily"}
    made = api.post("contacts/", {**DESK, **hours, "language": "vi", "min_severity": "warning"}).ok(201)
    assert made == {
        **DESK, **hours, "id": made["id"], "role": "department", "channel": "email", "language": "vi",
        "min_severity": "warning", "meeting_report": "", "active": True,
    }  # fmt: skip
    assert api.get("contacts/").ok()["results"] == [made]
    path = f"contacts/{made['id']}/"
    changed = api.patch(path, {"quiet_from": None, "quiet_until": None, "digest": ""}, If_Match="*").ok()
    assert (changed["quiet_from"], changed["digest"], changed["working_days_only"]) == (None, "", True)
    assert api.delete(path, If_Match="*").status == 204
    assert not Contact.objects.exists()


REFUSED: dict[str, tuple[dict[str, Any], str, str]] = {
    "an address that is none": ({"address": "desk"}, "invalid-email", "/address"),
    "a chat that the operator has not named": ({"channel": "chat", "address": "leaders"}, "invalid-choice", "/address"),
    "an address of a chat instead of its name": (
        {"channel": "chat", "address": "slack://a/b/c"}, "invalid-choice", "/address"
    ),
    "affairs of a department, of none": ({"department": None}, "invalid", ""),
    "a department that there is not": ({"department": "other"}, "unknown-department", "/department"),
    "quiet hours without an end": ({"quiet_from": "21:00"}, "invalid", ""),
    "quiet hours that end when they begin": ({"quiet_from": "21:00", "quiet_until": "21:00"}, "invalid", ""),
    "a time that is none": ({"quiet_from": "24:00", "quiet_until": "06:00"}, "invalid-date", "/quiet_from"),
    "a time in other digits": ({"quiet_from": "٢١:00", "quiet_until": "06:00"}, "invalid-date", "/quiet_from"),
    "an unknown role": ({"role": "boss"}, "invalid-choice", "/role"),
    "an unknown rhythm": ({"digest": "hourly"}, "invalid-choice", "/digest"),
    "a report at another pace": ({"meeting_report": "daily"}, "invalid-choice", "/meeting_report"),
    "an unknown language": ({"language": "fr"}, "invalid-choice", "/language"),
    "a field that there is not": ({"phone": "1"}, "unknown-field", "/phone"),
}  # fmt: skip


@pytest.mark.parametrize(("values", "slug", "pointer"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_contact_is_refused(api: Api, values: dict[str, Any], slug: str, pointer: str) -> None:
    answer = api.post("contacts/", {**DESK, **values})
    assert answer.pointers == [(pointer, slug)]
    assert not Contact.objects.exists()


def test_of_one_place_in_a_department_there_is_one(api: Api) -> None:
    api.post("contacts/", DESK).ok(201)
    api.post("contacts/", DESK).problem(409, "already-exists")


def test_a_chat_goes_by_the_name_that_the_operator_gave(api: Api, settings: Any) -> None:
    settings.CHAT_PLACES = {"leaders": "slack://secret"}
    made = api.post("contacts/", {"name": "L", "role": "leaders", "channel": "chat", "address": "leaders"}).ok(201)
    assert made["address"] == "leaders"


def test_a_department_keeps_its_own_contacts_and_those_below_it(api: Api) -> None:
    from indicators.services.access import contacts
    from kpitracker.lib.errors import Forbidden

    factories.department("below", parent="statistics")
    factories.department("other")
    own = Department.objects.get(code="statistics")
    by = factories.BY._replace(department=own.pk)
    made = contacts.create_contact(by=by, name="x", department="below", address="x@example.org")
    with pytest.raises(Forbidden):
        contacts.create_contact(by=by, name="x", department="other", address="x@example.org")
    with pytest.raises(Forbidden):
        contacts.create_contact(by=by, name="x", role="everything", address="x@example.org")
    with pytest.raises(Forbidden):
        contacts.update_contact(contact=made, by=by, department="other")
    with pytest.raises(Forbidden):
        contacts.update_contact(contact=made, by=by, role="everything")
