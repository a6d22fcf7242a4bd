"""A user's file of observations: what is wrong with a row is told with its line, the rest is used; a run is scored."""

import csv
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from sim import forecast
from sim.forecasting import samples
from sim.record.observations import Observation, Record
from sim.verification import Case, ObservationFileError, read_observations, rival_forecasts, score_run, scores

HEAD = "target,start,end,value,trials,source\n"
GOOD = "eu_support,,2024-06-30,0.41,1050,poll\n"


def written(tmp_path, text, name="seen.csv"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_rows_are_read_with_their_lines(tmp_path):
    path = written(
        tmp_path,
        HEAD
        + "cfsp_alignment,2024-01-01,2024-06-30,0.5,60,ISAC\n\nposture,,2024-12-31,balancer,,own reading\n"
        + GOOD,
    )
    lines, faults = read_observations(path)
    assert faults == []
    assert [(line.number, line.target, line.value) for line in lines] == [
        (2, "cfsp_alignment", 0.5),
        (4, "posture", "balancer"),
        (5, "eu_support", 0.41),
    ]
    assert lines[0].start == date(2024, 1, 1)
    assert lines[2].trials == 1050


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("eu_suport,,2024-06-30,0.4,,x", r"unknown target 'eu_suport'; did you mean 'eu_support'\?"),
        ("zebra,,2024-06-30,0.4,,x", r"unknown target 'zebra' \(known: cfsp_alignment"),
        ("lean,,2024-06-30,0.4,,x", "unknown target 'lean'"),
        ("eu_support,,30.6.2024,0.4,,x", "dates are written 2024-12-31"),
        ("eu_support,,,0.4,,x", "end is needed"),
        ("eu_support,2024-07-01,2024-06-30,0.4,,x", "start 2024-07-01 is after end 2024-06-30"),
        ("eu_support,,2024-06-30,41,,x", "value is '41'; eu_support is a number from 0 to 1"),
        ("eu_support,,2024-06-30,41 %,,x", "value is '41 %'"),
        ("eu_support,,2024-06-30,nan,,x", "value is 'nan'"),
        ("chapters_opened,,2024-06-30,22.5,,x", "value is '22.5'; chapters_opened is a whole number"),
        ("posture,,2024-06-30,friend,,x", "value is 'friend'; posture is one of \"ally\""),
        ("sanctions,,2024-06-30,2,,x", "sanctions is 0 or 1"),
        ("eu_support,,2024-06-30,0.4,many,x", "trials is 'many'"),
        ("eu_support,,2024-06-30,0.4,0,x", "trials is '0'"),
        (
            f"eu_support,,2024-06-30,0.4,{'9' * 5000},x",
            "trials is '9{12}...9{13}'; a whole number from 1 to 99,999,999",
        ),
        ("eu_support,,2024-06-30,0.4,1000000000,x", "trials is '1000000000'"),
        (
            f"chapters_opened,,2024-06-30,{'9' * 5000},,x",
            "value is '9{12}...9{13}'; chapters_opened is a whole",
        ),
        (f"eu_support,,{'9' * 5000},0.4,,x", "end is '9{12}...9{13}'; dates are written 2024-12-31"),
        (f"{'9' * 5000},,2024-06-30,0.4,,x", "unknown target '9{12}...9{13}'"),
        ('eu_support,,2024-06-30,0.4,,"a poll', "a quote is opened and not closed on the line"),
        ('eu_support,,2024-06-30,0.4,,"a" poll', "no CSV: ',' expected after '\"'"),
        ('eu_support,,2024-06-30,"0,4",,a poll', "value is '0,4'"),
        (f"eu_support,,2024-06-30,0.4,,{'x' * 200_000}", "no CSV: field larger than field limit"),
        ("cfsp_alignment,2024-01-01,2024-09-30,0.5,,x", "it is of a half-year or a calendar year"),
        ("cfsp_alignment,,2024-12-31,0.5,,x", "cfsp_alignment from nothing to 2024-12-31"),
        ("cfsp_alignment,2023-01-01,2024-12-31,0.5,,x", "a half-year or a calendar year"),
        ("un_position,,2024-06-30,0.4,,x", "it is of a calendar year"),
        ("eu_support,,2024-06-30,0.4,,a, b", "quote a value that has a comma"),
        ("eu_support,,2024-06-30", "not as many values"),
    ],
)
def test_a_row_that_cannot_be_used_is_told_and_the_rest_is_used(tmp_path, row, words):
    csv.field_size_limit(131_072)  # Python's own; frictionless lifts it for all where another test imports it
    path = written(tmp_path, HEAD + row + "\n" + GOOD)
    lines, (fault,) = read_observations(path)
    assert [line.number for line in lines] == [3]
    assert str(fault).startswith(f"{path}:2: ")
    with pytest.raises(AssertionError, match=words):
        raise AssertionError(fault.what)


