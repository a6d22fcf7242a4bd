"""The commands check, show, scenarios and new, as a user calls them."""

import os
import statistics
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import sim
from sim.cli import COMMANDS
from sim.parameters.table import parameter_table
from sim.scenario import read_scenario, shipped_scenarios

BROKEN = Path(__file__).parent / "broken"
HEAVY = {"numpy", "scipy", "pandas", "mesa", "xarray", "matplotlib", "zarr"}
SLOW_TO_START = HEAVY | {"rich"}


def call(*arguments, cwd=None, columns=80, code=None):
    """Run the command in a process of its own, as from a pipe."""
    environment = {**os.environ, "COLUMNS": str(columns), "PYTHONPATH": str(Path(sim.__file__).parents[1])}
    start = ["-c", code] if code else ["-m", "sim"]
    return subprocess.run(
        [sys.executable, *start, *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=cwd,
        env=environment,
        check=False,
    )


def listing(folder):
    return sorted(path.name for path in folder.rglob("*"))


def test_check_says_ok_for_every_shipped_scenario():
    result = call("check", *shipped_scenarios())
    assert (result.returncode, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert len(lines) == len(shipped_scenarios())
    assert all(": ok; 20" in line for line in lines)


def test_check_refuses_every_broken_file_without_traceback_or_trace(tmp_path):
    (tmp_path / "large.toml").write_text("#" * 1_000_001)
    before = listing(tmp_path)
    files = [path for path in BROKEN.glob("*.toml") if path.stem != "a-sound-base"]
    result = call("check", *files, "large.toml", "no-such-scenario", cwd=tmp_path)
    assert result.returncode == 2
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    lines = result.stderr.splitlines()
    told_in_its_base = {"extends-a-broken-base"}
    for path in files:
        if path.stem in told_in_its_base:
            continue
        assert any(f"{path.name}:" in line for line in lines), path.name
    assert all(".toml:" in line or line.startswith("no-such-scenario:") for line in lines)
    assert listing(tmp_path) == before


def test_check_tells_the_good_from_the_bad_and_names_file_and_line():
    result = call("check", "march-2023", BROKEN / "event-beyond-bounds.toml", "baseline", cwd=BROKEN)
    assert result.returncode == 2
    assert [line.split(":")[0] for line in result.stdout.splitlines()] == ["march-2023", "baseline"]
    assert result.stderr.startswith(
        "event-beyond-bounds.toml:6: gas_discount cannot be this; given 1.5; allowed: "
    )


@pytest.mark.parametrize("arguments", [["check"], ["chekc"], ["show"], ["new", "x"], ["check", "--colour"]])
def test_a_wrong_call_ends_with_status_2_and_no_traceback(arguments):
    result = call(*arguments)
    assert result.returncode == 2
    assert "Traceback" not in result.stderr
    assert result.stderr


@pytest.mark.parametrize("command", ["show", "new mine --from"])
def test_a_broken_scenario_ends_every_command_alike(tmp_path, command):
    result = call(*command.split(), BROKEN / "unknown-key.toml", cwd=tmp_path)
    assert result.returncode == 2
    assert "Traceback" not in result.stderr
    assert listing(tmp_path) == []


def test_an_interruption_ends_with_status_130():
    code = """
import sim.cli.scenarios, sim.cli
def scenarios() -> None:
    raise KeyboardInterrupt
sim.cli.scenarios.scenarios = scenarios
sim.cli.main()
"""
    result = call("scenarios", code=code)
    assert result.returncode == 130
    assert "Traceback" not in result.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is full")
def test_a_full_disk_ends_with_status_1_and_words():
    with Path("/dev/full").open("w") as full:
        start = [sys.executable, "-u", "-m", "sim", "scenarios"]
        result = subprocess.run(start, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    assert "No space left" in result.stderr


@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize("name", ["baseline", "march-2023", "discount-withdrawn"])
def test_show_tells_everything_within_the_width(name, columns):
    result = call("show", name, columns=columns)
    assert (result.returncode, result.stderr) == (0, "")
    assert max(map(len, result.stdout.splitlines())) <= columns
    assert "\x1b" not in result.stdout, "no colours in a pipe"
    scenario = read_scenario(name)
    for said in (scenario.title, str(scenario.as_of), str(scenario.until), *scenario.chain):
        assert said in result.stdout
    for question in scenario.questions:
        assert question.id in result.stdout
    for parameter in parameter_table():
        assert parameter in result.stdout
    assert ("from 2023-06: gas_discount = 0" in result.stdout) == (name == "discount-withdrawn")


def test_show_marks_what_departs(tmp_path):
    (tmp_path / "mine.toml").write_text(
        'title = "Mine [bold]:smile:"\nextends = "march-2023.toml"\nuntil = 2026-06-30\n'
        '[parameters]\ngas_weight = { normal = [0.8, 0.2], source = "my own reading" }\n'
        '[[questions]]\nid = "pressure-high-at-end-2024"\ntext = "High?"\ntarget = "pressure"\n'
        'at = 2024-12-31\nat_least = 0.9\nresolution = "as before"\n'
    )
    result = call("show", "mine.toml", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert "Mine [bold]:smile:" in result.stdout, "a file's words are not markup"
    departures = result.stdout.split("How it departs from its base")[1]
    assert "until: 2025-12-31 -> 2026-06-30" in departures
    assert "gas_weight: halfnormal(1) -> normal(0.8, 0.2)" in departures
    assert "pressure-high-at-end-2024" in departures
    assert result.stdout.count("* departs") == 1


def test_scenarios_lists_one_line_each():
    result = call("scenarios")
    assert result.returncode == 0
    lines = result.stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(shipped_scenarios())
    assert all(read_scenario(line.split()[0]).title in line for line in lines)


@pytest.mark.parametrize("base", ["march-2023", "baseline", "discount-withdrawn"])
def test_new_writes_a_file_that_check_and_show_accept(tmp_path, base):
    result = call("new", "my-try", "--from", base, cwd=tmp_path)
    assert (result.returncode, result.stdout.strip()) == (0, "my-try.toml")
    assert "/" not in (tmp_path / "my-try.toml").read_text().partition("title")[0], "no place of this machine"
    assert call("check", "my-try.toml", cwd=tmp_path).returncode == 0
    assert call("show", "my-try.toml", cwd=tmp_path).returncode == 0
    assert call("new", "second", "--from", "my-try.toml", cwd=tmp_path).returncode == 0
    assert read_scenario(tmp_path / "second.toml").chain[:2] == ("second.toml", "my-try.toml")


@pytest.mark.parametrize("name", ["My Try", "../try", "", "march-2023", "a" * 81, "there"])
def test_new_refuses_names_that_cannot_be(tmp_path, name):
    (tmp_path / "there.toml").write_text("mine")
    result = call("new", name, "--from", "march-2023", cwd=tmp_path)
    assert result.returncode == 2
    assert result.stderr.strip()
    assert listing(tmp_path) == ["there.toml"]
    assert (tmp_path / "there.toml").read_text() == "mine"


def test_new_refuses_a_base_that_its_file_could_not_reach(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    far = tmp_path / "elsewhere" / "far.toml"
    far.write_text('extends = "march-2023.toml"\n')
    assert "copy it" in call("new", "mine", "--from", far, cwd=tmp_path).stderr
    (tmp_path / "march-2023.toml").write_text('extends = "baseline.toml"\n')
    assert "hides" in call("new", "mine", "--from", "march-2023", cwd=tmp_path).stderr
    assert not (tmp_path / "mine.toml").exists()


@pytest.mark.parametrize("base", ["my scenario.toml", "Сценарио.toml"])
def test_new_starts_from_a_file_of_any_name(tmp_path, base):
    (tmp_path / base).write_text('extends = "march-2023.toml"\n', encoding="utf-8")
    result = call("new", "дете-2", "--from", base, cwd=tmp_path)
    assert (result.returncode, result.stdout.strip()) == (0, "дете-2.toml")
    assert read_scenario(tmp_path / "дете-2.toml").chain[:2] == ("дете-2.toml", base)


def test_new_says_why_a_base_cannot_be_extended(tmp_path):
    (tmp_path / "my.scenario").write_text('extends = "march-2023.toml"\n')
    said = call("new", "mine", "--from", "my.scenario", cwd=tmp_path).stderr
    assert "no TOML file's name" in said
    assert "copy it into the current folder" not in said


def test_new_names_the_schema_where_it_lies_below_the_folder():
    root = Path(sim.__file__).parents[1]
    target = root / "a-name-for-this-test.toml"
    try:
        assert call("new", target.stem, "--from", "march-2023", cwd=root).returncode == 0
        assert target.read_text().startswith("#:schema ./scenarios/scenario.schema.json\n")
    finally:
        target.unlink(missing_ok=True)


def test_check_and_show_say_what_was_left_out_and_how_days_are_read(tmp_path):
    (tmp_path / "short.toml").write_text(
        'title = "Short"\nextends = "march-2023.toml"\nuntil = 2024-01-15\n[[questions]]\nid = "own"\ntext = "?"\n'
        'target = "sanctions"\nat = 2024-01-01\nat_least = 1\nresolution = "in force"\n'
    )
    for command in ("check", "show"):
        result = call(command, "short.toml", cwd=tmp_path, columns=1000)
        assert result.returncode == 0, result.stderr
        said = " ".join(result.stdout.split())
        assert "short.toml:3: questions of march-2023.toml left out, since until is 2024-01-15: opp" in said
        assert "short.toml:8: at = 2024-01-01 lies inside a month: read at 2023-12-31" in said
    assert (
        "sanctions >= 1 at 2024-01-01, read at 2023-12-31" in call("show", "short.toml", cwd=tmp_path).stdout
    )


def test_help_lists_every_command_and_version_says_it():
    help_text = call("--help").stdout
    assert all(command in help_text for command in COMMANDS)
    assert call("--version").stdout == f"serbia-sim {sim.__version__}\n"


@pytest.mark.parametrize("columns", [60, 80, 200])
def test_help_says_all_that_a_command_does_within_the_width(columns):
    shown = call("--help", columns=columns).stdout
    assert max(map(len, shown.splitlines())) <= columns
    for command, module in COMMANDS.items():
        does = getattr(import_module(module), command).__doc__.partition("\n\n")[0]
        assert " ".join([command, *does.split()]) in " ".join(shown.split())


@pytest.mark.parametrize(
    ("arguments", "heavy"),
    [
        (["--help"], SLOW_TO_START),
        (["--version"], SLOW_TO_START),
        (["run", "--help"], SLOW_TO_START),
        (["check", "march-2023", "kosovo-settled"], SLOW_TO_START),
        (["scenarios"], HEAVY),
        (["new", "x", "--from", "baseline"], HEAVY),
    ],
)
def test_light_commands_load_nothing_heavy(tmp_path, arguments, heavy):
    code = """
import atexit, sys
atexit.register(lambda: print("loaded", *sys.modules, file=sys.stderr))
from sim.cli import main
main()
"""
    result = call(*arguments, code=code, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    loaded = set(result.stderr.split("loaded")[1].split())
    assert not loaded & heavy


def test_light_commands_start_within_twice_the_time_of_numpy():
    def seconds(arguments):
        """Return the processor's time, which other work on the machine does not lengthen much."""
        before = os.times()
        subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
        after = os.times()
        return sum(
            getattr(after, part) - getattr(before, part) for part in ("children_user", "children_system")
        )

    commands = {
        "numpy": ["-c", "import numpy"],
        "--help": ["-m", "sim", "--help"],
        "check": ["-m", "sim", "check", "march-2023"],
    }
    taken = {name: [] for name in commands}
    for _ in range(5):  # in turns, so that a busy machine slows all alike
        for name, arguments in commands.items():
            taken[name].append(seconds(arguments))
    median = {name: statistics.median(times) for name, times in taken.items()}
    assert median["--help"] < 2 * median["numpy"], median
    assert median["check"] < 2 * median["numpy"], median
