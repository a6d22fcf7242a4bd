"""The command assimilate, and what run says of learning and of a user's own observations."""

import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

import pytest

import sim.cli.learning
from sim.assimilation import CollapseError, Posterior, making
from sim.record.additions import read_additions
from sim.record.observations import Record
from sim.runs.results import Run

SHORT = replace(
    sim.read_scenario("march-2023"), as_of=date(2012, 4, 10), until=date(2012, 9, 30), questions=(), events=()
)
EARLY = ("--until", "2013-03-10")  # a year is learned, so that it costs little
HEAD = "target,start,end,value,trials,source,known_on\n"
POLL = "eu_support,,2012-11-15,0.47,1000,a poll,2012-12-01\n"
LATER = "eu_support,,2021-05-15,0.57,1000,a poll,2021-06-01\n"


def words(text):
    return " ".join(text.split())


def folder_of(path, **files):
    path.mkdir()
    for name, text in files.items():
        (path / f"{name}.csv").write_text(text, encoding="utf-8")
    return path


def posterior_of(result):
    return Posterior.load(Path(result.stdout.splitlines()[-1].partition(": ")[2]))


@pytest.fixture(scope="module")
def learned(called):
    result = called("assimilate", *EARLY)
    assert result.exit_code == 0, result.stderr
    return result


def test_the_summary_tells_how_the_filter_went_and_what_moved(learned):
    posterior = posterior_of(learned)
    assert posterior.provenance["as_of"] == "2013-03-10"
    text = words(learned.stdout)
    assert "as known on 10 March 2013" in text
    assert "particles 32 in 16 islands, seed 1" in text
    assert f"resamplings {posterior.provenance['stages']}, least effective share 0." in text
    assert re.search(r"log evidence by island -?[\d.]+ to -?[\d.]+", text)
    assert max(map(len, learned.stdout.splitlines()[:-1])) <= 80
    told = posterior.summary().query("sd_ratio > 0").sort_values("information", ascending=False).head(12)
    rows = [
        line.split()[0]
        for line in learned.stdout.splitlines()
        if re.search(r" [+\N{MINUS SIGN}]?\d\.\d +\d\.\d\d$", line)
    ]
    assert len(rows) == 12
    assert all(
        name.startswith(row.rstrip("\N{HORIZONTAL ELLIPSIS}"))
        for name, row in zip(told.index, rows, strict=True)
    )
    sd = posterior.controls()["sd"]
    assert f"sd {sd.min():.2f} to {sd.max():.2f}" in text


def test_controls_are_named_by_their_blocks(learned):
    controls = posterior_of(learned).controls()
    assert {"opinion", "UN votes", "the rest"} <= set(controls.index)
    assert list(controls.columns) == ["mean", "sd"]
    assert (controls["sd"] > 0.0).all()


def test_the_same_call_finds_what_was_learned(called, learned, monkeypatch):
    monkeypatch.setattr("sim.assimilation.making.shared_out", None)
    again = called("assimilate", *EARLY)
    first, last = (result.stdout.splitlines() for result in (learned, again))
    assert last[:-1] == first[:-1]
    (_, _, made), (found, _, kept) = first[-1].partition(": "), last[-1].partition(": ")
    assert (found, kept) == ("Found", made)
    assert again.stderr == ""


def test_json_has_the_keys_that_help_names(called, learned):
    found = json.loads(called("assimilate", *EARLY, "--json").stdout)
    assert (found["scenario"], found["as_of"], found["particles"]) == ("march-2023", "2013-03-10", 32)
    assert len(found["parameters"]) > 100
    helped = words(called("assimilate", "--help").stdout)
    assert all(key in helped for key in [*found, *found["parameters"][0], *found["controls"][0]])


def test_it_is_kept_in_the_cache_folder_unless_told_not_to(called, tmp_path, monkeypatch):
    monkeypatch.setenv("SERBIA_SIM_CACHE", str(tmp_path))
    few = ("assimilate", "--until", "2012-04-10", "--particles", "16")
    told = called(*few, "--no-cache")
    assert told.exit_code == 0, told.stderr
    assert told.stdout.splitlines()[-1] == "Not kept."
    assert json.loads(called(*few, "--no-cache", "--json").stdout)["posterior"] is None
    assert list(tmp_path.iterdir()) == []
    told = called(*few)
    (folder,) = (tmp_path / "posteriors").iterdir()
    assert told.stdout.splitlines()[-1] == f"Kept: {folder}"


