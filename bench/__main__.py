"""`make bench`: the rate of each path beside a plain way of the same work; `ARGS="postgresql singles"` for a part."""

import base64
import os
import pickle
import platform
import sqlite3
import sys
from collections.abc import Callable
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psycopg

from bench.common import Http, Series, Verdict, durable_postgresql, program
from tests.launcher.redis import redis
from tests.launcher.servers import scratch_folder

PARTS = (
    "postgresql",
    "million",
    "singles",
    "async",
    "writers",
    "sqlite",
    "assess",
    "years",
    "dirty",
    "scorecard",
    "imports",
    "reading",
)
WITHOUT_WEB = {"assess", "years", "dirty", "scorecard", "imports", "reading"}
PAST_YEARS = 3
# Smaller numbers take less time: BENCH_TARGETS=20000 make bench ARGS="assess dirty".
TARGETS, FEW, MANY = (
    int(os.environ.get("BENCH_TARGETS", "100000")),
    10_000,
    int(os.environ.get("BENCH_MANY", "1000000")),
)


def prepare(folder: Path, url: str, broker: str) -> dict[str, str]:
    """The environment variables of one service, with its data under `folder`."""
    data = folder / "data"
    data.mkdir()
    return {
        "DATABASE_URL": url,
        "DATA_DIR": str(data),
        "REDIS_URL": broker,
        "DJANGO_SETTINGS_MODULE": "kpitracker.settings",
    }


def run_in_child(environment: dict[str, str], work: Callable[[], str]) -> str:
    """What `work` returns in a process of its own: Django can be set up for one database only."""
    read, write = os.pipe()
    if not (child := os.fork()):
        os.close(read)
        os.environ |= environment
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        os.write(write, work().encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as answer:
        output = answer.read()
    os.waitpid(child, 0)
    return output


def machine() -> str:
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        "?",
    )
    names = ("django", "djangorestframework", "psycopg", "msgspec", "granian")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    return f"{os.cpu_count()} x {model}, {platform.system()} {platform.release()}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}\n{versions}"


def main() -> int:
    wanted = sys.argv[1:] or list(PARTS)
    results: list[object] = []
    print(machine(), flush=True)
    with scratch_folder() as folder, ExitStack() as stack:
        broker = stack.enter_context(redis(folder))
        if set(wanted) - {"sqlite"} - WITHOUT_WEB:
            results += on_postgresql(folder / "p", wanted, broker.url)
        if "sqlite" in wanted:
            results += on_sqlite(folder / "s", broker.url)
        if set(wanted) & WITHOUT_WEB:
            results += in_core(folder / "j", wanted, broker.url)
    verdicts = [result for result in results if isinstance(result, Verdict)]
    print("\n" + "\n".join(str(verdict) for verdict in verdicts))
    return 0 if all(verdict.met for verdict in verdicts) else 1


def in_core(folder: Path, wanted: list[str], broker: str) -> list[object]:
    """The parts that need no web server: a process and a database for each."""
    folder.mkdir()
    folder.chmod(0o711)
    results: list[object] = []
    with durable_postgresql(folder) as server:
        for part in [part for part in wanted if part in WITHOUT_WEB]:
            for database in ("postgresql", "sqlite"):
                print(f"\n{server if database == 'postgresql' else 'SQLite'}: {part}", flush=True)
                results += show(_assessed(folder / f"{part}-{database}", server.url, part, database, broker))
    return results


def _assessed(folder: Path, url: str, part: str, database: str, broker: str) -> list[object]:
    from bench import assess, imports, reading

    def measured(name: str, work: Callable[[], Any]) -> Any:
        place = folder / name
        place.mkdir(parents=True)
        own = f"sqlite:///{place / 'bench.sqlite3'}"
        if database == "postgresql":
            own = url.replace("/postgres?", f"/{part}_{name}?")
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {part}_{name}")
        return pickle.loads(base64.b64decode(run_in_child(prepare(place, own, broker), lambda: _packed(work()))))  # noqa: S301

    if part == "assess":
        results: list[object] = measured("all", lambda: assess.many(TARGETS))
        return results
    if part == "years":
        old: list[object] = measured("old", lambda: assess.processor_time(TARGETS, 0))
        return old + measured("new", lambda: assess.processor_time(TARGETS, PAST_YEARS))
    if part == "imports":
        turns: list[object] = measured("turns", imports.longest_transactions)
        return turns
    if part == "reading":
        reads: list[object] = measured("reads", reading.read)
        return reads
    if part == "scorecard":
        card: list[object] = measured("card", assess.scorecard)
        return card
    few, many = measured("few", lambda: assess.dirty(FEW)), measured("many", lambda: assess.dirty(MANY))
    return [
        few,
        many,
        Verdict(f"1,000 changed among {MANY:,} / among {FEW:,}, time", few.rate / many.rate, 3, at_most=True),
    ]


def _packed(result: Any) -> str:
    return base64.b64encode(pickle.dumps(result)).decode()


def show(rows: list[object]) -> list[object]:
    print("\n".join(str(row) for row in rows if isinstance(row, Series)), flush=True)
    return rows


def on_postgresql(folder: Path, wanted: list[str], broker: str) -> list[object]:
    from bench import dataset, ingest

    folder.mkdir()
    folder.chmod(0o711)
    results: list[object] = []
    with durable_postgresql(folder) as server, ExitStack() as stack:
        print(f"\n{server}", flush=True)
        connection = stack.enter_context(psycopg.connect(server.url, autocommit=True))
        connection.execute("CREATE DATABASE bench")
        url = server.url.replace("/postgres?", "/bench?")
        environment = prepare(folder, url, broker)
        key = run_in_child(environment, dataset.make)
        bench = stack.enter_context(psycopg.connect(url, autocommit=True))
        web = stack.enter_context(
            program(
                ["kpitracker.run.programs", "web"], folder / "web.log", **environment, PORT="18301", WEB_WORKERS="1"
            )
        )
        http = Http(18301, key)
        http.wait("/health/live")
        if "postgresql" in wanted:
            results += show(ingest.postgresql(http, bench, web.pid))
        if "million" in wanted:
            results += show(ingest.over_a_million(http, bench))
        if "singles" in wanted:
            granian = [
                "granian",
                "--interface",
                "wsgi",
                "bench.bare_view:application",
                "--port",
                "18302",
                "--workers",
                "1",
            ]
            stack.enter_context(program([*granian, "--blocking-threads", "4", "--http", "1"], folder / "bare.log"))
            bare = Http(18302)
            bare.wait("/bare")
            results += show(ingest.singles(http, bare, lambda: ingest.empty(bench)))
        if "writers" in wanted:
            ingest.empty(bench)
            results += show(ingest.four_writers(18301, key, bench))
        if "async" in wanted:
            ingest.empty(bench)
            worker = ["celery", "-A", "kpitracker.celery:app", "worker", "--concurrency", "1", "--without-gossip"]
            process = stack.enter_context(program(worker, folder / "worker.log", **environment))
            results += show(ingest.million_rows(http, process.pid))
    return results


def on_sqlite(folder: Path, broker: str) -> list[object]:
    from bench import dataset, ingest

    folder.mkdir()
    environment = prepare(folder, f"sqlite:///{folder}/kpitracker.sqlite3", broker)
    key = run_in_child(environment, dataset.make)
    arguments = ["kpitracker.run.programs", "web"]
    with program(arguments, folder / "web.log", **environment, PORT="18303", WEB_WORKERS="1"):
        http = Http(18303, key)
        http.wait("/health/live")
        return show(ingest.sqlite(http, folder))


if __name__ == "__main__":
    sys.exit(main())
