"""Reporting duties are read, changed, ended and taken back by the API."""

import pytest

from indicators.models import Indicator, ReportingDuty
from kpitracker.lib.models import AuditEntry
from tests import factories
from tests.support import Api, api_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]

DUTY = {"indicator": "sales", "area": "city", "department": "other"}
UNKNOWN = "01900000-0000-7000-8000-000000000000"


@pytest.fixture
def api() -> Api:
    factories.world()
    factories.department("other")
    return api_of()


@pytest.fixture
def place(api: Api) -> str:
    return f"reporting/duties/{api.post('reporting/duties/', DUTY).ok(201)['id']}/"


def test_a_duty_is_read_by_its_id_with_a_tag_that_tells_no_serial_number(api: Api, place: str) -> None:
    answer = api.get(place)
    assert answer.ok() == DUTY | {"id": place.split("/")[2], "valid_from": None, "valid_to": None}
    assert answer.headers["ETag"].partition(".")[0] == f'"reportingduty-{place.split("/")[2]}-1'
    assert api.rows("reporting/duties/") == [answer.json]


def test_an_ended_duty_no_longer_lets_its_department_post(api: Api, place: str) -> None:
    figure = {"indicator": "sales", "area": "city", "period": "2024-01", "value": "5"}
    other = api_of("other")
    other.post("measurements/", figure).ok(201)
    tag = api.get(place).headers["ETag"]
    ended = api.patch(place, {"valid_to": "2024-12-31"}, If_Match=tag)
    assert ended.ok()["valid_to"] == "2024-12-31"
    other.post("measurements/", figure | {"value": "6"}).problem(403, "not-your-indicator")
    api_of("statistics").post("measurements/", figure | {"value": "7"}).ok(201)

    api.patch(place, {"valid_to": None}, If_Match=ended.headers["ETag"]).ok()
    other.post("measurements/", figure | {"value": "8"}).ok(201)


def test_a_duty_given_by_mistake_is_deleted_and_the_audit_keeps_it(api: Api, place: str) -> None:
    api.delete(place, If_Match="*")
    assert not ReportingDuty.objects.exists()
    api.get(place).problem(404, "not-found")
    assert AuditEntry.objects.filter(verb="deleted", kind="indicators.reportingduty").count() == 1


@pytest.mark.parametrize(
    ("body", "slug", "pointers"),
    [
        pytest.param({"department": "statistics"}, "immutable", ["/department"], id="another department"),
        pytest.param({"indicator": "jobs"}, "immutable", ["/indicator"], id="another indicator"),
        pytest.param({"area": "town", "department": "x"}, "immutable", ["/area", "/department"], id="two at once"),
        pytest.param(
            {"valid_from": "2024-02-01", "valid_to": "2024-01-31"}, "invalid", [], id="an end before the start"
        ),
        pytest.param({"valid_to": "soon"}, "invalid-date", ["/valid_to"], id="no day"),
        pytest.param({"id": UNKNOWN}, "unknown-field", ["/id"], id="its id"),
    ],
)
def test_what_a_change_refuses(api: Api, place: str, body: dict[str, str], slug: str, pointers: list[str]) -> None:
    answer = api.patch(place, body, If_Match="*")
    assert answer.status == 400, answer.json
    if pointers:
        assert (answer.slug, [pointer for pointer, _ in answer.pointers]) == (slug, pointers)
    assert api.get(place).ok()["valid_to"] is None


def test_the_same_codes_again_are_no_change(api: Api, place: str) -> None:
    assert api.patch(place, DUTY, If_Match="*").ok()["department"] == "other"


def test_a_change_needs_the_tag_that_was_read(api: Api, place: str) -> None:
    api.patch(place, {"valid_to": "2024-12-31"}).problem(428, "precondition-required")
    tag = api.get(place).headers["ETag"]
    api.patch(place, {"valid_to": "2024-12-31"}, If_Match=tag).ok()
    api.patch(place, {"valid_to": "2025-12-31"}, If_Match=tag).problem(412, "precondition-failed")


@pytest.mark.parametrize("identifier", [UNKNOWN, "-" * 36, "1", "x"])
def test_ids_that_do_not_exist(api: Api, identifier: str) -> None:
    for method in ("GET", "PATCH", "DELETE"):
        body: dict[str, str] | None = {} if method == "PATCH" else None
        api.call(method, f"reporting/duties/{identifier}/", body, If_Match="*").problem(404, "not-found")


def test_duties_for_restricted_indicators_do_not_exist_for_others(api: Api, place: str) -> None:
    Indicator.objects.filter(code="sales").update(restricted=True)
    factories.department("third")
    api_of("third").get(place).problem(404, "not-found")
    assert api_of("other").get(place).status == 200


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_only_administrators_change_duties(api: Api, place: str, method: str) -> None:
    body = {"valid_to": "2024-12-31"} if method == "PATCH" else None
    api_of("other").call(method, place, body, If_Match="*").problem(403, "insufficient-scope")
