"""A run and what it leaves behind: its folder, its data, and how far it got.

A run folder holds ``scenario.toml``, ``provenance.json``, ``members.zarr``, the tables and the figures;
``particles.zarr`` if it learned, with what its members descend from; ``record.csv`` and ``facts.json`` if
observations or facts were added to the shipped record. ``manifest.json`` has the hashes of all but the figures: a run
is read while they are right. While it is being made the folder holds ``unfinished.json`` instead: which blocks
of members are safe on disk, which failed. A run may also be held in memory, for a quick look.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.names import Row, rows_of
from sim.record import additions
from sim.record.country import Country, load_country
from sim.record.observations import Record
from sim.runs.manifest import MANIFEST, check, is_whole, readable
from sim.runs.members import hold_sizes, opened, place_of
from sim.runs.storing import MEMBERS, PARTICLES, PARTS, PROVENANCE, SCENARIO, TABLES, is_unfinished
from sim.scenario import Scenario, read_scenario

if TYPE_CHECKING:
    import xarray as xr

_AGAIN = "the same call of `serbia-sim run` makes it again"


def is_finished(folder: Path) -> bool:
    """Return whether `folder` holds a finished run, whole."""
    return not is_unfinished(folder) and is_whole(folder, PARTS)


def hold_finished(folder: Path) -> None:
    """Raise FileNotFoundError, which says what to do, if `folder` holds no finished run."""
    if is_unfinished(folder):
        todo = "the same call of `serbia-sim run` finishes it"
        raise FileNotFoundError(f"{folder} holds an interrupted run; {todo}")
    if not (folder / MANIFEST).exists() and not (folder / PROVENANCE).exists():
        raise FileNotFoundError(
            f"{folder} is not a run folder: it has no {PROVENANCE}; name the folder that `serbia-sim run` printed"
        )


@dataclass(frozen=True, eq=False, repr=False)
class Held:
    """What a run that was not written keeps in memory: members, scenario, tables by name, the record it knew."""

    data: xr.Dataset
    scenario: Scenario
    table: Callable[[str], list[Row]]
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
        sim.runs.manifest.DamageError: if it is not as it was written.
        """
        folder = Path(folder)
        hold_finished(folder)
        check(folder, PARTS, todo=_AGAIN)
        return cls.unchecked(folder)

    @classmethod
    def unchecked(cls, folder: Path) -> Run:
        """Read a run folder whose files were not held against their hashes; raises as `load` does."""
        made = read_provenance(folder / PROVENANCE, _AGAIN)
        if made is None:
            raise FileNotFoundError(
                f"{folder} is of an earlier version, which kept members otherwise; {_AGAIN}"
            )
        return cls(folder, made)

    @cached_property
    def data(self) -> xr.Dataset:
        """The members on (member, month), from the origin on if they learned, and then their particles too.

        An xarray data set, opened when first asked for. A parameter of a learned run is on (particle):
        ``data["parameter_gas_weight"][data["ancestor"]]`` has it by member.
        """
        if self.held is not None:
            return self.held.data
        place = place_of(self.folder, self.provenance.get("store")) / MEMBERS
        with readable(place, _AGAIN):
            hold_sizes(place, member=self.provenance["members"])
            hold_sizes(self.folder / PARTICLES)
            return opened(place, self.folder / PARTICLES)

    @cached_property
    def scenario(self) -> Scenario:
        """The scenario as it was resolved when the run was made."""
        if self.held is not None:
            return self.held.scenario
        return read_scenario(str(self.folder / SCENARIO), name=self.provenance["scenario"])

    @property
    def country(self) -> Country:
        """Who sits at the table of the state that it is about, and the words that name them."""
        return load_country(self.scenario.state)

    @property
    def record(self) -> Record:
        """The record that the run knew: the shipped one, with what was added for it."""
        if self.held is not None:
            return self.held.record
        with readable(self.folder, _AGAIN):
            return additions.read_added(Record.load(self.scenario.state), self.folder)

    @property
    def learned(self) -> bool:
        """Whether the members went on from what was learned from the record, rather than from the priors."""
        return self.provenance["posterior"] is not None

    @property
    def days_beyond_record(self) -> int:
        """Days from the end of the record that it knew to its origin: what happened then is simulated."""
        return max((self.scenario.as_of - self.record_ends).days, 0)

    @property
    def record_ends(self) -> date:
        """The last day of the record that it knew."""
        return date.fromisoformat(self.provenance["record"].get("ends", str(self.record.ends)))

    @property
    def first_month(self) -> int:
        """The first month that its members record: the origin's if they learned, January 2012 if not."""
        return self.scenario.first_month if self.learned else 0

    @property
    def basis(self) -> str:
        """What the members rest on, in words, as the end of a note."""
        if not self.learned:
            return "priors: recorded facts are imposed, nothing is learned from the record"
        return f"learned from the record as known then, with {self.provenance['posterior']['particles']:,} particles"

    def table(self, name: str) -> list[Row]:
        """Return the rows of one of the run's `TABLES`, by column; raises ValueError for another name.

        Text is text, dates are dates, all else is numbers, and an empty cell of these None. As a data frame:
        ``pandas.DataFrame(run.table("questions"))``.
        """
        if name not in TABLES:
            raise ValueError(f"a run has no table {name!r}; it has {', '.join(TABLES)}")
        if self.held is not None:
            return self.held.table(name)
        path = self.folder / f"{name}.csv"
        with path.open(encoding="utf-8", newline="") as file, readable(path, _AGAIN):
            return rows_of(file)

    def __repr__(self) -> str:
        made = self.provenance
        return (
            f"Run of {made['scenario']}: {made['members']} members, seed {made['seed']}\n"
            f"  origin {made['as_of']}, until {made['until']}\n"
            f"  {f'folder {self.folder}' if self.held is None else 'held in memory, not written'}"
        )


_RUN: dict[str, type] = {
    **dict.fromkeys(("digest", "content", "scenario", "title", "as_of", "until", "keep", "made"), str),
    **{"members": int, "seed": int, "parameters": dict, "record": dict},
}
_POSTERIOR: dict[str, type] = {"digest": str, "particles": int, "seed": int}


def read_provenance(path: Path, todo: str) -> dict[str, Any] | None:
    """Return what a run's provenance states; None if an earlier version wrote it.

    Raises sim.runs.manifest.DamageError if it lacks what is read of it, or states what cannot be; it ends with `todo`.
    """
    with readable(path, todo):
        made = json.loads(path.read_text(encoding="utf-8"))
        if "keep" not in made:
            return None
        learned, record = made["posterior"], made["record"]
        _hold(made, _RUN)
        if learned is not None:
            _hold(learned, _POSTERIOR)
        _hold(record, {"digest": str})
        if made["keep"] not in ("all", "outcomes") or made["members"] < 1:
            raise ValueError(f"members {made['members']}, keep {made['keep']!r}")
        for day in (made["as_of"], made["until"], record.get("ends", made["until"])):
            date.fromisoformat(day)
        for digest in (made["digest"], (learned or made)["digest"]):
            int(digest, 16)  # it becomes a path
        return dict(made)


def _hold(told: dict[str, Any], kinds: dict[str, type]) -> None:
    for key, kind in kinds.items():
        if type(told[key]) is not kind or (kind is int and not 0 <= told[key] < 2**63):
            raise ValueError(f"{key} is {told[key]!r}"[:80])
