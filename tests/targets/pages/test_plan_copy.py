"""Copy a plan to the next period: what will be copied is shown before it is stored."""

import re
from datetime import date
from html import unescape
from typing import Any

import pytest
from django.test import Client

from targets.models import Plan, Target
from tests import factories
from tests.admin_support import client_of, person

pytestmark = pytest.mark.django_db

PATH = "/plans/plan-2024/copy/"
FIELDS = {"code": "plan-2025", "name": "Kế hoạch 2025", "period": "2025"}


@pytest.fixture
def planner() -> Client:
    factories.area()
    factories.department(email="statistics@example.org")
    factories.indicator(department="statistics")
    factories.plan("plan-2024", department="statistics", name="Kế hoạch 2024", name_en="Plan 2024")
    factories.target(plan="plan-2024", section="Kinh tế", section_en="Economy")
    factories.indicator("stock", accumulation="last")
    factories.target("stock", plan="plan-2024", baseline=5, baseline_date=date(2023, 12, 31), profile="path")
    return client_of(person("lan", "planner", "statistics"))


def text_of(answer: Any) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", answer.content.decode())).split())


def confirmed(answer: Any) -> str:
    [digest] = re.findall(r'name="confirmed" value="([^"]*)"', answer.content.decode())
    return str(digest)


def test_the_form_starts_with_the_next_period(planner: Client) -> None:
    page = planner.get(PATH).content.decode()
    for value in ("plan-2025", "Kế hoạch 2025", "2025"):
        assert f'value="{value}"' in page, value
    assert Plan.objects.count() == 1


def test_what_will_be_copied_is_shown_first_then_copied(planner: Client) -> None:
    answer = planner.post(PATH, {**FIELDS, "do": "store"})
    text = text_of(answer)
    assert "Sales at least 1,200" in text
    assert "Stock (baseline): The baseline belongs to the old period." in text
    assert Plan.objects.count() == 1
    copied = planner.post(PATH, {**FIELDS, "do": "store", "confirmed": confirmed(answer)}, follow=True)
    assert copied.redirect_chain == [("/plans/plan-2025/", 302)]
    assert "2 targets copied as drafts." in text_of(copied)
    assert "Draft targets: 2" in text_of(copied)
    assert Target.objects.filter(plan__code="plan-2025").count() == 2


def test_what_was_changed_after_the_preview_is_shown_again(planner: Client) -> None:
    digest = confirmed(planner.post(PATH, {**FIELDS, "do": "preview"}))
    changed = {**FIELDS, "code": "other-2025", "do": "store", "confirmed": digest}
    assert planner.post(PATH, changed).status_code == 200
    assert Plan.objects.count() == 1
    unchanged = {**FIELDS, "do": "store", "confirmed": digest}
    factories.indicator("late")
    factories.target("late", plan="plan-2024")
    assert "Late" in text_of(planner.post(PATH, unchanged))
    assert Plan.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        pytest.param({"code": ""}, "This field is required.", id="no code"),
        pytest.param({"code": "plan-2024"}, "exists already", id="a code that is taken"),
        pytest.param({"code": "Kế hoạch"}, "", id="no code at all"),
        pytest.param({"period": "soon"}, "For example 2025.", id="no period"),
        pytest.param({"period": "2300"}, "", id="a period too far away"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(planner: Client, fields: dict[str, str], words: str) -> None:
    answer = planner.post(PATH, {**FIELDS, "do": "preview", **fields})
    assert (answer.status_code, words in text_of(answer)) == (200, True), text_of(answer)
    assert answer.context["form"].errors
    assert 'value="Kế hoạch 2025"' in answer.content.decode()
    assert Plan.objects.count() == 1


def test_of_two_planners_the_second_is_told_that_the_plan_exists(planner: Client) -> None:
    answer = planner.post(PATH, {**FIELDS, "do": "preview"})
    fields = {**FIELDS, "do": "store", "confirmed": confirmed(answer)}
    assert client_of(person("mai", "planner", "statistics")).post(PATH, fields).status_code == 302
    assert "exists already" in text_of(planner.post(PATH, fields))
    assert Plan.objects.count() == 2


@pytest.mark.parametrize(
    ("role", "department", "status"),
    [
        pytest.param("viewer", "statistics", 403, id="no viewer"),
        pytest.param("officer", "statistics", 403, id="no officer"),
        pytest.param("planner", "other", 403, id="no planner of another department"),
        pytest.param("administrator", "statistics", 200, id="an administrator"),
    ],
)
def test_who_copies(planner: Client, role: str, department: str, status: int) -> None:
    factories.department("other")
    client = client_of(person(role, role, department))
    assert client.get(PATH).status_code == status
    answer = client.post(PATH, {**FIELDS, "do": "preview"})
    assert answer.status_code == status
    if status == 200:
        fields = {**FIELDS, "do": "store", "confirmed": confirmed(answer)}
        assert client.post(PATH, fields).status_code == 302


def test_restricted_targets_of_others_are_not_named(planner: Client) -> None:
    factories.department("b")
    Plan.objects.update(department=None)
    Plan.objects.filter(code="plan-2024").update(department=factories.department("b2", parent="b"))
    factories.indicator("secret", department="statistics", restricted=True)
    factories.target("secret", plan="plan-2024")
    answer = client_of(person("hoa", "planner", "b")).post(PATH, {**FIELDS, "do": "preview"})
    assert "Sales" in text_of(answer)
    assert "ecret" not in text_of(answer)


def test_in_vietnamese(planner: Client) -> None:
    text = text_of(planner.post(PATH, {**FIELDS, "do": "preview"}, headers={"Accept-Language": "vi"}))
    for words in ("Sẽ được sao chép", "Kinh tế", "ít nhất 1.200", "Mức đầu kỳ thuộc kỳ cũ."):
        assert words in text, words
