"""Sizes that keep files readable, and locks that install everywhere."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from kpitracker.env import ROOT
from kpitracker.run import environment
from tests.checks import APPS

SOURCES = [path for app in APPS for path in sorted((ROOT / app).rglob("*.py")) if "migrations" not in path.parts]
TESTS = sorted((ROOT / "tests").rglob("*.py"))
REQUIREMENTS = {"requirements.txt": "requirements.lock", "requirements-dev.txt": "requirements-dev.lock"}


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def lines(path: Path) -> int:
    return len(path.read_text().splitlines())


def functions(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{name_of(path)}:{node.lineno} {node.name}", (node.end_lineno or node.lineno) - node.lineno + 1


def test_no_source_file_has_more_than_400_lines() -> None:
    assert len(SOURCES) > 50
    assert {name_of(path): lines(path) for path in SOURCES if lines(path) > 400} == {}


def test_no_test_file_has_more_than_500_lines() -> None:
    assert {name_of(path): lines(path) for path in TESTS if lines(path) > 500} == {}


def test_no_function_of_the_source_has_more_than_50_lines() -> None:
    results = [function for path in SOURCES for function in functions(path)]

    assert len(results) > 200
    assert {name: size for name, size in results if size > 50} == {}


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_every_requirement_has_a_reason(name: str) -> None:
    requested = [line for line in (ROOT / name).read_text().splitlines() if line and not line.startswith(("#", "-r"))]

    assert len(requested) > 5
    assert [line for line in requested if not re.search(r" # \w", line)] == []


def pins(lock: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9._-]+)==([^ \\;]+)", (ROOT / lock).read_text(), re.MULTILINE))


@pytest.mark.parametrize("name, lock", REQUIREMENTS.items())
def test_the_lock_pins_every_requirement(name: str, lock: str) -> None:
    requested = re.findall(r"^([a-zA-Z0-9._-]+)", (ROOT / name).read_text(), re.MULTILINE)

    assert [one for one in requested if one != "-r" and one.lower() not in pins(lock)] == []


@pytest.mark.parametrize("lock", REQUIREMENTS.values())
def test_every_pin_has_hashes_and_no_address_of_a_machine(lock: str) -> None:
    text = (ROOT / lock).read_text()

    assert re.search(r"https?://|file:|find-links|index-url", text) is None
    entries = re.split(r"^(?=[a-z0-9._-]+==)", text, flags=re.MULTILINE)[1:]
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_the_larger_lock_contains_the_smaller_so_that_one_environment_serves_both() -> None:
    assert pins(environment.RUNTIME).items() <= pins(environment.EVERYTHING).items()
