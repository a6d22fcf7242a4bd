"""What a run says, for other programs: members' values and tables as data frames, as CSV or Parquet."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from sim.contrasts import Contrast
from sim.members import PARAMETER, not_kept, of_members
from sim.names import InputError, safe_cell
from sim.recording import RECORDED
from sim.results import Run
from sim.storing import TABLES


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
    sim.members.NotKeptError: if the run did not keep a quantity.
    """
    if len(names) == 1 and names[0] in TABLES:
        return pd.DataFrame(run.table(names[0]))
    data, found = run.data, {}
    for name in names:
        if name in RECORDED:
            if name not in data:
                raise not_kept(name)
            found[name] = data[name].transpose("member", "month").to_numpy()
        elif PARAMETER + name in data:
            found[name] = of_members(data, PARAMETER + name)[:, None]
        else:
            raise ExportError(
                f"{name!r} is neither a recorded quantity ({', '.join(v for v in RECORDED if v in data)}), nor a "
                f"parameter, which `serbia-sim show` lists, nor by itself a table ({', '.join(TABLES)})"
            )
    months = max((values.shape[1] for values in found.values()), default=1)
    shape = (data.sizes["member"], months)
    columns = {"member": np.repeat(data["member"].to_numpy(), months)}
    if months > 1 or any(name in RECORDED for name in names):
        columns["month"] = np.tile(data["month"].to_numpy(), shape[0])
    for name, values in found.items():
        flat = np.broadcast_to(values, shape).ravel()
        labels = RECORDED[name].categories if name in RECORDED else ()
        codes = np.where(flat >= 0, flat, -1).astype(np.int64) if labels else None
        columns[name] = flat if codes is None else pd.Categorical.from_codes(codes, list(labels))
    return pd.DataFrame(columns)


def differences_as_csv(found: Sequence[Contrast]) -> str:
    """Return the differences of several runs from one baseline as CSV, each row with its run's scenario and folder."""
    tables = [
        each.summary().assign(scenario=each.run.provenance["scenario"], run=str(each.run.folder))
        for each in found
    ]
    table = pd.concat(tables)
    return as_csv(table[["scenario", "run", *(name for name in table if name not in {"scenario", "run"})]])


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
