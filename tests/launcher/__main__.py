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
from tests.launcher.coverage_report import coverage_holds
from tests.launcher.postgresql import postgresql
from tests.launcher.redis import LANES, redis
from tests.launcher.servers import Server, scratch_folder

INTERRUPTED = 130
END_SECONDS = 60
# `django_db` is every test that asks for the database; `database`: what the database can change.
NO_LONG, FOR_DATABASES = "not long", "database and not long"


@dataclass(frozen=True)
class Tier:
    """What each database runs, as an expression of marks, and how many generated examples each test tries.

    `dump_after`: seconds after which a test is taken to hang, and its stacks are printed. That can kill the worker of a
    test that only runs for long.
    """

    sqlite: str
    postgresql: str | None
    examples: str = ""
    coverage: bool = False
    dump_after: int = 300

    def expression(self, lane: str) -> str:
        return (self.postgresql if lane == "postgresql" else self.sqlite) or ""

    def measures(self, lane: str) -> bool:
        return self.coverage and lane == "sqlite"


TIERS = {
    "test": Tier(NO_LONG, FOR_DATABASES),
    "all": Tier("", "django_db or database", examples="full", coverage=True, dump_after=7200),
    "coverage": Tier("not long and not process", None, coverage=True),
}


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


def run(
    lane: str, tier: Tier, database: Server, environment: dict[str, str], folder: Path, arguments: list[str]
) -> Result:
    home, report = folder / f"tests-{lane}", folder / f"{lane}.xml"
    home.mkdir()
    # One more than there are cores: tests of starts and kills mostly wait.
    processes = ["--numprocesses", str(max(2, min((os.cpu_count() or 1) + 1, 6))), "--dist", "worksteal"]
    processes += ["--override-ini", f"faulthandler_timeout={tier.dump_after}"]
    arguments = [*selection(tier, lane, arguments), *arguments]
    measured = ["coverage", "run", "-m"] if tier.measures(lane) else []
    command = [sys.executable, "-m", *measured, "pytest", *processes, f"--junitxml={report}", *arguments]
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


def lanes(tier: Tier) -> list[str]:
    chosen = os.environ.get("DB")
    if chosen and chosen not in LANES:
        raise SystemExit(f"DB must be {' or '.join(LANES)}, not {chosen!r}.")
    return [lane for lane in LANES if chosen in (None, "", lane) and (lane == "sqlite" or tier.postgresql is not None)]


def selection(tier: Tier, lane: str, arguments: list[str]) -> list[str]:
    """The marks that pytest selects by. Tests that are named run on both databases, whatever their marks."""
    expression = tier.sqlite if arguments else tier.expression(lane)
    return ["-m", expression] if expression else []


@contextmanager
def servers(folder: Path, wanted: list[str]) -> Iterator[tuple[dict[str, Server], dict[str, str]]]:
    """(the database of each lane, the environment of the tests)"""
    with ExitStack() as stack:
        broker = stack.enter_context(redis(folder))
        databases = {"sqlite": Server("SQLite", sqlite3.sqlite_version, "", "Python")}
        environment = os.environ | {"TEST_REDIS_URL": broker.url, "TZ": "UTC"}
        # Without kept bytecode each of the many Python processes compiles the source again, for a second.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        if "postgresql" in wanted:
            databases["postgresql"] = stack.enter_context(postgresql(folder))
            environment["TEST_DATABASE_URL"] = databases["postgresql"].url
        print(f"Servers: {'; '.join(str(server) for server in (*databases.values(), broker))}", flush=True)
        yield databases, environment


def stop(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def main() -> int:
    signal.signal(signal.SIGTERM, stop)
    words = [argument for argument in sys.argv[1:] if argument != "--"]
    tier = TIERS[words.pop(0) if words and words[0] in TIERS else "test"]
    results: list[Result] = []
    requested = lanes(tier)
    os.environ.setdefault("EXAMPLES", tier.examples)
    try:
        with scratch_folder() as folder, servers(folder, requested) as (databases, environment):
            for lane in requested:
                results.append(run(lane, tier, databases[lane], environment, folder, words))
                if results[-1].exit_status == INTERRUPTED:
                    break
    except KeyboardInterrupt:
        return INTERRUPTED
    # What was chosen by hand covers what it covers.
    covered = coverage_holds() if tier.coverage and "sqlite" in requested and not words else True
    print("\n" + "\n".join(str(result) for result in results), flush=True)
    return 0 if covered and len(results) == len(requested) and all(result.good for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
