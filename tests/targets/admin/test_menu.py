"""The menu of the admin: each list in one group, what the user may open, and counts of what waits."""

import re

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from targets.admin.menu import GROUPS
from tests import factories
from tests.admin_support import administrator, client_of, person

pytestmark = pytest.mark.django_db
TITLES = {
    "en": ["Report", "Plan", "People and access", "Alerts", "System"],
    "vi": ["Báo cáo", "Kế hoạch", "Người dùng và quyền", "Cảnh báo", "Hệ thống"],
}


def menu_of(client: Client, language: str = "en", path: str = "/admin/indicators/area/") -> str:
    page = client.get(path, headers={"Accept-Language": language}).content.decode()
    menu, _, after = page.partition('id="nav-sidebar-apps"')[2].rpartition("</ol>")
    assert after
    return menu.partition("</nav>")[0]


def badges(menu: str) -> dict[str, str]:
    """The count beside each entry, by address of the list."""
    entries = re.findall(r'<a href="(/[^"]*)"(.*?)</a>', menu, re.DOTALL)
    counts = {address: re.search(r"uppercase.*?>\s*(\d+)\s*</span>", body, re.DOTALL) for address, body in entries}
    return {address: match.group(1) for address, match in counts.items() if match}


def test_each_list_stands_in_exactly_one_group() -> None:
    labels = [label for group in GROUPS for label in group.icons]
    assert sorted(labels) == sorted(model._meta.label_lower for model in admin.site._registry)


@pytest.mark.parametrize("language", ["en", "vi"])
def test_the_groups_are_named_by_what_people_do(language: str) -> None:
    titles = re.findall(r"<h2[^>]*>\s*(.*?)\s*</h2>", menu_of(administrator(), language), re.DOTALL)
    assert [" ".join(title.split()) for title in titles] == TITLES[language]


def test_the_pages_for_people_stand_on_top() -> None:
    addresses = re.findall(r'<a href="(/[^"]*)"', menu_of(administrator()))
    assert addresses[:5] == ["/admin/", "/", "/my-work/", "/plans/", "/departments/"]


@pytest.mark.parametrize("role", ["viewer", "officer", "planner", "administrator"])
def test_only_what_the_user_may_open_is_offered(role: str) -> None:
    client = client_of(person("lan", role))
    addresses = re.findall(r'<a href="(/[^"]*)"', menu_of(client))
    assert ("/admin/indicators/user/" in addresses) is (role == "administrator")
    assert len(addresses) == len(set(addresses)) == 5 + (26 if role == "administrator" else 20)
    assert {client.get(address).status_code for address in addresses if address != "/"} == {200}


def test_counts_of_what_waits_stand_beside_the_entries() -> None:
    factories.area()
    factories.department()
    factories.indicator("checked", department="statistics", needs_approval=True)
    client = administrator()
    assert badges(menu_of(client)) == {}
    factories.figure("checked", "2024", 5)
    factories.figure("checked", "2023", 4)
    factories.batch(state="queued")
    assert badges(menu_of(client)) == {"/admin/indicators/approval/": "2", "/admin/indicators/import/": "1"}


def test_counts_are_those_of_the_user() -> None:
    factories.area()
    for code in ("statistics", "trade"):
        factories.department(code)
        factories.indicator(code, department=code, needs_approval=True)
        factories.figure(code, "2024", 5)
    clerk = client_of(person("lan", "officer", "trade"))
    assert badges(menu_of(clerk)) == {"/admin/indicators/approval/": "1"}


def test_the_menu_takes_few_queries_however_many_rows_wait() -> None:
    factories.area()
    factories.department()
    factories.indicator("checked", department="statistics", needs_approval=True)
    client = client_of(person("lan", "administrator", "statistics"))
    numbers = []
    for year in range(2010, 2024):
        factories.figure("checked", str(year), 5)
        if year in (2010, 2023):
            with CaptureQueriesContext(connection) as queries:
                client.get("/admin/password_change/")
            numbers.append(len(queries))
    print(f"queries of a page without rows of its own: {numbers}")
    assert numbers[0] == numbers[1] <= 14
