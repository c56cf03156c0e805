"""The scripts of the pages: they are there, nothing is inline, nothing comes from elsewhere."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.contrib.staticfiles import finders
from django.template import Context, Template
from django.test import Client
from django.urls import URLPattern, reverse

from kpitracker.lib import clock
from kpitracker.urls import urlpatterns
from targets.models import Plan
from targets.services.reports import closings
from targets.templatetags.page_scripts import LIBRARY_FILES
from tests import factories
from tests.admin_support import client_of, person

# What parts of addresses stand for in the world of the test, by the name of the page where they differ.
ARGUMENTS: dict[str, dict[str, object]] = {
    "": {"identifier": "plan:sales:city", "code": "plan", "number": 1, "pk": UUID(int=0), "extension": "csv"},
    "department": {"code": "statistics"},
    "indicator": {"code": "sales"},
}
ALWAYS_THERE = {"start", "target", "plans", "plan", "plan-closing", "work"}
VERSIONS = {"htmx": r'version:"2\.0\.\d+"', "chart": r'version="4\.4\.\d+"'}
INLINE = re.compile(r"\sstyle=|<style|\son\w+=|\shx-on|\shx-vals=.?js:|javascript:")
OTHER_HOST = re.compile(r'\s(?:src|href|action|srcset|data|poster|hx-\w+)="(?:https?:)?//')


def page_patterns() -> Iterator[URLPattern]:
    """The patterns of the pages for users who are logged in."""
    for pattern in urlpatterns:
        if not isinstance(pattern, URLPattern) or pattern.name == "answer":  # that one has the frame of the admin
            continue
        if pattern.callback.__module__.startswith("targets.pages."):
            yield pattern


PAGES = {str(pattern.name): list(pattern.pattern.converters) for pattern in page_patterns()}


@pytest.fixture
def client() -> Client:
    factories.world()
    factories.figure("sales", "2024-01", 60, published="2024-02-10")
    factories.figure("sales", "2024-02", 70, published="2024-03-10")
    closings.close_plan(plan=Plan.objects.get(), by=factories.BY, now=clock.now(), reason="The year is over.")
    return client_of(person("lan", "administrator"))


@pytest.mark.parametrize("name", LIBRARY_FILES)
def test_the_installed_package_has_the_file_in_the_version_that_was_tried(name: str) -> None:
    path = finders.find(LIBRARY_FILES[name])
    assert path, f"django-unfold has no {LIBRARY_FILES[name]}: see docs/adr/0030"
    assert re.search(VERSIONS[name], Path(path).read_text(encoding="utf-8"))
    assert (Path(path).parent / "LICENSE").exists()


def test_each_script_of_the_templates_exists() -> None:
    for template in Path("targets/templates/pages").glob("*.html"):
        for tag in re.findall(r"{% page_scripts (.*?) %}", template.read_text(encoding="utf-8")):
            rendered = Template(f"{{% load page_scripts %}}{{% page_scripts {tag} %}}").render(Context())
            for address in re.findall(r'src="/static/(.*?)"', rendered):
                assert finders.find(address), (template, address)


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "arguments"), PAGES.items(), ids=PAGES)
def test_no_page_has_anything_inline_or_from_another_host(client: Client, name: str, arguments: list[str]) -> None:
    values = ARGUMENTS[""] | ARGUMENTS.get(name, {})
    answer: Any = client.get(reverse(name, kwargs={argument: values[argument] for argument in arguments}))
    if answer.status_code != 200 or "text/html" not in answer["Content-Type"]:
        assert name not in ALWAYS_THERE
        return  # takes only POST, is a file, leads on, or shows a row that is not there
    policy = answer["Content-Security-Policy"]
    assert "'unsafe" not in policy
    assert "script-src 'self';" in policy
    page = answer.content.decode()
    assert not INLINE.search(page)
    assert not OTHER_HOST.search(page.replace("http://testserver", ""))
    for script in re.findall(r"<script([^>]*)>", page):
        assert ' src="/static/' in script or 'type="application/json"' in script
    assert ("unfold/js/htmx" in page) == bool(re.search(r"\shx-", page)), "htmx on pages that use it, and only there"


def test_htmx_keeps_to_the_policy() -> None:
    rendered = Template("{% load page_scripts %}{% page_scripts 'htmx' %}").render(Context())
    assert "&quot;includeIndicatorStyles&quot;: false" in rendered
    assert "&quot;allowEval&quot;: false" in rendered
    assert Template("{% load page_scripts %}{% page_scripts 'chart' %}").render(Context()).count("<script") == 1