def test_what_is_of_a_day_to_come_was_not_observed(tmp_path):
    path = written(tmp_path, HEAD + "cfsp_alignment,2024-07-01,2024-12-31,0.5,,x\n" + GOOD)
    lines, faults = read_observations(path, date(2024, 12, 30))
    assert [line.number for line in lines] == [3]
    assert [str(fault) for fault in faults] == [
        f"{path}:2: 2024-12-31 is still to come: that was not observed"
    ]
    assert len(read_observations(path, date(2024, 12, 31))[0]) == 2
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    _, (fault,) = read_observations(written(tmp_path, HEAD + f"posture,,{tomorrow},ally,,x\n"))
    assert fault.what == f"{tomorrow} is still to come: that was not observed"


def test_of_repeated_rows_the_first_is_used_and_of_contradictory_ones_none(tmp_path):
    path = written(
        tmp_path,
        HEAD
        + GOOD * 2
        + "un_position,,2024-12-31,0.4,,a\nun_position,2024-01-01,2024-12-31,0.5,,b\nsanctions,,2024-12-31,0,,c\n",
    )
    lines, faults = read_observations(path)
    assert [line.number for line in lines] == [2, 6]
    assert [(fault.line, fault.what) for fault in faults] == [
        (3, "repeats line 2"),
        (4, "contradictory un_position: line 4 says 0.4, line 5 says 0.5"),
        (5, "contradictory un_position: line 4 says 0.4, line 5 says 0.5"),
    ]


def test_an_unclosed_quote_costs_its_own_row_alone(tmp_path):
    rows = [GOOD.replace("06-30", f"0{month}-15") for month in (1, 2, 3)]
    closed_later = [rows[0].replace("poll", '"poll'), rows[1], rows[2].replace("poll", 'poll"')]
    lines, faults = read_observations(written(tmp_path, HEAD + "".join(closed_later)))
    assert [line.number for line in lines] == [3, 4]
    assert [(fault.line, fault.what) for fault in faults] == [
        (2, "a quote is opened and not closed on the line")
    ]


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_semicolons_or_tabs_may_part_the_columns_and_decimals_have_commas_then(tmp_path, delimiter):
    text = HEAD + "un_position,,2024-12-31,-0:4,,a:b\n" + GOOD + "eu_support,,2024-07-31,1.050:5,,poll\n"
    path = written(tmp_path, text.replace(",", delimiter).replace(":", ","))
    lines, (fault,) = read_observations(path)
    assert [(line.number, line.value, line.source) for line in lines] == [(2, -0.4, "a,b"), (3, 0.41, "poll")]
    assert (fault.line, fault.what[:20]) == (4, "value is '1.050.5'; ")


def test_every_line_is_read_told_or_blank(tmp_path):
    rng = np.random.default_rng(1)
    text = HEAD + "".join(GOOD.replace("06", f"{month:02}").replace("30", "28") for month in range(1, 13))
    for _ in range(300):
        at, end = sorted(rng.integers(len(HEAD), len(text), size=2))
        some = "".join(rng.choice(list('",;\n\r\0 a9'), size=3))
        torn = text[:at] + some + text[min(end, at + 40) :]
        path = written(tmp_path, torn)
        lines, faults = read_observations(path)
        told = {line.number for line in lines} | {fault.line for fault in faults}
        rows = path.read_text(encoding="utf-8").split("\n")
        assert told >= {n for n, row in enumerate(rows, 1) if n > 1 and row.strip(' ,"')}


