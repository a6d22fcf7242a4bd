"""The commands run and replay, as a user and a script meet them."""

import json
import shlex
import subprocess
import sys

import pytest

from sim.parameters.table import alternatives
from sim.runs.manifest import seal
from sim.runs.results import Run
from sim.runs.storing import PARTS
from sim.scenario import read_scenario

QUESTIONS = read_scenario("march-2023").questions
FEW = ("--members", "6", "--no-figures")
pytestmark = pytest.mark.usefixtures("every_judgement")  # the headline names them
PRIORS = "--unlearned"  # a fifth of the time, where learning does not matter


@pytest.fixture(scope="module")
def run(called):
    """Return what runs a scenario with few members."""

    def call(output, *arguments, scenario="march-2023"):
        return called("run", scenario, *FEW, "--output", output, *arguments)

    return call


@pytest.fixture(scope="module")
def first(run, tmp_path_factory):
    """Return what the first call printed, and its run."""
    output = tmp_path_factory.mktemp("results")
    result = run(output)
    assert result.exit_code == 0, result.stderr
    (folder,) = (output / "march-2023").iterdir()
    return result, Run.load(folder)


def test_the_headline_answers_the_questions_and_names_the_folder(first):
    result, made = first
    text = " ".join(result.stdout.split())
    assert "As known on 10 March 2023; 6 simulated histories to 31 December 2025, seed 1." in text
    for row in made.table("questions"):
        percent, error = 100 * row["probability"], 100 * row["mcse"]
        low, high = (f"{100 * row[name]:.0f}" for name in ("low", "high"))
        ranged = f" [{low} to {high}]" if low != high else ""  # none where judgement does not matter
        assert f"{percent:.1f} % \u00b1 {error:.1f}{ranged}" in text.replace("[ ", "[")
    assert "Learned from the record as known then (32 particles); \u00b1 is one standard" in text
    assert all(item.short in text for item in alternatives())
    assert all(question.text.split()[-1] in text for question in QUESTIONS)
    assert result.stdout.splitlines()[-1] == f"Written: {made.folder}"
    assert "Traceback" not in result.stderr


def test_the_same_call_says_that_the_run_was_found(run, first):
    result = run(first[1].folder.parents[1])
    assert result.stdout.splitlines()[-1] == f"Found: {first[1].folder}"
    assert result.stdout.splitlines()[:-1] == first[0].stdout.splitlines()[:-1]


def test_json_is_one_object_with_the_documented_keys(run, first):
    made = first[1]
    found = json.loads(run(made.folder.parents[1], "--json").stdout)
    assert list(found) == ["scenario", "run", "days_beyond_record", "questions", "outcomes"]
    assert (found["scenario"], found["run"]) == ("march-2023", str(made.folder))
    assert [list(row) for row in found["questions"]] == [
        ["id", "probability", "mcse", "low", "high", "pooled"]
    ] * len(QUESTIONS)
    assert [row["id"] for row in found["questions"]] == [question.id for question in QUESTIONS]
    assert all(0.0 <= row["low"] <= row["probability"] <= row["high"] <= 1.0 for row in found["questions"])
    assert {"cfsp_alignment", "un_position", "eu_support", "gas_discount", "lean"} <= found["outcomes"].keys()
    for outcome in found["outcomes"].values():
        assert list(outcome) == ["median", "low", "high"]
        assert outcome["low"] <= outcome["median"] <= outcome["high"]


def test_a_setting_is_an_event_of_the_command_line(run, tmp_path):
    result = run(tmp_path, PRIORS, "--set", "gas_discount=0.25", "--set", "war=ceasefire", "--json")
    made = Run.load(json.loads(result.stdout)["run"])
    assert [event.source for event in made.scenario.events] == ["command line"] * 2
    assert [event.date for event in made.scenario.events] == [made.scenario.as_of] * 2
    discount = made.data["gas_discount"].isel(month=slice(made.scenario.first_month, None))
    assert (abs(discount - 0.25) < 1e-6).all()


@pytest.mark.parametrize(
    "arguments",
    [
        ("--members", "0"),
        ("--members", "-3"),
        ("--members", "many"),
        ("--members", "2.5"),
        ("--workers", "0"),
        ("--seed", "x"),
        ("--seed", "-1"),
        ("--learning-seed", "-1"),
        ("--seed", str(2**63)),
        ("--set", "market_price=0.001"),
        ("--set", "gas_discount"),
        ("--set", "gas_discount=2"),
        ("--set", "gas_weigth=1"),
        ("--set", "sanctions=0.5"),
        ("--set", "gas_weight=-1"),
        ("--set", "posture=ally"),
        ("--sett", "gas_weight=1"),
        ("--particles", "15"),
        ("--particles", "32", "--unlearned"),
        ("--record", "nowhere"),
    ],
)
def test_a_wrong_call_ends_with_2_and_writes_nothing(run, tmp_path, arguments):
    result = run(tmp_path / "results", *arguments)
    assert result.exit_code == 2
    assert result.stderr.strip()
    assert result.stdout == ""
    assert list(tmp_path.iterdir()) == []


def test_the_command_can_be_pasted_and_the_folder_has_the_files_name(called, tmp_path, monkeypatch):
    path = tmp_path / "Сценарио; 'x' $HOME.toml"
    path.write_text('extends = "march-2023.toml"\nuntil = 2023-12-31\n', encoding="utf-8")
    typed = ["serbia-sim", "run", str(path), *FEW, PRIORS, "--output", str(tmp_path / "a b")]
    monkeypatch.setattr(sys, "argv", typed)
    result = called(*typed[1:])
    (folder,) = (tmp_path / "a b").iterdir()
    assert folder.name == "сценарио-x-home"
    (made,) = map(Run.load, folder.iterdir())
    assert shlex.split(made.provenance["command"]) == typed
    assert made.scenario.name == folder.name
    assert "left out, since until is 2023-12-31" in result.stderr


