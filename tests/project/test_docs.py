"""The documentation names files, modules and classes that exist."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.sizes import source_files
from kpitracker.env import ROOT

# problems.md is generated; the changelog also names what is gone.
PAGES = sorted({*(ROOT / "docs").rglob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"})
TOP = ("kpitracker", "indicators", "targets", "tasks", "tests", "bench", "docs")
FILE = re.compile(rf"`((?:{'|'.join(TOP)})/[\w./*-]+)`")
MODULE = re.compile(r"`((?:kpitracker|indicators|targets|tasks|tests|bench)(?:\.\w+)+)")
DATA_FILES = {"kpitracker.sqlite3", "kpitracker.sqlite3.lock"}
LINK = re.compile(r"\]\(([^)#\s]+)?(?:#([\w-]+))?\)")
CLASSES = {
    node.name
    for path in source_files(ROOT)
    for node in ast.walk(ast.parse(path.read_text()))
    if isinstance(node, ast.ClassDef)
}


def exists(name: str) -> bool:
    path = name.rstrip("/")
    return any(any(ROOT.glob(pattern)) for pattern in (path, f"{path}.py"))


def module_exists(name: str) -> bool:
    """`kpitracker.lib.clock`, or a name in a module: `targets.domain.alerting.decide`."""
    path = name.replace(".", "/")
    if exists(path):
        return True
    module, _, attribute = path.rpartition("/")
    files = [ROOT / f"{module}.py", ROOT / module / "__init__.py"]
    return any(re.search(rf"\b{attribute}\b", file.read_text()) for file in files if file.exists())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_files_and_modules_that_a_page_names_exist(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)

    assert [name for name in FILE.findall(text) if not exists(name)] == []
    assert {name for name in MODULE.findall(text) if not module_exists(name)} - DATA_FILES == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_of_a_page_lead_somewhere(page: Path) -> None:
    assert list(broken_links(page)) == []


def broken_links(page: Path) -> Iterator[str]:
    for name, anchor in LINK.findall(page.read_text()):
        target = (page.parent / name).resolve() if name else page
        if name.startswith("http"):
            continue
        if not target.exists():
            yield name
        elif anchor and anchor not in anchors(target):
            yield f"{name}#{anchor}"


def anchors(page: Path) -> set[str]:
    """Anchors of headings as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_classes_in_the_glossary_exist() -> None:
    rows = [line for line in (ROOT / "docs" / "glossary.md").read_text().splitlines() if line.startswith("| ")]
    named = {name for row in rows for name in re.findall(r"`([A-Z][a-z]+[A-Za-z]*)`", row)}

    # A schema of the API is marked as one.
    schemas = {name for row in rows for name in re.findall(r"`(\w+)` \(schema\)", row)}
    assert named - schemas - CLASSES == set()
