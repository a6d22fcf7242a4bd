"""The commands compare and explain, and run --against, as a user and a script meet them."""

import json
import re
import shutil
from dataclasses import replace

import pytest

from sim import contrast
from sim.cli.compare import _changed, _table
from sim.runs.manifest import seal
from sim.runs.results import Run
from sim.runs.storing import PARTS
from sim.scenario import read_scenario

FEW = ("--members", "12", "--no-figures")
QUESTIONS = read_scenario("march-2023").questions
NUMBERS = ["baseline", "value", "difference", "low", "high"]
JUDGED = ["judged_low", "judged_high"]
POOLED = ["pooled_baseline", "pooled_value"]
MORE = ["unpaired_width", "variance_ratio", "discordant", "verdict"]


def words(text):
    return " ".join(text.split())


@pytest.fixture(scope="module")
def against(called, tmp_path_factory):
    """Return what `run discount-withdrawn --against march-2023` printed, and the two run folders."""
    output = tmp_path_factory.mktemp("results")
    result = called("run", "discount-withdrawn", "--against", "march-2023", *FEW, "--output", output)
    assert result.exit_code == 0, result.stderr
    (run,), (baseline,) = ((output / name).iterdir() for name in ("discount-withdrawn", "march-2023"))
    return result, run, baseline


def test_against_prints_the_comparison_after_the_headline(against):
    result, run, baseline = against
    text = words(result.stdout)
    assert text.index("12 simulated histories to") < text.index("against March 2023: ally or opponent?")
    assert "from 2023-06: gas_discount = 0 (assumption:" in text
    assert result.stdout.splitlines()[-2:] == [f"Compared with: {baseline}", f"Written: {run}"]
    assert max(map(len, result.stdout.splitlines()[:-2])) <= 101


def test_against_in_json_is_one_more_key(called, against):
    _, run, baseline = against
    told = called(
        "run", "discount-withdrawn", "--against", "march-2023", *FEW, "--output", run.parents[1], "--json"
    )
    found = json.loads(told.stdout)
    assert list(found) == ["scenario", "run", "days_beyond_record", "questions", "outcomes", "against"]
    other = found["against"]
    assert list(other) == ["scenario", "run", "until", "assumed", "questions", "outcomes"]
    assert (other["scenario"], other["run"]) == ("march-2023", str(baseline))
    probabilities = {row["id"]: row["probability"] for row in found["questions"]}
    assert {row["id"]: row["value"] for row in other["questions"]} == pytest.approx(probabilities, abs=1e-5)


def test_a_setting_is_compared_with_the_scenario_without_it(called, against):
    told = called(
        "run",
        "march-2023",
        "--set",
        "pressure_weight=0",
        "--against",
        "march-2023",
        *FEW,
        "--output",
        against[2].parents[1],
        "--json",
    )
    found = json.loads(told.stdout)["against"]
    assert found["assumed"] == ["from 2023-03: pressure_weight = 0 (command line)"]
    lean = [row for row in found["outcomes"] if row["target"] == "lean"][-1]
    assert lean["difference"] < 0.0


def test_another_origin_is_refused_before_anything_is_made(called, tmp_path):
    for arguments in (("baseline-2030",), ("march-2023", "--members", "1")):
        told = called("run", "march-2023", *FEW, "--output", tmp_path / "none", "--against", *arguments)
        assert told.exit_code == 2
        assert "--against" in told.stderr
        assert told.stdout == ""
    assert list(tmp_path.iterdir()) == []


def test_compare_holds_a_run_against_the_first(called, against):
    _, run, baseline = against
    told = called("compare", baseline, run)
    assert told.exit_code == 0, told.stderr
    assert told.stdout.startswith("The discount withdrawn\nagainst March 2023")
    told = called("compare", baseline, baseline)
    assert "Nothing is assumed otherwise." in told.stdout
    rows = [line for line in told.stdout.splitlines() if re.match(" *\N{MINUS SIGN}?[\\d.]+( %)? ", line)]
    assert len(rows) > len(QUESTIONS)
    assert all("no difference" in row for row in rows)


def test_compare_says_from_when_on_an_assumption_acts_where_all_that_is_asked_lies_before(called, against):
    _, _, baseline = against
    output = baseline.parents[1]
    assert called("run", "ceasefire", *FEW, "--output", output).exit_code == 0
    told = called("compare", baseline, "ceasefire", "--output", output)
    assert told.exit_code == 0, told.stderr
    _, *rows = words(told.stdout).split(" Will ")
    early = [row for row in rows if re.search(r"before 2024\?|of 2023\?", row.partition("?")[0] + "?")]
    assert len(early) == 2
    assert all("(it acts from January 2024 on)" in row for row in early)
    assert words(told.stdout).count("it acts from") == 2
    assert "Before what a run assumes acts there is no difference" in words(
        called("compare", baseline, "ceasefire", "ceasefire", "--output", output).stdout
    )


