"""What other programs read: members' values and tables as CSV or Parquet, forecasts as a hub of the Hubverse.

A hub is a folder: configuration, model output, and what came by the record. A round is an origin, a task a target at a
date. What has figures of two windows, as the share of declarations joined, is two targets there, since a hub has one
figure for a target and a date. Quantiles of yes or no, and probabilities of each count, stand in ``forecast.csv``
alone: the Hubverse knows no such outputs.

Source: Hubverse (2025), schemas of version 6.0.0, https://github.com/hubverse-org/schemas, and its documentation.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from sim.clock import month_number, month_start
from sim.contrasts import Contrast
from sim.forecasting.samples import pool_of
from sim.forecasting.tables import MODEL, QUANTILE_LEVELS, UNDEFINED
from sim.model.variables import RECORDED
from sim.names import InputError, Row, did_you_mean, safe_cell
from sim.quantities.catalogue import QUANTITIES, TARGETS
from sim.record.country import neutral
from sim.record.observations import Record
from sim.registry.truth import Asked, came, points_of
from sim.rivals import POOLED
from sim.runs.manifest import write_text
from sim.runs.members import PARAMETER, not_kept, of_members
from sim.runs.results import Run
from sim.runs.storing import TABLES

_FIXED = Path(__file__).parent / "data" / "hub.json"
_SCHEMA = "https://raw.githubusercontent.com/hubverse-org/schemas/main/v6.0.0/tasks-schema.json"
_UNIT = ("target", "target_end_date")
_OUTPUT = ("output_type", "output_type_id")
_TYPES = {"binary": "binary", "count": "discrete", "category": "ordinal"}
_LEFT_OUT = {("binary", "quantile"), ("count", "pmf")}
_MONTHS = {"month end": 0, "half-year": 6, "year": 12}


class ExportError(InputError):
    """What was asked for cannot be written: says what, and what can."""


def values_of(run: Run, names: Sequence[str]) -> pd.DataFrame:
    """Return recorded quantities and parameters of all members, or one of the run's tables.

    Returns
    -------
    Of quantities and parameters a row for each member and month from the first recorded one on, with the columns
    ``member``, ``month`` (its first day) and the names; a category as its word. Of parameters alone a row for each
    member. Of a table its rows.

    Raises
    ------
    ExportError: if a name is none of these, or a table is asked for with others.
    sim.runs.members.NotKeptError: if the run did not keep a quantity.
    """
    if len(names) == 1 and names[0] in TABLES:
        return pd.DataFrame(run.table(names[0]))
    data = run.data
    found: dict[str, xr.DataArray] = {}
    for name in names:
        if name in RECORDED:
            if name not in data:
                raise not_kept(name)
            found[name] = data[name]
        elif PARAMETER + name in data:
            values = of_members(data, PARAMETER + name)
            found[name] = xr.DataArray(values, {"member": data["member"]}, ["member"])
        else:
            kept = [quantity for quantity in RECORDED if quantity in data]
            drawn = [str(held).removeprefix(PARAMETER) for held in data if str(held).startswith(PARAMETER)]
            raise ExportError(
                f"{name!r} is neither a recorded quantity ({', '.join(kept)}), nor a parameter, which "
                f"`serbia-sim show` lists, nor by itself a table ({', '.join(TABLES)})"
                f"{did_you_mean(name, [*kept, *drawn, *TABLES])}"
            )
    together = xr.Dataset(found)
    frame = together.to_dataframe([dim for dim in ("member", "month") if dim in together.dims]).reset_index()
    for name in found:
        if name in RECORDED and (labels := RECORDED[name].categories):
            codes = frame[name].where(frame[name] >= 0, -1).astype(np.int64)
            frame[name] = pd.Categorical.from_codes(codes, list(labels))
    return frame


def differences_as_csv(found: Sequence[Contrast]) -> str:
    """Return the differences of several runs from one baseline as CSV, each row with its run's scenario and folder."""
    about = [{"scenario": each.run.provenance["scenario"], "run": str(each.run.folder)} for each in found]
    tables = (each.summary().assign(**which) for each, which in zip(found, about, strict=True))
    table = pd.concat(tables)
    return as_csv(table[[*about[0], *(name for name in table if name not in about[0])]])


