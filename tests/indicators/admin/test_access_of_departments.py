"""What each of two departments, one below the other, is shown in the admin, and what it may open, write and choose."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from indicators.services.catalogue import reporting_duties
from kpitracker.lib import clock
from targets.models import Target
from targets.services.assessment import assess
from tests import factories
from tests.admin_support import client_of, person

pytestmark = pytest.mark.django_db


class TestParts:
    """Two departments, one below the first, and what each is shown."""

    @pytest.fixture(autouse=True)
    def houses(self) -> None:
        factories.area()
        factories.department("trade")
        factories.department("markets", parent="trade")
        factories.department("tax")
        for code, department in (("sales", "markets"), ("revenue", "tax"), ("secret", "tax"), ("jobs", None)):
            factories.indicator(code, department=department, restricted=code == "secret")
            factories.figure(code, "2024", 5)
        reporting_duties.create_duty(by=factories.BY, indicator="jobs", area="city", department="trade")
        factories.plan(department="trade")
        factories.plan("budget", department="tax")
        factories.plan("hidden", department="tax")
        for plan, code in (("plan", "sales"), ("budget", "revenue"), ("hidden", "secret")):
            factories.target(code, plan=plan)
        factories.target("jobs", plan="budget", cooperating=["markets"])
        assess.process_series_changes(now=clock.now())

    def shown(self, client: Client, page: str, field: str) -> set[str]:
        rows: Any = client.get(reverse(f"admin:{page}_changelist")).context["cl"].result_list
        return {str(rows_value(row, field)) for row in rows}

    @pytest.mark.parametrize(
        "role, department, indicators, targets, plans",
        [
            ("viewer", "trade", "jobs sales", "budget:jobs plan:sales", "budget plan"),
            ("officer", "markets", "sales", "budget:jobs plan:sales", "budget plan"),
            ("officer", "tax", "revenue secret", "budget:jobs budget:revenue hidden:secret", "budget hidden"),
            ("planner", "trade", "jobs revenue sales", "budget:jobs budget:revenue plan:sales", "budget hidden plan"),
            ("viewer", None, "jobs revenue sales secret", None, "budget hidden plan"),
            ("administrator", "trade", "jobs revenue sales secret", None, "budget hidden plan"),
        ],
    )
    def test_what_somebody_is_shown(
        self, role: str, department: str | None, indicators: str, targets: str | None, plans: str
    ) -> None:
        client = client_of(person("lan", role, department))
        everything = "budget:jobs budget:revenue hidden:secret plan:sales"
        seen = {f"{value}:city" for value in (targets or everything).split()}
        assert self.shown(client, "indicators_indicator", "code") == set(indicators.split())
        assert self.shown(client, "indicators_measurement", "indicator__code") == set(indicators.split())
        assert self.shown(client, "targets_target", "identifier") == seen
        assert self.shown(client, "targets_plan", "code") == set(plans.split())
        for page in ("assessment", "statuschange", "alert"):
            assert self.shown(client, f"targets_{page}", "target__identifier") == seen, page

    def offered(self, client: Client, model: str, field: str) -> set[str]:
        app, _, name = model.partition(".")
        answer = client.get("/admin/autocomplete/", {"app_label": app, "model_name": name, "field_name": field})
        return {row["text"] for row in answer.json()["results"]}

    def test_autocompletion_offers_no_more_than_the_lists_show(self) -> None:
        viewer = client_of(person("lan", "viewer", "trade"))
        assert self.offered(viewer, "targets.target", "indicator") == {"Jobs", "Sales"}
        planner = client_of(person("hoa", "planner", "trade"))
        assert self.offered(planner, "targets.target", "plan") == {"Plan"}
        assert self.offered(planner, "targets.target", "indicator") == {"Jobs", "Revenue", "Sales"}
        assert self.offered(planner, "targets.plan", "department") == {"Trade", "Markets"}

    def test_what_is_not_shown_cannot_be_opened(self) -> None:
        client = client_of(person("lan", "officer", "trade"))
        target = Target.objects.get(identifier="hidden:secret:city")
        for page, key in (("target", target.pk), ("plan", target.plan_id), ("assessment", target.pk)):
            for view in ("change", "history"):
                assert client.get(reverse(f"admin:targets_{page}_{view}", args=[key])).status_code == 302
        path = reverse("admin:indicators_indicator_change", args=[target.indicator_id])
        assert client.get(path).status_code == 302

    def test_a_planner_sees_plans_of_others_but_is_offered_no_way_to_write_them(self) -> None:
        client = client_of(person("lan", "planner", "trade"))
        target = Target.objects.get(identifier="budget:revenue:city")
        for page, key in (("target", target.pk), ("plan", target.plan_id)):
            path = reverse(f"admin:targets_{page}_change", args=[key])
            shown = client.get(path)
            assert (shown.status_code, 'name="_save"' in shown.content.decode()) == (200, False)
            assert client.post(path, {}).status_code == 403
            assert client.post(reverse(f"admin:targets_{page}_delete", args=[key])).status_code == 403

    def test_a_form_takes_no_row_that_it_does_not_offer(self) -> None:
        client = client_of(person("lan", "planner", "trade"))
        target = Target.objects.get(identifier="hidden:secret:city")
        fields = {
            "plan": target.plan_id, "indicator": target.indicator_id, "area": target.area_id, "goal": "at_least",
            "period_start": "2024-01-01", "period_end": "2024-12-31", "lower": "1", "weight": "1", "state": "adopted",
        }  # fmt: skip
        answer = client.post(reverse("admin:targets_target_add"), fields)
        assert set(answer.context["adminform"].form.errors) >= {"plan", "indicator"}

    def test_filters_name_nothing_that_is_hidden(self) -> None:
        client = client_of(person("lan", "viewer", "trade"))
        for page in ("targets_target", "targets_alert", "targets_assessment", "indicators_indicator"):
            html = client.get(reverse(f"admin:{page}_changelist")).content.decode()
            assert "Hidden" not in html, page
            assert "Secret" not in html, page


def rows_value(row: Any, path: str) -> Any:
    for name in path.split("__"):
        row = getattr(row, name)
    return row
