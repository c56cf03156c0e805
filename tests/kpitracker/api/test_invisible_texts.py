"""A reason or a comment that cannot be seen is none: each write that demands a text refuses it."""

import pytest

from indicators.models import Revision
from kpitracker.lib import clock
from targets.models import Alert, Target
from targets.services.assessment import assess
from tests import factories
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
