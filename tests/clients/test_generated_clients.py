"""Clients that are generated from the OpenAPI document of the running service post and pull, in Python and TypeScript."""

import fcntl
import hashlib
import importlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from kpitracker.env import ROOT
from tests import factories
from tests.processes import Running
from tests.support import api_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.process]

FOLDER = Path(__file__).parent
TOOLS = Path(sys.executable).parent
ENVIRONMENT = os.environ | {"PATH": f"{TOOLS}{os.pathsep}{os.environ['PATH']}"}


@pytest.fixture
def service(live_web: Running, tmp_path: Path) -> tuple[str, str, Path]:
    """The address of the service, a key, and a file with its OpenAPI document."""
    factories.world()
    factories.indicator("jobs", department="statistics")
    secret = api_of().headers["Authorization"].removeprefix("Bearer ")
    document = tmp_path / "openapi.json"
    with urlopen(f"{live_web.url}/api/v1/schema/") as answer:
        document.write_bytes(answer.read())
    return live_web.url, secret, document


def run(command: list[str], folder: Path) -> str:
    """What the command has written, on both streams. A failure shows it."""
    done = subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
    return done.stdout + done.stderr


# Modules and operations of the generated package.
CALLED = [
    ("measurements", "measurements_create"),
    ("measurements", "measurements_batch_create"),
    ("measurements", "measurements_list"),
    ("targets", "targets_create"),
    ("targets", "targets_status_retrieve"),
    ("statuses", "statuses_list"),
    ("plans", "plans_scorecard_retrieve"),
]


def test_a_python_client_is_generated_without_a_warning_and_posts_and_pulls(
    service: tuple[str, str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, secret, document = service
    name = "generated_kpi_client"
    written = run(
        [str(TOOLS / "openapi-python-client"), "generate", "--meta", "none", "--path", str(document), "--output-path", name],
        tmp_path,
    )  # fmt: skip
    assert re.findall("(?i)warning|error|unable|omitted|skipping", written) == [], written
    monkeypatch.syspath_prepend(str(tmp_path))
    operations = {
        operation: importlib.import_module(f"{name}.api.{module}.{operation}") for module, operation in CALLED
    }
    models: Any = importlib.import_module(f"{name}.models")
    client = importlib.import_module(f"{name}.client").AuthenticatedClient(base_url=url, token=secret)

    def call(operation: str, **arguments: Any) -> Any:
        return operations[operation].sync(client=client, **arguments)

    figure = models.FigureRequest(indicator="sales", period="2024-05", value="120.5")
    posted = call("measurements_create", body=figure)
    assert (posted.outcome, posted.value, posted.revision) == ("created", "120.5", 1)

    missing = models.FigureRequest(indicator="sales", period="2024-06", missing_reason="not_available")
    report = call("measurements_batch_create", body=[figure, missing], atomic=False)
    assert (report.created, report.unchanged, report.errors) == (1, 1, [])

    target = call(
        "targets_create", body=models.TargetRequest(plan="plan", indicator="jobs", goal="at_least", lower="5")
    )
    assert (target.id, target.version) == ("plan:jobs:city", 1)

    statuses = [models.StatusesListStatusInItem(status) for status in ("no_data", "missed", "not_due")]
    page = call("statuses_list", plan_in=["plan", "other"], status_in=statuses, overdue=True)
    assert {row.target for row in page.results} == {"plan:sales:city", "plan:jobs:city"}
    assert [row.value for row in call("measurements_list", indicator="sales").results] == ["120.5", None]

    assert call("targets_status_retrieve", identifier=target.id).explanation.sentence
    assert call("plans_scorecard_retrieve", code="plan").totals.targets == 2

    refused = call("measurements_create", body=models.FigureRequest(indicator="sales", period="2024-05", value="many"))
    assert [(error.pointer, error.slug) for error in refused.errors] == [("/value", "invalid-number")]


def node_packages() -> Path:
    """A folder with the packages of package-lock.json, installed once and kept until the lock changes."""
    lock = FOLDER / "package-lock.json"
    folder = ROOT / ".cache" / "clients" / hashlib.sha256(lock.read_bytes()).hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if not (folder / "installed").exists():
            for name in ("package.json", "package-lock.json"):
                shutil.copyfile(FOLDER / name, folder / name)
            run([str(TOOLS / "npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund"], folder)
            (folder / "installed").touch()
    return folder / "node_modules"


def test_a_typescript_client_compiles_strictly_and_posts_and_pulls(
    service: tuple[str, str, Path], tmp_path: Path
) -> None:
    url, secret, document = service
    node = str(TOOLS / "node")
    packages = node_packages()
    (tmp_path / "node_modules").symlink_to(packages)
    for name in ("package.json", "tsconfig.json", "client.ts"):
        shutil.copyfile(FOLDER / name, tmp_path / name)
    generate = [node, str(packages / "openapi-typescript" / "bin" / "cli.js"), str(document), "-o", "schema.d.ts"]
    # Without the option a field that may be left out of a body would be required if it has a default.
    run([*generate, "--default-non-nullable=false"], tmp_path)
    run([node, str(packages / "typescript" / "bin" / "tsc"), "--project", "."], tmp_path)

    answers = json.loads(run([node, "built/client.js", url, secret], tmp_path))

    assert answers == {
        "outcome": "created",
        "value": "120.5",
        "created": 1,
        "unchanged": 1,
        "id": "plan:jobs:city",
        "sentence": True,
        "targets": 2,
        "slug": "invalid-number",
        "rows": ["plan:jobs:city", "plan:sales:city"],
        "variances": 2,
    }
