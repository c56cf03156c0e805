"""What `make check` says about the source, said by the tests too: imports, migrations, the OpenAPI file."""

import io
import subprocess
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader

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
