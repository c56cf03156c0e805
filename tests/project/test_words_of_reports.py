"""Words as reports use them: an indicator is *chỉ số* and a target is *chỉ tiêu*, in every text of the service."""

import ast
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from kpitracker.env import ROOT

PACKAGES = ("kpitracker", "indicators", "targets", "tasks")
TARGET, INDICATOR = "chỉ tiêu", "chỉ số"


def read_words(node: ast.expr) -> str | None:
    """The fixed words of a text, or None if it is not one."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value for part in node.values if isinstance(part, ast.Constant))  # type: ignore[misc]
    return None


def pairs_of(path: Path) -> Iterator[tuple[str, str]]:
    """English and Vietnamese texts that stand side by side: arguments of a call, or entries of a tuple."""
    for node in ast.walk(ast.parse(path.read_text())):
        parts = node.args if isinstance(node, ast.Call) else node.elts if isinstance(node, ast.Tuple) else []
        words = [read_words(part) for part in parts]
        yield from ((english, vietnamese) for english, vietnamese in pairwise(words) if english and vietnamese)


def is_wrong(english: str, vietnamese: str) -> bool:
    """Whether the Vietnamese text names the one where the English text names the other alone."""
    english, vietnamese = english.lower(), vietnamese.lower()
    of_indicators, of_targets = "indicator" in english, "target" in english
    if "chỉ tiêu kế hoạch" in vietnamese:
        return True
    if of_indicators and not of_targets:
        return TARGET in vietnamese
    return of_targets and not of_indicators and INDICATOR in vietnamese and TARGET not in vietnamese


@pytest.mark.parametrize(
    ("english", "vietnamese", "wrong"),
    [
        pytest.param("indicator", "chỉ tiêu", True, id="an indicator called a target"),
        pytest.param("There is no such target", "Không có chỉ số này", True, id="a target called an indicator"),
        pytest.param("targets", "chỉ tiêu kế hoạch", True, id="a target with more words than reports use"),
        pytest.param("indicator", "chỉ số", False, id="an indicator"),
        pytest.param("target", "chỉ tiêu", False, id="a target"),
        pytest.param("targets of this indicator", "chỉ tiêu của chỉ số này", False, id="both"),
    ],
)
def test_what_is_wrong(english: str, vietnamese: str, wrong: bool) -> None:
    assert is_wrong(english, vietnamese) is wrong


@pytest.mark.parametrize("package", PACKAGES)
def test_indicators_and_targets_are_named_as_reports_name_them(package: str) -> None:
    files = [path for path in (ROOT / package).rglob("*.py") if "migrations" not in path.parts]
    pairs = [(path, *pair) for path in files for pair in pairs_of(path)]
    assert any(TARGET in vietnamese.lower() for _, _, vietnamese in pairs) or package == "tasks"
    wrong = [
        f"{path.relative_to(ROOT)}: {vietnamese}"
        for path, english, vietnamese in pairs
        if is_wrong(english, vietnamese)
    ]
    assert wrong == []
