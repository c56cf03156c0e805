"""Alert rules are changed by their service, which notes it."""

from typing import Any

import pytest
from django.urls import reverse

from kpitracker.lib.actor import Actor, system_actor
from kpitracker.lib.errors import Forbidden, ValidationProblem
from kpitracker.lib.models import AuditEntry
from targets.models import AlertRule
from targets.services.alerting import rules
from tests.admin_support import administrator, errors, submit

pytestmark = pytest.mark.django_db


# What the form shows and a browser sends back.
NUMBERS = (
    "offset_days",
    "for_hours",
    "for_figures",
    "keep_firing_hours",
    "remind_days",
    "escalate_days",
    "max_escalations",
)


def as_it_is(rule: AlertRule) -> dict[str, Any]:
    return {"name": rule.name, "kind": rule.kind, **{name: getattr(rule, name) for name in NUMBERS}}


@pytest.fixture
def rule() -> AlertRule:
    return AlertRule.objects.get(code="status-worrying")


def test_a_change_in_the_admin_is_noted(rule: AlertRule) -> None:
    path = reverse("admin:targets_alertrule_change", args=[rule.pk])
    fields = {
        **as_it_is(rule),
        "name_en": rule.name_en,
        "statuses": ["missed", "at_risk"],
        "audience": ["lead", "cooperating"],
    }
    assert submit(administrator(), path, fields).status_code == 302
    noted = AuditEntry.objects.get(kind="targets.alertrule")
    assert (noted.actor, noted.label, noted.after) == (
        "admin admin", "status-worrying", {"statuses": ["at_risk", "missed"], "active": False},
    )  # fmt: skip


def test_a_rule_without_a_status_is_refused_at_its_field(rule: AlertRule) -> None:
    path = reverse("admin:targets_alertrule_change", args=[rule.pk])
    assert set(errors(submit(administrator(), path, as_it_is(rule)))) == {"statuses"}


@pytest.mark.parametrize("statuses", [[], ["met"], ["missed", "lost"]])
def test_a_rule_speaks_of_statuses_that_worry(rule: AlertRule, statuses: list[str]) -> None:
    with pytest.raises(ValidationProblem) as error:
        rules.change_rule(rule=rule, by=system_actor("tests"), statuses=statuses)
    assert error.value.items[0].pointer == "/statuses"


def test_only_administrators_change_rules(rule: AlertRule) -> None:
    with pytest.raises(Forbidden):
        rules.change_rule(rule=rule, by=Actor("lan"), name="x")
