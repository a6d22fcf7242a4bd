"""Members' values and tables as other programs read them."""

import importlib.util
import io
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sim.exports import ExportError, as_csv, values_of, write
from sim.runs.members import NotKeptError, of_members
from sim.runs.results import Held
from sim.scenario import read_scenario

MARCH = read_scenario("march-2023")


@pytest.fixture(scope="module")
def run(run_of):
    return run_of(MARCH, 60)


def test_values_have_a_row_for_each_member_and_month(run):
    found = values_of(run, ["lean", "posture", "gas_weight"])
    months = run.data.sizes["month"]
    assert list(found) == ["member", "month", "lean", "posture", "gas_weight"]
    assert len(found) == 60 * months
    one = found[found["member"] == 7]
    np.testing.assert_array_equal(one["lean"], run.data["lean"].sel(member=7))
    assert set(one["gas_weight"]) == {of_members(run.data, "parameter_gas_weight")[7]}
    names = run.data["posture"].attrs["flag_meanings"].split()
    assert list(one["posture"]) == [names[int(code)] for code in run.data["posture"].sel(member=7).to_numpy()]
    assert len(values_of(run, ["gas_weight"])) == 60


def test_csv_and_parquet_read_back_as_they_were(run, tmp_path):
    found = values_of(run, ["lean", "posture"])
    write(found, tmp_path / "values.csv")
    again = pd.read_csv(tmp_path / "values.csv", parse_dates=["month"])
    np.testing.assert_allclose(again["lean"], found["lean"], rtol=1e-6)
    assert list(again["posture"]) == list(found["posture"])
    if importlib.util.find_spec("pyarrow") is not None:
        write(found, tmp_path / "values.parquet")
        pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "values.parquet"), found, check_dtype=False)


def test_parquet_without_its_library_names_the_extra(run, tmp_path, monkeypatch):
    def lacking(self, *_, **__):
        raise ImportError

    monkeypatch.setattr(pd.DataFrame, "to_parquet", lacking)
    with pytest.raises(ExportError, match=r"serbia-sim\[parquet\]"):
        write(values_of(run, ["lean"]), tmp_path / "values.parquet")


def test_what_cannot_be_written_is_told_with_what_can(run, tmp_path):
    with pytest.raises(
        ExportError, match=r"'leen' is neither .*posture.*, lean,.* table \(forecast.*mean 'lean'\?"
    ):
        values_of(run, ["leen"])
    with pytest.raises(ExportError, match="neither"):
        values_of(run, ["lean", "questions"])
    with pytest.raises(ExportError, match=r"\.csv and \.parquet"):
        write(values_of(run, ["lean"]), tmp_path / "values.xlsx")
    with pytest.raises(NotKeptError, match="keep all"):
        values_of(run_with_outcomes(run), ["brent"])


def run_with_outcomes(run):
    data = run.data.drop_vars("brent")
    return replace(run, held=Held(data, run.scenario, run.table, run.record))


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-cmd", "@SUM(A1)", "\tx"])
def test_no_text_can_be_taken_for_a_formula(cell):
    text = as_csv(pd.DataFrame({"text": [cell, "plain"], "change": [-1.5, 2.0]}))
    again = pd.read_csv(io.StringIO(text))
    assert list(again["text"]) == [f"'{cell}", "plain"]
    assert list(again["change"]) == [-1.5, 2.0]


def test_the_command_prints_or_writes_and_refuses_what_it_cannot(called, run, tmp_path):
    told = called("export", run.folder, "questions")
    assert told.exit_code == 0, told.stderr
    rows = pd.read_csv(io.StringIO(told.stdout))
    assert list(rows["id"]) == [question.id for question in MARCH.questions]
    assert (
        called("export", run.folder, "lean", "--save", tmp_path / "lean.csv").stdout
        == f"{tmp_path / 'lean.csv'}\n"
    )
    assert called("export", run.folder, "--hub", tmp_path / "hub").exit_code == 0
    for wrong in (
        [],
        ["leen"],
        ["lean", "--hub", tmp_path / "hub"],
        ["--hub", tmp_path / "h", "--save", "x.csv"],
    ):
        told = called("export", run.folder, *wrong)
        assert told.exit_code == 2
        assert told.stdout == ""


def test_many_runs_are_one_table_of_questions_by_runs(called, run_of, run):
    others = [run_of(read_scenario(name), 60) for name in ("kosovo-settled", "discount-withdrawn")]
    told = called("compare", run.folder, *(each.folder for each in others), run.folder)
    assert told.exit_code == 0, told.stderr
    lines = told.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    (head,) = [line for line in lines if line.split() == ["baseline", "1", "2", "3"]]
    assert any(
        line.startswith(" 1  kosovo-settled, to 2025-12-31: from 2023-06: normalisation") for line in lines
    )
    rows = [line for line in lines[lines.index(head) + 1 :] if re.match(r" *[\d.]+ %", line)]
    assert len(rows) == len(MARCH.questions)
    answers = run.table("questions")
    for line, answer in zip(rows, answers, strict=True):
        assert line.split(" %")[0].strip() == f"{100 * answer['probability']:.1f}"
        assert line.endswith("no difference")  # the baseline again


def test_the_table_of_many_runs_stays_narrow(called, run_of, run):
    names = ["kosovo-settled", "discount-withdrawn", *["kosovo-settled"] * 7]
    folders = [run_of(read_scenario(name), 60).folder for name in names]
    lines = called("compare", run.folder, *folders).stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert [line.split() for line in lines if line.strip().startswith("baseline")] == [
        ["baseline", "1", "2", "3"],
        ["baseline", "4", "5", "6"],
        ["baseline", "7", "8", "9"],
    ]


def test_the_differences_of_many_runs_as_csv(called, run_of, run):
    others = [run_of(read_scenario(name), 60).folder for name in ("kosovo-settled", "discount-withdrawn")]
    rows = pd.read_csv(io.StringIO(called("compare", run.folder, *others, "--csv").stdout))
    assert list(dict.fromkeys(rows["scenario"])) == ["kosovo-settled", "discount-withdrawn"]
    assert list(rows)[:7] == ["scenario", "run", "kind", "name", "category", "date", "unit"]
    np.testing.assert_allclose(rows["difference"], rows["value"] - rows["baseline"], atol=1e-9)
