"""Facts that a user states beside the record: imposed, weighed, kept with the run; each bad row told with its line."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from sim.clock import month_number
from sim.model.alignment import AlignmentModel
from sim.record.additions import read_additions
from sim.record.observation_file import ObservationFileError
from sim.record.observations import Record
from sim.runs.results import Run
from sim.scenario import read_scenario
from sim.world.facts import gather

RECORD = Record.load()
JOINS = "date,measure,class,joined,counts_as_sanctions,known_on,source\n"
TURNS = "date,kind,value,known_on,source\n"
WAR = "month,regime,known_on,source\n"
EARLY = replace(read_scenario("march-2023"), as_of=date(2015, 6, 10), until=date(2015, 12, 31), questions=())
LATE = replace(EARLY, as_of=RECORD.ends, until=date(2026, 12, 31))


def folder_of(path, **files):
    path.mkdir(exist_ok=True)
    for name, text in files.items():
        (path / f"{name}.csv").write_text(text, encoding="utf-8")
    return path


def record_of(path, **files):
    more = read_additions(folder_of(path, **files), RECORD)
    assert more.faults == []
    return RECORD.with_observations(more.observations).with_facts(more.stated)


def lived(record, spec, until):
    """Return the model at the end of the month of a day, and what each month was weighed by."""
    model = AlignmentModel(spec, seed=1, members=20, facts=gather(record, spec.as_of))
    evidence = {}
    while model.tick < month_number(until):
        model.step()
        evidence[model.tick] = dict(model.evidence)
    return model, evidence


def test_a_stated_choice_is_imposed_and_weighed_by_the_chance_it_had(tmp_path):
    joined = JOINS + "2014-08-15,Sectoral of July 2014,sectoral,1,1,2014-08-15,a dispatch\n"
    record = record_of(tmp_path / "own", joins=joined)
    month = month_number(date(2014, 8, 15))
    plain, before = lived(RECORD, EARLY, date(2014, 8, 31))
    model, after = lived(record, EARLY, date(2014, 8, 31))
    assert (plain.between.sanctions == 0.0).all()
    assert (model.between.sanctions == 1.0).all()
    chance = model.between.sanctions_chance
    np.testing.assert_allclose(after[month]["no sanctions"], np.log(chance))
    np.testing.assert_allclose(before[month]["no sanctions"], np.log1p(-chance))


def test_no_sanctions_to_a_date_is_evidence_up_to_it(tmp_path):
    last = month_number(date(2026, 6, 30))
    plain = gather(RECORD, LATE.as_of)
    assert not plain.on_record(last, "sanctions")  # the shipped table covers less
    record = record_of(tmp_path / "own", coverage="table,until\njoins,2026-06-30\n")
    model, evidence = lived(record, LATE, date(2026, 6, 30))
    covered = gather(record, LATE.as_of)
    assert covered.on_record(last, "sanctions")
    assert not covered.on_record(last, "issue")
    assert (model.between.sanctions == 0.0).all()
    assert (evidence[last]["no sanctions"] < 0.0).all()
    _, without = lived(RECORD, LATE, date(2026, 6, 30))
    assert "no sanctions" not in without[last]
    assert record.ends == RECORD.ends  # of all else nobody looked


def test_a_stated_turn_is_imposed_in_its_month(tmp_path):
    record = record_of(tmp_path / "own", turns=TURNS + "2014-10-10,issue,-1,2014-10-10,a dispatch\n")
    model, evidence = lived(record, EARLY, date(2014, 10, 31))
    assert (model.dialogue.step == -1.0).all()
    assert "steps on the issue" in evidence[model.tick]


def test_who_says_all_to_a_later_day_may_ask_from_it(tmp_path):
    later = date(RECORD.ends.year, RECORD.ends.month + 2, 20)
    months = [date(later.year, later.month - 1, 1), date(later.year, later.month, 1)]
    war = WAR + "".join(f"{month},full_scale,{month},press\n" for month in months)
    all_of_it = f"table,until\nall,{later}\n"
    record = record_of(tmp_path / "own", war=war, coverage=all_of_it)
    record.hold(later)
    assert record.ends == later
    assert {record.complete_until(name) for name in record.covered()} == {month_number(later) - 1}
    (fault,) = read_additions(folder_of(tmp_path / "gap", coverage=all_of_it), RECORD).faults
    assert f"war.csv says nothing of {months[0]:%B %Y}" in str(fault)


ROW = "2014-08-15,Sectoral of July 2014,sectoral,1,1,2014-08-15,a dispatch\n"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("15.8.2014,X,sectoral,1,1,2014-08-15,x", "date is '15.8.2014'; a date is needed"),
        ("2014-08-16,,sectoral,1,1,2014-08-16,x", "measure is blank"),
        ("2014-08-16,X,sector,1,1,2014-08-16,x", "class is 'sector'; allowed are individual, sectoral"),
        ("2014-08-16,X,sectoral,2,1,2014-08-16,x", "joined is '2'; allowed are 0, 1"),
        ("2014-08-16,X,sectoral,1,1,2014-08-01,x", "known_on 2014-08-01 is before 2014-08-16"),
        ("2014-08-16,X,sectoral,1,1,2014-08-16,", "source is blank"),
        ("2011-08-16,X,sectoral,1,1,2011-08-16,x", "before January 2012"),
        ("2014-08-16,X,sectoral,1,1", "not as many values"),
        (ROW.strip(), "repeats what line 2 says"),
        (ROW.strip().replace(",1,1,", ",0,1,"), "contradicts line 2: joined is 0, there 1"),
        ("2014-08-16,\x1b[2J,sectoral,\x1b[2J,1,2014-08-16,x", "joined is '\\x1b[2J'"),
    ],
)
def test_a_row_that_does_not_fit_its_table_is_told_with_its_line(tmp_path, row, said):
    own = folder_of(tmp_path / "own", joins=f"{JOINS}{ROW}{row}\n")
    more = read_additions(own, RECORD)
    (fault,) = more.faults
    assert str(fault).startswith(f"{own / 'joins.csv'}:3: ")
    assert said in str(fault)
    assert "\x1b" not in str(fault)
    assert len(more.stated.rows["joins"]) == 1


@pytest.mark.parametrize(
    ("table", "text", "said"),
    [
        (
            "war",
            WAR + "2014-08-02,frozen,2014-08-02,x\n",
            "a month is written as its first day, as 2014-08-01",
        ),
        (
            "war",
            WAR + "2014-08-01,none,2014-08-01,x\n",
            "contradicts the record: regime is 'none', there 'frozen'",
        ),
        ("gdp", "year,usd,known_on,source\n2025,1e999,2026-07-01,x\n", "beyond what a table holds"),
        (
            "gdp",
            "year,usd,known_on,source\n99999,7,2026-07-01,x\n",
            "known_on 2026-07-01 is before 9999-12-31",
        ),
        ("coverage", "table,until\njions,2026-06-30\n", "unknown table 'jions'; did you mean 'joins'?"),
        ("coverage", "table,until\njoins,soon\n", "until is 'soon'"),
        (
            "contracts",
            "start,contract_end,signed_on,kind,known_on,source\n2026-08-01,2027-07-31,2026-07-01,fixed,2026-07-01,x\n",
            "price is blank; a contract of kind fixed needs price",
        ),
    ],
)
def test_what_its_table_cannot_hold_is_told(tmp_path, table, text, said):
    (fault,) = read_additions(folder_of(tmp_path / "own", **{table: text}), RECORD).faults
    assert said in str(fault)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "no CSV file in it"),
        (
            {"jions": JOINS + ROW},
            "jions.csv has neither observations nor the name of a table; did you mean 'joins'?",
        ),
        ({"joins": "date,measure\n"}, "no column class, joined"),
    ],
)
def test_a_folder_that_cannot_be_meant_is_refused(tmp_path, files, said):
    with pytest.raises(ObservationFileError) as refused:
        read_additions(folder_of(tmp_path / "own", **files), RECORD)
    assert said in str(refused.value)


def test_semicolons_and_decimal_commas_are_read(tmp_path):
    row = "month;gas_usd_per_mmbtu;brent_usd_per_bbl;known_on;source\n1999-12-01;2,5;25,5;2000-01-05;x\n"
    (price,) = record_of(tmp_path / "own", prices=row).stated.rows["prices"]
    assert (price["gas_usd_per_mmbtu"], price["brent_usd_per_bbl"]) == (2.5, 25.5)


def test_stated_facts_are_told_and_kept_with_the_run(called, tmp_path):
    scenario = tmp_path / "early.toml"
    scenario.write_text('title = "Early"\nas_of = 2015-06-10\nuntil = 2015-12-31\n', encoding="utf-8")
    late = "2015-06-02,Sectoral of June 2015,sectoral,0,1,2015-06-03,x\n"
    own = folder_of(
        tmp_path / "own",
        joins=JOINS + ROW + late + "2014,,,,,,\n",
        coverage="table,until\njoins,2026-06-30\n",
    )
    few = ("--members", 3, "--unlearned", "--no-figures", "--output", tmp_path / "results")
    told = called("run", scenario, "--record", own, *few)
    assert told.exit_code == 0, told.stderr
    said = " ".join(told.stdout.split())
    assert "2 facts stated: 2 in joins, 1 not imposed. Said to be all: joins to 2026-06-30." in said
    assert "joins.csv:4: " in told.stderr
    assert "joins of 2015-06-02 is added but not imposed: it is of the origin's own month" in told.stderr
    made = Run.load(told.stdout.splitlines()[-1].partition(": ")[2])
    months = made.data["sanctions"].to_numpy()
    first = month_number(date(2014, 8, 1))
    assert (months[:, :first] == 0).all()
    assert (months[:, first] == 1).all()
    assert made.provenance["record"]["stated"] == {"joins": 2}
    assert made.record.digest() == made.provenance["record"]["digest"] != RECORD.digest()
    assert called("replay", made.folder, "--member", 1).exit_code == 0