def test_who_learns_with_few_particles_is_warned_once(monkeypatch):
    monkeypatch.setattr("sim.assimilation.making.ENOUGH", 17)
    few, enough = (partial(sim.assimilate, SHORT, particles=count) for count in (16, 17))
    with pytest.warns(UserWarning, match="^16 particles are few: .* take 17 or more for use$"):
        few()
    making._warn_of_few.cache_clear()
    with pytest.warns(UserWarning, match="^16 particles are few"):
        sim.forecast(SHORT, particles=16, members=4, save=False)
    few()  # a warning would be an error
    enough()


def test_a_run_that_is_found_says_again_that_its_particles_are_few(monkeypatch, tmp_path):
    ask = partial(sim.forecast, SHORT, particles=16, members=4, output=tmp_path)
    made = ask()
    monkeypatch.setattr("sim.assimilation.making.ENOUGH", 17)
    making._warn_of_few.cache_clear()
    with pytest.warns(UserWarning, match="^16 particles are few"):
        assert ask().folder == made.folder


def test_the_command_says_it_in_words(tmp_path):
    called = [sys.executable, "-m", "sim", "assimilate", "--until", "2012-04-10", "--particles", "16"]
    environment = os.environ | {"SERBIA_SIM_CACHE": str(tmp_path)}
    told = subprocess.run(called, env=environment, capture_output=True, text=True, check=True).stderr
    assert re.fullmatch(r"16 particles are few: [^\n]*; take 2,048 or more for use\n", told)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--particles", "15"),
        ("--until", "2012-01-31"),
        ("--until", "2036-01-01"),
        ("--until", "soon"),
        ("--seed", "x"),
        ("--record", "nowhere"),
        ("march-2032",),
    ],
)
def test_a_wrong_call_ends_with_2_and_learns_nothing(called, arguments, monkeypatch):
    monkeypatch.setattr("sim.assimilation.assimilate", None)
    told = called("assimilate", *arguments)
    assert told.exit_code == 2
    assert told.stderr.strip()
    assert told.stdout == ""


