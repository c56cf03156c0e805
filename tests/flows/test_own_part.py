"""No one gives to anyone more than they have: every write of the admin and the API, by users and keys of department A.

Whatever is sent, what comes into being or changes afterwards lies in A's own part: A and the department below it.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection, transaction
from django.db.models import Model
from django.forms import ModelChoiceField, ModelMultipleChoiceField
from django.test import Client
from django.urls import reverse

from indicators.models import ApiKey, Contact, Department, Indicator, ReportingDuty, User
from indicators.services.access import api_keys, user_accounts
from indicators.services.catalogue import reporting_duties
from kpitracker.lib import clock
from kpitracker.lib.actor import ALL_SCOPES, Scope
from kpitracker.lib.errors import Forbidden
from kpitracker.lib.own_part import OwnPartModel
from targets.models import AlertRule, Delivery, Plan, Silence, Webhook
from targets.services.alerting import rules
from targets.services.notifications import pause
from tests import factories, hidden_rows
from tests.admin_support import client_of, person
from tests.project.test_access import BODIES, METHODS, served
from tests.support import Api, api_of

pytestmark = pytest.mark.django_db

OWN = {"a", "below"}
CODES = ("leaders", "a", "below", "b", None)
OTHERS = ("officer", "planner")  # they may not open most of the forms: asked in the long run
# What gives rights, or sends messages, or decides who is responsible; by model, the departments that a row belongs to.
Right = tuple[str, str, frozenset[Any]]


@pytest.fixture(scope="module", autouse=True)
def rows(shared_rows: Callable[[], AbstractContextManager[None]]) -> None:
    """One row of each kind for each department: above A, A itself, below it, beside it, and the whole organisation."""
    with shared_rows():
        factories.area()
        factories.department("leaders")
        for new, parent in (("a", "leaders"), ("below", "a"), ("b", "leaders")):
            factories.department(new, parent=parent)
        for code in CODES:
            _rows_of(code)


def _rows_of(code: str | None) -> None:
    department, name, by = _department(code), code or "all", factories.BY
    for role in hidden_rows.ROLES if code == "a" else ("administrator",):
        person(f"{role}-{name}", role, code)
    user_accounts.invite_user(
        by=by, now=clock.now(), username=f"invited-{name}", email=f"invited-{name}@x.org", department=department
    )
    api_keys.issue_key(by=by, now=clock.now(), scopes=["read"], name=name, department=department)
    factories.webhook(name=name, department=department)
    factories.contact(f"{name}@example.org", role="department" if code else "everything", department=department)
    rules.create_rule(by=by, code=f"rule-{name}", name=name, statuses=["missed"], department=department)
    factories.indicator(f"indicator-{name}", department=code, restricted=code == "b")
    factories.plan(f"plan-{name}", department=code)
    factories.target(f"indicator-{name}", plan=f"plan-{name}")
    for duty in ("a", "b"):
        reporting_duties.create_duty(by=by, indicator=f"indicator-{name}", area="city", department=duty)


def _department(code: str | None) -> Department | None:
    return Department.objects.get(code=code) if code else None


def rights() -> set[Right]:
    """Who has what now: each entry with the departments that it concerns, None for the whole organisation."""
    entries: set[Right] = set()

    def add(kind: str, what: object, *departments: Any) -> None:
        entries.add((kind, str(what), frozenset(departments)))

    for user in User.objects.select_related("department"):
        add("user", (user.username, user.role, user.email, user.is_active, user.password[:20]), _code(user.department))
    for key in ApiKey.objects.select_related("department"):
        add("key", (key.prefix, key.scopes, key.addresses, key.revoked_at, key.expires_at), _code(key.department))
    for contact in Contact.objects.select_related("department"):
        add("contact", (contact.address, contact.role, contact.active), _code(contact.department))
    for webhook in Webhook.objects.select_related("department"):
        add("webhook", (webhook.pk, webhook.url, webhook.active, webhook.secret_version), _code(webhook.department))
    for rule in AlertRule.objects.select_related("department"):
        add("rule", (rule.code, rule.name, rule.active, rule.audience), _code(rule.department))
    for duty in ReportingDuty.objects.select_related("department", "indicator__department"):
        # Of the department that the indicator had at first: moving an own indicator is no new duty of others.
        owner = duty.indicator.code.removeprefix("indicator-")
        add("duty", (duty.indicator.code, duty.valid_to), _code(duty.department), owner if owner != "all" else None)
    for indicator in Indicator.objects.select_related("department"):
        add("indicator", (indicator.code, indicator.restricted, indicator.name), _code(indicator.department))
    for department in Department.objects.select_related("parent", "successor"):
        place = department.code if department.code in CODES else _code(department.parent)
        add("department", (department.code, department.email, _code(department.successor)), place)
        add("place", department.code, *([_code(department.parent)] if department.code != "a" else ["a"]))
        if department.code == "a":
            add("place of a", _code(department.parent), None)
    for plan in Plan.objects.select_related("department"):
        add("plan", (plan.code, plan.name), _code(plan.department))
    for email in Delivery.objects.filter(webhook__isnull=False).select_related("webhook__department"):
        add("delivery", (email.pk, email.state), _code(email.webhook.department if email.webhook else None))
    return entries


def _code(department: Any) -> str | None:
    return department.code if department else None


class Watch:
    """Whether a statement changed a row while it looked on; most requests are refused before they write."""

    written = False

    def __call__(self, execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        self.written |= not sql.startswith(("SELECT", "SAVEPOINT", "RELEASE", "ROLLBACK"))
        return execute(sql, *rest)


@pytest.fixture
def before(rows: None) -> set[Right]:
    """Who has what before each write of a test, which undoes them all."""
    return rights()


def widened(write: Callable[[], Any], before: set[Right]) -> tuple[list[Right], int]:
    """What the write changed outside A's own part, and the status of its answer; the write is undone."""
    outside: list[Right] = []
    with transaction.atomic():
        with connection.execute_wrapper(watch := Watch()):
            status = write().status_code
        if watch.written:
            outside = [entry for entry in before ^ rights() if not entry[2] <= OWN]
        transaction.set_rollback(True)
    return outside, status


