"""Who may open what: every page of the admin, by every role. A page that is missing here fails."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from indicators.models import Department, ReportingDuty
from indicators.services.access import api_keys
from indicators.services.catalogue import holidays, reporting_duties
from kpitracker.lib import clock
from targets.models import Target
from targets.services.alerting import user_responses
from targets.services.assessment import assess
from targets.services.planning import period_locks
from targets.services.reports import closings
from tests import factories
from tests.admin_support import client_of, no_rows, person

pytestmark = pytest.mark.django_db

ROLES = ("viewer", "officer", "planner", "administrator")

# Answers to a GET of each page (and a POST of the form), in the order of ROLES, all of the department of the row.
ALL, NONE, KEEPER = "200 200 200 200", "403 403 403 403", "403 403 403 200"
CATALOGUE = {
    "changelist": ALL, "add": KEEPER, "change": ALL, "post": KEEPER, "delete": KEEPER, "history": ALL,
}  # fmt: skip
HOUSE = {**CATALOGUE, "changelist": KEEPER, "change": KEEPER, "history": KEEPER}
SHOWN = {**CATALOGUE, "add": NONE, "post": NONE, "delete": NONE}
HIDDEN = {**SHOWN, "changelist": KEEPER, "change": KEEPER, "history": KEEPER}
PLANNING = {**CATALOGUE, "add": "403 403 200 200", "post": "403 403 200 200", "delete": "403 403 200 200"}
ANSWERS = {
    "indicators.area": CATALOGUE,
    "indicators.department": CATALOGUE,
    "indicators.indicator": CATALOGUE,
    "indicators.reportingduty": CATALOGUE,
    "indicators.holiday": CATALOGUE,
    "indicators.measurement": {**SHOWN, "add": "403 200 403 200"},
    "indicators.import": SHOWN,
    "indicators.approval": {**SHOWN, "post": "403 200 403 200"},
    "indicators.user": {**HOUSE, "delete": NONE},
    "indicators.apikey": {**HOUSE, "post": NONE, "delete": NONE},
    "indicators.accountemail": HIDDEN,
    "lib.auditentry": HIDDEN,
    "targets.plan": PLANNING,
    "targets.lockexception": {**PLANNING, "post": NONE, "delete": NONE},
    "targets.closing": SHOWN,
    "targets.target": PLANNING,
    # The responsible department says how far it is.
    "targets.action": {**PLANNING, "post": "403 200 200 200", "delete": NONE},
    "targets.comment": {**SHOWN, "add": "403 200 200 200"},
    "targets.assessment": SHOWN,
    "targets.statuschange": SHOWN,
    "targets.alert": SHOWN,
    "targets.delivery": SHOWN,
    "targets.silence": {**SHOWN, "add": "403 200 200 200"},
    "targets.webhook": HOUSE,
    "indicators.contact": HOUSE,
    # The first rule is of the whole organisation: not for the administrator of a department.
    "targets.alertrule": {**CATALOGUE, "post": NONE, "delete": NONE},
}
# Further addresses of a page, and what they answer to a POST.
MORE = {
    "indicators.indicator": {"preview": KEEPER},
    "indicators.holiday": {"load": "403 403 403 302"},
    "indicators.measurement": {"import_file": "403 302 403 302"},
    "indicators.import": {"upload": "403 200 403 200"},
    "targets.assessment": {"owed": ALL},
    "targets.target": {"words": "403 403 200 200"},
}
# Asked by tests of their own.
BESIDE = {
    "targets.plan": {"copy_next", "catalogue", "close_plan", "adopt_drafts"},
    "targets.alert": {"acknowledge", "act", "resolve", "silence"},
    "targets.delivery": {"resume"},
    "targets.alertrule": {"try_rule"},
    "indicators.import": {"confirm", "undo", "state", "rejected"},
}
FREE = {"login", "logout", "forgotten", "first_password", "jsi18n"}
SIGNED_IN = {"index", "password_change", "password_change_done", "autocomplete", "view_on_site", "app_list", "search"}
MODELS = {model._meta.label_lower: model for model in admin.site._registry}


@pytest.fixture
def rows() -> None:
    """One row at least of everything, all of the department statistics."""
    factories.area()
    factories.department(email="statistics@example.org")
    factories.indicator(department="statistics")
    factories.plan(department="statistics")
    target = factories.target()
    period_locks.grant_exception(
        plan=target.plan, by=factories.BY, now=clock.now(), reason="books", until=clock.now() + timedelta(days=1)
    )
    closings.close_plan(plan=target.plan, by=factories.BY, now=clock.now(), reason="books", as_of=date(2024, 1, 1))
    factories.action(target, "2024-09-30")
    factories.comment(target=target)
    holidays.create_holiday(by=factories.BY, now=clock.now(), day=date(2024, 1, 1), name="Tết Dương lịch")
    reporting_duties.create_duty(by=factories.BY, indicator="sales", area="city", department="statistics")
    factories.figure("sales", "2024", 900)
    assess.process_series_changes(now=clock.now())
    api_keys.issue_key(scopes=["read"], by=factories.BY, now=clock.now(), department=Department.objects.get())
    factories.indicator("checked", department="statistics", needs_approval=True)
    factories.figure("checked", "2024", 5)
    factories.batch(department="statistics")
    factories.webhook(department="statistics")
    factories.contact(department="statistics")
    body = target.alerts.get()
    until = clock.now() + timedelta(days=1)
    user_responses.silence_alert(alert=body, by=factories.BY, now=clock.now(), until=until, reason="Audit")
    assert ReportingDuty.objects.exists()


def page_names() -> set[str]:
    return {name for pattern in admin.site.get_urls() if (name := getattr(pattern, "name", None))}


def test_every_page_stands_in_the_tables() -> None:
    assert set(MODELS) == set(ANSWERS)
    assert page_names() - FREE - SIGNED_IN == set()
    for model, page in admin.site._registry.items():
        prefix = f"{model._meta.app_label}_{model._meta.model_name}_"
        names = {pattern.name.removeprefix(prefix) for pattern in page.get_urls() if pattern.name}
        more = set(MORE.get(model._meta.label_lower, ())) | BESIDE.get(page.opts.label_lower, set())
        assert names == {"changelist", "add", "change", "delete", "history"} | more, model


def address(label: str, page: str) -> str:
    model = MODELS[label]
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_{'change' if page == 'post' else page}"
    rows = model._default_manager.order_by("pk")
    # Entries of the audit that the administrator of a department sees: what the department did.
    row = (rows.filter(department=Department.objects.get().pk) if label == "lib.auditentry" else rows).first()
    assert row is not None, label
    return reverse(name, args=[] if page in ("changelist", "add") else [row.pk])


@pytest.mark.parametrize("label", sorted(MORE))
def test_further_addresses_answer_by_role(label: str) -> None:
    factories.department()
    clients = [client_of(person(role, role, "statistics")) for role in ROLES]
    for name, expected in MORE[label].items():
        path = reverse(f"admin:{label.replace('.', '_')}_{name}")
        assert " ".join(str(client.post(path).status_code) for client in clients) == expected
        assert Client().post(path)["Location"].partition("?")[0] == "/admin/login/"


def answer(client: Client, label: str, page: str) -> int:
    path = address(label, page)
    inlines = no_rows("versions", "actions", "deliveries")
    return int((client.post(path, inlines) if page == "post" else client.get(path)).status_code)


@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize("label", sorted(ANSWERS))
def test_the_pages_answer_by_role(label: str) -> None:
    clients = [client_of(person(role, role, "statistics")) for role in ROLES]
    results = {page: " ".join(str(answer(client, label, page)) for client in clients) for page in ANSWERS[label]}
    assert results == ANSWERS[label]


@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize("label", sorted(ANSWERS))
def test_strangers_and_those_who_left_see_the_login(label: str) -> None:
    person("lan")
    for page in ANSWERS[label]:
        path = address(label, page)
        missing = Client().get(path)
        assert (missing.status_code, missing["Location"].partition("?")[0]) == (302, "/admin/login/")


@pytest.mark.parametrize("role", ROLES)
def test_the_start_page_lists_what_the_role_sees(role: str) -> None:
    page = client_of(person("lan", role)).get("/admin/").content.decode()
    assert ("/admin/indicators/user/" in page) == (role == "administrator")
    assert ("/admin/targets/plan/add/" in page) == (role in ("planner", "administrator"))
    assert "/admin/targets/target/" in page


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
            ("officer", "tax", "revenue secret", "budget:revenue hidden:secret", "budget hidden"),
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
