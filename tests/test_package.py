"""The package as a user first meets it."""

import subprocess
import sys
from importlib.metadata import version

import sim


def test_installed_version_is_the_one_in_the_source() -> None:
    assert version("serbia-sim") == sim.__version__


def test_importing_the_package_loads_no_heavy_library() -> None:
    heavy = "{'numpy', 'scipy', 'pandas', 'xarray', 'mesa', 'matplotlib', 'pydantic', 'typer', 'rich'}"
    program = f"import sys, sim; print(sorted({heavy} & set(sys.modules)))"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
