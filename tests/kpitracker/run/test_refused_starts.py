"""What a start refuses because of its data: one sentence that says what is missing and what to do, and nothing is made."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from kpitracker.lib import clock
from tests.flows.sql import connect
from tests.kpitracker.run.starting import Start, migrated_database, new_start
from tests.processes import DEADLINE
from tests.settings import LANE

pytestmark = pytest.mark.process

SWEEPS = "4611686018427387904 712\n"


def database(start_folder: Path) -> Path:
    return start_folder / "kpitracker.sqlite3"


def empty(folder: Path) -> None:
    """0 bytes, beside what a running service has counted."""
    database(folder).write_bytes(b"")
    (folder / "sweeps").write_text(SWEEPS)


def missing(folder: Path) -> None:
    database(folder).unlink()
    (folder / "sweeps").write_text(SWEEPS)


def cut_off(folder: Path) -> None:
    content = database(folder).read_bytes()
    database(folder).write_bytes(content[: len(content) // 2])


def spoiled_header(folder: Path) -> None:
    with database(folder).open("r+b") as file:
        file.write(b"noise" * 20)


def spoiled_middle(folder: Path) -> None:
    size = database(folder).stat().st_size
    with database(folder).open("r+b") as file:
        file.seek(size // 3)
        file.write(b"\xff" * (size // 3))


def issued_key(folder: Path) -> None:
    """A key that was hashed with another pepper."""
    with connect(f"sqlite:///{database(folder)}") as connection:
        connection.execute(
            "INSERT INTO indicators_apikey (prefix, digest, name, scopes, rate, addresses, pepper, created_at, expires_at)"
            " VALUES ('a1b2c3d4', ?, '', '[]', 0, '[]', '0badcafe', ?, '2999-01-01')",
            ["0" * 64, str(clock.now())],
        )


def lost_secrets(folder: Path) -> None:
    for path in (folder / "secrets").iterdir():
        path.unlink()


def file_as_uploads(folder: Path) -> None:
    (folder / "uploads").write_text("")


ON_SQLITE: dict[str, tuple[Callable[[Path], None], str]] = {
    "an empty database": (empty, "The database is empty, but {folder}/sweeps counts 712 sweeps of an earlier one."),
    "a missing database": (missing, "The database is empty, but {folder}/sweeps counts 712 sweeps"),
    "a database cut off": (cut_off, "The database {folder}/kpitracker.sqlite3 is damaged: "),
    "noise in the header": (
        spoiled_header,
        "The database {folder}/kpitracker.sqlite3 is damaged: file is not a database.",
    ),
    "noise in the middle": (spoiled_middle, "The database {folder}/kpitracker.sqlite3 is damaged: "),
    "another pepper": (issued_key, "KEY_PEPPER is lost or was replaced: none of the 1 API keys of the database works"),
    "lost secrets": (lost_secrets, "SECRET_KEY is lost: {folder}/secrets/secret_key is missing"),
    "a file where uploads belong": (file_as_uploads, "UPLOADS_DIR: the folder {folder}/uploads cannot be made"),
}
SERVERS = {
    "a server that is not there": "postgres://user:hunter2@127.0.0.1:1/name",
    "a socket that is not there": "postgres://user:hunter2@/name?host=/nowhere",
    "an option that no server has": "postgres://user:hunter2@127.0.0.1:1/name?speed=high",
}


@pytest.fixture(scope="module")
def starts(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Start]]:
    """All of them side by side."""
    with ExitStack() as stack:
        results = {}
        for name, (change, _) in ON_SQLITE.items() if LANE == "sqlite" else ():
            folder = tmp_path_factory.mktemp("refused") / "data"
            stack.enter_context(migrated_database(folder))
            change(folder)
            results[name] = new_start(folder)
        for name, url in SERVERS.items():
            results[name] = new_start(tmp_path_factory.mktemp("refused"), DATABASE_URL=url)
        yield results


def refusal(start: Start) -> str:
    assert start.process.wait(DEADLINE) == 1
    assert "Traceback" not in start.text()
    first, *lines = start.text().splitlines()
    assert first == f"kpitracker: preparing {start.folder}"
    (line,) = lines
    return line.removeprefix("kpitracker does not start: ")


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize("name", ON_SQLITE)
def test_data_that_are_lost_or_damaged(name: str, starts: dict[str, Start]) -> None:
    start = starts[name]

    sentence = refusal(start)

    assert sentence.startswith(ON_SQLITE[name][1].format(folder=start.folder))
    # No empty service beside what is left.
    if name in ("an empty database", "a missing database"):
        plain = sqlite3.connect(database(start.folder))
        assert plain.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
        plain.close()
    if name == "lost secrets":
        assert list((start.folder / "secrets").iterdir()) == []


@pytest.mark.parametrize("name", SERVERS)
def test_a_database_that_cannot_be_reached(name: str, starts: dict[str, Start]) -> None:
    sentence = refusal(starts[name])

    assert sentence.startswith("The database cannot be used: ")
    assert "hunter2" not in sentence
