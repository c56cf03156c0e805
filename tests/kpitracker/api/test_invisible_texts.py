"""A reason or a comment that cannot be seen is none: each write that demands a text refuses it."""

import csv
import io
from collections.abc import Callable

import pytest
from django.urls import reverse

from indicators.models import Area, Indicator, Revision, User
from kpitracker.lib import clock
from targets.models import Alert, Target
from targets.services.assessment import assess
from tests import factories
from tests.admin_support import client_of, person
from tests.support import api_of

pytestmark = pytest.mark.django_db

TEXTS = ["", " ", "\t\n", "\u200b", "\u2060", "\u00ad\ufeff", "\u3164", "\u2800 \u200d"]
TARGET = "plan:sales:city"
# Path, body, and the name of the text that must say something.
WRITES = {
    "a figure taken back": ("measurements/{figure}/withdraw/", {}, "reason"),
    "a closing": ("plans/plan/closings/", {"as_of": "2024-12-31"}, "reason"),
    "a suspension": (
        f"targets/{TARGET}/amendments/",
        {"announced": "2024-06-01", "state": "suspended", "act": "12/NQ"},
        "reason",
    ),
    "a suspension without an act": (
        f"targets/{TARGET}/amendments/",
        {"announced": "2024-06-01", "state": "suspended", "reason": "flood"},
        "act",
    ),
    "a comment": ("comments/", {"target": TARGET}, "text"),
    "an action": (f"targets/{TARGET}/actions/", {"department": "statistics", "due_day": "2030-01-01"}, "text"),
    "a judgement": ("targets/plan:order:city/judgements/", {"status": "met", "day": "2024-12-31"}, "reason"),
    "an acknowledgement": ("alerts/{alert}/acknowledge/", {}, "note"),
    "the end of an alert": ("alerts/{alert}/resolve/", {}, "reason"),
}


@pytest.mark.parametrize("write", WRITES)
def test_a_text_that_cannot_be_seen_is_missing(write: str) -> None:
    factories.world()
    factories.indicator("order")
    factories.target("order", goal="", lower=None, qualitative=True)
    figure = factories.figure("sales", "2024", 5)
    assess.process_series_changes(now=clock.now())
    path, body, name = WRITES[write]
    path = path.format(figure=figure.revision.measurement_id, alert=Alert.objects.values_list("pk", flat=True).first())
    api = api_of()
    before = Revision.objects.count(), Target.objects.count(), Alert.objects.filter(state="firing").count()
    for value in TEXTS:
        api.post(path, {**body, name: value}).problem(400, "required")
    assert (Revision.objects.count(), Target.objects.count(), Alert.objects.filter(state="firing").count()) == before
    assert api.post(path, {**body, name: "đê vỡ\u200b"}).status in (200, 201)


FIGURE = {"indicator": "sales", "area": "city", "period": "2024-01", "value": "5", "published": "2024-02-05"}
NAMES = ("source", "note")


def post_alone(texts: dict[str, str]) -> None:
    assert api_of().post("measurements/", {**FIGURE, **texts}).status in (200, 201)


def post_json(texts: dict[str, str]) -> None:
    api_of().post("measurements/batch/", [{**FIGURE, **texts}]).ok()


def post_csv(texts: dict[str, str]) -> None:
    stream = io.StringIO()
    writer = csv.DictWriter(stream, [*FIGURE, *texts])
    writer.writeheader()
    writer.writerow({**FIGURE, **texts})
    headers = {"Content-Type": "text/csv"}
    api_of().post("measurements/batch/", raw=stream.getvalue().encode(), **headers).ok()


def post_form(texts: dict[str, str]) -> None:
    user = User.objects.filter(username="lan").first() or person("lan", "officer", "statistics")
    answer = client_of(user).post(
        reverse("admin:indicators_measurement_add"),
        {
            "indicator": Indicator.objects.get().pk,
            "area": Area.objects.get().pk,
            **{name: FIGURE[name] for name in ("period", "value")},
            "published": "2024-02-05",
            **texts,
        },
    )
    assert answer.status_code == 302


@pytest.mark.parametrize("post", [post_alone, post_json, post_csv, post_form], ids=lambda post: post.__name__)
def test_a_free_text_that_cannot_be_seen_is_empty(post: Callable[[dict[str, str]], None]) -> None:
    """By the API, in batches and files, and in the admin: neither a source nor a note, and no revision."""
    factories.world()
    api_of().post("measurements/", {**FIGURE, "source": "", "note": ""}).ok(201)
    for value in TEXTS[1:]:
        post(dict.fromkeys(NAMES, value))
    assert list(Revision.objects.values_list(*NAMES)) == [("", "")]
    post({"source": "Cục\u200bThống kê", "note": "x\u200b"})
    assert Revision.objects.latest("pk").source == "Cục\u200bThống kê"


# Every other free text that may be left out, where it is written and where it is read.
FREE_TEXTS = {
    "the note of an area": ("areas/", {"code": "ward", "name": "Ward"}, "note"),
    "the note of a department": ("departments/", {"code": "police", "name": "Police"}, "note"),
    "the source of an indicator": ("indicators/", {"code": "rent", "name": "Rent", "accumulation": "sum"}, "source"),
    "the source of a plan": ("plans/", {"code": "next", "name": "Next", "period": "2025"}, "source"),
    "the source of a target": ("targets/", {"plan": "plan", "indicator": "rate", "goal": "at_least", "lower": "5"}, "source"),
}  # fmt: skip


@pytest.mark.parametrize("write", FREE_TEXTS)
def test_each_free_text_that_cannot_be_seen_is_empty(write: str) -> None:
    factories.world()
    factories.indicator("rate")
    path, body, name = FREE_TEXTS[write]
    answer = api_of().post(path, {**body, name: "\u2800 \u200d"}).ok(201)
    assert answer[name] == ""
