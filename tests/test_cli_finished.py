"""Which run a command is about: a folder, the newest run of a scenario, or the newest of all."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from sim.cli.finished import FIGURES
from sim.forecasting import forecast
from sim.plots import FIGURES as DRAWN
from sim.runs.results import Run
from sim.scenario import read_scenario

MARCH = read_scenario("march-2023")
SHORT = replace(MARCH, name="short", until=date(2023, 12, 31), questions=())
OTHER = replace(SHORT, name="other")
ASKED = [question.id for question in MARCH.questions]


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Return two runs of one scenario and one of another, as they were made."""
    output = tmp_path_factory.mktemp("results")
    asked = [(SHORT, 1), (SHORT, 2), (OTHER, 1)]
    return [forecast(spec, members=2, seed=seed, learned=False, output=output) for spec, seed in asked]


@pytest.fixture
def here(runs, monkeypatch):
    """Stand where the results lie."""
    results = runs[0].folder.parents[1]
    (results.parent / "results").unlink(missing_ok=True)
    (results.parent / "results").symlink_to(results)
    monkeypatch.chdir(results.parent)
    return [f"results/{run.folder.parent.name}/{run.folder.name}" for run in runs]


@pytest.fixture
def replayed(called):
    """Return what replays a member and returns the run that was taken, and what was told of it."""

    def replay(*arguments):
        result = called("replay", *arguments, "--member", "0")
        assert result.exit_code == 0, result.stderr
        words = " ".join(result.stdout.split())
        return words.rpartition(" in ")[2].removesuffix("/members.zarr"), result.stderr

    return replay


@pytest.mark.parametrize("name", ["short", "short.toml", "results/short", "results/short/"])
def test_a_scenario_stands_for_its_newest_run_and_this_is_told(replayed, here, name):
    assert replayed(name) == (here[1], f"{here[1]}, the newest of 2 runs\n")


def test_the_newest_of_all_has_a_name(replayed, here):
    assert replayed("latest") == (here[2], f"{here[2]}, the newest of 3 runs\n")
    assert replayed("results") == (here[2], f"{here[2]}, the newest of 3 runs\n")


def test_a_folder_and_an_only_run_are_taken_in_silence(replayed, here):
    assert replayed(here[0]) == (here[0], "")
    assert replayed("other") == (here[2], "")


def test_newest_is_what_was_made_last_whatever_was_copied_last(replayed, here):
    os.utime(f"{here[0]}/provenance.json")
    assert replayed("short")[0] == here[1]


def test_another_output_folder_is_searched(replayed, called, here, tmp_path, monkeypatch):
    results = Path("results").resolve()
    monkeypatch.chdir(tmp_path)
    assert replayed("other", "--output", results)[1] == ""
    lost = called("replay", "other", "--member", "0")
    assert lost.exit_code == 2
    assert (
        "other: neither a run folder nor a scenario with a run in results; `serbia-sim run` makes one"
        in lost.stderr
    )


@pytest.mark.parametrize(
    ("name", "hint"), [("shrt", "did you mean 'short'?"), ("zagreb", "there are runs of other, short")]
)
def test_a_name_without_a_run_is_told_with_those_that_have(called, here, name, hint):
    result = called("explain", name)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert hint in result.stderr


def test_what_is_no_run_is_none_of_a_scenario(called, runs, tmp_path):
    results = tmp_path / "results"
    shutil.copytree(runs[2].folder, results / "other" / runs[2].folder.name)
    for folder in ("scorecard", "scorecard/moldova", "learned/march"):
        (results / folder).mkdir(parents=True)
        (results / folder / "provenance.json").write_text('{"made": "2999-01-01"}')
    told = called("explain", "zagreb", "--output", results)
    assert told.stderr.rstrip().endswith("; there are runs of other")
    told = called("plot", "latest", "posture", "--save", tmp_path / "p.png", "--output", results)
    assert (told.exit_code, told.stderr) == (0, "")


