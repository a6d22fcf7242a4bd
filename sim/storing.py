"""The members of a run while it is being made: written block by block, so that none is lost."""

from __future__ import annotations

import json
import logging
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim import additions
from sim.manifest import (
    DamageError,
    Files,
    clear,
    files_of,
    hashed,
    hold,
    read_files,
    readable,
    seal,
    write_signed,
    write_text,
)
from sim.members import Chunks, lay_out, write_particles
from sim.observations import Record
from sim.places import ELSEWHERE, STORE, place_of
from sim.scenario import Scenario, to_toml

if TYPE_CHECKING:
    import xarray as xr

logger = logging.getLogger(__name__)

MEMBERS, PARTICLES = "members.zarr", "particles.zarr"
TABLES = ("forecast", "questions", "ranges", "summary")
"""The tables of a run."""

ATTRIBUTION = "attribution.csv"
"""What is kept of a run's attribution; it is made again at need."""

_UNFINISHED = "unfinished.json"
PROVENANCE, SCENARIO = "provenance.json", "scenario.toml"

PARTS = (MEMBERS, ELSEWHERE, PARTICLES, SCENARIO, *additions.PARTS, PROVENANCE, *(f"{t}.csv" for t in TABLES))
"""What a run is read from; what else lies in its folder, as figures do, is read by nothing."""


@dataclass
class Store:
    """The members of a run folder, written block by block.

    Parameters
    ----------
    folder: the run folder. members: how many members the run will have; they lie where `sim.places.STORE` names a
        store, in the folder if not.

    The blocks that an interrupted run left are kept, if they are still as it wrote them.
    """

    folder: Path
    members: int
    done: set[int] = field(default_factory=set, init=False)
    files: Files = field(default_factory=dict, init=False)
    judged: dict[str, list[float]] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self.address = os.environ.get(STORE) or None
        self.place = place_of(self.folder, self.address)
        if not self._take_up():
            clear(self.folder, (*PARTS, ATTRIBUTION))
        self.folder.mkdir(parents=True, exist_ok=True)
        self._mark()

    def lay_out(self, block: xr.Dataset, size: int) -> None:
        """Make room for blocks of `size` members with the variables of one, if none is stored yet."""
        if not self.done:
            lay_out(self.place / MEMBERS, block, self.members, size)
            self.files = hashed(self.place, [MEMBERS])

    @property
    def chunks(self) -> Chunks:
        """What writes blocks, in this process or another."""
        return Chunks(self.place, MEMBERS, self.folder / PARTICLES)

    def note(self, first: int, files: Files) -> None:
        """Note that the block of members from `first` on is safe, in these files."""
        self.files |= files
        self.done.add(first)
        self._mark()

    def fail(self, causes: dict[int, str]) -> Path:
        """Note why blocks of members failed, by the first of each, and return where the others are kept."""
        self._mark(failed={str(first): why for first, why in causes.items()})
        return self.folder

    def judge(self, name: str, shifts: list[float]) -> None:
        """Note what another judgement shifts."""
        self.judged[name] = shifts
        self._mark()

    def open(self) -> xr.Dataset:
        """Open what is stored, read when used."""
        return self.chunks.data()

    def keep(self, scenario: Scenario, record: Record, particles: xr.Dataset | None = None) -> None:
        """Keep the resolved scenario, and if there are any the observations added to the record and the particles."""
        write_text(self.folder / SCENARIO, to_toml(scenario))
        if particles is not None:
            write_particles(particles, self.folder / PARTICLES)
        additions.write_added(record, self.folder)

    def finish(self, provenance: dict[str, Any]) -> None:
        """Write the provenance and then the manifest, which makes the folder a finished run."""
        known: Files | None = self.files
        if self.address:
            provenance, known = provenance | {"store": self.address}, None
            write_signed(self.folder / ELSEWHERE, {"files": self.files})
        text = json.dumps(provenance, indent=2, sort_keys=True, ensure_ascii=False)
        write_text(self.folder / PROVENANCE, text + "\n")
        seal(self.folder, PARTS, known=known)
        (self.folder / _UNFINISHED).unlink(missing_ok=True)

    def _take_up(self) -> bool:
        """Take up what an interrupted run left; return whether it is whole."""
        if not is_unfinished(self.folder):
            return False
        try:
            left = read_files(self.folder / _UNFINISHED, "starting anew")
            with readable(self.folder / _UNFINISHED, "starting anew"):
                blocks = {first for first in left["blocks"] if first in range(self.members)}
                judged = {str(name): [float(x) for x in shifts] for name, shifts in left["judged"].items()}
            safe = files_of(self.place, [MEMBERS]).keys() & left["files"].keys()
            hold(self.place, safe, left["files"], "starting anew")
        except DamageError as error:
            logger.warning("%s", error)
            return False
        for name in files_of(self.place, [MEMBERS]).keys() - left["files"].keys():
            (self.place / name).unlink()  # of a block that was not safe yet
        self.done, self.files, self.judged = blocks, left["files"], judged
        return True

    def _mark(self, **more: dict[str, str]) -> None:
        left = {"blocks": sorted(self.done), "files": self.files, "judged": self.judged}
        write_signed(self.folder / _UNFINISHED, left | more)


def is_unfinished(folder: Path) -> bool:
    """Return whether `folder` holds an interrupted run."""
    return (folder / _UNFINISHED).exists()
