"""How many figures are owed: the start page, its list, My work, and the page of the department name one number."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client

from indicators.models import Department
from indicators.services.catalogue import reporting_duties
from tests import factories
from tests.admin_support import client_of, person
from tests.targets.pages.board_world import text_of

pytestmark = pytest.mark.django_db

DAY = datetime(2024, 5, 10, 5, tzinfo=UTC)
PERSONS = {
    "an officer": ("officer", "statistics"),
    "a viewer": ("viewer", "statistics"),
    "a plan owner of a department": ("planner", "statistics"),
    "an administrator of a department": ("administrator", "statistics"),
    "a plan owner of a department that owes nothing": ("planner", "b"),
    "an officer of the department above": ("officer", "hall"),
    "an administrator": ("administrator", None),
}
# Of one series January to April are over and May ends next; January to March are late.
COUNTS = {"statistics": (4, 3, 1), "b": (0, 0, 0), "hall": (4, 3, 1), None: (8, 6, 2)}


@pytest.fixture(autouse=True)
def world() -> None:
    factories.department("hall")
    factories.area()
    factories.department("statistics", parent="hall")
    for code in ("b", "c"):
        factories.department(code)
    factories.plan(department="hall")
    for code, department in (("sales", "statistics"), ("roads", "c")):
        factories.indicator(code, department=department)
        factories.target(code)
        # Two departments owe it: it is one figure.
        for name in (department, "hall") if code == "sales" else (department,):
            reporting_duties.create_duty(by=factories.BY, indicator=code, area="city", department=name)


def counts_on_page(client: Client, path: str) -> tuple[int, int, int]:
    """Owed, late and upcoming, as the tile of the page says."""
    text = text_of(client.get(path))
    matches = [
        re.search(pattern, text) for pattern in (r"(\d+) to report", r"to report \(late: (\d+)\)", r"end next: (\d+)")
    ]
    due, late, upcoming = (int(match[1]) if match else 0 for match in matches)
    return due, late, upcoming


def counts_on_start_page(client: Client) -> tuple[int, int]:
    match = re.search(r"(\d+) figures? (?:is|are) owed, (\d+) of them late", text_of(client.get("/admin/")))
    return (int(match[1]), int(match[2])) if match else (0, 0)


@pytest.mark.parametrize(("role", "department"), PERSONS.values(), ids=PERSONS)
def test_each_page_names_the_same_numbers(role: str, department: str | None) -> None:
    client: Any = client_of(person("lan", role, department))
    with time_machine.travel(DAY, tick=False):
        counts = counts_on_page(client, "/my-work/")
        assert counts == COUNTS[department]
        assert counts_on_start_page(client) == counts[:2]
        assert len(client.get("/admin/targets/assessment/owed/").context["rows"]) == counts[0]
        if department and role in ("officer", "viewer"):
            assert counts_on_page(client, f"/departments/{department}/") == counts
    assert Department.objects.count() == 4
