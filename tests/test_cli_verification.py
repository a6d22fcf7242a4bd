"""The commands hindcast and score, as a user and a script meet them."""

import json

import pytest

from sim.scenario import read_scenario
from sim.verification import VARIANTS, Scorecard, hindcasting

HEAD = "target,start,end,value,trials,source\n"
QUICK = ("--from", "2016-01-01", "--to", "2016-01-01", "--leads", "6", "--members", "6", "--particles", "16")


@pytest.fixture(scope="module")
def folder(run_of):
    return run_of(read_scenario("march-2023"), 12).folder


@pytest.fixture
def quick(monkeypatch):
    """Let two variants and one rival forecast."""
    monkeypatch.setitem(hindcasting.hindcast.__kwdefaults__, "variants", VARIANTS[:2])
    rivals = hindcasting.rival_forecasts
    monkeypatch.setattr(hindcasting, "rival_forecasts", lambda r, c: rivals(r, c, only=("persistence",)))


def test_hindcast_writes_its_folder_and_prints_skills(called, quick, tmp_path):
    result = called("hindcast", *QUICK, "--output", tmp_path / "card")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.splitlines()[0] == "1 origins from 2016-01-01 to 2016-01-01; leads 6 months."
    assert result.stdout.splitlines()[-1] == f"Written: {tmp_path / 'card'}"
    assert "model: CRPS" in result.stdout
    assert {path.name for path in (tmp_path / "card").iterdir()} == {
        "scores.csv",
        "summary.csv",
        "coverage.csv",
        "brier.csv",
        "eras.csv",
        "provenance.json",
        "forecasts",
        "origins",
        "scorecard.png",
        "scorecard.svg",
    }
    assert Scorecard.load(tmp_path / "card").provenance["members"] == 6


def test_an_interrupted_hindcast_says_how_to_go_on(called, quick, monkeypatch, tmp_path):
    def interrupted(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(hindcasting, "model_run", interrupted)
    result = called("hindcast", *QUICK, "--output", tmp_path / "card")
    assert result.exit_code == 130
    assert "the same call goes on" in result.stderr


def test_a_failed_origin_is_told_in_the_end_with_what_to_do(called, quick, monkeypatch, tmp_path):
    plain = hindcasting.model_run

    def failing(origin, *args, **options):
        if origin.month == 1:
            raise FloatingPointError("overflow in lean")
        return plain(origin, *args, **options)

    monkeypatch.setattr(hindcasting, "model_run", failing)
    two = [*QUICK, "--to", "2016-07-01"]
    result = called("hindcast", *two, "--on-error", "continue", "--output", tmp_path / "card")
    assert result.exit_code == 1
    assert result.stdout.splitlines()[-1] == f"Written: {tmp_path / 'card'}"
    assert result.stderr.splitlines() == [
        "1 of 2 origins failed, the scorecard is of the others; the same call makes them again: 2016-01-01 "
        "(FloatingPointError: overflow in lean)"
    ]
    assert called("hindcast", *two, "--on-error", "ignore").exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--leads", "6;12"), "whole numbers separated by commas"),
        (("--leads", "0"), "counted from 1"),
        (("--from", "2016-01-15"), "first day of a month"),
        (("--from", "2026-02-01"), "no origin from 2026-02-01"),
    ],
)
def test_a_wrong_call_of_hindcast_is_refused_and_writes_nothing(called, tmp_path, arguments, words):
    result = called("hindcast", *arguments, "--output", tmp_path / "card")
    assert result.exit_code == 2
    assert words in result.stderr
    assert not (tmp_path / "card").exists()


def test_score_prints_what_was_said_and_what_came(called, folder, tmp_path):
    seen = tmp_path / "seen.csv"
    seen.write_text(
        HEAD + "eu_support,,2023-12-31,0.43,,MEI\nsanctions,,2023-12-31,0,,EU\neu_suport,,2024-01-31,1,,x\n"
    )
    result = called("score", folder, "--observations", seen)
    assert result.exit_code == 0, result.stderr
    assert "2 observations scored; origin 2023-03-10, 12 simulated histories." in result.stdout
    assert f"{seen}:4: unknown target 'eu_suport'; did you mean 'eu_support'?" in result.stderr
    assert max(len(line) for line in result.stdout.splitlines()) <= 80


def test_score_gives_scripts_one_json_object(called, folder, tmp_path):
    seen = tmp_path / "seen.csv"
    seen.write_text(HEAD + "posture,,2023-12-31,balancer,,own\nun_position,,2023-12-31,0.38,,V\nx,,,,,\n")
    result = called("score", folder, "--observations", seen, "--json")
    found = json.loads(result.stdout)
    assert list(found) == ["scenario", "run", "targets", "observations", "not_used"]
    assert [line["target"] for line in found["targets"]] == ["posture", "un_position"]
    assert found["targets"][0]["crps"] is None
    assert found["targets"][1]["skill_persistence"] < 1.0
    assert [fault["line"] for fault in found["not_used"]] == [4]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (HEAD, "no row can be used"),
        (HEAD + "eu_support,,2020-01-31,0.4,,x\n", "before the run's origin"),
        ("a,b\n", "no column target"),
    ],
)
def test_a_file_of_no_use_ends_with_two(called, folder, tmp_path, content, words):
    seen = tmp_path / "seen.csv"
    seen.write_text(content)
    result = called("score", folder, "--observations", seen)
    assert result.exit_code == 2
    assert words in result.stderr
    assert result.stdout == ""


def test_score_needs_a_run(called, tmp_path):
    assert called("score", tmp_path, "--observations", tmp_path / "seen.csv").exit_code == 2
