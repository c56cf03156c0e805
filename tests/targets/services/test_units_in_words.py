"""Every place that shows a unit to a person shows it in the language of the reader, or in the one that there is."""

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from indicators.models import Measurement
from indicators.models.unit_words import unit_in_words
from indicators.services.figures.figure_words import value_with_unit
from kpitracker.lib import clock
from targets.domain.alerting import NotificationReason
from targets.models import Target
from targets.payloads.alerts import AlertSnapshot
from targets.services.assessment import assess
from targets.services.evaluation import explanations
from targets.services.evaluation.evaluate import Evaluation, evaluate_target
from targets.services.notifications.notify import build_snapshot
from targets.services.text import alert_facts, status_sentence, target_terms
from tests import factories
from tests.admin_support import administrator
from tests.support import api_of

pytestmark = pytest.mark.django_db
DAY = date(2024, 7, 25)
UNITS = {"both": ("việc làm", "jobs"), "only Vietnamese": ("việc làm", ""), "only English": ("", "jobs")}


@pytest.mark.parametrize(
    ("unit", "unit_en", "vietnamese", "english"),
    [
        pytest.param("việc làm", "jobs", "việc làm", "jobs", id="both"),
        pytest.param("việc làm", "", "việc làm", "việc làm", id="only Vietnamese"),
        pytest.param("", "jobs", "jobs", "jobs", id="only English"),
        pytest.param("", "", "", "", id="none"),
        pytest.param("phần trăm", "percent", "%", "%", id="percent in words"),
        pytest.param("percent", "", "%", "%", id="percent in one language"),
        pytest.param("", "percent", "%", "%", id="percent in English only"),
        pytest.param("%", "%", "%", "%", id="the sign"),
    ],
)
def test_a_unit_in_both_languages(unit: str, unit_en: str, vietnamese: str, english: str) -> None:
    with translation.override("vi"):
        assert unit_in_words(unit, unit_en) == vietnamese
    with translation.override("en"):
        assert unit_in_words(unit, unit_en) == english


def world(unit: str, unit_en: str) -> Target:
    factories.area()
    factories.department()
    factories.indicator("sales", unit=unit, unit_en=unit_en, department="statistics", decimals=0)
    factories.plan()
    target = factories.target(department="statistics")
    factories.figure("sales", "2024-01/2024-06", 450, published="2024-07-10")
    assess.process_series_changes(now=clock.now())
    return target


def evaluated(target: Target) -> Evaluation:
    return evaluate_target(target=target, as_of=DAY, today=DAY)


def snapshot(target: Target) -> AlertSnapshot:
    return build_snapshot(evaluated(target), "", NotificationReason.FIRST)


def page(client: Client, name: str, *args: object) -> str:
    language = translation.get_language()
    return client.get(reverse(name, args=args), headers={"Accept-Language": language}).content.decode()


PLACES: dict[str, Callable[[Target, Client], str]] = {
    "the sentence of a status": lambda target, _: status_sentence.explain_status(
        explanations.status_document(evaluated(target))
    ),
    "the terms in words": lambda target, _: target_terms.describe_version(target, target.versions.get()),
    "a message": lambda target, _: " ".join(map(str, alert_facts.message_context(snapshot(target)).values())),
    "a figure in words": lambda target, _: value_with_unit(Measurement.objects.get()),
    "the list of indicators": lambda target, client: page(client, "admin:indicators_indicator_changelist"),
    "the page of a figure": lambda target, client: page(
        client, "admin:indicators_measurement_change", Measurement.objects.get().pk
    ),
    "the page of a target": lambda target, client: page(client, "admin:targets_target_change", target.pk),
    "the list of targets": lambda target, client: page(client, "admin:targets_target_changelist"),
}
SHOWN = {
    "both": {"vi": "việc làm", "en": "jobs"},
    "only Vietnamese": {"vi": "việc làm", "en": "việc làm"},
    "only English": {"vi": "jobs", "en": "jobs"},
}
ABSENT = {"vi": "jobs", "en": "việc làm"}


@pytest.mark.parametrize("units", UNITS)
def test_every_place_shows_the_unit_of_the_reader(units: str) -> None:
    target, client = world(*UNITS[units]), administrator()
    wrong = []
    for place, read in PLACES.items():
        for language in ("vi", "en"):
            with translation.override(language):
                shown = read(target, client)
            other = ABSENT[language] if units == "both" else None
            if SHOWN[units][language] not in shown or (other and other in shown):
                wrong.append((place, language))
    assert wrong == []


def test_programs_get_both() -> None:
    target = world("việc làm", "jobs")
    api = api_of()
    assert api.get("indicators/sales/").ok()["unit_en"] == "jobs"
    answer = api.get(f"targets/{target.identifier}/status/?as_of=2024-07-25").ok()
    assert (answer["unit"], answer["unit_en"], answer["variance_unit"]) == ("việc làm", "jobs", "việc làm")
    facts = snapshot(target)
    assert (facts["unit"], facts["unit_en"]) == ("việc làm", "jobs")


def test_what_was_stored_with_one_language_is_still_shown() -> None:
    facts = snapshot(world("việc làm", "jobs"))
    del facts["unit_en"]  # type: ignore[misc]
    with translation.override("en"):
        assert "việc làm" in alert_facts.message_context(facts)["actual"]
