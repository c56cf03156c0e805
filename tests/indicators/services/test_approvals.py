"""Figures that count only once a second person of the department has approved them."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from indicators.models import Approval, Department, Measurement, Revision, User
from indicators.services.figures import approvals, revision_store
from kpitracker.lib import clock
from kpitracker.lib.actor import ALL_SCOPES, Actor
from kpitracker.lib.errors import Forbidden, ValidationProblem
from kpitracker.lib.models import AuditEntry
from targets.models import Assessment
from targets.services.assessment import assess
from tests import factories
from tests.support import Api, api_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]
FIGURE = {"indicator": "sales", "area": "city", "period": "2024"}


@pytest.fixture
def api() -> Api:
    target = factories.world()
    type(target.indicator).objects.update(needs_approval=True)
    factories.department("other")
    return api_of()


def person(name: str = "second", department: str | None = "statistics", **values: Any) -> Actor:
    user = User.objects.create_user(name)
    result = Department.objects.get(code=department).pk if department else None
    return Actor(f"admin {name}", result, ALL_SCOPES, person=user.pk)._replace(**values)


def waiting() -> list[Any]:
    return list(Approval.objects.filter(state="pending").order_by("pk").values_list("pk", flat=True))


def decide(by: Actor, *, approve: bool = True, now: datetime | None = None, reason: str = "") -> int:
    return approvals.decide_approvals(
        revisions=waiting(), approve=approve, by=by, now=now or clock.now(), reason=reason
    )


def status(api: Api, **parameters: str) -> str:
    query = "&".join(f"{name}={value}" for name, value in parameters.items())
    return str(api.get(f"targets/plan:sales:city/status/?{query}").ok()["status"])


def test_a_figure_counts_from_its_approval_on(api: Api) -> None:
    answer = api.post("measurements/", {**FIGURE, "value": "1300", "published": "2025-01-10"}).ok(201)
    assert [warning["slug"] for warning in answer["warnings"]] == ["awaits-approval"]
    assert answer["current"] is False
    assert api.rows("measurements/") == []
    assert api.rows("measurements/?include_history=true&as_of=2025-02-01") == []
    assert status(api) == status(api, as_of="2025-02-01") == "no_data"

    before = clock.now().isoformat().replace("+", "%2B")
    assert decide(person()) == 1

    assess.process_series_changes(now=clock.now())
    assert api.rows("measurements/")[0]["published"] == "2025-01-10"
    assert status(api) == status(api, as_of="2025-02-01") == "exceeded"
    assert Assessment.objects.get().status == "exceeded"
    # What was known before the approval stays what it was.
    assert status(api, as_of="2025-02-01", recorded_by=before) == "no_data"


def test_a_correction_waits_while_the_old_value_stands(api: Api) -> None:
    api.post("measurements/", {**FIGURE, "value": "1300"}).ok(201)
    decide(person())
    corrected = api.post("measurements/", {**FIGURE, "value": "1100"}).ok(201)
    assert (corrected["outcome"], corrected["previous"]["value"]) == ("revised", "1300")
    assert api.rows("measurements/")[0]["value"] == "1300"
    decide(person("third"))
    assert api.rows("measurements/")[0]["value"] == "1100"
    assert Measurement.objects.get().revision == 2


def test_the_same_again_does_not_wait_twice(api: Api) -> None:
    api.post("measurements/", {**FIGURE, "value": "1300"}).ok(201)
    assert api.post("measurements/", {**FIGURE, "value": "1300"}).ok(200)["outcome"] == "unchanged"
    assert Approval.objects.count() == 1


def test_a_rejected_figure_never_counts_and_may_be_posted_again(api: Api) -> None:
    api.post("measurements/", {**FIGURE, "value": "13000", "stage": "official"}).ok(201)
    decide(person(), approve=False, reason="a zero too many")
    assert api.rows("measurements/") == []
    second = api.post("measurements/", {**FIGURE, "value": "13000", "stage": "estimate"}).ok(201)
    assert (second["outcome"], second["revision"]) == ("created", 2)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"person": None}, id="a machine"),
        pytest.param({"scopes": frozenset({"read"})}, id="somebody who may only look"),
        pytest.param({"department": "other"}, id="somebody of another department"),
        pytest.param({"name": "the poster"}, id="the one who posted it"),
    ],
)
def test_who_may_not_approve(api: Api, change: dict[str, Any]) -> None:
    api.post("measurements/", {**FIGURE, "value": "1300"}).ok(201)
    if change.get("name"):
        change = {"name": Revision.objects.get().posted_by}
    if code := change.get("department"):
        change = {"department": Department.objects.get(code=code).pk}
    with pytest.raises(Forbidden) as error:
        decide(person()._replace(**change))
    assert error.value.slug == "second-person-needed"
    assert len(waiting()) == 1


def test_in_bulk_all_or_none(api: Api) -> None:
    for month in ("2024-01", "2024-02", "2024-03"):
        api.post("measurements/", {**FIGURE, "period": month, "value": "5"}).ok(201)
    with pytest.raises(ValidationProblem):
        decide(person(), approve=False)
    assert decide(person("third")) == 3
    assert decide(person("fourth")) == 0
    assert len(api.rows("measurements/")) == 3


def test_who_approved_what_when_is_on_record(api: Api) -> None:
    api.post("measurements/", {**FIGURE, "value": "1300"}).ok(201)
    decide(person())
    entry = AuditEntry.objects.get(verb="approved")
    assert (entry.actor, entry.after["revision"]) == ("admin second", 1)
    assert Approval.objects.get().decided_by == "admin second"


def test_what_is_in_force_can_be_rebuilt(api: Api) -> None:
    api.post("measurements/", {**FIGURE, "value": "1"}).ok(201)
    api.post("measurements/", {**FIGURE, "period": "2023", "value": "2"}).ok(201)
    approvals.decide_approvals(revisions=waiting()[:1], approve=True, by=person(), now=clock.now())
    assert revision_store.rebuild_current(by=factories.BY) == 0
    Measurement.objects.update(value=None, missing_reason="suppressed")
    assert revision_store.rebuild_current(by=factories.BY) == 2
    assert sorted(str(value) for value in Measurement.objects.values_list("value", flat=True)) == ["1", "None"]


def test_the_warning_that_it_waits_ends_with_the_approval(api: Api) -> None:
    api.post("measurements/", {**FIGURE, "value": "1300"}).ok(201)
    second = api.post("measurements/", {**FIGURE, "value": "1300"}).ok()
    assert [warning["slug"] for warning in second["warnings"]] == ["awaits-approval"]
    decide(person())
    assert api.rows("measurements/")[0]["warnings"] == []
    assert api.post("measurements/", {**FIGURE, "value": "1300"}).ok()["warnings"] == []


def test_a_series_counts_no_revision_that_is_not_in_force_yet(api: Api) -> None:
    api.post("measurements/", {**FIGURE, "value": "1300"}).ok(201)
    decide(person())
    api.post("measurements/", {**FIGURE, "value": "1200"}).ok(201)
    (row,) = api.get("indicators/sales/series/?area=city").ok()["results"]
    assert (row["value"], row["revisions"]) == ("1300", 1)


def test_who_posted_what_is_in_force_is_shown_with_it(api: Api) -> None:
    api.post("measurements/", {**FIGURE, "value": "1300"}).ok(201)
    decide(person())
    api_of("statistics").post("measurements/", {**FIGURE, "value": "1200"}).ok(201)
    decide(person("third"))
    assert Measurement.objects.get().posted_by == Revision.objects.get(number=2).posted_by


def test_an_undated_figure_is_known_from_its_approval_on(api: Api) -> None:
    api.post("measurements/", {**FIGURE, "value": "1300", "published": "unknown"}).ok(201)
    tomorrow = clock.now() + timedelta(days=1)
    decide(person(), now=tomorrow)
    existing = Revision.objects.known_as_of(clock.today())
    assert not existing.exists()
    assert Revision.objects.known_as_of(clock.local_day(tomorrow)).count() == 1
