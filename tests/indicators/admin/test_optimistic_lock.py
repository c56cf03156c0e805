"""Whoever saves has seen what he overwrites."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from indicators.models import Area, Department, User
from indicators.services.access import user_accounts
from indicators.services.catalogue import areas, departments
from kpitracker.lib import clock
from kpitracker.lib.actor import system_actor
from kpitracker.lib.admin.optimistic_lock import VERSION_FIELD
from kpitracker.lib.numbers import parse_number
from targets.models import AlertRule, Plan, Target, TargetVersion
from targets.services.alerting import rules
from targets.services.planning import plans, targets
from tests import factories
from tests.admin_support import administrator, no_rows, person

pytestmark = [pytest.mark.django_db, pytest.mark.database]

OTHER = system_actor("Hoa")
AREA = {"name": "Mine", "kind": "city"}


def path(row: Any) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def hidden(answer: Any) -> str:
    form = answer.context["adminform"].form
    return str(form[VERSION_FIELD].value())


def complaints(answer: Any) -> str:
    assert answer.status_code == 200
    return " ".join(answer.context["adminform"].form.non_field_errors())


@pytest.fixture
def client() -> Client:
    return administrator()


@pytest.fixture
def area() -> Area:
    return factories.area("hcmc", name="First")


def test_the_second_of_two_savers_is_told_who_was_first_and_keeps_what_he_typed(client: Client, area: Area) -> None:
    seen = hidden(client.get(path(area)))
    areas.update_area(area=area, by=OTHER, now=clock.now(), name="Theirs")
    answer = client.post(path(area), {**AREA, VERSION_FIELD: seen})
    notified = complaints(answer)
    assert "Hoa changed this at" in notified
    assert "name: First → Theirs" in notified
    assert "Nothing was saved" in notified
    assert 'value="Mine"' in answer.content.decode()
    assert Area.objects.get().name == "Theirs"


def test_who_has_read_it_and_saves_again_means_it(client: Client, area: Area) -> None:
    seen = hidden(client.get(path(area)))
    areas.update_area(area=area, by=OTHER, now=clock.now(), name="Theirs")
    now = hidden(client.post(path(area), {**AREA, VERSION_FIELD: seen}))
    assert client.post(path(area), {**AREA, VERSION_FIELD: now}).status_code == 302
    assert Area.objects.get().name == "Mine"


@pytest.mark.parametrize("sent", [{}, {VERSION_FIELD: ""}, {VERSION_FIELD: "99"}, {VERSION_FIELD: "x"}])
def test_a_form_without_the_version_that_stands_is_refused(client: Client, area: Area, sent: dict[str, str]) -> None:
    assert "Nothing was saved" in complaints(client.post(path(area), {**AREA, **sent}))
    assert Area.objects.get().name == "First"


def test_it_is_told_in_vietnamese(client: Client, area: Area) -> None:
    areas.update_area(area=area, by=OTHER, now=clock.now(), name="Theirs")
    answer = client.post(path(area), {**AREA, VERSION_FIELD: "1"}, headers={"Accept-Language": "vi"})
    assert "Hoa đã sửa lúc" in complaints(answer)


def test_the_version_is_on_every_form_that_can_be_saved(client: Client) -> None:
    factories.world()
    person("lan")
    rows = [Area.objects.get(), Department.objects.get(), Plan.objects.get(), Target.objects.get(),
            Target.objects.get().indicator, AlertRule.objects.first(), User.objects.get(username="lan")]  # fmt: skip
    for row in rows:
        html = client.get(path(row)).content.decode()
        assert f'type="hidden" name="{VERSION_FIELD}" value="' in html, row


def test_other_kinds_of_rows_are_guarded_too(client: Client) -> None:
    factories.world()
    plan, target, rule, user = Plan.objects.get(), Target.objects.get(), AlertRule.objects.first(), person("lan")
    assert rule is not None
    seen = {row: hidden(client.get(path(row))) for row in (plan, target, rule, user)}
    plans.update_plan(plan=plan, by=OTHER, issuer="x")
    targets.update_target(target=Target.objects.get(), by=OTHER, now=clock.now(), section="x")
    rules.change_rule(rule=AlertRule.objects.get(pk=rule.pk), by=OTHER, name="x")
    user_accounts.update_user(user=user, by=OTHER, first_name="x")
    management = no_rows("versions", "actions")
    for row, version in seen.items():
        assert "Hoa changed this" in complaints(
            client.post(path(row), {VERSION_FIELD: version, "area": plan.area_id, **VALID[type(row)], **management})
        )


VALID: dict[type, dict[str, Any]] = {
    Plan: {"name": "x", "period_start": "2024-01-01", "period_end": "2024-12-31"},
    Target: {"weight": "2"},
    AlertRule: {
        **dict.fromkeys(
            ("offset_days", "for_hours", "for_figures", "keep_firing_hours", "remind_days", "escalate_days"), "0"
        ),
        "name": "y",
        "kind": "status_is",
        "statuses": ["missed"],
        "max_escalations": "1",
    },
    User: {"email": "lan@example.org", "role": "viewer"},
}


def test_an_amendment_counts_as_a_change_of_its_target(client: Client) -> None:
    target = factories.world()
    seen = hidden(client.get(path(target)))
    targets.amend_target(
        target=target, by=OTHER, now=clock.now(), lower=parse_number("1000"),
        announced=date(2024, 8, 13), state="amended",
    )  # fmt: skip
    management = no_rows("versions", "actions")
    answer = client.post(path(target), {VERSION_FIELD: seen, "weight": "2", **management})
    assert "Hoa" in complaints(answer)
    assert TargetVersion.objects.count() == 2


def test_what_nobody_touched_meanwhile_is_saved(client: Client) -> None:
    factories.world()
    person("lan")
    for model in (AlertRule, User):
        row = model._default_manager.order_by("-pk").first()
        assert row is not None
        answer = client.post(path(row), {VERSION_FIELD: hidden(client.get(path(row))), **VALID[model]})
        assert answer.status_code == 302, model


def test_a_department_that_nobody_touched_is_saved(client: Client) -> None:
    department = departments.create_department(by=OTHER, code="tax", name="Tax")
    answer = client.post(path(department), {"name": "Taxes", VERSION_FIELD: hidden(client.get(path(department)))})
    assert answer.status_code == 302
