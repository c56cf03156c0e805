"""The history of a row is our audit, and the admin writes no other."""

import re
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from indicators.models import Area, User
from indicators.services.catalogue import areas
from kpitracker.lib import clock
from kpitracker.lib.models import AuditEntry
from tests import factories
from tests.admin_support import administrator, submit

pytestmark = pytest.mark.django_db


def test_the_admin_keeps_no_log_of_its_own() -> None:
    client = administrator()
    submit(client, reverse("admin:indicators_area_add"), {"code": "hcmc", "name": "A", "kind": "city"})
    area = Area.objects.get()
    submit(client, reverse("admin:indicators_area_change", args=[area.pk]), {"name": "B", "kind": "city"})
    client.post(reverse("admin:indicators_area_delete", args=[area.pk]), {"post": "yes"})
    assert LogEntry.objects.count() == 0
    noted = AuditEntry.objects.filter(kind="indicators.area").order_by("pk").values_list("actor", "verb", "address")
    assert list(noted) == [("admin admin", verb, "127.0.0.1") for verb in ("created", "changed", "deleted")]


def test_the_history_says_who_when_from_where_what_and_by_which_request() -> None:
    client = administrator()
    User.objects.update(last_name="Nguyễn Văn", first_name="An")
    area = factories.area("hcmc", name="Before")
    path = reverse("admin:indicators_area_change", args=[area.pk])
    submit(client, path, {"name": "After", "kind": "province", "valid_to": "2024-12-31"})
    page = client.get(reverse("admin:indicators_area_history", args=[area.pk])).content.decode()
    entry = AuditEntry.objects.get(verb="changed")
    for message in (
        "Nguyễn Văn An",
        "127.0.0.1",
        "changed",
        "name: Before → After",
        "to: – → 31 December 2024",
        entry.request_id,
    ):
        assert message in page, message
    assert "tests" in page
    vietnamese = client.get(
        reverse("admin:indicators_area_history", args=[area.pk]), headers={"Accept-Language": "vi"}
    ).content.decode()
    assert "tên: Before → After" in vietnamese


class TestList:
    @pytest.fixture(autouse=True)
    def entries(self) -> None:
        area = factories.area("hcmc")
        areas.update_area(area=area, by=factories.BY._replace(name="Hoa"), now=clock.now(), name="Big")
        factories.department("tax")

    @pytest.mark.parametrize(
        "query, labels",
        [
            ({}, ["hcmc", "hcmc", "tax"]),
            ({"kind": "indicators.area"}, ["hcmc", "hcmc"]),
            ({"verb__exact": "changed"}, ["hcmc"]),
            ({"q": "tax"}, ["tax"]),
            ({"q": "hoa"}, ["hcmc"]),
            ({"at_from": "2020-01-01", "at_to": "2020-12-31"}, []),
            ({"at_from": "today", "at_to": "today"}, ["hcmc", "hcmc", "tax"]),
            ({"at_from": "x"}, ["hcmc", "hcmc", "tax"]),
        ],
    )
    def test_it_is_filtered_and_searched(self, query: dict[str, str], labels: list[str]) -> None:
        # Not the day on which the tests were collected: it may be over.
        requested = {name: f"{clock.today()}" if value == "today" else value for name, value in query.items()}
        answer = administrator().get(reverse("admin:lib_auditentry_changelist"), requested)
        rows: Any = answer.context["cl"].result_list
        assert sorted(row.label for row in rows) == labels

    def test_it_shows_before_and_after(self) -> None:
        page = administrator().get(reverse("admin:lib_auditentry_changelist")).content.decode()
        assert re.search(r"name: Hcmc → Big", page)


def test_names_are_shown_and_never_run() -> None:
    script = "<script>alert(1)</script>"
    factories.area("hcmc", name=script)
    department = factories.department(name=script, email="statistics@example.org")
    factories.indicator(name=script, department=department.code, source=script)
    plan = factories.plan(name=script, issuer=script)
    target = factories.target(section=script)
    client = administrator()
    paths = [
        reverse(f"admin:{page}_changelist")
        for page in ("indicators_area", "indicators_department", "indicators_indicator", "targets_plan", "targets_target",
                     "lib_auditentry")
    ]  # fmt: skip
    for page, key in (
        ("targets_target", target.pk),
        ("targets_plan", plan.pk),
        ("indicators_indicator", target.indicator_id),
    ):
        paths += [reverse(f"admin:{page}_{view}", args=[key]) for view in ("change", "history", "delete")]
    for path in paths:
        html = client.get(path).content.decode()
        assert script not in html, path
    assert "&lt;script&gt;" in client.get(paths[0]).content.decode()
