"""One service with the demo and one browser for all tests; a window of a test must end without a fault."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from kpitracker.env import ROOT
from tests.browser import chromium
from tests.browser.windows import TIMEOUT, Windows
from tests.kpitracker.run.starting import Start, migrated_start


@pytest.fixture(scope="session")
def service(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """All programs as `make run` starts them, the demo, and a user of each kind."""
    with migrated_start(tmp_path_factory.mktemp("browser") / "data", DEMO="yes") as start:
        environment = start.environment | {"DJANGO_SETTINGS_MODULE": "kpitracker.settings"}
        subprocess.run([sys.executable, "-m", "tests.browser.make_rows"], cwd=ROOT, env=environment, check=True)
        yield start


@pytest.fixture(scope="session")
def browser(service: Start) -> Iterator[Browser]:
    expect.set_options(timeout=TIMEOUT)
    with sync_playwright() as playwright:
        # Chromium refuses its sandbox to root.
        arguments = ["--no-sandbox"] if os.getuid() == 0 else []
        with playwright.chromium.launch(executable_path=chromium.find(), args=arguments) as program:
            yield program


@pytest.fixture(scope="session")
def all_windows(browser: Browser, service: Start) -> Windows:
    passwords = {"admin": service.value("password")}
    return Windows(browser, f"http://127.0.0.1:{service.port}", passwords)


@pytest.fixture
def windows(all_windows: Windows) -> Iterator[Windows]:
    yield all_windows
    assert all_windows.close() == []
