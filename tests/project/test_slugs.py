"""Every slug that the code can answer with stands in the table of the docs."""

import ast
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from kpitracker.env import ROOT
from kpitracker.lib.errors import DomainError
from kpitracker.lib.problem_types import TITLES, WARNINGS
from targets.domain.validation_findings import FindingSlug

RAISERS = {
    "Invalid",
    "TooLarge",
    "Unfit",
    "Conflict",
    "NotPermitted",
    "Missing",
    "Item",
    "problem_response",
    "PreconditionFailed",
}


def sources() -> list[Path]:
    return [path for room in ("kpitracker", "indicators", "targets", "tasks") for path in (ROOT / room).rglob("*.py")]


def used() -> set[str]:
    """First texts given to what raises or answers: `Invalid("invalid-date", …)`, `Item("/a", "required", …)`."""
    found = set()
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in RAISERS:
                place = 1 if getattr(node.func, "id", "") in ("Item", "problem_response") else 0
                given = node.args[place : place + 1]
                if given and isinstance(given[0], ast.Constant) and isinstance(given[0].value, str):
                    found.add(given[0].value)
    return found


def test_every_slug_in_the_code_has_its_text() -> None:
    assert len(used()) > 20
    assert used() - set(TITLES) - set(WARNINGS) == set()


@pytest.mark.parametrize("slug", list(FindingSlug))
def test_what_the_domain_finds_has_its_text(slug: FindingSlug) -> None:
    assert slug.value in (TITLES | WARNINGS)


@pytest.mark.parametrize("kind", DomainError.__subclasses__())
def test_errors_have_a_slug_with_a_text(kind: type[DomainError]) -> None:
    assert kind.slug in TITLES


def test_the_table_of_the_docs_is_of_today() -> None:
    out = StringIO()
    call_command("list_problems", stdout=out)
    assert (ROOT / "docs" / "problems.md").read_text() == out.getvalue()