# New rows, by model: what a form needs besides the department.
NEW: dict[str, dict[str, Any]] = {
    "indicators.user": {"username": "mallory", "first_name": "", "last_name": "", "email": "m@x.org", "role": "administrator"},
    "indicators.apikey": {"name": "mallory", "scopes": ["read"], "rate": "60", "addresses": ""},
    "indicators.contact": {
        "name": "M", "role": "department", "channel": "email", "address": "m@x.org", "min_severity": "info", "active": "on",
    },
    "targets.webhook": {"name": "mallory", "url": "https://example.org/m", "active": "on"},
    "targets.alertrule": {
        "code": "mallory", "name": "M", "kind": "status_is", "statuses": ["missed"], "audience": ["lead"],
        "severity": "warning", "active": "on",
        **dict.fromkeys(
            ("offset_days", "for_hours", "for_figures", "keep_firing_hours", "remind_days", "escalate_days",
             "max_escalations"), "0",
        ),
    },
    "indicators.indicator": {
        "code": "mallory", "name": "M", "kind": "level", "decimals": "2", "frequency": "month", "accumulation": "sum",
        "due_days": "10", "due_unit": "days",
    },
    "indicators.department": {"code": "mallory", "name": "M"},
    "targets.plan": {"code": "mallory", "name": "M", "period_start": "2025-01-01", "period_end": "2025-12-31"},
}  # fmt: skip
MODELS = {model._meta.label_lower: model for model in admin.site._registry}


def client(role: str) -> Client:
    return client_of(User.objects.get(username=f"{role}-a"))


def new_rows() -> Iterator[tuple[str, dict[str, Any]]]:
    """Each new row for each department, and with each combination of duties."""
    area = str(MODELS["indicators.area"]._base_manager.get().pk)
    for code in CODES:
        pk = str(Department.objects.get(code=code).pk) if code else ""
        for label, fields in NEW.items():
            name = "parent" if label == "indicators.department" else "department"
            yield label, {**fields, name: pk, **({"area": area} if label == "targets.plan" else {})}
        for indicator in Indicator.objects.all():
            yield "indicators.reportingduty", {"indicator": str(indicator.pk), "area": area, "department": pk}
    for scopes in (sorted(ALL_SCOPES), ["admin"], ["read", "admin"]):
        yield "indicators.apikey", {**NEW["indicators.apikey"], "scopes": scopes, "department": ""}


@pytest.mark.parametrize("role", ["administrator", *(pytest.param(role, marks=pytest.mark.long) for role in OTHERS)])
def test_no_new_row_is_outside_the_own_part(role: str, before: set[Right]) -> None:
    writer, tried = client(role), 0
    for label, fields in new_rows():
        path = f"/admin/{label.replace('.', '/')}/add/"
        outside, status = widened(partial(writer.post, path, fields), before)
        assert (outside, status < 500) == ([], True), (label, fields, status)
        tried += 1
    assert tried >= 60


