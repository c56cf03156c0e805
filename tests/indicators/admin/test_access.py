"""Who may open what: every page of the admin, by every role. A page that is missing here fails."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from indicators.models import Department, ReportingDuty
from indicators.services.access import api_keys
from indicators.services.catalogue import holidays, reporting_duties
from kpitracker.lib import clock
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
    "changelist": ALL, "file": ALL, "add": KEEPER, "change": ALL, "post": KEEPER, "delete": KEEPER, "history": ALL,
}  # fmt: skip
HOUSE = {**CATALOGUE, "changelist": KEEPER, "file": KEEPER, "change": KEEPER, "history": KEEPER}
SHOWN = {**CATALOGUE, "add": NONE, "post": NONE, "delete": NONE}
HIDDEN = {**SHOWN, "changelist": KEEPER, "file": KEEPER, "change": KEEPER, "history": KEEPER}
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
    "targets.plan": {"copy_next", "catalogue", "catalogue_file", "close_plan", "adopt_drafts"},
    "targets.alert": {"acknowledge", "act", "resolve", "silence"},
    "targets.delivery": {"resume"},
    "targets.alertrule": {"try_rule"},
    "indicators.import": {"confirm", "undo", "state", "rejected"},
}
FREE = {"login", "logout", "forgotten", "first_password", "jsi18n"}
SIGNED_IN = {"index", "password_change", "password_change_done", "autocomplete", "view_on_site", "app_list", "search"}
MODELS = {model._meta.label_lower: model for model in admin.site._registry}


@pytest.fixture(scope="module", autouse=True)
def rows(shared_rows: Callable[[], AbstractContextManager[None]]) -> None:
    """One row at least of everything, all of the department statistics."""
    with shared_rows():
        make_rows()


def make_rows() -> None:
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
        assert names == {"changelist", "file", "add", "change", "delete", "history"} | more, model


def address(label: str, page: str) -> str:
    model = MODELS[label]
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_{'change' if page == 'post' else page}"
    rows = model._default_manager.order_by("pk")
    # Entries of the audit that the administrator of a department sees: what the department did.
    row = (rows.filter(department=Department.objects.get().pk) if label == "lib.auditentry" else rows).first()
    assert row is not None, label
    arguments = {"changelist": [], "add": [], "file": ["csv"]}
    return reverse(name, args=arguments.get(page, [row.pk]))


@pytest.mark.parametrize("label", sorted(MORE))
def test_further_addresses_answer_by_role(label: str) -> None:
    clients = [client_of(person(role, role, "statistics")) for role in ROLES]
    for name, expected in MORE[label].items():
        path = reverse(f"admin:{label.replace('.', '_')}_{name}")
        assert " ".join(str(client.post(path).status_code) for client in clients) == expected
        assert Client().post(path)["Location"].partition("?")[0] == "/admin/login/"


def answer(client: Client, label: str, page: str) -> int:
    path = address(label, page)
    inlines = no_rows("versions", "actions", "deliveries")
    return int((client.post(path, inlines) if page == "post" else client.get(path)).status_code)


@pytest.mark.parametrize("label", sorted(ANSWERS))
def test_the_pages_answer_by_role(label: str) -> None:
    clients = [client_of(person(role, role, "statistics")) for role in ROLES]
    results = {page: " ".join(str(answer(client, label, page)) for client in clients) for page in ANSWERS[label]}
    assert results == ANSWERS[label]


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
