"""`make test`: start the servers, run the whole suite on each database, count, stop everything."""

import os
import shlex
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from kpitracker.run.parent_death import die_with_parent
from tests.launcher.postgresql import postgresql
from tests.launcher.redis import LANES, redis
from tests.launcher.servers import Server, scratch_folder

INTERRUPTED = 130
END_SECONDS = 60
# What is the same on every database runs once: the pure core, the environment, this launcher itself; how `make run`
# starts and ends (tests/flows/test_kills_lose_nothing.py starts everything on both); who sees which page of the admin;
# the demo's year, computed again from its explanations (tests/tasks/test_commands.py loads and judges it on both);
# the broker, and mail servers and chats that fail; bytes, words, files, headers, logs and the source itself, which are
# done with before a database is asked, or after.
ONCE = [
    f"--ignore=tests/{path}"
    for path in (
        "launcher",
        "kpitracker/lib/outbound",
        "kpitracker/lib/spreadsheets",
        "kpitracker/lib/test_body_guard.py",
        "kpitracker/lib/test_client.py",
        "kpitracker/lib/test_headers.py",
        "kpitracker/lib/test_logs.py",
        "kpitracker/lib/test_mail_files.py",
        "kpitracker/lib/test_numbers.py",
        "kpitracker/lib/test_paths.py",
        "kpitracker/lib/test_plain_text.py",
        "kpitracker/lib/test_rates.py",
        "kpitracker/lib/test_request_id.py",
        "kpitracker/lib/test_sqlite_gate.py",
        "kpitracker/lib/test_strict_json.py",
        "kpitracker/run/test_environment.py",
        "kpitracker/run/test_start.py",
        "kpitracker/run/test_web.py",
        "kpitracker/test_env.py",
        "project/test_repository.py",
        "project/test_settings.py",
        "project/test_slugs.py",
        "project/test_source.py",
        "project/test_visibility.py",
        "targets/services/test_demo_year.py",
        "targets/services/test_sentences.py",
        "indicators/domain",
        "targets/domain",
        "indicators/admin/test_access.py",
        "flows/test_broker_flushed.py",
        "flows/test_a_message_that_kills.py",
        "tasks/test_chat.py",
        "tasks/test_mail_outages.py",
    )
]


@dataclass(frozen=True)
class Result:
    database: str
    passed: int
    failed: int
    skipped: int
    exit_status: int
    seconds: float

    @property
    def good(self) -> bool:
        """A run without a single test proves nothing; pytest's own status knows of crashes that no test reports."""
        return self.exit_status == 0 and self.failed == 0 and self.passed > 0

    def __str__(self) -> str:
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        # 0 and 1 are what the counts say already.
        broken = f" (pytest ended with status {self.exit_status})" if self.exit_status not in (0, 1) else ""
        return f"{self.database}: {self.passed} passed, {self.failed} failed{skipped} in {self.seconds:.0f} s{broken}"


def run(lane: str, database: Server, environment: dict[str, str], folder: Path, arguments: list[str]) -> Result:
    home, report = folder / f"tests-{lane}", folder / f"{lane}.xml"
    home.mkdir()
    # One more than there are cores: tests of starts and kills mostly wait.
    processes = ["--numprocesses", str(max(2, min((os.cpu_count() or 1) + 1, 6))), "--dist", "worksteal"]
    command = [sys.executable, "-m", "pytest", *processes, f"--junitxml={report}", *arguments]
    started = time.monotonic()
    print(f"\n== {database.name} {database.version}: pytest {shlex.join(arguments)}".rstrip(), flush=True)
    variables = environment | {"TEST_LANE": lane, "TESTS_FOLDER": str(home)}
    status = wait(subprocess.Popen(command, env=variables, preexec_fn=die_with_parent))
    counts = {"tests": 0, "failures": 0, "errors": 0, "skipped": 0}
    if report.exists():
        for suite in ElementTree.parse(report).iter("testsuite"):
            counts = {name: count + int(suite.get(name, 0)) for name, count in counts.items()}
    failed = counts["failures"] + counts["errors"]
    return Result(
        database=seen(home) or f"{database.name} {database.version}",
        passed=counts["tests"] - failed - counts["skipped"],
        failed=failed,
        skipped=counts["skipped"],
        exit_status=status,
        seconds=time.monotonic() - started,
    )


def seen(home: Path) -> str:
    """What the tests themselves were connected to, as conftest.py wrote it down."""
    return ", ".join(sorted({path.read_text() for path in home.glob("*/database")}))


def wait(process: "subprocess.Popen[bytes]") -> int:
    """Its exit status. Ctrl-C reaches pytest too, which then reports and ends by itself."""
    try:
        return process.wait()
    except KeyboardInterrupt:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
        return INTERRUPTED


def lanes() -> list[str]:
    chosen = os.environ.get("DB")
    if chosen and chosen not in LANES:
        raise SystemExit(f"DB must be {' or '.join(LANES)}, not {chosen!r}.")
    return [chosen] if chosen else list(LANES)


@contextmanager
def servers(folder: Path, wanted: list[str]) -> Iterator[tuple[dict[str, Server], dict[str, str]]]:
    """(the database of each lane, the environment of the tests)"""
    with ExitStack() as stack:
        broker = stack.enter_context(redis(folder))
        databases = {"sqlite": Server("SQLite", sqlite3.sqlite_version, "", "Python")}
        environment = os.environ | {"TEST_REDIS_URL": broker.url, "TZ": "UTC"}
        if "postgresql" in wanted:
            databases["postgresql"] = stack.enter_context(postgresql(folder))
            environment["TEST_DATABASE_URL"] = databases["postgresql"].url
        print(f"Servers: {'; '.join(str(server) for server in (*databases.values(), broker))}", flush=True)
        yield databases, environment


def stop(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def main() -> int:
    signal.signal(signal.SIGTERM, stop)
    arguments = [argument for argument in sys.argv[1:] if argument != "--"]
    results: list[Result] = []
    wanted = lanes()
    try:
        with scratch_folder() as folder, servers(folder, wanted) as (databases, environment):
            for lane in wanted:
                once = ONCE if results and not arguments else []
                results.append(run(lane, databases[lane], environment, folder, [*arguments, *once]))
                if results[-1].exit_status == INTERRUPTED:
                    break
    except KeyboardInterrupt:
        return INTERRUPTED
    print("\n" + "\n".join(str(result) for result in results), flush=True)
    return 0 if len(results) == len(wanted) and all(result.good for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