@pytest.mark.parametrize("command", ["run", "assimilate"])
@pytest.mark.parametrize(
    "ending",
    [
        (
            CollapseError("the filter collapsed in May 2015: look for a wrong observation"),
            1,
            "collapsed in May 2015",
        ),
        (KeyboardInterrupt(), 130, "interrupted while learning from the record; nothing of it is kept"),
    ],
)
def test_learning_that_ends_early_says_so(called, tmp_path, monkeypatch, command, ending):
    error, status, said = ending

    def broken(*_, **__):
        raise error

    monkeypatch.setattr("sim.assimilation.making.shared_out", broken)
    monkeypatch.setenv("SERBIA_SIM_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    told = called(command, "march-2023", "--particles", "17")
    assert (told.exit_code, told.stdout) == (status, "")
    assert said in told.stderr
    assert "Traceback" not in told.stderr
    assert not list((tmp_path / "results").glob("*/*"))


def test_an_unlearned_run_says_so_and_has_no_range(called, tmp_path):
    arguments = ("march-2023", "--members", "6", "--no-figures", "--unlearned", "--output", tmp_path)
    told = called("run", *arguments)
    assert told.exit_code == 0, told.stderr
    assert "Nothing is learned from the record: these are prior probabilities" in words(told.stdout)
    assert "[" not in told.stdout
    found = json.loads(called("run", *arguments, "--json").stdout)
    assert all(row["low"] is None and row["high"] is None for row in found["questions"])
    assert not (tmp_path / "posteriors").exists()
    assert called("replay", found["run"], "--member", 3).exit_code == 0


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("eu_suport,,2012-11-15,0.47,,x,2012-12-01", "unknown target 'eu_suport'; did you mean 'eu_support'"),
        ("sanctions,,2022-12-31,0,,x,2023-01-01", "unknown target 'sanctions'"),
        ("eu_support,2012-12-01,2012-11-15,0.47,,x,2012-12-01", "start 2012-12-01 is after end 2012-11-15"),
        ("eu_support,,2012-11-15,1.47,,x,2012-12-01", "value is '1.47'"),
        ("eu_support,,2012-11-15,0.47,-3,x,2012-12-01", "trials is '-3'"),
        ("eu_support,,2012-11-15,0.47,,x,", "known_on is blank"),
        ("eu_support,,2012-11-15,0.47,,x,2012-11-01", "known_on 2012-11-01 is before end 2012-11-15"),
        ("eu_support,,2012-11-15,0.47,,x,soon", "known_on is 'soon'; dates are written 2024-12-31"),
        ("un_position,,2011-12-31,0.1,,x,2012-12-01", "before January 2012"),
        ("cfsp_alignment,2014-01-01,2014-05-31,0.5,,x,2014-12-01", "a half-year or a calendar year"),
        ("cfsp_alignment,2012-01-01,2012-12-31,0.99,,x,2013-02-28", "repeats what the record says"),
        (
            "cfsp_alignment,2012-01-01,2012-12-31,0.5,,x,2013-02-28",
            "contradictory cfsp_alignment: 0.5, and the record",
        ),
        (POLL.strip(), "repeats line 2"),
        (POLL.replace("0.47", "0.5").strip(), "contradictory eu_support: line 2 says 0.47, line 3 says 0.5"),
    ],
)
def test_a_row_that_cannot_be_added_is_told_with_file_and_line(tmp_path, row, said):
    path = folder_of(tmp_path / "own", polls=f"{HEAD}{POLL}{row}\n")
    more = read_additions(path, Record.load())
    rows, faults = more.observations, more.faults
    assert said in str(faults[-1])
    assert str(faults[-1]).startswith(f"{path / 'polls.csv'}:3: ")
    assert len(rows) == (0 if "contradictory eu_support" in said else 1)


def test_a_row_that_cannot_be_used_does_not_stand_in_the_way_of_one_that_can(tmp_path):
    path = folder_of(tmp_path / "own", polls=HEAD + POLL.replace("2012-12-01", "") + POLL)
    more = read_additions(path, Record.load())
    rows, (fault,) = more.observations, more.faults
    assert [row.value for row in rows] == [0.47]
    assert fault.line == 2


def test_what_files_of_a_folder_say_twice_counts_once(tmp_path):
    path = folder_of(tmp_path / "own", a=HEAD + POLL, b=HEAD + POLL.replace("0.47", "0.5") + LATER)
    more = read_additions(path, Record.load())
    rows, (fault,) = more.observations, more.faults
    assert [row.value for row in rows] == [0.47, 0.57]
    assert f"{path / 'a.csv'} says 0.47" in str(fault)


def test_a_record_with_more_is_another_record():
    shipped = Record.load()
    rows = shipped.observations("eu_support")[:1]
    more = shipped.with_observations(rows)
    assert shipped.with_observations([]) is shipped
    assert more.digest() != shipped.digest()
    assert more.digest() == shipped.with_observations(rows).digest()
    assert len(more.observations("eu_support")) == len(shipped.observations("eu_support")) + 1
    assert len(more.until(date(2012, 1, 1)).observations("eu_support")) <= 1


def test_own_observations_are_learned_from_and_kept_with_the_run(called, tmp_path, monkeypatch):
    own = folder_of(
        tmp_path / "own", polls=HEAD + POLL + LATER + "eu_suport,,2012-11-15,0.47,,x,2012-12-01\n"
    )
    early = tmp_path / "early.toml"
    early.write_text('title = "Early"\nas_of = 2013-03-10\nuntil = 2013-12-31\n', encoding="utf-8")
    told = called("assimilate", early, "--record", own)
    assert told.exit_code == 0, told.stderr
    assert "polls.csv:4: unknown target 'eu_suport'" in told.stderr
    assert "record 2 observations added to the record, 1 known only later: not weighed." in words(told.stdout)
    monkeypatch.setattr("sim.assimilation.making.shared_out", None)  # found again
    arguments = ("run", early, "--members", "4", "--no-figures", "--output", tmp_path / "results")
    said = called(*arguments, "--record", own)
    assert said.exit_code == 0, said.stderr
    assert "2 observations added to the record, 1 known only later: not weighed." in words(said.stdout)
    made = Run.load(said.stdout.splitlines()[-1].partition(": ")[2])
    known = made.provenance["record"]
    assert (known["digest"], known["added"], known["days_beyond"]) == (made.record.digest(), 2, 0)
    assert [row.value for row in made.record.added] == [0.47, 0.57]
    assert called("replay", made.folder, "--member", 2).exit_code == 0
    assert called("explain", made.folder, "--members", 2).exit_code == 0