def test_a_table_of_several_runs_has_the_intervals_that_two_have(called, against, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    _, run, baseline = against
    told = words(called("compare", baseline, run, run).stdout)
    found = contrast(Run.load(run), Run.load(baseline)).questions
    assert "baseline 1 2 question" in told
    intervals = [_changed(each, "")[2].strip("*") for each in found]
    assert any("[" in interval for interval in intervals)
    assert all(told.count(interval) >= 2 for interval in intervals)


def test_a_table_of_several_runs_marks_by_the_rows_that_it_shows(against):
    _, run, baseline = against
    found = contrast(Run.load(run), Run.load(baseline))
    first = found.questions[0].name

    def marks(chance: float) -> int:
        """Return the marks of two runs of which the first question alone differs, with this chance of luck."""
        told = [
            replace(each, chance=chance, discordant=12 * (each.name == first), together=95)
            for each in found.differences
        ]
        _, *table = _table([replace(found, differences=told)] * 2)
        return sum(str(line).count("*") for part in table for line in part)

    assert marks(0.04) == 2
    assert marks(0.06) == 0


def test_compare_in_json_has_the_keys_that_help_names(called, against):
    _, run, baseline = against
    found = json.loads(called("compare", baseline, run, "--json").stdout)
    assert list(found) == ["baseline", "members", "seed", "as_of", "comparisons"]
    (compared,) = found["comparisons"]
    assert list(compared) == ["scenario", "run", "until", "assumed", "questions", "outcomes"]
    assert [list(row) for row in compared["questions"]] == [["id", *NUMBERS, *JUDGED, *MORE, *POOLED]] * len(
        QUESTIONS
    )
    assert all(
        list(row) == ["target", "category", "date", "unit", *NUMBERS, *JUDGED, *MORE]
        for row in compared["outcomes"]
    )
    for row in compared["questions"] + compared["outcomes"]:
        assert row["low"] <= row["difference"] + 1e-12
        assert row["difference"] <= row["high"] + 1e-12
    helped = words(called("compare", "--help").stdout)
    assert all(
        key in helped
        for key in [*found, *compared, *NUMBERS, *JUDGED, *MORE, *POOLED, "id", "target", "category", "date"]
    )


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("--seed", "2", "--learning-seed", "1"), "seed: 2 against 1"),
        (("--members", "11"), "members: 11 against 12"),
    ],
)
def test_compare_refuses_runs_without_shared_members(called, against, tmp_path, arguments, named):
    made = called("run", "march-2023", *FEW, "--output", tmp_path, *arguments, "--json")
    told = called("compare", against[2], json.loads(made.stdout)["run"])
    assert told.exit_code == 2
    assert named in told.stderr
    assert told.stdout == ""


def test_compare_refuses_what_is_no_pair_of_runs(called, against, tmp_path):
    for folders in ((against[1],), (against[1], tmp_path), (tmp_path / "nowhere", against[1])):
        told = called("compare", *folders)
        assert told.exit_code == 2
        assert told.stdout == ""
    assert called("compare").exit_code == 2


def test_explain_prints_every_line_and_what_each_does(called, against):
    told = called("explain", against[2])
    assert told.exit_code == 0, told.stderr
    assert max(map(len, told.stdout.splitlines())) <= 90
    assert "learned from the record as known then, with 32 particles" in words(told.stdout)
    assert "Attribution: the first 12 members again" in told.stdout
    for term in ("accession", "pressure", "gas", "kosovo", "public", "arms", "retaliation"):
        assert sum(line.startswith(term) for line in told.stdout.splitlines()) == 5
    assert (against[2] / "attribution.csv").exists()
    assert called("explain", against[2]).stdout == told.stdout


def test_explain_in_json_has_the_keys_that_help_names(called, against):
    found = json.loads(called("explain", against[2], "--json").stdout)
    assert list(found) == ["scenario", "run", "ledger", "movements", "sanctions", "posture", "attribution"]
    assert list(found["ledger"][0]) == ["term", "date", "median", "low", "high"]
    assert list(found["movements"][0]) == ["term", "mean", "size", "rising"]
    assert list(found["sanctions"]) == list(found["posture"]) == ["names", "sizes", "means"]
    assert list(found["attribution"][0])[:2] == ["term", "outcome"]
    assert {*NUMBERS, *MORE, "members"} < found["attribution"][0].keys()
    helped = words(called("explain", "--help").stdout)
    assert all(
        key in helped for key in [*found, *found["ledger"][0], *found["movements"][0], *NUMBERS, *MORE]
    )


def test_explain_says_why_it_cannot(called, against, tmp_path):
    assert called("explain", tmp_path).exit_code == 2
    assert called("explain", against[2], "--members", "1").exit_code == 2
    made = Run.load(against[1])
    aged = tmp_path / "aged"
    shutil.copytree(made.folder, aged)
    (aged / "provenance.json").write_text(
        json.dumps(made.provenance | {"content": "other"}), encoding="utf-8"
    )
    seal(aged, PARTS)
    told = called("explain", aged)
    compared = called("compare", aged, against[2])
    assert (told.exit_code, compared.exit_code) == (2, 2)
    assert "has changed since this run was made" in told.stderr
    assert "content: " in compared.stderr
