"""The house rules that a reader would otherwise have to check by hand."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LONGEST_MODULE = 300  # lines
MOST_LINES = 28_948
"""Lines of sim/. Delete before adding: who needs more for a capability raises it in that commit (decision 0031)."""
MACHINE_PATH = re.compile(r"(?:file://|(?<![\w.~/-]))/(?:home|Users|root|work|tmp|opt)/|\b[A-Z]:\\Users\b")
INDEX_ADDRESS = re.compile(
    r"--(?:extra-)?index[-]url|--find[-]links|https?://[^\s\"'<>)]*(?:pypi[.]|pythonhosted[.]|/simple\b)",
    re.IGNORECASE,
)


def committed_files() -> list[str]:
    """Return what git would carry to another machine, as paths from the root."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: there is no list of committed files")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def lines_matching(pattern: re.Pattern[str], text: str) -> list[str]:
    return [
        f"{number}: {line.strip()}"
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def test_modules_import_downwards_only() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    answer = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_no_module_is_longer_than_a_reader_holds_in_mind() -> None:
    lengths = {
        path.relative_to(ROOT): len(path.read_text("utf-8").splitlines()) for path in ROOT.glob("sim/**/*.py")
    }
    assert {path: lines for path, lines in lengths.items() if lines > LONGEST_MODULE} == {}
    assert sum(lengths.values()) <= MOST_LINES, (
        "what can go? if nothing, and a capability needs it: raise MOST_LINES"
    )


def test_committed_files_name_no_machine_and_no_package_index() -> None:
    found = []
    for name in committed_files():
        try:
            text = (ROOT / name).read_text("utf-8")
        except UnicodeDecodeError:
            continue  # a picture, or a file that is broken on purpose
        found += [f"{name}:{line}" for line in lines_matching(MACHINE_PATH, text)]
        found += [f"{name}:{line}" for line in lines_matching(INDEX_ADDRESS, text)]
    assert found == []


@pytest.mark.parametrize(
    "line",  # put together here, so that this file passes the search itself
    [
        "see /" + "home/anna/model",
        "in /" + "tmp/run",
        "file:" + "///" + "home/anna",
        "C:" + "\\Users\\anna",
        "--find" + "-links wheels",
        "https://" + "pypi.org/project/mesa",
    ],
)
def test_the_search_for_machines_and_indexes_finds_them(line: str) -> None:
    assert lines_matching(INDEX_ADDRESS, line) or lines_matching(MACHINE_PATH, line)


@pytest.mark.parametrize(
    "line", ["https://example.org/home/page", "results/home/", "and/or work/life", "~/home/"]
)
def test_the_search_for_machines_lets_addresses_and_relative_paths_pass(line: str) -> None:
    assert not lines_matching(INDEX_ADDRESS, line)
    assert not lines_matching(MACHINE_PATH, line)


def test_pins_are_exact_versions_and_nothing_else() -> None:
    pinned = re.compile(r"[a-z0-9][a-z0-9._-]*==[\w.!+]+(?: ; .+)?")
    lines = (ROOT / "requirements" / "pins.txt").read_text("utf-8").splitlines()
    assert [line for line in lines if not line.lstrip().startswith("#") and not pinned.fullmatch(line)] == []


def test_every_long_test_is_listed_with_its_reason() -> None:
    marked = re.compile(r"mark\.long\(\s*reason=\"(.*?)\"", re.DOTALL)
    tests = {path.name: path.read_text("utf-8") for path in (ROOT / "tests").glob("test_*.py")}
    reasons = [(name, reason) for name, text in tests.items() for reason in marked.findall(text)]
    assert len(reasons) == sum(len(re.findall(r"mark\.long\b", text)) for text in tests.values())
    rows = [f"- `tests/{name}`: {reason}." for name, reason in sorted(reasons)]
    listed = (ROOT / "CONTRIBUTING.md").read_text("utf-8").splitlines()
    assert [line for line in listed if line.startswith("- `tests/test_")] == rows
