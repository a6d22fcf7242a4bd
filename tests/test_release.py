"""What is released: wheel and source archive, installed as a user does and used away from this checkout."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PYTHONS = ("3.11", "3.12", "3.13")


def called(*words, folder, **variables):
    """Call a program where neither this checkout nor any cache is in reach, and return what it printed."""
    out_of_reach = ("PYTHON", "SERBIA_SIM", "VIRTUAL_ENV", "COV", "_SERBIA")
    env = {name: value for name, value in os.environ.items() if not name.startswith(out_of_reach)}
    done = subprocess.run(
        [str(word) for word in words],
        cwd=folder,
        env=env
        | {"COLUMNS": "80", "SERBIA_SIM_CACHE": str(folder / "cache"), "HOME": str(folder)}
        | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, (words, done.stdout[-2000:], done.stderr[-2000:])
    return done.stdout


def python(version):
    """Return the path of this Python, wherever the system or a manager of versions keeps it."""
    asked = "import sys; print(sys.executable, '%d.%d' % sys.version_info[:2])"
    kept = sorted((Path.home() / ".pyenv" / "versions").glob(f"{version}.*/bin/python"))
    for candidate in [sys.executable, shutil.which(f"python{version}"), *kept]:
        told = subprocess.run([str(candidate), "-c", asked], capture_output=True, text=True, check=False)
        if told.returncode == 0 and told.stdout.split()[-1] == version:
            return candidate
    pytest.skip(f"no Python {version} here")


@pytest.fixture(scope="session")
def built(made_once):
    """Return the wheel and the source archive, made once; the wheel is made of the archive."""
    with made_once("release") as folder:
        if not list(folder.glob("*.whl")):
            called(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT, folder=folder)
        (wheel,), (source,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    return wheel, source


@pytest.mark.long(reason="installs wheel and source archive on each Python, and uses them as a user would")
@pytest.mark.parametrize("version", PYTHONS)
def test_an_installation_from_nothing_answers_away_from_the_checkout(version, built, tmp_path):
    wheel, source = built
    called(python(version), "-m", "venv", tmp_path / "env", folder=tmp_path)
    own, work = tmp_path / "env" / "bin" / "python", tmp_path / "work"
    work.mkdir()
    home = os.environ.get("HOME", "")  # where pip keeps what it fetched before
    called(own, "-m", "pip", "install", "--quiet", wheel, folder=work, HOME=home)

    def sim(*words, **variables):
        return called(own.with_name("serbia-sim"), *words, folder=work, **variables)

    def installed():
        place = called(own, "-c", "import sim; print(sim.__file__)", folder=work).strip()
        assert Path(place).is_relative_to(tmp_path / "env")
        files = (path for path in Path(place).parent.rglob("*") if path.suffix != ".pyc" and path.is_file())
        return {
            str(path.relative_to(tmp_path)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files
        }

    of_wheel = installed()
    assert re.fullmatch(r"serbia-sim \d+\.\d+\.\d+\S*\n", sim("--version"))
    assert "march-2023: ok" in sim("check", "march-2023")
    assert "gas_weight" in sim("show", "march-2023")
    run = json.loads(sim("run", "march-2023", "--members", "64", "--particles", "32", "--json"))
    assert len(run["questions"]) > 10
    assert (work / run["run"] / "figures" / "posture.png").stat().st_size > 10_000
    assert (work / "cache").is_dir()
    sim("report", "march-2023")
    page = (work / run["run"] / "report.html").read_text("utf-8")
    assert page.startswith("<!DOCTYPE html>")
    sim("verify", "march-2023")
    asked = {"_SERBIA_SIM_COMPLETE": "complete_bash", "COMP_WORDS": "serbia-sim ver", "COMP_CWORD": "1"}
    assert sim(**asked).split() == ["verify"]

    install = ("-m", "pip", "install", "--quiet", "--force-reinstall", "--no-deps", source)
    called(own, *install, folder=work, HOME=home)
    assert installed() == of_wheel, "archive and wheel are the same package"
    assert json.loads(sim("run", "march-2023", "--members", "64", "--particles", "32", "--json")) == run


def test_the_source_archive_holds_what_git_keeps_and_nothing_else(tmp_path):
    command = [sys.executable, "-m", "build", "--sdist", "--no-isolation", "--outdir", tmp_path, ROOT]
    called(*command, folder=tmp_path)
    (source,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(source) as archive:
        inside = {name.partition("/")[2] for name in archive.getnames()}
    ask = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(ask, cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout: there is no list of committed files")
    kept = set(listed.stdout.splitlines())
    assert {name for name in kept if name.startswith(("sim/", "scenarios/", "tests/"))} <= inside
    assert inside - kept == {"PKG-INFO"}


def test_every_pinned_package_has_its_licence_on_the_page():
    page = (ROOT / "docs" / "licences.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| ([a-z0-9-]+) \| (.+?) \| (?:yes)? ?\|$", page, re.MULTILINE))
    pins = (ROOT / "requirements" / "pins.txt").read_text("utf-8")
    pinned = {
        name.replace(".", "-").replace("_", "-") for name in re.findall(r"^(\S+?)==", pins, re.MULTILINE)
    }
    assert rows.keys() == pinned, "run make licences"
    named = page.split("| package |")[0]
    copyleft = [name for name, told in rows.items() if re.search(r"GPL|GNU|MPL|Mozilla|EUPL|CDDL|EPL", told)]
    assert [name for name in copyleft if f"`{name}`" not in named] == []


def test_workflows_run_the_same_checks_on_every_supported_python_with_pinned_actions():
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    supported = re.findall(r"Python :: (3\.\d+)", project)
    assert supported == list(PYTHONS)
    flows = {path.name: path.read_text("utf-8") for path in (ROOT / ".github" / "workflows").glob("*.yml")}
    assert "run: bash .ci/run" in flows["checks.yml"]
    assert "make audit" in flows["release.yml"]
    for name, text in flows.items():
        used = re.findall(r"uses: (\S+)", text)
        assert [one for one in used if not re.search(r"@[0-9a-f]{40}$", one) and one[0] != "."] == [], name
        assert "\npermissions: {}\n" in text, name
        assert [re.findall(r"3\.\d+", row) for row in re.findall(r"python: \[(.*)\]", text)] == [supported], (
            name
        )
