"""Names are words that a new reader knows: those of docs/glossary.md and of Django, not a language of our own."""

import ast
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from bench.sizes import BANNED_WORDS, SAME_NAME_ALLOWED, Source, source_files
from kpitracker.env import ROOT
from tests.checks import SCHEMA

# Name of a local, parameter, function or class -> what to call it instead.
BANNED_NAMES = {
    "again": "the verb with its object: reassess_target, render_page_again",
    "anew": "the verb with its object",
    "asked": "requested, query, filters",
    "came": "reported, received",
    "each": "the noun: row, target, alert",
    "found": "result, rows, matches, or the noun",
    "fresh": "new_…, created, unsaved",
    "gone": "deleted, removed, missing",
    "heard": "notified, recipients",
    "known": "stored, existing, cached, resolved",
    "look": "check, detect, evaluate",
    "looked": "evaluated, checked, assessed",
    "meanwhile": "concurrent_…",
    "nobody": "no_recipients, none",
    "occasions": "triggers",
    "owed": "due, due_figures, obligations",
    "papers": "reports, documents",
    "said": "text, message, stated, sentence",
    "so_many": "count",
    "somebody": "user, actor, caller",
    "spelled": "text, formatted",
    "telling": "notifications",
    "tell": "notify, report",
    "told": "notified, notifications, recipients",
    "tried": "attempted, trial",
    "unheard": "never_notified",
    "wanted": "requested, required",
    "whoever": "user, actor, caller",
    "whom": "recipient",
}
CAMEL_CASE = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z0-9]*")

SOURCES = {str(path.relative_to(ROOT)): Source(path) for path in source_files(ROOT)}


def names(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and name of each local, parameter, function and class."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.lineno, node.name


def snake_case(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().strip("_")


def test_no_name_is_a_word_of_our_own() -> None:
    banned = [
        f"{path}:{line} {name}: better {BANNED_NAMES[snake_case(name)]}"
        for path, source in SOURCES.items()
        for line, name in names(source.tree)
        if snake_case(name) in BANNED_NAMES
    ]

    assert len(SOURCES) > 300
    assert banned == []


def test_no_line_of_the_source_speaks_of_a_person_it_does_not_name() -> None:
    lines = [
        f"{path}:{number} {line.strip()}"
        for path, source in SOURCES.items()
        for number, line in enumerate(source.lines, 1)
        if BANNED_WORDS.search(line)
    ]

    assert lines == []


def test_no_two_modules_have_a_class_of_the_same_name() -> None:
    modules: dict[str, list[str]] = {}
    for path, source in SOURCES.items():
        for node in source.tree.body:
            if isinstance(node, ast.ClassDef) and node.name not in SAME_NAME_ALLOWED:
                modules.setdefault(node.name, []).append(path)

    assert {name: paths for name, paths in modules.items() if len(paths) > 1} == {}


def test_few_functions_at_module_level_have_a_name_of_one_word() -> None:
    functions = Counter(
        "_" in node.name.strip("_")
        for source in SOURCES.values()
        for node in source.tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )

    assert functions.total() > 500
    assert functions[False] / functions.total() < 0.25


def glossary_words(glossary: Path) -> set[str]:
    """Every English word of the tables' first column and every class name in backticks, in lower case and singular."""
    rows = [line.split("|") for line in glossary.read_text().splitlines() if line.startswith("|")]
    terms = " ".join(row[1] for row in rows)
    classes = " ".join(re.findall(r"`([A-Z]\w+)`", " ".join(cell for row in rows for cell in row)))
    words = re.findall(r"[A-Za-z]+", terms) + CAMEL_CASE.findall(classes)
    return {singular(word) for word in words}


def singular(word: str) -> str:
    word = word.lower()
    return word if word.endswith(("ss", "us", "series")) else word.removesuffix("s")


def test_every_schema_is_named_by_words_of_the_glossary() -> None:
    words = glossary_words(ROOT / "docs" / "glossary.md")
    schemas = json.loads(SCHEMA.read_text())["components"]["schemas"]
    unexplained = {
        schema: missing
        for schema in schemas
        if (missing := [word for word in CAMEL_CASE.findall(schema) if singular(word) not in words])
    }

    assert len(schemas) > 100
    assert unexplained == {}
