"""What `make check` says about the source, said by the tests too: imports, migrations, the OpenAPI file."""

import ast
import io
import pkgutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader

import indicators
import indicators.services
from kpitracker.env import ROOT
from tests.checks import SCHEMA, checks, schema_to
from tests.openapi_diff import compare_files


def test_imports_run_down_the_stack(tmp_path: Path) -> None:
    done = subprocess.run(checks(tmp_path)["imports"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout


@pytest.mark.django_db
def test_no_model_is_ahead_of_its_migrations() -> None:
    written = io.StringIO()

    call_command("makemigrations", dry_run=True, interactive=False, stdout=written)

    assert written.getvalue().strip() == "No changes detected"


def test_every_app_has_one_last_migration() -> None:
    loader = MigrationLoader(None)

    assert loader.detect_conflicts() == {}
    assert {"indicators", "targets"} <= {app for app, _ in loader.graph.leaf_nodes()}


def test_the_openapi_file_is_what_the_code_says(tmp_path: Path) -> None:
    written = tmp_path / "openapi.json"

    call_command(*schema_to(written))

    assert compare_files(SCHEMA, written) == [], "Run `make schema`."


APPS = ("indicators", "targets", "tasks", "kpitracker")
# What other packages may import of indicators.
PUBLIC_ROOMS = {
    "counted_tables",
    "domain",
    "figure_rows",
    "period_form_field",
    "forecasts",
    "importing",
    "models",
    "payloads",
    "querysets",
    "rest",
    "services",
    "signals",
    "visibility",
}
PUBLIC_SERVICES = {"access", "catalogue", "figures"}


def test_each_room_of_indicators_is_public_or_protected() -> None:
    """Migrations are neither: Django alone loads them."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (protected,) = (contract["protected_modules"] for contract in contracts if contract["type"] == "protected")
    public = {f"indicators.{name}" for name in PUBLIC_ROOMS} | {
        f"indicators.services.{name}" for name in PUBLIC_SERVICES
    }
    rooms = {f"indicators.{module.name}" for module in pkgutil.iter_modules(indicators.__path__)} | {
        f"indicators.services.{module.name}" for module in pkgutil.iter_modules(indicators.services.__path__)
    }
    assert public | set(protected) == rooms - {"indicators.migrations"}
    assert public.isdisjoint(protected)


def source_files() -> Iterator[Path]:
    for app in APPS:
        yield from sorted((ROOT / app).rglob("*.py"))


def test_migrations_import_only_django_and_what_never_changes() -> None:
    """A migration that imports a model or a service breaks when that is renamed."""
    imported = {
        (str(path.relative_to(ROOT)), name)
        for path in source_files()
        if path.parent.name == "migrations"
        for name in imports_of(path)
        if name.partition(".")[0] not in {"django", *sys.stdlib_module_names}
        and not name.startswith("kpitracker.lib.db.")
    }
    assert imported == set()


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "."
