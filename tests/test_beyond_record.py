"""An origin after the record's end: refused with what to do, or simulated, and then told and shown as such."""

import csv
from dataclasses import replace
from datetime import date, timedelta

import pytest

from sim import assimilate, forecast, read_scenario
from sim.record.observations import BeyondRecordError, Record
from sim.runs.results import Run

RECORD = Record.load()
TOO_LATE = date(RECORD.ends.year + 2, 7, 15)
DAYS = (TOO_LATE - RECORD.ends).days
SAID = (
    str(TOO_LATE),
    f"ends on {RECORD.ends}",
    f"as_of to {RECORD.ends}",
    "--record DIR",
    "--beyond-record",
    "beyond_record=True",
)


def late(as_of=TOO_LATE):
    return replace(
        read_scenario("baseline"),
        name="late",
        as_of=as_of,
        until=date(TOO_LATE.year + 1, 12, 31),
        events=(),
        questions=(),
    )


@pytest.fixture(scope="module")
def beyond(run_of):
    return run_of(late(), 12, beyond_record=True)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "late.toml"
    path.write_text(
        f'title = "Late"\nas_of = {TOO_LATE}\nuntil = {TOO_LATE.year + 1}-12-31\n', encoding="utf-8"
    )
    return path


def test_the_last_origin_is_the_day_on_which_the_record_ends():
    RECORD.hold(RECORD.ends)
    assert RECORD.days_beyond(RECORD.ends) == 0
    assert RECORD.days_beyond(TOO_LATE) == DAYS
    with pytest.raises(BeyondRecordError):
        RECORD.hold(RECORD.ends + timedelta(days=1))
    RECORD.hold(TOO_LATE, beyond=True)


def test_python_refuses_it_before_anything_is_learned_or_written(tmp_path):
    for learn in (
        lambda: forecast(late(), members=3, output=tmp_path / "out"),
        lambda: assimilate(late(), particles=16),
    ):
        with pytest.raises(BeyondRecordError) as refused:
            learn()
        assert all(words in str(refused.value) for words in SAID)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("command", ["check", "run", "assimilate"])
def test_commands_refuse_it_in_one_message(called, file, tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    told = called(command, file)
    assert (told.exit_code, told.stdout) == (2, "")
    assert len(told.stderr.splitlines()) == 1
    assert all(words in told.stderr for words in SAID)
    assert not (tmp_path / "results").exists()


def test_check_allows_it_where_that_is_said(called, file):
    assert called("check", file, "--beyond-record").exit_code == 0


def test_the_headline_says_it(called, file, tmp_path):
    few = ("--members", 4, "--unlearned", "--no-figures", "--output", tmp_path / "results")
    told = called("run", file, "--beyond-record", *few)
    assert told.exit_code == 0, told.stderr
    said = " ".join(told.stdout.split())
    assert f"Beyond the record: it ends on {RECORD.ends:%-d %B %Y}; what happened in the {DAYS} days" in said
    assert Run.load(told.stdout.splitlines()[-1].partition(": ")[2]).days_beyond_record == DAYS


def test_provenance_and_forecast_table_carry_it(beyond, run_of):
    assert beyond.provenance["record"]["ends"] == str(RECORD.ends)
    assert beyond.provenance["record"]["days_beyond"] == beyond.days_beyond_record == DAYS
    with (beyond.folder / "forecast.csv").open(encoding="utf-8") as file:
        assert {row["days_beyond_record"] for row in csv.DictReader(file)} == {str(DAYS)}
    within = run_of(read_scenario("march-2023"), 12)
    assert {row["days_beyond_record"] for row in within.table("forecast")} == {0}


def test_figures_show_the_months_between_grey_and_name_them(beyond, run_of, legible, all_words):
    from sim.plots import fan, ledger, posture, story
    from sim.words import position

    for draw in (fan, posture, ledger):
        figure = draw(beyond)
        legible(figure)
        assert "simulated, not known: grey" in all_words(figure)
        spans = [patch for patch in figure.axes[0].patches if patch.get_alpha() == 0.3]
        (span,) = spans
        box = span.get_bbox()
        assert box.x0 == pytest.approx(position(RECORD.ends))
        assert box.x1 == pytest.approx(position(TOO_LATE))
    told = story(beyond, 0, since=date(TOO_LATE.year, 1, 1))  # the record ends before it begins
    legible(told)
    assert all("beyond the record" in all_words(figure) for figure in (fan(beyond), told))
    plain = fan(run_of(read_scenario("march-2023"), 12))
    assert "beyond the record" not in all_words(plain)
    assert not [patch for patch in plain.axes[0].patches if patch.get_alpha() == 0.3]
