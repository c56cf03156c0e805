"""Every slug that the code can answer with stands in the table of the docs."""

import ast
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from kpitracker.env import ROOT
from kpitracker.lib.errors import DomainError
from kpitracker.lib.problem_types import TITLES, WARNINGS
from targets.domain.terms_problems import TermsProblemSlug

RAISERS = {
    "ValidationProblem",
    "TooLarge",
    "Unprocessable",
    "Conflict",
    "Forbidden",
    "NotFound",
    "ProblemItem",
    "problem_response",
    "PreconditionFailed",
    "PreconditionRequired",
    "RequestInProgress",
}


def sources() -> list[Path]:
    return [path for room in ("kpitracker", "indicators", "targets", "tasks") for path in (ROOT / room).rglob("*.py")]


def slugs_in_code() -> set[str]:
    """Slugs given to what raises or answers: `ValidationProblem("invalid-date", …)`, `ProblemItem("/a", "required", …)`."""
    slugs = set()
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in RAISERS:
                position = 1 if getattr(node.func, "id", "") in ("ProblemItem", "problem_response") else 0
                arguments = node.args[position : position + 1]
                if arguments and isinstance(arguments[0], ast.Constant) and isinstance(arguments[0].value, str):
                    slugs.add(arguments[0].value)
    return slugs


def test_every_slug_in_the_code_has_its_text() -> None:
    assert len(slugs_in_code()) > 20
    assert slugs_in_code() - set(TITLES) - set(WARNINGS) == set()


@pytest.mark.parametrize("slug", list(TermsProblemSlug))
def test_what_the_domain_finds_has_its_text(slug: TermsProblemSlug) -> None:
    assert slug.value in (TITLES | WARNINGS)


@pytest.mark.parametrize("kind", DomainError.__subclasses__())
def test_errors_have_a_slug_with_a_text(kind: type[DomainError]) -> None:
    assert kind.slug in TITLES


def test_the_table_of_the_docs_is_of_today() -> None:
    out = StringIO()
    call_command("list_problems", stdout=out)
    assert (ROOT / "docs" / "problems.md").read_text() == out.getvalue()