def as_csv(frame: pd.DataFrame) -> str:
    """Return a table as CSV in which no text can be taken for a formula: an apostrophe stands before what could be."""
    told = frame.copy(deep=False)
    for name in told.columns:
        if told[name].dtype.name in ("object", "str", "string"):
            told[name] = [safe_cell(cell) for cell in told[name]]
    text: str = told.to_csv(index=False, lineterminator="\n", date_format="%Y-%m-%d")
    return text


def write(frame: pd.DataFrame, path: Path) -> None:
    """Write a table as its file's suffix says: .csv or .parquet.

    Raises ExportError if the suffix is another one, or Parquet is asked for and not installed.
    """
    if path.suffix == ".csv":
        path.write_text(as_csv(frame), encoding="utf-8")
    elif path.suffix == ".parquet":
        try:
            frame.to_parquet(path, index=False)
        except ImportError:
            raise ExportError("Parquet needs pyarrow: pip install 'serbia-sim[parquet]'") from None
    else:
        raise ExportError(f"{path}: the suffix says how it is written; allowed are .csv and .parquet")


@dataclass(frozen=True)
class _Target:
    """A target of the hub: what it is a figure of, and of how many months, none where it is of a date."""

    name: str
    of: str
    months: int

    def asked(self, as_of: date, end: date) -> Asked:
        start = {"start": month_start(month_number(end) - self.months + 1)} if self.months else {}
        return Asked(self.of, as_of, {**start, "end" if start else "at": end}, {})

    def points(self, record: Record) -> Any:
        return points_of(self.asked(record.ends, record.ends), record)


_TARGETS = {
    (of, _MONTHS[window]): _Target(of if len(target.published) == 1 else figure, of, _MONTHS[window])
    for of, target in TARGETS.items()
    for window, figure in target.published.items()
}


def write_hub(run: Run, folder: Path) -> list[Path]:
    """Write a run's forecasts as a hub into a folder, or add them to the hub that it holds; return the files.

    A round of the same origin is replaced. Name, contact and repository in ``admin.json`` are for its owner to fill in.

    Raises ExportError if the run assumes that something happens, which is no forecast, or the folder holds something
    else.
    """
    if pool_of(run.scenario, run.record) is None:
        raise ExportError(f"{run.folder}: it assumes that something happens, and a hub holds forecasts alone")
    tasks = folder / "hub-config/tasks.json"
    if not tasks.exists() and folder.exists() and any(folder.iterdir()):
        raise ExportError(f"{folder} holds something that is no hub; name another folder")
    rows = {model: list(_rows(run, model)) for model in (MODEL, POOLED)}
    rounds = json.loads(tasks.read_text(encoding="utf-8"))["rounds"] if tasks.exists() else []
    rounds = [each for each in rounds if _origin(each) != run.scenario.as_of]
    rounds = sorted([*rounds, _round(run.scenario.as_of, rows[MODEL])], key=_origin)
    record = Record.load(run.scenario.state)
    columns = ("origin_date", *_UNIT, *_OUTPUT, "value")
    fixed = _FIXED.read_text(encoding="utf-8")
    for name in ("state", "timezone"):
        fixed = fixed.replace(f"{{{name}}}", run.country.words[name])
    texts = {name: _json(what) for name, what in json.loads(fixed).items()}
    texts["hub-config/tasks.json"] = _json(
        {"schema_version": _SCHEMA, "rounds": rounds, "output_type_id_datatype": "character"}
    )
    for model, of_model in rows.items():
        name = f"serbiasim-{model.split()[0]}"
        texts[f"model-output/{name}/{run.scenario.as_of}-{name}.csv"] = _csv(columns, of_model)
    texts["target-data/time-series.csv"] = _csv((*_UNIT, "observation"), _series(record))
    texts["target-data/oracle-output.csv"] = _csv((*_UNIT, *_OUTPUT, "oracle_value"), _oracle(rounds, record))
    if (folder / "hub-config/admin.json").exists():
        del texts["hub-config/admin.json"]  # its owner's
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        write_text(folder / name, text)
    return [folder / name for name in texts]