def test_a_half_year_and_a_year_that_end_together_do_not_contradict(tmp_path):
    rows = "cfsp_alignment,2024-07-01,2024-12-31,0.5,,x\ncfsp_alignment,2024-01-01,2024-12-31,0.6,,x\n"
    lines, faults = read_observations(written(tmp_path, HEAD + rows))
    assert (len(lines), faults) == (2, [])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"target,end,value\n", "no column start, trials, source; the first line must name target,start,end"),
        (b"", "no column target"),
        (
            "target,start,end,value,trials,source\nposture,,2024-12-31,ally,,Beogra\u0111anka".encode(
                "latin2"
            ),
            "UTF-8",
        ),
        (b'target,start,end,value,trials,"source\n', ":1: a quote is opened and not closed on the line"),
        (b"target,start,end,value,trials,source,value\n", ":1: two columns value; .* each once"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(tmp_path, content, words):
    path = tmp_path / "seen.csv"
    path.write_bytes(content)
    with pytest.raises(ObservationFileError, match=words):
        read_observations(path)


def test_no_file_is_refused(tmp_path):
    with pytest.raises(ObservationFileError, match="there is no such file"):
        read_observations(tmp_path / "nowhere.csv")
    with pytest.raises(ObservationFileError, match="there is no such file"):
        read_observations(tmp_path)


def test_a_byte_order_mark_spaces_and_more_columns_do_no_harm(tmp_path):
    path = written(
        tmp_path, "\ufeffknown_on, " + HEAD.strip() + "\n2024-07-31, eu_support ,, 2024-06-30 ,0.41,,poll\n"
    )
    lines, faults = read_observations(path)
    assert ([line.target for line in lines], faults) == (["eu_support"], [])


@pytest.fixture(scope="module")
def run():
    return forecast("march-2023", members=60, save=False)


@pytest.fixture(scope="module")
def scored(run, tmp_path_factory):
    text = HEAD + (
        "cfsp_alignment,2023-01-01,2023-06-30,0.5230769230769231,65,ISAC\n"
        "un_position,,2023-12-31,0.383877,,Voeten\n"
        "eu_support,,2023-12-31,0.43,,MEI\n"
        "chapters_opened,,2023-12-31,22,,EU\n"
        "gas_discount,,2023-12-31,0.1,,own\n"
        "sanctions,,2023-12-31,0,,EU\n"
        "posture,,2023-12-31,balancer,,own\n"
        "eu_support,,2022-12-15,0.43,,MEI\n"
        "eu_support,,2026-01-15,0.43,,MEI\n"
        "eu_support,,2023-02-28,0.43,,MEI\n"
    )
    return score_run(run, written(tmp_path_factory.mktemp("seen"), text))


def test_rows_outside_the_runs_horizon_are_told(scored):
    assert scored.used == 7
    assert [(fault.line, fault.what) for fault in scored.faults] == [
        (9, "2022-12-15 is before the run's origin, 2023-03-10: that was no forecast"),
        (10, "2026-01-15 is beyond the run's horizon, 2025-12-31"),
        (11, "2023-02-28 is before the run's origin, 2023-03-10: that was no forecast"),
    ]


def test_scores_are_those_of_the_runs_members(run, scored):
    own = scored.data[scored.data["forecaster"] == "run"].set_index("target")
    month = 12 * 11 + 11
    values = samples(run.data, "eu_support", month)
    sample = scores.reduced(values, discrete=False)
    assert own.loc["eu_support", "crps"] == scores.crps(sample, 0.43)
    assert own.loc["eu_support", "median"] == pytest.approx(np.median(values))
    chance = (samples(run.data, "sanctions", month).sum() + 0.5) / 61.0
    assert own.loc["sanctions", "brier"] == pytest.approx(chance**2)
    posture = own.loc["posture", ["chance0", "chance1", "chance2"]].to_numpy(dtype=float)
    assert posture.sum() == pytest.approx(1.0)
    assert own.loc["posture", "brier"] == pytest.approx(np.sum((posture - [0, 1, 0]) ** 2))
    half = samples(run.data, "cfsp_alignment", 12 * 11 + 5, half_year=True)
    assert own.loc["cfsp_alignment", "median"] == pytest.approx(np.median(half))


def test_skill_is_against_what_was_known_at_the_runs_origin(scored):
    summary = scored.summary().set_index("target")
    case = Case("un_position", "figure", date(2023, 3, 10), 10, None, date(2023, 12, 31), 0.383877)
    rival = rival_forecasts(Record.load(), case)["persistence"]
    expected = 1.0 - summary.loc["un_position", "crps"] / scores.crps(rival, 0.383877)
    assert summary.loc["un_position", "skill_persistence"] == pytest.approx(expected)
    assert summary.loc[["gas_discount", "sanctions", "posture"], "skill_persistence"].isna().all()
    assert summary["n"].tolist() == [1] * 7
    assert set(summary["within90"].dropna()) <= {0.0, 1.0}


def test_rivals_know_the_runs_own_record(tmp_path):
    poll = Observation("eu_support", None, date(2023, 2, 1), 0.9, 1000, None, date(2023, 3, 1), "a test")
    record = Record.load().with_observations([poll])
    run = forecast("march-2023", members=4, learned=False, save=False, record=record)
    found = score_run(run, written(tmp_path, HEAD + "eu_support,,2023-12-31,0.43,,MEI\n")).data
    (theirs,) = found.loc[found["forecaster"] == "persistence", "median"]
    assert theirs == pytest.approx(0.9, abs=0.01)


def test_its_repr_is_short(scored):
    assert "7 observations scored, 3 rows not used" in repr(scored)


def test_no_row_of_use_is_no_error_but_an_empty_score(run, tmp_path):
    found = score_run(run, written(tmp_path, HEAD))
    assert found.used == 0
    assert isinstance(found.summary(), pd.DataFrame)
    assert "none" in repr(found)


def test_thousands_of_rows_that_contradict_one_another_are_told_briefly(tmp_path):
    path = tmp_path / "many.csv"
    rows = "".join(f"eu_support,,2012-06-30,0.{number:06d},,x\n" for number in range(3000))
    path.write_text(f"target,start,end,value,trials,source\n{rows}", encoding="utf-8")
    used, faults = read_observations(path)
    assert (used, len(faults)) == ([], 3000)
    assert max(len(str(fault)) for fault in faults) < 300 + len(str(path))
    assert "line 6 says 4e-06, and 2995 more" in str(faults[0])
