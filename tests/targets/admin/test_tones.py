"""Good and bad words have a colour that can be read, on light and dark pages; the word is always there."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.test import Client

from kpitracker.env import ROOT
from kpitracker.lib import clock
from targets.models import Alert, Assessment, Plan, StatusChange, Target
from targets.services.assessment import assess
from targets.services.reports import closings
from tests import factories
from tests.admin_support import client_of, person

STYLES = (ROOT / "indicators/static/indicators/admin.css").read_text()
TONES = ("success", "warning", "danger", "info")
# The page, the label of a tone (django-unfold: bg-red-100, in the dark bg-red-500 at a fifth over the page), in sRGB.
LIGHT = {"success": "#dcfce7", "warning": "#ffedd4", "danger": "#ffe2e2", "info": "#dbeafe"}
DARK = {"success": "#0e322d", "warning": "#402720", "danger": "#40202b", "info": "#183256"}


def luminance(colour: str) -> float:
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    darker, lighter = sorted((luminance(first), luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("tone", TONES)
def test_each_colour_can_be_read(tone: str) -> None:
    light, dark = (
        re.search(rf"^{prefix}\.tone-{tone}, [^{{]*{{ color: (#\w{{6}})", STYLES, re.MULTILINE)
        for prefix in ("", r":is\(\.dark ")
    )
    assert light is not None
    assert dark is not None
    pairs = [(light[1], "#ffffff"), (light[1], LIGHT[tone]), (dark[1], "#111827"), (dark[1], DARK[tone])]
    assert min(contrast(*pair) for pair in pairs) >= 4.5


@pytest.fixture(scope="module")
def pages(shared_rows: Callable[[], AbstractContextManager[None]]) -> Client:
    """Sales of 2024 fell short, prices kept below their limit; February is still missing."""
    with shared_rows():
        factories.world()
        factories.indicator("prices", department="statistics", accumulation="none")
        factories.target("prices", goal="at_most", lower=None, upper=9)
        while assess.process_series_changes(now=clock.now()):
            pass
        for code, period, value in (("sales", "2024", 700), ("prices", "2024-01", 5), ("prices", "2024", 5)):
            factories.figure(code, period, value)
        while assess.process_series_changes(now=clock.now()):
            pass
        closings.close_plan(
            plan=Plan.objects.get(), by=factories.BY, now=clock.now(), reason="year", as_of=clock.today()
        )
        factories.plan("now", str(clock.today().year))
        factories.target("prices", plan="now", goal="at_most", lower=None, upper=9)
        return client_of(person("lan"))


def addresses() -> dict[str, tuple[str, list[str]]]:
    """By page, its address and what it must show: a pattern of markup, with the word inside."""
    target, assessment = (
        Target.objects.get(indicator__code="sales"),
        Assessment.objects.get(target__indicator__code="sales"),
    )
    bad_variance, good_variance = r'tone-danger">[−-]500<', r'tone-success">[−-]4<'
    bad_word = r'tone-danger">[^<]*miss'
    bad_label = r"bg-red-100 [^>]*>\s*missed"
    return {
        "targets": ("/admin/targets/target/", [bad_label, r"bg-green-100 [^>]*>\s*\w"]),
        "a target": (f"/admin/targets/target/{target.pk}/change/", [bad_word, bad_variance]),
        "assessments": ("/admin/targets/assessment/", [bad_label, bad_variance, good_variance]),
        "an assessment": (f"/admin/targets/assessment/{assessment.pk}/change/", [bad_word, bad_variance]),
        "status changes": ("/admin/targets/statuschange/", [bad_label]),
        "alerts": ("/admin/targets/alert/", [r"bg-red-100 [^>]*>\s*missed", r'tone-(danger|warning)">']),
        "an alert": (f"/admin/targets/alert/{Alert.objects.latest('pk').pk}/change/", [r'tone-danger">firing<']),
        "a closing": (f"/admin/targets/closing/{Plan.objects.get(code='plan').closings.get().pk}/change/", [bad_word, bad_variance, good_variance]),
        "figures that are owed": ("/admin/targets/assessment/owed/", [r'tone-danger">\d+<', r"whitespace-nowrap[^>]*>\d+ \w+ \d{4}<"]),
    }  # fmt: skip


NAMES = ["targets", "a target", "assessments", "an assessment", "status changes", "alerts", "an alert", "a closing", "figures that are owed"]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("name", NAMES)
def test_good_and_bad_words_have_their_colour(pages: Client, name: str) -> None:
    assert StatusChange.objects.exists()
    address, patterns = addresses()[name]
    answer = pages.get(address, headers={"Accept-Language": "en"})
    assert answer.status_code == 200
    page = answer.content.decode()
    assert [pattern for pattern in patterns if not re.search(pattern, page)] == []
