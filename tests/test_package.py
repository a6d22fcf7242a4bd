"""The package as a user first meets it, and what holds for all of its tests."""

import pkgutil
import re
import subprocess
import sys
import warnings
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest

import sim
from sim.contents import PRESENTATION, digest_of, shipped


def test_installed_version_is_the_one_in_the_source() -> None:
    assert version("serbia-sim") == sim.__version__


def test_importing_the_package_loads_no_heavy_library() -> None:
    heavy = "{'numpy', 'scipy', 'pandas', 'xarray', 'mesa', 'matplotlib', 'typer', 'rich'}"
    program = f"import sys, sim; print(sorted({heavy} & set(sys.modules)))"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


@pytest.mark.parametrize("name", sim.__all__)
def test_every_public_name_loads_and_is_listed(name: str) -> None:
    assert getattr(sim, name) is not None
    assert name in dir(sim)


def test_an_unknown_name_is_answered_with_the_public_ones() -> None:
    with pytest.raises(AttributeError, match=r"no attribute 'Recrod'; its public names are .*Record"):
        _ = sim.Recrod


def test_the_map_in_the_docstring_shows_every_module() -> None:
    modules = {module.name for module in pkgutil.iter_modules(sim.__path__)} - {"__main__"}
    shown = set(re.findall(r"^    (\w+)  ", sim.__doc__ or "", flags=re.MULTILINE))
    assert modules - shown == set()


def test_every_file_that_a_run_may_hang_on_is_in_the_digest_that_it_names() -> None:
    package, states = Path(sim.__file__).parent, shipped("states")
    files = {path for folder in (package, states) for path in folder.rglob("*") if path.is_file()}
    files = {path for path in files if path.parent.name not in ("__pycache__", "scenarios")}
    left_out = {path.name for path in files if digest_of({path: path}) == digest_of({})}
    assert left_out == {"py.typed", "README.md"}, "which no program reads"
    words = [path.relative_to(package) for path in files if path.suffix in (".jinja", ".css", ".vue")]
    assert len(words) == 6
    for path in words:
        assert any(path.is_relative_to(name) for name in PRESENTATION), f"{path} moves what was learned"


def test_an_invalid_number_is_an_error_here() -> None:
    with pytest.raises(FloatingPointError):
        np.array([0.0]) / np.array([0.0])
    assert np.exp(np.array([-1000.0])) == 0.0, "underflow stays silent"


def test_a_warning_is_an_error_here() -> None:
    with pytest.raises(UserWarning, match="anything"):
        warnings.warn("anything", stacklevel=1)