def test_a_wrong_scenario_ends_with_2_and_writes_nothing(run, tmp_path):
    broken = tmp_path / "broken.toml"
    broken.write_text(
        'title = "Broken"\nextends = "march-2023.toml"\nuntill = 2024-01-01\n', encoding="utf-8"
    )
    for scenario in ("march-2032", broken):
        result = run(tmp_path / "results", scenario=scenario)
        assert result.exit_code == 2
        assert "Traceback" not in result.stderr
    assert "untill" in result.stderr
    assert not (tmp_path / "results").exists()


def test_an_interrupted_run_goes_on_by_the_same_call(run, called, tmp_path, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("sim.forecasting.making.table_text", interrupted)
        result = run(tmp_path, PRIORS)
    assert result.exit_code == 130
    assert "the same call goes on with it" in result.stderr
    folder = next((tmp_path / "march-2023").iterdir())
    told = called("replay", folder, "--member", 0)
    assert told.exit_code == 2
    assert "holds an interrupted run; the same call of `serbia-sim run` finishes it" in told.stderr
    monkeypatch.setattr("sim.forecasting.ensemble.simulate_block", None)  # what was simulated is found
    again = run(tmp_path, PRIORS)
    assert (again.exit_code, again.stderr) == (0, "")


def test_an_output_that_is_a_file_ends_in_words(run, tmp_path, monkeypatch):
    taken = tmp_path / "taken"
    taken.write_text("mine", encoding="utf-8")
    monkeypatch.setattr("sim.assimilation.making.shared_out", None)  # told before anything is learned
    result = run(taken, "--particles", "33")
    assert result.exit_code == 1
    assert "choose another folder with --output" in result.stderr
    assert taken.read_text(encoding="utf-8") == "mine"


def test_a_run_of_many_members_keeps_what_answers_need_and_says_so(called, run, tmp_path, monkeypatch):
    monkeypatch.setattr("sim.model.variables.MANY_MEMBERS", 5)
    few = run(tmp_path, PRIORS, "--json")
    assert few.stderr.splitlines()[0] == (
        "6 members: kept are the variables of answers, tables and figures; --keep all keeps every one"
    )
    whole = run(tmp_path, PRIORS, "--json", "--keep", "all")
    assert "kept are" not in whole.stderr
    answers, all_answers = (json.loads(result.stdout) for result in (few, whole))
    assert answers.pop("run") != all_answers.pop("run")
    assert answers == all_answers
    folder = json.loads(few.stdout)["run"]
    told = called("plot", folder, "fan", "--variable", "brent")
    assert (told.exit_code, told.stderr.splitlines()) == (
        2,
        [
            "brent was not kept in this run, which holds what answers, tables and standard figures need; make it with "
            '--keep all (keep="all" in Python)'
        ],
    )
    for command in (["replay", folder, "--member", "5"], ["explain", folder], ["compare", folder, folder]):
        assert called(*command).exit_code == 0, command
    assert f"all {30 * 168:,} numbers equal" in called("replay", folder, "--member", "5").stdout
    assert run(tmp_path, "--keep", "some").exit_code == 2


@pytest.mark.parametrize("member", [0, 5])
def test_replay_finds_the_same_numbers(called, first, member):
    result = called("replay", first[1].folder, "--member", member)
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith(f"member {member}: all ")
    assert "equal to those stored" in result.stdout


def test_replay_tells_every_month(called, first):
    text = called("replay", first[1].folder, "--member", 2, "--trace").stdout
    assert text.startswith("January 2012\n  There is peace in Ukraine.")
    assert text.count("Serbia leans") == first[1].scenario.last_month + 1
    assert "December 2025" in text
    assert "February 2022\n  There is full-scale war in Ukraine." in text


def test_replay_says_which_numbers_differ(run, called, tmp_path):
    import zarr

    made = Run.load(json.loads(run(tmp_path, PRIORS, "--json").stdout)["run"])
    lean = zarr.open_array(made.folder / "members.zarr", path="lean", mode="r+")
    lean[3, 100] = 99.0
    seal(made.folder, PARTS)
    result = called("replay", made.folder, "--member", 3)
    assert result.exit_code == 1
    assert "member 3: lean differ" in result.stderr
    assert called("replay", made.folder, "--member", 2).exit_code == 0


@pytest.mark.parametrize("member", ["6", "-1", "x"])
def test_replay_of_a_member_that_is_not_there_ends_with_2(called, first, member):
    result = called("replay", first[1].folder, "--member", member)
    assert result.exit_code == 2
    assert result.stdout == ""


def test_replay_of_what_is_no_run_ends_with_2(called, tmp_path):
    for folder in (tmp_path, tmp_path / "nowhere"):
        result = called("replay", folder, "--member", 0)
        assert result.exit_code == 2
        assert "is not a run folder" in result.stderr


def test_the_installed_command_ends_with_2_and_no_traceback(tmp_path):
    command = [sys.executable, "-m", "sim", "run", "march-2023", "--members", "0", "--output", "results"]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert "Traceback" not in ended.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_headline_says_what_is_assumed(run, tmp_path):
    said = run(tmp_path, PRIORS, "--set", "gas_discount=0").stdout
    assert "Assumed from 2023-03: gas_discount = 0 (command line)." in said
    assert "Assumed" not in run(tmp_path, PRIORS).stdout
