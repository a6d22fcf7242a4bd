"""What an installed package carries, for those who have no checkout."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Return the names of the files in a wheel built from this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    (built,) = folder.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        return set(archive.namelist())


def test_every_shipped_scenario_is_inside(wheel: set[str]) -> None:
    shipped = {f"sim/scenarios/{path.name}" for path in ROOT.glob("scenarios/*.toml")}
    assert shipped
    assert shipped <= wheel


def test_every_state_is_inside(wheel: set[str]) -> None:
    states = {f"sim/{path.relative_to(ROOT)}" for path in ROOT.glob("states/**/*") if path.is_file()}
    assert len(states) > 40
    assert states <= wheel


def test_data_and_type_marker_are_inside(wheel: set[str]) -> None:
    data = {str(path.relative_to(ROOT)) for path in ROOT.glob("sim/data/**/*") if path.is_file()}
    assert data | {"sim/py.typed"} <= wheel


def test_what_the_page_is_made_of_is_inside(wheel: set[str]) -> None:
    assert {"sim/model/narration.jinja", "sim/report/page.html.jinja", "sim/report/page.css"} <= wheel


def test_nothing_else_comes_along(wheel: set[str]) -> None:
    assert {name.split("/")[0] for name in wheel if ".dist-info/" not in name} == {"sim"}
