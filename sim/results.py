"""A run and what it leaves behind: its folder, its data, and how far it got.

A run folder holds ``scenario.toml``, ``provenance.json``, ``members.zarr``, the tables and the figures, and
``record.csv`` if observations were added to the shipped record. While it is
being made it also holds ``unfinished.json``, which lists the blocks of members that are safe on disk. A run may also be
held in memory, for a quick look.
"""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.observations import Record, read_added, write_added
from sim.scenario import Scenario, read_scenario

if TYPE_CHECKING:
    import xarray as xr

MEMBERS = "members.zarr"
_UNFINISHED = "unfinished.json"
_FINISHED = "provenance.json"
_ADDED = "record.csv"


@dataclass
class Store:
    """The members of a run folder, written block by block.

    Parameters
    ----------
    folder: the run folder. members: how many members the run will have.
    resume: keep the blocks that an interrupted run left; otherwise start anew.
    """

    folder: Path
    members: int
    resume: bool = False
    done: set[int] = field(init=False)

    def __post_init__(self) -> None:
        marker = self.folder / _UNFINISHED
        kept = self.resume and marker.exists() and (self.folder / MEMBERS).exists()
        self.done = set(json.loads(marker.read_text(encoding="utf-8"))["blocks"]) if kept else set()
        if not self.done and (self.folder / MEMBERS).exists():
            shutil.rmtree(self.folder / MEMBERS)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._mark()

    def write(self, first: int, block: xr.Dataset) -> None:
        """Write the members from `first` on and note that they are safe."""
        import zarr

        path = self.folder / MEMBERS
        if not path.exists():
            self._lay_out(block)
        for name, values in block.data_vars.items():
            array = zarr.open_array(path, path=str(name), mode="r+")
            array[first : first + block.sizes["member"]] = values.to_numpy()
        self.done.add(first)
        self._mark()

    def open(self) -> xr.Dataset:
        """Open what is stored, read when used."""
        return _open(self.folder)

    def keep_added(self, record: Record) -> None:
        """Keep the observations that were added to the shipped record, if there are any."""
        if record.added:
            write_added(record.added, self.folder / _ADDED)

    def finish(self, provenance: dict[str, Any]) -> None:
        """Write the provenance, which makes the folder a finished run."""
        text = json.dumps(provenance, indent=2, sort_keys=True, ensure_ascii=False)
        (self.folder / _FINISHED).write_text(text + "\n", encoding="utf-8")
        (self.folder / _UNFINISHED).unlink(missing_ok=True)

    def _mark(self) -> None:
        text = json.dumps({"members": self.members, "blocks": sorted(self.done)})
        (self.folder / _UNFINISHED).write_text(text + "\n", encoding="utf-8")

    def _lay_out(self, block: xr.Dataset) -> None:
        """Write the coordinates and the empty arrays of all members, chunked as the blocks come."""
        import numpy as np
        import xarray as xr
        import zarr

        path = self.folder / MEMBERS
        coords = {"member": np.arange(self.members), "month": block["month"]}
        xr.Dataset(coords=coords).to_zarr(path, consolidated=False)
        group = zarr.open_group(path, mode="r+")
        for name, values in block.data_vars.items():
            group.create_array(
                str(name),
                shape=(self.members, *values.shape[1:]),
                chunks=values.shape,
                dtype=values.dtype,
                fill_value=np.nan if np.issubdtype(values.dtype, np.floating) else 0,
                dimension_names=[str(dim) for dim in values.dims],
                attributes=dict(values.attrs),
            )


def _open(folder: Path) -> xr.Dataset:
    import xarray as xr

    data: xr.Dataset = xr.open_zarr(folder / MEMBERS, chunks=None, consolidated=False)
    return data


def is_finished(folder: Path) -> bool:
    """Return whether `folder` holds a finished run."""
    return (folder / _FINISHED).exists() and not (folder / _UNFINISHED).exists()


def is_unfinished(folder: Path) -> bool:
    """Return whether `folder` holds an interrupted run."""
    return (folder / _UNFINISHED).exists()


@dataclass(frozen=True, eq=False, repr=False)
class Held:
    """What a run that was not written keeps in memory: members, scenario, tables by name, the record it knew."""

    data: xr.Dataset
    scenario: Scenario
    table: Callable[[str], list[dict[str, str]]]
    record: Record


@dataclass(frozen=True, repr=False)
class Run:
    """A finished run, read from its folder or held in memory.

    Attributes
    ----------
    folder: where it lies, or would lie if it were written. provenance: what made it.
    held: what is held in memory of a run that was not written, else None.
    """

    folder: Path
    provenance: dict[str, Any]
    held: Held | None = field(default=None, compare=False)

    @classmethod
    def load(cls, folder: Path | str) -> Run:
        """Read a run folder.

        Raises
        ------
        FileNotFoundError: if the folder holds no finished run.
        """
        folder = Path(folder)
        if is_unfinished(folder):
            raise FileNotFoundError(f"{folder} holds an interrupted run; finish it with --resume")
        if not is_finished(folder):
            raise FileNotFoundError(
                f"{folder} is not a run folder: it has no {_FINISHED}; name the folder that `serbia-sim run` printed"
            )
        return cls(folder, json.loads((folder / _FINISHED).read_text(encoding="utf-8")))

    @cached_property
    def data(self) -> xr.Dataset:
        """Every member and month: an xarray data set on (member, month), opened when first asked for."""
        return _open(self.folder) if self.held is None else self.held.data

    @cached_property
    def scenario(self) -> Scenario:
        """The scenario as it was resolved when the run was made."""
        if self.held is not None:
            return self.held.scenario
        return read_scenario(str(self.folder / "scenario.toml"), name=self.provenance["scenario"])

    @property
    def record(self) -> Record:
        """The record that the run knew: the shipped one, with the observations that were added for it."""
        if self.held is not None:
            return self.held.record
        path = self.folder / _ADDED
        shipped = Record.load()
        return shipped.with_observations(read_added(path)) if path.exists() else shipped

    @property
    def learned(self) -> bool:
        """Whether the members went on from what was learned from the record, rather than from the priors."""
        return self.provenance["posterior"] is not None

    @property
    def basis(self) -> str:
        """What the members rest on, in words, as the end of a note."""
        if not self.learned:
            return "priors: recorded facts are imposed, nothing is learned from the record"
        return f"learned from the record as known then, with {self.provenance['posterior']['particles']:,} particles"

    def table(self, name: str) -> list[dict[str, str]]:
        """Return the rows of one of the run's tables: ``forecast``, ``questions`` or ``summary``, as text."""
        if self.held is not None:
            return self.held.table(name)
        with (self.folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def __repr__(self) -> str:
        made = self.provenance
        return (
            f"Run of {made['scenario']}: {made['members']} members, seed {made['seed']}\n"
            f"  origin {made['as_of']}, until {made['until']}\n"
            f"  {f'folder {self.folder}' if self.held is None else 'held in memory, not written'}"
        )
