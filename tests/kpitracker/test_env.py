"""What the environment says, and secrets and sockets beside the data."""

import os
import re
from pathlib import Path

import pytest

from kpitracker.env import StartRefused, broker_socket, control_socket, data_dir, get_or_create_secret, web_port


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


def test_the_data_folder_is_made_and_closed_to_others(folder: Path) -> None:
    assert data_dir() == folder
    assert folder.stat().st_mode & 0o077 == 0


def test_a_secret_is_made_once_for_its_owner_only(folder: Path) -> None:
    secret = get_or_create_secret("pepper")

    assert len(secret) >= 40
    assert get_or_create_secret("pepper") == secret
    assert get_or_create_secret("other") != secret
    assert (folder / "secrets" / "pepper").stat().st_mode & 0o077 == 0
    assert sorted(path.name for path in (folder / "secrets").iterdir()) == ["other", "pepper"]


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_processes_that_start_together_read_the_same_secret(folder: Path) -> None:
    reading, writing = os.pipe()
    children = []
    for _ in range(8):
        children.append(os.fork())
        if children[-1] == 0:
            os.write(writing, f"{get_or_create_secret('pepper')}\n".encode())
            os._exit(0)
    os.close(writing)
    for child in children:
        os.waitpid(child, 0)

    with os.fdopen(reading) as pipe:
        lines = pipe.read().splitlines()
    assert len(lines) == 8
    assert set(lines) == {get_or_create_secret("pepper")}


def test_sockets_lie_in_the_data_folder(folder: Path) -> None:
    assert broker_socket() == folder / "broker.sock"
    assert control_socket() == folder / "control.sock"


def test_sockets_of_a_deep_or_odd_folder_have_plain_names_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = []
    for name in ("deep" * 25, "số liệu; 100% a?b#c+d"):
        monkeypatch.setenv("DATA_DIR", str(tmp_path / name))
        results += [broker_socket(), control_socket()]
    for socket in results:
        assert re.fullmatch(r"/tmp/kpitracker-\d+-[0-9a-f]{16}/(broker|control)\.sock", str(socket))
        assert socket.parent.stat().st_mode & 0o077 == 0

    assert len(set(results)) == 4
    for parent in {socket.parent for socket in results}:
        parent.rmdir()


def test_a_folder_for_sockets_that_others_may_enter_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path / ("deep" * 25)))
    parent = broker_socket().parent
    parent.chmod(0o755)

    with pytest.raises(StartRefused, match="belongs to another account or is open to others"):
        broker_socket()

    parent.rmdir()


@pytest.mark.parametrize("text", ["0", "65536", "-1", "http", "٨٠", "80.0"])
def test_a_port_must_be_one(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("PORT", text)

    with pytest.raises(StartRefused, match="PORT must be a number"):
        web_port()


@pytest.mark.parametrize("text, number", [(None, 8000), ("", 8000), ("1", 1), ("65535", 65535)])
def test_the_port_is_8000_unless_said_otherwise(monkeypatch: pytest.MonkeyPatch, text: str | None, number: int) -> None:
    monkeypatch.delenv("PORT", raising=False)
    if text is not None:
        monkeypatch.setenv("PORT", text)

    assert web_port() == number