def test_an_observation_that_is_added_and_cannot_weigh_is_named(called, tmp_path):
    known = {"origin": "2013-03-08", "before": "2013-02-27"}
    polls = {name: f"eu_support,,{day},0.05,2000,a poll,2013-03-09\n" for name, day in known.items()}
    own = {name: folder_of(tmp_path / name, polls=HEAD + poll) for name, poll in polls.items()}
    own["both"] = folder_of(tmp_path / "both", polls=HEAD + "".join(polls.values()))
    told = {name: called("assimilate", *EARLY, "--record", folder) for name, folder in own.items()}
    told["none"] = called("assimilate", *EARLY)
    evidence = {name: posterior_of(one).provenance["log_evidence"] for name, one in told.items()}
    assert evidence["origin"] == evidence["none"]
    assert evidence["both"] == evidence["before"] != evidence["none"]
    why = "of the origin's own month, which is forecast"
    line = f"eu_support of 2013-03-08 is added but not weighed: it is {why}"
    for name in ("origin", "both"):
        assert told[name].stderr == f"{own[name]}: {line}\n"
    assert told["before"].stderr == ""
    assert f"1 observation added to the record, 1 {why}: not weighed." in words(told["origin"].stdout)
    assert f"2 observations added to the record, 1 {why}: not weighed." in words(told["both"].stdout)
    assert "1 observation added to the record. resamplings" in words(told["before"].stdout)


def test_where_nothing_is_learned_nothing_is_said_to_weigh(called, tmp_path):
    own = folder_of(tmp_path / "own", polls=HEAD + POLL)
    few = ("--members", 2, "--no-figures", "--unlearned", "--output", tmp_path / "results")
    told = called("run", "march-2023", *few, "--record", own)
    assert "1 observation added to the record, and not weighed." in words(told.stdout)


def test_a_begun_window_of_ones_own_is_replayed_with_it(called, tmp_path):
    half = "cfsp_alignment,2013-01-01,2013-06-30,0.9,20,a count,2013-08-31\n"
    own = folder_of(tmp_path / "own", half=HEAD + half)
    late = tmp_path / "late.toml"
    late.write_text('title = "Late"\nas_of = 2013-10-10\nuntil = 2014-03-31\n', encoding="utf-8")
    arguments = (
        "run",
        late,
        "--members",
        "4",
        "--no-figures",
        "--unlearned",
        "--output",
        tmp_path / "results",
    )
    folders = [
        called(*arguments, *more).stdout.splitlines()[-1].partition(": ")[2]
        for more in ((), ("--record", own))
    ]
    plain, with_half = (Run.load(folder).data["cfsp_alignment_year"].to_numpy()[:, 23] for folder in folders)
    assert (plain != with_half).any()
    assert called("replay", folders[1], "--member", 1).exit_code == 0
    (tmp_path / folders[1] / "record.csv").unlink()
    told = called("replay", folders[1], "--member", 1)
    assert (told.exit_code, "record.csv is missing" in told.stderr) == (2, True)


def test_a_folder_without_a_row_to_use_ends_the_command(called, tmp_path):
    for name, files in (
        ("empty", {}),
        ("headless", {"a": POLL}),
        ("faulty", {"a": HEAD + POLL.replace("0.47", "47")}),
    ):
        told = called("assimilate", "--record", folder_of(tmp_path / name, **files))
        assert (told.exit_code, told.stdout) == (2, "")
        assert told.stderr.strip()


def test_the_command_is_listed(called):
    assert sim.cli.learning.assimilate.__doc__.partition(".")[0] in words(called("--help").stdout)
