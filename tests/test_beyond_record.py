"""An origin after the record's end: refused with what to do, or simulated, and then told and shown as such."""

import csv
from dataclasses import replace
from datetime import date

import pytest

from sim import assimilate, forecast, read_scenario
from sim.observations import BeyondRecordError, Record
from sim.results import Run

RECORD = Record.load()
LAST = RECORD.last_origin
TOO_LATE = date(LAST.year + 2, 7, 15)
MONTHS = 12 * 2 + 7 - LAST.month
SAID = (
    str(TOO_LATE),
    str(RECORD.ends),
    f"as_of to {LAST}",
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
def beyond(tmp_path_factory):
    return forecast(late(), members=12, output=tmp_path_factory.mktemp("beyond"), beyond_record=True)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "late.toml"
    path.write_text(
        f'title = "Late"\nas_of = {TOO_LATE}\nuntil = {TOO_LATE.year + 1}-12-31\n', encoding="utf-8"
    )
    return path


def test_the_last_origin_is_of_the_month_after_the_last_on_record():
    RECORD.hold(LAST)
    assert RECORD.unknown_months(LAST) == 0
    assert RECORD.unknown_months(TOO_LATE) == MONTHS
    with pytest.raises(BeyondRecordError, match="what happened in a month between"):
        RECORD.hold(date(LAST.year, LAST.month + 1, 1) if LAST.month < 12 else date(LAST.year + 1, 1, 1))


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
    assert f"Beyond the record: it ends on {RECORD.ends:%-d %B %Y}; the {MONTHS} months from then" in said
    assert Run.load(told.stdout.splitlines()[-1].partition(": ")[2]).unknown_months == MONTHS


def test_provenance_and_forecast_table_carry_it(beyond, run_of):
    assert beyond.provenance["record"]["ends"] == str(RECORD.ends)
    assert beyond.provenance["record"]["unknown_months"] == beyond.unknown_months == MONTHS
    with (beyond.folder / "forecast.csv").open(encoding="utf-8") as file:
        assert {row["unknown_months"] for row in csv.DictReader(file)} == {str(MONTHS)}
    within = run_of(read_scenario("march-2023"), 12)
    assert {row["unknown_months"] for row in within.table("forecast")} == {"0"}


def test_figures_show_the_months_between_grey_and_name_them(beyond, run_of, legible, all_words):
    from sim.clock import month_number
    from sim.plots import fan, ledger, posture

    for draw in (fan, posture, ledger):
        figure = draw(beyond)
        legible(figure)
        assert "simulated, not known: grey" in all_words(figure)
        spans = [patch for patch in figure.axes[0].patches if patch.get_alpha() == 0.3]
        (span,) = spans
        box = span.get_bbox()
        assert box.x0 == month_number(RECORD.ends) + 1
        assert month_number(TOO_LATE) < box.x1 < month_number(TOO_LATE) + 1
    assert "beyond the record" in all_words(fan(beyond))
    plain = fan(run_of(read_scenario("march-2023"), 12))
    assert "beyond the record" not in all_words(plain)
    assert not [patch for patch in plain.axes[0].patches if patch.get_alpha() == 0.3]
