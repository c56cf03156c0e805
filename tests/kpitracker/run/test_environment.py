"""The Python environment is made once, completed when it was broken off, and follows the lock."""

import subprocess
import sys
from pathlib import Path

import pytest

from kpitracker.env import ROOT
from kpitracker.run.environment import EVERYTHING, RUNTIME, VirtualEnvironment, ensure_environment

pytestmark = pytest.mark.process


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / RUNTIME).write_text("# nothing\n")
    (tmp_path / EVERYTHING).write_text("# nothing more\n")
    return tmp_path


def runs(root: Path) -> bool:
    return subprocess.run([root / ".venv/bin/python", "-m", "pip", "--version"], capture_output=True).returncode == 0


def test_an_environment_is_made_and_then_left_alone(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ensure_environment(root, RUNTIME)
    assert runs(root)
    assert "installing 0 packages from requirements.lock" in capsys.readouterr().out

    ensure_environment(root, RUNTIME)
    assert capsys.readouterr().out == ""

    (root / RUNTIME).write_text("# changed\n")
    ensure_environment(root, RUNTIME)
    assert "making" not in (printed := capsys.readouterr().out)
    assert "installing" in printed


@pytest.mark.parametrize("broken", ["no python", "no pip", "unfinished"])
def test_one_that_was_broken_off_is_of_no_use(root: Path, broken: str) -> None:
    break_off(root, broken)

    assert not VirtualEnvironment(root).is_usable()
    assert not VirtualEnvironment(root).matches_lock(RUNTIME)


def test_one_that_was_broken_off_is_made_anew(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    break_off(root, "unfinished")

    ensure_environment(root, RUNTIME)

    assert "making .venv" in capsys.readouterr().out
    assert runs(root)
    assert not (root / ".venv" / "left over").exists()
    assert VirtualEnvironment(root).matches_lock(RUNTIME)


def break_off(root: Path, broken: str) -> None:
    python = root / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    (root / ".venv" / "left over").touch()
    if broken != "no python":
        python.symlink_to(sys.executable if broken == "unfinished" else "/bin/false")
    if broken == "unfinished":
        (root / ".venv" / "installed.lock").write_text((root / RUNTIME).read_text())
        (root / ".venv" / "unfinished").touch()


def test_what_holds_everything_holds_the_runtime_too_but_not_the_other_way_round(root: Path) -> None:
    environment = VirtualEnvironment(root)
    environment.folder.mkdir()

    environment.stamp.write_text((root / EVERYTHING).read_text())
    assert environment.matches_lock(RUNTIME)
    assert environment.matches_lock(EVERYTHING)

    environment.stamp.write_text((root / RUNTIME).read_text())
    assert environment.matches_lock(RUNTIME)
    assert not environment.matches_lock(EVERYTHING)


def test_an_installation_that_fails_is_said_and_begun_anew_next_time(root: Path) -> None:
    (root / RUNTIME).write_text("no-such-thing-1.0.tar.gz\n")

    with pytest.raises(SystemExit, match="pip could not install"):
        ensure_environment(root, RUNTIME)

    assert not VirtualEnvironment(root).is_usable()


def test_a_python_without_venv_is_told_which_package_to_install() -> None:
    code = (
        "import sys; sys.modules['ensurepip'] = None\n"
        "from kpitracker.run.environment import missing_package; print(missing_package())"
    )
    answer = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    version = "{}.{}".format(*sys.version_info)
    assert answer.stdout == f"Python's venv module is missing: apt install python{version}-venv\n"
