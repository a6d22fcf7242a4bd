"""Does a finished run come out again? Its files are held against their hashes, its numbers against those made anew."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.assimilation import Posterior, ancestors_of, posterior_digest
from sim.clock import month_label
from sim.execution.cache import posteriors_folder
from sim.execution.progress import Progress
from sim.forecasting import RunOptions
from sim.forecasting.ensemble import block_again
from sim.forecasting.judgement import ranged
from sim.forecasting.options import told_of
from sim.forecasting.tables import table_text
from sim.model.variables import KEPT
from sim.record.country import content_of
from sim.runs.manifest import MANIFEST, UNREADABLE, DamageError, damages, read_files
from sim.runs.members import ANCESTOR, ELSEWHERE, PARAMETER, place_of, recorded_months
from sim.runs.results import Run, hold_finished
from sim.runs.storing import MEMBERS, PARTICLES, PARTS, PROVENANCE, SCENARIO, TABLES

SAMPLE = 16
"""Members lived again if not said otherwise: all live by the same code, and hashes guard the others (judgement)."""

_OF_THE_DAY = ("made", "seconds")
"""What tells of the learning that was done, not of what was learned."""


@dataclass(frozen=True)
class Difference:
    """A number that does not come out again, or a file that is not what it should be: then `wrong` says so.

    `row` and `column` say where in the file; `more` how many others of the same column differ too.
    """

    file: str
    row: str = ""
    column: str = ""
    stored: object = None
    recomputed: object = None
    more: int = 0
    wrong: str = ""

    def __str__(self) -> str:
        if self.wrong:
            return f"{self.file} {self.wrong}"
        place = ", ".join(filter(None, (self.file, self.row, self.column)))
        others = f" (and {self.more:,} more in this column)" if self.more else ""
        return f"{place}: stored {self.stored}, recomputed {self.recomputed}{others}"


@dataclass(frozen=True)
class Verified:
    """What was held against what, and what differed.

    Attributes
    ----------
    comparable: whether code and record are those that made the run; if not, hashes alone were looked at.
    files: held against their hashes. members: lived again. numbers, cells: compared, of these and of tables.
    posterior: whether what was learned was at hand and compared; None of a run that learned nothing.
    """

    differences: tuple[Difference, ...]
    comparable: bool
    files: int
    members: int = 0
    numbers: int = 0
    cells: int = 0
    posterior: bool | None = None


def verify(
    folder: Path | str, *, members: int = SAMPLE, seed: int = 1, progress: Progress = None
) -> Verified:
    """Hold a run folder against its manifest, and against itself made again from its scenario and seed.

    Hashes tell of damage; what was changed together with its hash does not come out again. Held are every file; the
    digests and priors that the provenance states; a sample of members, each number of theirs, lived again from January
    2012; every member's ancestor; the particles, where the user's cache still has the posterior; and every cell of the
    tables, recomputed from the stored members.

    Parameters
    ----------
    members: how many to live again, at most; `seed` draws them.
    progress: as of `sim.forecast`; of what takes longest, the ranges over judgement.

    Raises FileNotFoundError if the folder holds no finished run, or one of an earlier version.
    """
    folder = Path(folder)
    hold_finished(folder)
    files: dict[str, str] = {}
    try:
        files = read_files(folder / MANIFEST, "")["files"]
        found = [Difference(name, wrong=wrong) for name, wrong in damages(folder, PARTS, files)]
    except DamageError:
        found = [Difference(MANIFEST, wrong="is damaged: it is empty, torn or changed")]
    run = _tried(found, PROVENANCE, partial(Run.unchecked, folder))
    if run is None:
        return Verified(tuple(found), comparable=True, files=len(files))
    if run.provenance["content"] != content_of(run.scenario.state):
        return Verified(tuple(found), comparable=False, files=len(files))
    if store := run.provenance.get("store"):
        place = place_of(folder, store)
        held = _tried(found, ELSEWHERE, lambda: read_files(folder / ELSEWHERE, "")["files"]) or {}
        found += [Difference(name, wrong=wrong) for name, wrong in damages(place, [MEMBERS], held)]
        files |= held
    _tried(found, SCENARIO, lambda: found.extend(_stated(run)))
    hurt = {each.file.partition("/")[0] for each in found}  # what rests on it would differ everywhere
    lived, numbers, cells, posterior = 0, 0, 0, None
    if not hurt & {SCENARIO, PROVENANCE}:
        lived = min(members, run.provenance["members"])
        numbers = _tried(found, MEMBERS, partial(_lived, run, lived, seed, found)) or 0
        if run.learned:
            posterior = _tried(found, PARTICLES, partial(_learned, run, found))
        if not hurt & {MEMBERS, PARTICLES}:
            cells = _tried(found, MEMBERS, partial(_tabled, run, found, progress)) or 0
    return Verified(tuple(found), True, len(files), lived, numbers, cells, posterior)


def _tried(found: list[Difference], file: str, step: Callable[[], Any]) -> Any:
    """Return what a step returns; None if its file does not hold what it should, which is noted."""
    try:
        return step()
    except UNREADABLE as error:
        said = str(error).partition("\n")[0][:200]
        found.append(Difference(file, wrong=f"does not hold what it should ({said or type(error).__name__})"))
        return None


def _stated(run: Run) -> Iterator[Difference]:
    """Yield what the provenance states and the resolved scenario does not come to."""
    made, spec, record = run.provenance, run.scenario, run.record
    for key, value in told_of(spec, record).items():
        pairs = [(key, made[key], value)]
        if isinstance(value, dict):
            names = sorted({*made[key], *value})
            pairs = [(f"{key} {name}", made[key].get(name), value.get(name)) for name in names]
        for column, stored, again in pairs:
            if stored != again:
                yield Difference(PROVENANCE, "", column, stored, again)
    learned = made["posterior"] or {}
    own = record if record.added or record.stated else None
    if learned:
        name = posterior_digest(spec, particles=learned["particles"], seed=learned["seed"], record=own)
        if learned["digest"] != name:
            yield Difference(PROVENANCE, "posterior", "digest", learned["digest"], name)
    asked = made.get("precision")  # what took as many members as it needed is found by what was asked
    options = RunOptions(
        members=asked["most_members"] if asked else made["members"],
        seed=made["seed"],
        learned=run.learned,
        particles=asked["asked_particles"] if asked else learned.get("particles"),
        precision=asked["wanted"] if asked else None,
        learning_seed=learned.get("seed"),
        record=own,
        keep=made["keep"],
    )
    text = (run.folder / SCENARIO).read_bytes().decode()
    again = options.folder(spec, Path(), text=text).name
    if made["digest"] != again:
        yield Difference(PROVENANCE, "", "digest", made["digest"], again)


def _lived(run: Run, members: int, seed: int, found: list[Difference]) -> int:
    """Live so many members again and note what differs; return how many numbers were compared."""
    stored = run.data
    months = recorded_months(stored)
    if months.tolist() != list(range(run.first_month, run.scenario.last_month + 1)):
        raise DamageError("other months than the scenario has")
    if stored.sizes["member"] != run.provenance["members"]:
        raise DamageError("other members than the provenance counts")
    drawn = np.random.default_rng(seed).choice(stored.sizes["member"], members, replace=False, shuffle=False)
    sample = np.sort(drawn).astype(np.int64)
    block = block_again(run, sample, run.provenance["keep"])
    again: dict[str, NDArray[Any]] = {
        v.name: block.values[v.name][:, run.first_month :] for v in KEPT[run.provenance["keep"]]
    }
    if not run.learned:
        again |= {PARAMETER + name: value for name, value in block.parameters.items()}
    else:
        size = stored.sizes["particle"]
        every = np.arange(stored.sizes["member"], dtype=np.int64)
        ancestor = ancestors_of(every, size, run.provenance["seed"])
        _note(found, f"{MEMBERS}/{ANCESTOR}", stored[ANCESTOR].to_numpy(), ancestor)
    labels = [month_label(int(month)) for month in months]
    count = 0
    for name, values in again.items():
        kept = stored[name].isel(member=sample).to_numpy()
        count += kept.size
        _note(found, f"{MEMBERS}/{name}", kept, values, (sample, labels))
    return count


def _learned(run: Run, found: list[Difference]) -> bool:
    """Note where the run's particles are not those of the posterior; return whether there is one to compare."""
    stated = run.provenance["posterior"]
    folder = posteriors_folder(True) / stated["digest"]
    try:
        posterior = Posterior.load(folder)
    except FileNotFoundError:
        return False
    except DamageError as error:  # that is no fault of the run
        found.append(Difference(str(folder), wrong=f"cannot be compared: {error}"))
        return False
    for key, value in posterior.provenance.items():
        if key not in _OF_THE_DAY and stated.get(key) != value:
            found.append(Difference(PROVENANCE, "posterior", key, stated.get(key), value))
    for name, values in posterior.kept.data_vars.items():
        _note(found, f"{PARTICLES}/{name}", run.data[name].to_numpy(), values.to_numpy())
    return True