def _rows(run: Run, model: str) -> Iterator[Row]:
    table = [row for row in run.table("forecast") if row["model_id"] == model]
    none_yet = {row["target_end_date"] for row in table if row["output_type_id"] == UNDEFINED}
    for row in table:
        start, end = row["target_start_date"], row["target_end_date"]
        kind = QUANTITIES[row["target"]].kind
        if (kind, row["output_type"]) in _LEFT_OUT or (kind == "category" and end in none_yet):
            continue
        target = _TARGETS[row["target"], month_number(end) - month_number(start) + 1 if start else 0]
        yield row | {"target": target.name, "output_type_id": row["output_type_id"] or "NA"}


def _round(as_of: date, rows: list[Row]) -> dict[str, Any]:
    there = {row["target"] for row in rows}
    asked = [target for target in _TARGETS.values() if target.name in there]
    return {
        "round_id_from_variable": True,
        "round_id": "origin_date",
        "model_tasks": [
            _task(str(as_of), target, [row for row in rows if row["target"] == target.name])
            for target in asked
        ],
        "submissions_due": {"relative_to": "origin_date", "start": 0, "end": 31},
    }


def _task(origin: str, target: _Target, rows: list[Row]) -> dict[str, Any]:
    quantity = QUANTITIES[target.of]
    ends = dict.fromkeys(str(row["target_end_date"]) for row in rows)
    ends_of = {"minimum": quantity.low, "maximum": quantity.high}
    bounds = {name: value for name, value in ends_of.items() if value is not None}
    labels = list(dict.fromkeys(row["output_type_id"] for row in rows if row["output_type"] == "pmf"))
    ids = {"quantile": list(QUANTILE_LEVELS), "pmf": labels}
    window = f"in the {target.months} months to the date" if target.months else "at the date"
    return {
        "task_ids": {
            "origin_date": {"required": [origin], "optional": None},
            "target": {"required": None, "optional": [target.name]},
            "target_end_date": {"required": None, "optional": list(ends)},
        },
        "output_type": {
            output: {
                "output_type_id": {"required": ids.get(output)},
                "is_required": True,
                "value": {"type": "double", **({"minimum": 0, "maximum": 1} if output == "pmf" else bounds)},
            }
            for output in dict.fromkeys(row["output_type"] for row in rows)
        },
        "target_metadata": [
            {
                "target_id": target.name,
                "target_name": target.name.replace("_", " "),
                "target_units": quantity.unit,
                "target_keys": {"target": target.name},
                "description": f"{neutral(quantity.meaning)}, {window}",
                "target_type": _TYPES.get(quantity.kind, "continuous"),
                "is_step_ahead": False,
            }
        ],
    }


def _origin(each: dict[str, Any]) -> date:
    return date.fromisoformat(each["model_tasks"][0]["task_ids"]["origin_date"]["required"][0])


def _series(record: Record) -> Iterator[Row]:
    """Yield what the record says of every target that is a number, by day."""
    for target in _TARGETS.values():
        if QUANTITIES[target.of].kind != "category":
            for day, value in {point.day: point.value for point in target.points(record)}.items():
                yield {"target": target.name, "target_end_date": day, "observation": f"{value:g}"}


def _oracle(rounds: list[dict[str, Any]], record: Record) -> Iterator[Row]:
    """Yield what who knew would have said, of every task that has come; of polls by the wave after the first origin."""
    first = _origin(rounds[0])
    tasks = [task for each in rounds for task in each["model_tasks"]]
    for target in _TARGETS.values():
        own = [task for task in tasks if task["target_metadata"][0]["target_id"] == target.name]
        points = target.points(record)
        for end in sorted({end for task in own for end in task["task_ids"]["target_end_date"]["optional"]}):
            value = came(target.asked(first, date.fromisoformat(end)), points, record.ends)
            if isinstance(value, str):
                continue
            for output, about in own[0]["output_type"].items():
                labels = about["output_type_id"]["required"] if output == "pmf" else ["NA"]
                for code, label in enumerate(labels):
                    told = float(code == value) if output == "pmf" else value
                    cells = (target.name, end, output, label, f"{told:g}")
                    yield dict(zip((*_UNIT, *_OUTPUT, "oracle_value"), cells, strict=True))


def _csv(columns: tuple[str, ...], rows: Iterable[Row]) -> str:
    text: str = pd.DataFrame(rows, columns=columns, dtype=object).to_csv(index=False, lineterminator="\n")
    return text


def _json(what: object) -> str:
    return json.dumps(what, indent=2, ensure_ascii=False) + "\n"
