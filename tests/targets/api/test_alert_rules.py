"""Rules by the API: what they may say, and whom they speak of."""

from typing import Any

import pytest

from kpitracker.lib import clock
from targets.models import Alert, AlertRule
from targets.services.alerting import engine
from targets.services.assessment import assess
from tests import factories
from tests.support import Api, api_of

pytestmark = pytest.mark.django_db

SHORT = {"code": "short", "name": "Hụt quá 10%", "kind": "variance_beyond", "amount": "10", "in_percent": True}


@pytest.fixture
def api() -> Api:
    factories.department("top")
    factories.department("statistics", parent="top", email="office@example.org")
    factories.indicator("sales", department="statistics")
    factories.area("city")
    factories.plan()
    factories.target("sales", section="economy")
    post(1300)
    return api_of()


def post(value: int) -> None:
    factories.figure("sales", "2024", value)
    assess.process_series_changes(now=clock.now())


def opened() -> list[tuple[str, str, str]]:
    return list(Alert.objects.order_by("rule__code").values_list("rule__code", "severity", "state"))


def test_a_new_house_has_rules(api: Api) -> None:
    rows = api.rows("alert-rules/")
    assert [(row["code"], row["kind"], row["active"]) for row in rows] == [
        ("action-overdue", "action_overdue", False),
        ("back-on-track", "recovered", False),
        ("figure-revised", "revised_beyond", False),
        ("figures-due-soon", "due_soon", True),
        ("figures-overdue", "overdue", True),
        ("met-early", "met_early", True),
        ("pace-out-of-reach", "pace_out_of_reach", False),
        ("status-worrying", "status_is", True),
        ("target-amended", "target_amended", False),
    ]
    assert rows[7]["statuses"] == ["at_risk", "off_track", "missed"]


@pytest.mark.database
def test_a_rule_of_ones_own_opens_an_alert_of_its_own(api: Api) -> None:
    made = api.post("alert-rules/", {**SHORT, "severity": "info"}).ok(201)
    assert (made["amount"], made["in_percent"], made["max_escalations"], made["section"]) == ("10", True, 1, "")
    post(1150)
    assert opened() == [("status-worrying", "critical", "firing")]
    post(1000)
    assert opened() == [("short", "info", "firing"), ("status-worrying", "critical", "firing")]


SCOPES: dict[str, tuple[dict[str, str], bool]] = {
    "its plan": ({"plan": "plan"}, True),
    "its section": ({"section": "economy"}, True),
    "another section": ({"section": "health"}, False),
    "the department above": ({"department": "top"}, True),
    "another department": ({"department": "other"}, False),
    "its indicator in its area": ({"indicator": "sales", "area": "city"}, True),
    "another area": ({"area": "town"}, False),
}


@pytest.mark.parametrize(("scope", "told"), SCOPES.values(), ids=SCOPES)
def test_the_scope(api: Api, scope: dict[str, str], told: bool) -> None:
    factories.department("other")
    factories.area("town", parent="city")
    api.post("alert-rules/", {**SHORT, **scope}).ok(201)
    post(900)
    assert ("short" in [code for code, _, _ in opened()]) is told


REFUSED: dict[str, tuple[dict[str, Any], int, str, str]] = {
    "a status that worries nobody": ({"statuses": ["met"]}, 400, "invalid-choice", "/statuses"),
    "a status that there is not": ({"statuses": ["lost"]}, 400, "invalid-choice", "/statuses/0"),
    "no status": ({"statuses": []}, 400, "required", "/statuses"),
    "another kind": ({"kind": "whim"}, 400, "invalid-choice", "/kind"),
    "beyond nothing": ({"kind": "variance_beyond"}, 400, "required", "/amount"),
    "revised beyond nothing": ({"kind": "revised_beyond"}, 400, "required", "/amount"),
    "due soon, but not when": ({"kind": "due_soon"}, 400, "required", "/offset_days"),
    "a negative amount": ({"kind": "variance_beyond", "amount": "-1"}, 400, "invalid-number", "/amount"),
    "a plan that there is not": ({"plan": "none"}, 422, "unknown-plan", "/plan"),
    "an area that there is not": ({"area": "none"}, 422, "unknown-area", "/area"),
    "patience for a thousand days": ({"remind_days": 1000}, 400, "invalid-number", "/remind_days"),
    "half a day": ({"escalate_days": 0.5}, 400, "invalid-number", "/escalate_days"),
    "a field that is not known": ({"colour": "red"}, 400, "unknown-field", "/colour"),
    "a code that is taken": ({"code": "status-worrying"}, 409, "already-exists", "/code"),
}


@pytest.mark.parametrize(("values", "status", "slug", "pointer"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused(api: Api, values: dict[str, Any], status: int, slug: str, pointer: str) -> None:
    answer = api.post("alert-rules/", {"code": "mine", "name": "Mine", "statuses": ["missed"], **values})
    answer.problem(status, slug)
    assert answer.pointers == [(pointer, slug)]
    assert AlertRule.objects.count() == 9


def test_a_change_asks_for_the_version_and_for_what_the_kind_needs(api: Api) -> None:
    path = "alert-rules/status-worrying/"
    tag = api.get(path).headers["ETag"]
    api.patch(path, {"remind_days": 3}).problem(428, "precondition-required")
    api.patch(path, {"statuses": []}, If_Match=tag).problem(400, "required")
    api.patch(path, {"kind": "variance_beyond"}, If_Match=tag).problem(400, "required")
    assert api.patch(path, {"remind_days": 3}, If_Match=tag).ok()["remind_days"] == 3
    api.patch(path, {"remind_days": 4}, If_Match=tag).problem(412, "precondition-failed")


def test_one_that_opened_alerts_is_switched_off_and_not_deleted(api: Api) -> None:
    api.post("alert-rules/", SHORT).ok(201)
    post(900)
    api.delete("alert-rules/short/", If_Match="*").problem(409, "in-use")
    api.patch("alert-rules/short/", {"active": False}, If_Match="*").ok()
    engine.process_due_alerts(now=clock.now())
    assert opened() == [("short", "critical", "resolved"), ("status-worrying", "critical", "firing")]
    assert api.delete("alert-rules/pace-out-of-reach/", If_Match="*").status == 204


def test_a_rule_about_a_hidden_indicator_is_hidden(api: Api) -> None:
    factories.department("other")
    factories.indicator("secret", department="statistics", restricted=True)
    api.post("alert-rules/", {**SHORT, "indicator": "secret"}).ok(201)
    assert "short" not in [row["code"] for row in api_of("other").rows("alert-rules/")]
    api_of("other").get("alert-rules/short/").problem(404, "not-found")
    assert "short" in [row["code"] for row in api_of("statistics").rows("alert-rules/")]
