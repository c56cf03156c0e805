"""Thousands of breaches in one batch are one message to each who is told, and none of them is missing in it.

In every run 150 of them in slices of 60; with `EXAMPLES=full` 5,000 in slices of a thousand.
"""

import time
from typing import Any

import pytest
from django.core import mail

from indicators.models import Department
from kpitracker.lib import clock
from targets.models import Alert, Delivery
from targets.services.assessment import assess
from tasks.delivery import send_due_deliveries
from tests import example_counts, factories
from tests.flows import breach_data
from tests.support import api_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]

COUNT, SLICE = example_counts.amount(150, 150, full=5000), example_counts.amount(60, 60, full=1000)


def test_a_storm_is_one_message_to_each_and_names_every_breach(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    monkeypatch.setattr(assess, "BATCH_SIZE", SLICE)
    breach_data.make(COUNT, "https://example.org/hook")
    Department.objects.update(email="office@example.org")
    factories.contact("press@example.org", role="everything", language="en")
    api = api_of()
    for first in range(0, COUNT, 1000):
        rows = [breach_data.breach(number) for number in range(first, min(first + 1000, COUNT))]
        api.post("measurements/batch/", rows).ok()

    began = time.monotonic()
    sent = 0
    while assess.process_series_changes(now=clock.now()):
        # The other worker is rung for after each slice.
        Delivery.objects.filter(channel="webhook").update(state="dropped")
        sent += send_due_deliveries()
    sent += send_due_deliveries()
    print(f"{COUNT} breaches judged and told in {time.monotonic() - began:.1f} s")

    assert Alert.objects.filter(state="firing").count() == COUNT
    assert sent == 2
    assert sorted(letter.to[0] for letter in mail.outbox) == ["office@example.org", "press@example.org"]
    english = next(letter for letter in mail.outbox if letter.to == ["press@example.org"])
    assert english.subject == f"[kpitracker] {COUNT} alerts"
    assert f"and {COUNT - 50} more" in str(english.body)
    for leader in Delivery.objects.filter(merged_into=None, channel="email"):
        notified = {row["id"] for row in api.rows(f"alerts/?message={leader.pk}&page_size=100")}
        assert notified == {str(pk) for pk in Alert.objects.values_list("pk", flat=True)}
