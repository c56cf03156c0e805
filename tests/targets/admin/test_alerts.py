"""Answering alerts on their pages."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from kpitracker.lib import clock
from targets.models import Alert, Delivery, Silence
from targets.services.assessment import assess
from tests import factories
from tests.admin_support import administrator, client_of, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def alert() -> Alert:
    factories.world()
    factories.department("health")
    for value in (1300, 900):
        factories.figure("sales", "2024", value)
        assess.process_series_changes(now=clock.now())
    return Alert.objects.get()


def page(alert: Alert, name: str) -> str:
    return reverse(f"admin:targets_alert_{name}", args=[alert.pk])


ANSWERS: dict[str, tuple[str, dict[str, str]]] = {
    "acknowledged": (
        "acknowledge",
        {"note": "Lũ lụt", "promised_day": (clock.today() + timedelta(days=366)).isoformat()},
    ),
    "resolved": ("resolve", {"reason": "Tính hai lần"}),
    "firing": ("silence", {"until_0": "2099-01-01", "until_1": "08:00:00", "reason": "Kiểm toán"}),
}


@pytest.mark.parametrize(("state", "verb", "fields"), [(k, *v) for k, v in ANSWERS.items()], ids=ANSWERS)
def test_whoever_answers_for_the_target_answers(alert: Alert, state: str, verb: str, fields: dict[str, str]) -> None:
    client = client_of(person("lan", "officer", "statistics"))
    shown = client.get(page(alert, "change")).content.decode()
    assert page(alert, verb) in shown
    assert client.get(page(alert, verb)).status_code == 200
    answer = client.post(page(alert, verb), fields)
    assert (answer.status_code, answer["Location"]) == (302, page(alert, "change"))
    alert.refresh_from_db()
    assert alert.state == state
    if verb == "silence":
        assert Silence.objects.get().reason == "Kiểm toán"
    else:
        assert "Lũ lụt" in alert.acknowledgement_note or "Tính hai lần" in alert.resolution_reason


@pytest.mark.parametrize(("verb", "fields"), ANSWERS.values(), ids=[verb for verb, _ in ANSWERS.values()])
def test_what_is_missing_is_said_at_its_field(alert: Alert, verb: str, fields: dict[str, Any]) -> None:
    answer = administrator().post(page(alert, verb), {})
    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert Delivery.objects.count() == 1


@pytest.mark.parametrize("verb", [verb for verb, _ in ANSWERS.values()])
def test_others_have_no_way_to_answer(alert: Alert, verb: str) -> None:
    for who in (person("hoa", "officer", "health"), person("ban", "viewer", "statistics")):
        client = client_of(who)
        assert client.get(page(alert, verb)).status_code == 403
        assert client.post(page(alert, verb), ANSWERS["acknowledged"][1]).status_code == 403
    alert.refresh_from_db()
    assert alert.state == "firing"


def test_what_is_closed_needs_no_answer(alert: Alert) -> None:
    factories.figure("sales", "2024", 1300)
    assess.process_series_changes(now=clock.now())
    client = administrator()
    assert client.get(page(alert, "acknowledge")).status_code == 403
    assert page(alert, "acknowledge") not in client.get(page(alert, "change")).content.decode()