def _note(
    found: list[Difference],
    file: str,
    stored: NDArray[Any],
    again: NDArray[Any],
    labels: tuple[NDArray[np.int64], Sequence[str]] | None = None,
) -> None:
    """Note the first number of an array that differs, and how many do; `labels` are numbers of members, and months."""
    if stored.shape != again.shape:
        found.append(Difference(file, "", "shape", stored.shape, again.shape))
        return
    places = np.argwhere(~((stored == again) | (np.isnan(stored) & np.isnan(again))))
    if not len(places):
        return
    first = tuple(int(place) for place in places[0])
    row, column = f"place {', '.join(map(str, first))}", ""
    if labels is not None:
        row, column = f"member {labels[0][first[0]]}", labels[1][first[1]] if len(first) > 1 else ""
    found.append(Difference(file, row, column, stored[first], again[first], len(places) - 1))


def _tabled(run: Run, found: list[Difference], progress: Progress) -> int:
    """Note the cells of the tables that the stored members do not come to; return how many were compared."""
    judged = ranged(run.data, run.scenario, seed=run.provenance["seed"], record=run.record, progress=progress)
    count = 0
    for name in TABLES:
        again = table_text(name, run.data, run.scenario, run.record, judged)
        stored = (run.folder / f"{name}.csv").read_bytes().decode(errors="replace")
        rows, head = list(_rows(again)), next(_rows(again), [])
        count += sum(map(len, rows))
        if stored == again:
            continue
        differing = list(_cells(f"{name}.csv", _rows(stored), rows, head))
        found.extend(
            differing or [Difference(f"{name}.csv", wrong="is written otherwise, though its cells are equal")]
        )
    return count


def _rows(text: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""))


def _cells(
    file: str, stored: Iterable[list[str]], again: Iterable[list[str]], head: list[str]
) -> Iterator[Difference]:
    empty: list[str] = []
    for line, (row, other) in enumerate(zip_longest(stored, again, fillvalue=empty), 1):
        for place, (cell, expected) in enumerate(zip_longest(row, other)):
            if cell != expected:
                column = head[place] if place < len(head) else f"column {place + 1}"
                yield Difference(file, f"line {line}", column, cell, expected)
