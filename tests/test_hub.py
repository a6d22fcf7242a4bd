"""A run's forecasts as a hub folder: valid by the published schemas, and the rows are those that its tasks allow."""

import csv
import json
from collections import defaultdict
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path

import jsonschema
import pytest

from sim.exports import ExportError, write_hub
from sim.quantities.catalogue import QUANTITIES, TARGETS
from sim.record.observations import Record
from sim.scenario import read_scenario

SCHEMAS = Path(__file__).parent / "hubverse"
ENDS = Record.load().ends
TARGETS_THERE = {
    name if window == "month end" else published
    for name, target in TARGETS.items()
    for window, published in target.published.items()
}
MODEL = "serbiasim-model"


@pytest.fixture(scope="module")
def runs(run_of):
    march = read_scenario("march-2023")
    return [run_of(spec, 60) for spec in (march, replace(march, name="later", as_of=date(2023, 4, 1)))]


@pytest.fixture(scope="module")
def hub(runs, tmp_path_factory):
    folder = tmp_path_factory.mktemp("hub")
    written = [write_hub(run, folder) for run in runs]
    assert all(path.exists() for paths in written for path in paths)
    return folder


def read(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("name", ["tasks", "admin", "target-data"])
def test_the_configuration_is_valid_by_the_published_schema(hub, name):
    schema = json.loads((SCHEMAS / f"{name}-schema.json").read_text(encoding="utf-8"))
    made = json.loads((hub / f"hub-config/{name}.json").read_text(encoding="utf-8"))
    checker = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    assert [error.message for error in checker.iter_errors(made)] == []
    assert made["schema_version"] == schema["$id"]


def test_each_model_says_what_it_is_by_the_hubs_own_schema(hub):
    schema = json.loads((hub / "hub-config/model-metadata-schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    about = {path.stem: json.loads(path.read_text()) for path in (hub / "model-metadata").glob("*.yml")}
    assert {f"{each['team_abbr']}-{each['model_abbr']}" for each in about.values()} == about.keys()
    assert about.keys() == {path.name for path in (hub / "model-output").iterdir()}
    for each in about.values():
        jsonschema.validate(each, schema)


def tasks(hub):
    """Return the model tasks by origin and target."""
    rounds = json.loads((hub / "hub-config/tasks.json").read_text(encoding="utf-8"))["rounds"]
    found = {}
    for each in rounds:
        assert (each["round_id_from_variable"], each["round_id"]) == (True, "origin_date")
        for task in each["model_tasks"]:
            ((origin,), (target,)) = (
                task["task_ids"]["origin_date"]["required"],
                task["task_ids"]["target"]["optional"],
            )
            assert task["target_metadata"][0]["target_keys"] == {"target": target}
            found[origin, target] = task
    return found


def check(rows, allowed):
    """Hold every row of a submission to the tasks, as a hub does."""
    by_task = defaultdict(dict)
    for row in rows:
        key = (row["origin_date"], row["target"])
        task = allowed[key]
        assert row["target_end_date"] in task["task_ids"]["target_end_date"]["optional"]
        value, bounds = float(row["value"]), task["output_type"][row["output_type"]]["value"]
        assert bounds.get("minimum", value) <= value <= bounds.get("maximum", value)
        outputs = by_task[(*key, row["target_end_date"])]
        assert (row["output_type"], row["output_type_id"]) not in outputs, "one row of each kind"
        outputs[row["output_type"], row["output_type_id"]] = value
    for (origin, target, _), outputs in by_task.items():
        wanted = {
            (output, str(label) if output == "pmf" else f"{label:g}" if output == "quantile" else "NA")
            for output, about in allowed[origin, target]["output_type"].items()
            for label in about["output_type_id"]["required"] or ["NA"]
        }
        assert outputs.keys() == wanted, "all that is required, and nothing else"
        quantiles = sorted(
            (float(label), value) for (kind, label), value in outputs.items() if kind == "quantile"
        )
        assert all(low <= high for (_, low), (_, high) in pairwise(quantiles))
        pmf = [value for (kind, _), value in outputs.items() if kind == "pmf"]
        assert not pmf or sum(pmf) == pytest.approx(1.0, abs=1e-9)
    return by_task


def test_every_row_of_both_models_is_one_that_the_tasks_allow_and_none_is_missing(hub, runs):
    allowed = tasks(hub)
    assert {target for _, target in allowed} == TARGETS_THERE
    for path in (hub / "model-output").glob("*/*.csv"):
        assert path.name == f"{path.name[:10]}-{path.parent.name}.csv"
        done = check(read(path), allowed)
        assert {origin for origin, *_ in done} == {path.name[:10]}
        if path.parent.name == MODEL:
            assert done.keys() == {
                (origin, target, end)
                for (origin, target), task in allowed.items()
                if origin == path.name[:10]
                for end in task["task_ids"]["target_end_date"]["optional"]
            }
    assert len(list((hub / "model-output").glob("*/*.csv"))) == 2 * len(runs)


@pytest.mark.parametrize(
    "spoil",
    [
        {"value": "2.0"},
        {"target_end_date": "2023-02-28"},
        {"output_type_id": "0.3"},
        {"target": "weather"},
    ],
)
def test_the_check_finds_a_row_that_is_not_allowed(hub, spoil):
    rows = read(hub / f"model-output/{MODEL}/2023-03-10-{MODEL}.csv")
    rows[0] |= spoil
    with pytest.raises((AssertionError, KeyError)):
        check(rows, tasks(hub))


def test_the_values_are_those_of_the_forecast_table(hub, runs):
    rows = read(hub / f"model-output/{MODEL}/2023-03-10-{MODEL}.csv")
    told = {
        (r["target"], r["target_end_date"], r["output_type"], r["output_type_id"]): r["value"] for r in rows
    }
    for row in runs[0].table("forecast"):
        key = (str(row["target_end_date"]), row["output_type"], row["output_type_id"] or "NA")
        left_out = {("sanctions", "quantile"), ("chapters_opened", "pmf")}
        if row["model_id"] != "model" or (row["target"], row["output_type"]) in left_out:
            continue
        name = row["target"]
        if row["target"] == "cfsp_alignment":
            half = row["target_start_date"].month == 7 or row["target_end_date"].month == 6
            name = "cfsp_alignment_half" if half else "cfsp_alignment_year"
        assert float(told[name, *key]) == row["value"]
    # nothing else stands there
    assert {t for t, *_ in told} == TARGETS_THERE
    assert set(TARGETS) == {row["target"] for row in runs[0].table("forecast")}


def test_what_came_stands_beside_by_the_record(hub):
    rows = read(hub / "target-data/oracle-output.csv")
    came = {
        (r["target"], r["target_end_date"], r["output_type"], r["output_type_id"]): r["oracle_value"]
        for r in rows
    }
    assert len(came) == len(rows)
    assert came["posture", "2024-12-31", "pmf", "balancer"] == "1"
    assert came["posture", "2024-12-31", "pmf", "ally"] == "0"
    assert came["sanctions", "2023-12-31", "mean", "NA"] == "0"
    assert came["cfsp_alignment_year", "2023-12-31", "quantile", "NA"] == "0.54"
    assert {end for _, end, *_ in came} <= {
        str(d) for d in map(date.fromisoformat, {e for _, e, *_ in came}) if d <= ENDS
    }
    allowed = {
        (target, end)
        for (_, target), task in tasks(hub).items()
        for end in task["task_ids"]["target_end_date"]["optional"]
    }
    assert {key[:2] for key in came} <= allowed


def test_the_series_are_those_of_the_record_and_no_point_stands_twice(hub):
    rows = read(hub / "target-data/time-series.csv")
    keys = [(row["target"], row["target_end_date"]) for row in rows]
    assert len(set(keys)) == len(keys)
    assert {row["target"] for row in rows} == TARGETS_THERE - {"posture"}
    for row in rows:
        quantity = QUANTITIES[row["target"].removesuffix("_half").removesuffix("_year")]
        assert quantity.admits(float(row["observation"])), row
        assert date.fromisoformat(row["target_end_date"]) <= ENDS


def test_its_owner_keeps_the_names_and_a_round_is_replaced(runs, tmp_path):
    write_hub(runs[0], tmp_path)
    admin, config = tmp_path / "hub-config/admin.json", tmp_path / "hub-config/tasks.json"
    admin.write_text(admin.read_text().replace("to be filled in", "we"))
    before = config.read_text()
    write_hub(runs[0], tmp_path)
    assert '"maintainer": "we"' in admin.read_text()
    assert config.read_text() == before


def test_a_what_if_and_another_folder_are_refused(run_of, runs, tmp_path):
    with pytest.raises(ExportError, match="assumes that something happens"):
        write_hub(run_of(read_scenario("kosovo-settled"), 60), tmp_path / "new")
    assert not (tmp_path / "new").exists()
    (tmp_path / "letter.txt").write_text("keep me")
    with pytest.raises(ExportError, match="holds something that is no hub"):
        write_hub(runs[0], tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]
