"""Silences in the admin."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from kpitracker.lib import clock
from targets.models import Silence, Target
from targets.services.alerting import silences
from tests import factories
from tests.admin_support import client_of, errors, person

pytestmark = pytest.mark.django_db

LIST, ADD = reverse("admin:targets_silence_changelist"), reverse("admin:targets_silence_add")
LONG = {"ends_at_0": "2099-01-01", "ends_at_1": "08:00:00", "reason": "Kiểm toán"}


@pytest.fixture
def target() -> Target:
    factories.department("health")
    return factories.world()


def officer(department: str = "statistics") -> Client:
    return client_of(person(department, "officer", department))


def end(client: Client, silence: Silence) -> None:
    client.post(LIST, {"action": "end", "_selected_action": [str(silence.pk)]}, follow=True)


def test_who_answers_for_a_target_silences_it_and_ends_it(target: Target) -> None:
    client = officer()
    assert client.post(ADD, {**LONG, "target": target.pk}).status_code == 302
    made = Silence.objects.get()
    assert (made.target, made.reason, made.author) == (target, "Kiểm toán", "admin statistics")
    assert made.starts_at <= clock.now()
    assert "Kiểm toán" in client.get(LIST).content.decode()
    end(client, made)
    made.refresh_from_db()
    assert made.ends_at <= clock.now()


def test_what_is_missing_is_said_at_its_field(target: Target) -> None:
    result = errors(officer().post(ADD, {"target": target.pk, "reason": ""}))
    assert set(result) == {"ends_at", "reason"}


def test_others_neither_give_nor_end_it(target: Target) -> None:
    client = officer("health")
    assert errors(client.post(ADD, {**LONG, "section": "economy"}))["__all__"]
    until = clock.now() + timedelta(days=9)
    made = silences.create_silence(by=factories.BY, now=clock.now(), section="economy", ends_at=until, reason="Audit")
    end(client, made)
    made.refresh_from_db()
    assert made.ends_at == until
    viewer = client_of(person("ban", "viewer", "statistics"))
    end(viewer, made)
    made.refresh_from_db()
    assert made.ends_at == until
