"""The sizes of the source: files, functions, and how plain its names are.

    python -m bench.sizes [ROOT]

ROOT is a checkout of this project, by default this one: the script also measures older commits. Counted are the `*.py`
files under `indicators`, `targets`, `tasks` and `kpitracker`, and `manage.py`, without migrations.
"""

import ast
import io
import re
import sys
import tokenize
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

PACKAGES = ("indicators", "targets", "tasks", "kpitracker")
VAGUE_LOCALS = ("found", "each", "told", "said", "known", "fresh")
BANNED_WORDS = re.compile(r"\b(?:whoever|somebody|nobody|anew|so many|whom|he|him|his)\b", re.IGNORECASE)
# manage.py finds a command by this class name.
SAME_NAME_ALLOWED = {"Command"}
Function = ast.FunctionDef | ast.AsyncFunctionDef
Documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def source_files(root: Path) -> list[Path]:
    files = [path for package in PACKAGES for path in sorted((root / package).rglob("*.py"))]
    return [path for path in files if "migrations" not in path.parts] + [root / "manage.py"]


class Source:
    """One file: its text and its syntax tree."""

    def __init__(self, path: Path) -> None:
        self.text = path.read_text()
        self.tree = ast.parse(self.text)
        self.lines = self.text.splitlines()

    def functions(self) -> list[Function]:
        return [node for node in ast.walk(self.tree) if isinstance(node, Function)]

    def comment_lines(self) -> int:
        tokens = tokenize.generate_tokens(io.StringIO(self.text).readline)
        return len({token.start[0] for token in tokens if token.type == tokenize.COMMENT})

    def docstring_lines(self) -> int:
        documented = (node for node in ast.walk(self.tree) if isinstance(node, Documented))
        return sum(length(node.body[0]) for node in documented if ast.get_docstring(node) is not None)


def length(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def assigned_names(function: Function) -> set[str]:
    """The locals of a function: names that it assigns, without those of functions inside it."""
    names: set[str] = set()
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, Function | ast.ClassDef | ast.Lambda):
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        waiting.extend(ast.iter_child_nodes(node))
    return names


def spread(sizes: Iterable[int], percentiles: Iterable[int]) -> str:
    ordered = sorted(sizes)
    chosen = [ordered[(len(ordered) - 1) * percent // 100] for percent in percentiles]
    return " / ".join(str(size) for size in [*chosen, ordered[-1]])


def measure(root: Path) -> dict[str, str]:
    """Each figure with its label, in the order of the table in docs/architecture.md."""
    sources = [Source(path) for path in source_files(root)]
    functions = [function for source in sources for function in source.functions()]
    total = sum(len(source.lines) for source in sources)
    classes = Counter(node.name for source in sources for node in source.tree.body if isinstance(node, ast.ClassDef))
    module_level = [node.name for source in sources for node in source.tree.body if isinstance(node, Function)]
    one_word = [name for name in module_level if "_" not in name.strip("_")]
    any_names = sum(len(re.findall(r"\bAny\b", source.text)) for source in sources)
    written = sum(bool(line.strip()) for source in sources for line in source.lines)
    vague = Counter(name for function in functions for name in assigned_names(function) & set(VAGUE_LOCALS))
    banned = sum(bool(BANNED_WORDS.search(line)) for source in sources for line in source.lines)
    comments = sum(source.comment_lines() for source in sources)
    docstrings = sum(source.docstring_lines() for source in sources)
    return {
        "files": f"{len(sources):,}",
        "lines": f"{total:,}",
        "lines a file that is not empty: median / p90 / max": spread(
            (len(source.lines) for source in sources if source.lines), (50, 90)
        ),
        "lines a function: median / p90 / p99 / max": spread(map(length, functions), (50, 90, 99)),
        "`Any` per 1,000 lines": f"{1000 * any_names / total:.1f}",
        "functions at module level": f"{len(module_level):,}",
        "… of one word": f"{len(one_word):,} ({100 * len(one_word) / len(module_level):.0f} %)",
        "functions with a local " + " / ".join(VAGUE_LOCALS): " / ".join(str(vague[name]) for name in VAGUE_LOCALS),
        "class names in two or more modules": str(
            sum(count > 1 for name, count in classes.items() if name not in SAME_NAME_ALLOWED)
        ),
        "lines with whoever, somebody, nobody, anew, so many, whom, he, him, his": str(banned),
        "comments / docstrings, % of lines not blank": f"{100 * comments / written:.1f} / {100 * docstrings / written:.1f}",
    }


def main() -> None:
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent).resolve()
    for label, figure in measure(root).items():
        print(f"{label:<75} {figure}")


if __name__ == "__main__":
    main()
