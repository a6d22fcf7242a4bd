"""`requirements/install.sh`, with stand-ins for Python that note what they were asked to do."""

import os
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parent.parent / "requirements" / "install.sh"
ALL_NAMES = ("python3", "python3.11", "python3.12", "python3.13", "python3.14")

STAND_IN = """#!/bin/sh
case "$1 $2" in
    "-c "*) echo {version} ;;
    "-m venv")
        mkdir -p "$4/bin" && rm -f "$4/installed" && cp "$0" "$4/bin/python"
        echo "venv {version}" >>{log} ;;
    "-m pip") echo "$*" >>{log} ;;
esac
"""


class Checkout:
    """A checkout in a folder with a space, and a PATH on which only stand-ins carry Python's names."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "a checkout"
        self.path = folder / "bin"
        self.log = folder / "log"
        (self.root / "requirements").mkdir(parents=True)
        (self.root / "requirements" / "install.sh").write_text(SCRIPT.read_text("utf-8"), "utf-8")
        (self.root / "requirements" / "pins.txt").write_text("numpy==2.0\n", "utf-8")
        (self.root / "pyproject.toml").write_text("[project]\n", "utf-8")
        self.path.mkdir()

    def python(self, name: str, version: str) -> None:
        stand_in = self.path / name
        stand_in.write_text(STAND_IN.format(version=version, log=f"'{self.log}'"), "utf-8")
        stand_in.chmod(0o755)

    def install(self, python: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", "requirements/install.sh", ".venv", python],
            cwd=self.root,
            env=os.environ | {"PATH": f"{self.path}{os.pathsep}{os.environ['PATH']}"},
            capture_output=True,
            text=True,
            check=False,
        )

    def done(self) -> list[str]:
        """Return what the stand-ins noted since last asked."""
        lines = self.log.read_text("utf-8").splitlines() if self.log.exists() else []
        self.log.unlink(missing_ok=True)
        return lines


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    made = Checkout(tmp_path)
    for name in ALL_NAMES:
        made.python(name, "3.9")
    return made


def test_a_python_that_is_too_old_is_refused_with_what_to_do(checkout: Checkout) -> None:
    answer = checkout.install("python3")
    assert answer.returncode == 1
    assert "3.9" in answer.stderr
    assert "3.11 or later" in answer.stderr
    assert not (checkout.root / ".venv").exists()


def test_no_recent_python_at_all_is_said(checkout: Checkout) -> None:
    answer = checkout.install()
    assert answer.returncode == 1
    assert "python3 is 3.9" in answer.stderr
    assert checkout.done() == []


def test_a_name_that_starts_no_python_is_said(checkout: Checkout) -> None:
    answer = checkout.install("no-such-python")
    assert answer.returncode == 1
    assert "PYTHON=no-such-python" in answer.stderr


def test_an_old_python3_gives_way_to_a_recent_one_beside_it(checkout: Checkout) -> None:
    checkout.python("python3.12", "3.12")
    assert checkout.install().returncode == 0
    assert checkout.done()[0] == "venv 3.12"


@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13"])
def test_pins_are_installed_where_there_are_pins(checkout: Checkout, version: str) -> None:
    checkout.python("python3", version)
    answer = checkout.install()
    assert answer.returncode == 0, answer.stderr
    made, pins, project = checkout.done()
    assert made == f"venv {version}"
    assert pins.endswith("--no-deps --requirement requirements/pins.txt")
    assert project.endswith("--editable .")


def test_a_newer_python_takes_the_ranges_with_a_notice(checkout: Checkout) -> None:
    checkout.python("python3", "3.15")
    answer = checkout.install()
    assert answer.returncode == 0, answer.stderr
    assert "No versions were pinned for Python 3.15" in answer.stderr
    assert checkout.done()[1].endswith("--editable .[dev,notebook]")


def test_a_second_call_does_nothing_whatever_python_is_active(checkout: Checkout) -> None:
    checkout.python("python3", "3.12")
    checkout.install()
    checkout.done()
    checkout.python("python3", "3.13")
    answer = checkout.install()
    assert (answer.returncode, answer.stderr, checkout.done()) == (0, "", [])


def test_an_interrupted_installation_is_taken_up_again(checkout: Checkout) -> None:
    checkout.python("python3", "3.12")
    checkout.install()
    checkout.done()
    (checkout.root / ".venv" / "installed").unlink()
    checkout.install()
    assert [line[:6] for line in checkout.done()] == ["-m pip", "-m pip"]


def test_new_pins_are_installed_into_the_same_environment(checkout: Checkout) -> None:
    checkout.python("python3", "3.12")
    checkout.install()
    checkout.done()
    (checkout.root / "requirements" / "pins.txt").write_text("numpy==2.1\n", "utf-8")
    checkout.install()
    assert [line[:6] for line in checkout.done()] == ["-m pip", "-m pip"]


def test_another_python_asked_for_makes_the_environment_anew(checkout: Checkout) -> None:
    checkout.python("python3", "3.12")
    checkout.install()
    checkout.done()
    checkout.python("python3.13", "3.13")
    checkout.install("python3.13")
    assert checkout.done()[0] == "venv 3.13"


def test_a_checkout_that_moved_makes_its_environment_anew(checkout: Checkout) -> None:
    checkout.python("python3", "3.12")
    checkout.install()
    checkout.done()
    checkout.root = checkout.root.rename(checkout.root.with_name("elsewhere"))
    assert checkout.install().returncode == 0
    assert checkout.done()[0] == "venv 3.12"
