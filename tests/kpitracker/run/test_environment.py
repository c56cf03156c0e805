"""The Python environment is made once, completed when it was broken off, and follows the lock."""

import subprocess
import sys
from pathlib import Path

import pytest

from kpitracker.run.environment import EVERYTHING, RUNTIME, ensure_environment, matches_lock

pytestmark = pytest.mark.process


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / RUNTIME).write_text("# nothing\n")
    (tmp_path / EVERYTHING).write_text("# nothing more\n")
    return tmp_path


@pytest.fixture
def quick_venv(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Python whose `-m venv` makes an environment in which pip always succeeds."""
    python = root / "python"
    python.write_text(
        '#!/bin/sh\nmkdir -p "$3/bin"; echo "version = 3.0" > "$3/pyvenv.cfg"; ln -s /bin/true "$3/bin/python"\n'
    )
    python.chmod(0o755)
    monkeypatch.setattr(sys, "_base_executable", str(python))


def runs(root: Path) -> bool:
    return subprocess.run([root / ".venv/bin/python", "-m", "pip", "--version"], capture_output=True).returncode == 0


def test_an_environment_is_made_and_then_left_alone(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ensure_environment(root, RUNTIME)
    assert runs(root)
    assert "installing the packages of requirements.lock" in capsys.readouterr().out

    ensure_environment(root, RUNTIME)
    assert capsys.readouterr().out == ""

    (root / RUNTIME).write_text("# changed\n")
    ensure_environment(root, RUNTIME)
    assert "making" not in (printed := capsys.readouterr().out)
    assert "installing" in printed


@pytest.mark.parametrize("broken", ["no python", "no pip", "unfinished"])
def test_one_that_was_broken_off_is_made_again(
    root: Path, quick_venv: None, broken: str, capsys: pytest.CaptureFixture[str]
) -> None:
    break_off(root, broken)
    assert not matches_lock(root, RUNTIME)

    ensure_environment(root, RUNTIME)

    assert "making .venv" in capsys.readouterr().out
    assert not (root / ".venv" / "left over").exists()
    assert matches_lock(root, RUNTIME)


def break_off(root: Path, broken: str) -> None:
    python = root / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    (root / ".venv" / "left over").touch()
    if broken != "no python":
        python.symlink_to(sys.executable if broken == "unfinished" else "/bin/false")
    if broken == "no python":
        (root / ".venv" / "installed.lock").write_text((root / RUNTIME).read_text())


def test_the_environment_of_another_python_is_made_again_where_one_is_asked_for(
    root: Path, quick_venv: None, capsys: pytest.CaptureFixture[str]
) -> None:
    ensure_environment(root, RUNTIME)
    capsys.readouterr()

    ensure_environment(root, RUNTIME)
    assert capsys.readouterr().out == ""

    ensure_environment(root, RUNTIME, same_python=True)
    assert "making .venv" in capsys.readouterr().out


def test_what_holds_everything_holds_the_runtime_too_but_not_the_other_way_round(root: Path, quick_venv: None) -> None:
    ensure_environment(root, EVERYTHING)
    assert matches_lock(root, RUNTIME)
    assert matches_lock(root, EVERYTHING)

    (root / ".venv" / "installed.lock").write_text((root / RUNTIME).read_text())
    assert matches_lock(root, RUNTIME)
    assert not matches_lock(root, EVERYTHING)


def test_an_installation_that_fails_is_said_and_begun_again_next_time(root: Path, quick_venv: None) -> None:
    ensure_environment(root, RUNTIME)
    python = root / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to("/bin/false")
    (root / RUNTIME).write_text("no-such-thing\n")

    with pytest.raises(SystemExit, match="pip could not install"):
        ensure_environment(root, RUNTIME)

    assert not matches_lock(root, RUNTIME)
    assert not (root / ".venv" / "installed.lock").exists()


def test_a_python_without_venv_is_told_which_package_to_install(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # As Debian's, whose venv module has no wheels.
    python = root / "python"
    python.write_text("#!/bin/sh\necho 'ensurepip is not available'; exit 1\n")
    python.chmod(0o755)
    monkeypatch.setattr(sys, "_base_executable", str(python))

    with pytest.raises(SystemExit) as error:
        ensure_environment(root, RUNTIME)

    version = "{}.{}".format(*sys.version_info)
    assert f"apt install python{version}-venv" in str(error.value)
    assert "ensurepip is not available" in str(error.value)
    assert not (root / ".venv").exists()