def form_fields(page: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the form would send unchanged, and its fields."""
    form = page.context["adminform"].form
    sent = {}
    for name, field in form.fields.items():
        value = form.initial.get(name, field.initial)
        value = value() if callable(value) else value
        if value not in (None, False):
            sent[name] = (
                [getattr(v, "pk", v) for v in value] if isinstance(value, list | tuple) else getattr(value, "pk", value)
            )
    for formset in page.context["inline_admin_formsets"]:
        prefix = formset.formset.prefix
        sent |= {f"{prefix}-TOTAL_FORMS": "0", f"{prefix}-INITIAL_FORMS": "0"}
    return sent, dict(form.fields)


def changed_forms(writer: Client, label: str, pk: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """The form of one row with each department in each of its fields, and with another role."""
    path = reverse(f"admin:{label.replace('.', '_')}_change", args=[pk])
    page = writer.get(path)
    departments = [str(pk) for pk in Department.objects.values_list("pk", flat=True)]
    others = {"role": ["administrator", "everything", "leaders"], "restricted": ["on"], "note": ["x"], "name": ["x"]}
    if page.status_code != 200 or not page.context["adminform"].form.fields:
        # It is not offered: try it nevertheless.
        yield from ((path, {name: departments[1]}) for name in ("department", "parent"))
        yield path, {"name": "x"}
        return
    sent, names = form_fields(page)
    for name, field in names.items():
        is_choice = isinstance(field, ModelChoiceField | ModelMultipleChoiceField)
        if name in ("department", "parent", "successor") or (is_choice and field.queryset.model is Department):
            values = ["", *departments]
        else:
            values = others.get(name, [])
        for value in values:
            yield path, {**sent, name: value}


@pytest.mark.parametrize("role", ["administrator", *(pytest.param(role, marks=pytest.mark.long) for role in OTHERS)])
def test_no_change_leads_out_of_the_own_part_or_reaches_outside(role: str, before: set[Right]) -> None:
    writer, tried = client(role), 0
    for label in [*NEW, "indicators.reportingduty"]:
        for pk in MODELS[label]._base_manager.values_list("pk", flat=True):
            for path, fields in changed_forms(writer, label, pk):
                outside, status = widened(partial(writer.post, path, fields), before)
                assert (outside, status < 500) == ([], True), (path, fields, status)
                tried += 1
            path = reverse(f"admin:{label.replace('.', '_')}_delete", args=[pk])
            outside, status = widened(partial(writer.post, path, {"post": "yes"}), before)
            assert (outside, status < 500) == ([], True), (path, status)
            tried += 1
    assert tried >= 100


@pytest.mark.parametrize("role", ["administrator", *(pytest.param(role, marks=pytest.mark.long) for role in OTHERS)])
def test_no_action_reaches_outside(role: str, before: set[Right]) -> None:
    writer, user, tried = client(role), User.objects.get(username=f"{role}-a"), 0
    for label, model in MODELS.items():
        request: Any = type("Request", (), {"user": user, "GET": {}, "META": {}})()
        for action in admin.site._registry[model].get_actions(request) if role == "administrator" else ["approve"]:
            if label == "lib.auditentry":
                continue
            for pk in model._base_manager.values_list("pk", flat=True):
                sent = {"action": action, "_selected_action": str(pk), "index": "0"}
                path = f"/admin/{label.replace('.', '/')}/"
                outside, status = widened(partial(writer.post, path, sent), before)
                assert (outside, status < 500) == ([], True), (label, action, pk)
                tried += 1
    assert tried >= 20


def with_departments(body: Any) -> Iterator[Any]:
    if isinstance(body, dict):
        for code in CODES:
            yield {**body, "department": code}
            if "parent" in body or "code" in body:
                yield {**body, "parent": code}
    yield body


@pytest.mark.parametrize("route", sorted(route for route in served() if not route.startswith("measurements/")))
def test_no_route_gives_a_key_of_a_more_than_it_has(route: str, before: set[Right]) -> None:
    api = api_of("a", sorted(ALL_SCOPES - {Scope.ADMIN}))
    for method in sorted(served()[route] - {"GET"} & set(METHODS)):
        for path in places(route):
            for body in with_departments(BODIES.get(f"{method} {route}", {})):
                outside, status = widened(partial(_status, api, method, path, body), before)
                assert (outside, status < 500) == ([], True), (method, path, body)


class _Status:
    def __init__(self, status: int) -> None:
        self.status_code = status


def _status(api: Api, method: str, path: str, body: Any) -> _Status:
    return _Status(api.call(method, path, body, If_Match="*").status)


def places(route: str) -> list[str]:
    """The route for rows of each department."""
    columns = {
        "departments": ("indicators.department", "code"), "indicators": ("indicators.indicator", "code"),
        "keys": ("indicators.apikey", "prefix"), "contacts": ("indicators.contact", "pk"),
        "webhooks": ("targets.webhook", "pk"), "alert-rules": ("targets.alertrule", "code"),
        "plans": ("targets.plan", "code"), "targets": ("targets.target", "identifier"),
    }  # fmt: skip
    if "<" not in route:
        return [route]
    label, column = columns.get(route.partition("/")[0], ("", ""))
    if not label:
        return []
    values = MODELS[label]._base_manager.values_list(column, flat=True)[:8]
    return [re.sub(r"<[a-z]+>", str(value), route) for value in values]


def test_the_rule_stands_in_the_models() -> None:
    """Each model with a department either has the rule, or says here who decides."""
    decided_elsewhere = {
        "Import": "the department that sent it", "Measurement": "the reporting duty", "Revision": "the reporting duty",
        "Plan": "plans.check_owner", "Target": "the owner of the plan", "Action": "the owner of the plan",
        "Silence": "silences.may_manage_silence", "Target_cooperating": "the owner of the plan",
    }  # fmt: skip
    models: list[type[Model]] = [*MODELS.values(), Silence]
    with_department = {
        model.__name__
        for model in models
        if any(field.related_model is Department for field in model._meta.concrete_fields)
    }
    ruled = {model.__name__ for model in MODELS.values() if issubclass(model, OwnPartModel)}
    assert ruled == {
        "User", "ApiKey", "Contact", "Webhook", "AlertRule", "ReportingDuty", "Indicator", "Department",
    }  # fmt: skip
    assert with_department - ruled - decided_elsewhere.keys() == set()


class TestControl:
    """What may be done within the own part can be done: the tests above do not pass because nothing works."""

    def administrator(self) -> Client:
        return client("administrator")

    def department(self, code: str) -> str:
        return str(Department.objects.get(code=code).pk)

    @pytest.mark.parametrize("label", sorted(NEW))
    @pytest.mark.parametrize("code", ["a", "below"])
    def test_new_rows_of_the_own_part(self, label: str, code: str) -> None:
        name = "parent" if label == "indicators.department" else "department"
        area = str(MODELS["indicators.area"]._base_manager.get().pk)
        fields = {**NEW[label], name: self.department(code), "area": area if label == "targets.plan" else ""}
        answer = self.administrator().post(f"/admin/{label.replace('.', '/')}/add/", fields)
        assert answer.status_code == 302, answer.context["adminform"].form.errors

    def test_what_is_written_outside_is_seen(self, before: set[Right]) -> None:
        writer = client_of(User.objects.get(username="administrator-all"))
        fields = {**NEW["indicators.contact"], "department": self.department("b")}
        outside, status = widened(partial(writer.post, "/admin/indicators/contact/add/", fields), before)
        assert ([kind for kind, *_ in outside], status) == (["contact"], 302)

    def test_the_finding_the_own_department_cannot_be_left(self) -> None:
        user = User.objects.get(username="administrator-a")
        path = reverse("admin:indicators_user_change", args=[user.pk])
        sent, _ = form_fields(self.administrator().get(path))
        answer = self.administrator().post(path, {**sent, "department": ""})
        message = "Only for your own department and those below it."
        assert answer.context["adminform"].form.errors == {"department": [message]}

    def test_a_key_of_the_whole_organisation_is_refused_in_the_form(self) -> None:
        answer = self.administrator().post(
            "/admin/indicators/apikey/add/", {**NEW["indicators.apikey"], "department": ""}
        )
        assert answer.status_code == 200
        assert "department" in answer.context["adminform"].form.errors

    def test_held_messages_of_all_are_not_for_an_administrator_of_a_department(self) -> None:
        by = User.objects.get(username="administrator-a").as_actor()
        with pytest.raises(Forbidden):
            pause.resume_delivery(by=by, now=clock.now())

    def test_users_of_others_are_not_listed(self) -> None:
        rows = self.administrator().get("/admin/indicators/user/").context["cl"].result_list
        assert {row.department.code for row in rows} == OWN