@pytest.mark.parametrize(
    "call", [("explain",), ("replay", "--member", "0"), ("plot", "fan"), ("score", "--observations", "x.csv")]
)
def test_a_pattern_that_names_several_runs_is_told_the_newest(called, here, call):
    command, *rest = call
    result = called(command, here[0], here[1], *rest)
    assert result.exit_code == 2
    assert f"{command} takes one run, not 2; the newest of these is {here[1]}" in result.stderr


def test_an_interrupted_run_is_no_finished_one(called, here, tmp_path):
    folder = tmp_path / "results" / "begun" / "012345678901"
    folder.mkdir(parents=True)
    (folder / "unfinished.json").write_text('{"members": 2, "blocks": []}', encoding="utf-8")
    result = called("explain", "begun", "--output", tmp_path / "results")
    assert result.exit_code == 2
    assert "holds an interrupted run; the same call of `serbia-sim run` finishes it" in result.stderr


def test_compare_and_plot_take_names_too(called, here, tmp_path):
    assert called("compare", here[0], "other").exit_code == 0
    drawn = called("plot", "other", "fan", "--save", tmp_path / "fan.png")
    assert (drawn.exit_code, drawn.stdout) == (0, f"{tmp_path / 'fan.png'}\n")


@pytest.mark.parametrize("names", [("short", "other"), ("other", "short"), ("short.toml", "results/other")])
def test_of_several_runs_those_that_can_be_compared_are_taken(called, here, names):
    told = called("compare", *names)
    assert told.exit_code == 0, told.stderr
    assert told.stderr == f"{here[0]}, the newest that can be compared member by member, of 2 runs\n"


def test_a_folder_and_the_latest_are_taken_even_if_they_cannot_be_compared(called, here):
    for names in (here[1], "other"), ("other", here[1]):
        told = called("compare", *names)
        assert (told.exit_code, told.stdout) == (2, "")
        assert "seed: " in told.stderr
    told = called("compare", here[1], "latest")
    assert told.stderr.startswith(f"{here[2]}, the newest of 3 runs\n")
    assert told.exit_code == 2


def test_a_report_says_of_a_run_that_it_cannot_compare_why(called, here, tmp_path):
    told = called("report", here[1], "other", "--save", tmp_path / "page.html")
    assert (told.exit_code, told.stdout) == (0, f"{tmp_path / 'page.html'}\n")
    assert told.stderr.splitlines()[-1] == (
        f"{here[2]} is not compared history by history: seed: 1 against 2 in the baseline; use "
        "one seed: --seed"
    )
    assert "Not compared history by history: seed: 1 against 2" in (tmp_path / "page.html").read_text()


def completed(*words):
    line = " ".join(["serbia-sim", *words])
    asked = {"_SERBIA_SIM_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(len(words))}
    told = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "sim"],
        env={**os.environ, **asked},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "matplotlib" not in told.stderr, "completion waits for nothing heavy"
    assert "numpy" not in told.stderr
    return told.stdout.split()


def test_runs_and_figures_are_completed(here):
    assert completed("explain", "o") == ["other"]
    assert completed("plot", "") == ["other", "short", "latest"]
    assert completed("plot", "short", "s") == ["sanctions", "story"]
    assert tuple(DRAWN) == FIGURES


def test_the_questions_of_a_run_are_completed(tmp_path, monkeypatch):
    run = forecast(MARCH, members=2, learned=False, output=tmp_path / "results")
    monkeypatch.chdir(tmp_path)
    for name in ("march-2023", run.folder, "latest"):
        assert completed("report", str(name), "--question", "") == ASKED
        assert completed("report", "--question", "opp") == ["opponent-at-end-2025"]
    assert completed("report", "march-2023", "--question", "ally") == ["ally-at-end-2025"]
    assert completed("report", "no-such-run", "--question", "") == []


def test_a_run_is_read_by_name_as_by_folder(called, here):
    by_name, by_folder = (called("compare", here[0], name, "--json").stdout for name in ("other", here[2]))
    assert json.loads(by_name)["comparisons"][0]["run"] == here[2]
    assert by_name == by_folder
    assert Run.load(here[2]).provenance["scenario"] == "other"
