"""Any fault: is the same call's result the same afterwards, byte for byte, and nothing left over?

``python benchmarks/faults.py kills --times 200`` ends calls that run, draw, hindcast and report at a change of the
disk, taken at random between two steps taken at random (SIGKILL, SIGTERM, SIGINT in turn, some with two workers), makes
the same call again, and counts the steps that were finished before and done again: at most one may be. ``disks --times
60`` lets no file grow any more from such a change on, gives room and makes the same call again. ``memory --times 200``
makes forecasts one after another in one process, lets it warm up, and fits a line to the memory that it holds; with
``--leak 50`` it must say that this grows.

A process that is killed leaves the disk as its last change made it, so that changes, not seconds, are what is drawn
from. Each writes a line per fault that was not mended, and a table of what was tried; the status is 1 if there was one.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

SCENARIO = """title = "Short"
as_of = 2013-06-30
until = 2014-06-30
[[questions]]
id = "sanctions"
text = "Will Serbia impose sanctions on Russia before June 2014?"
target = "sanctions"
ever_by = 2014-05-31
at_least = 1
resolution = "as of march-2023"
"""
RUN = ("run", "short.toml", "--members", "90", "--particles", "32")
CALLS = {
    "run": (*RUN, "--no-figures"),
    "figures": RUN,
    "hindcast": (
        *("hindcast", "--from", "2016-01-01", "--to", "2016-07-01", "--leads", "6"),
        *("--members", "40", "--particles", "32", "--output", "card"),
    ),
    "report": ("report", "short", "--no-departures"),
}
"""The first makes the run that the others begin with."""

OF_THE_DAY = ("provenance.json", "manifest.json")  # these tell when they were made, or how long it took
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
CHANGES = frozenset({"os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.truncate"})
MARK, LAST = "\0", "ended"
"""Begins a line of this script among those of the call that it watches; the last of these."""

changed: Counter[str] = Counter()
"""How often the process of a call has changed the disk."""


class Called(NamedTuple):
    """How a call ended: its status, what it said, its finished steps, how often it had changed the disk at each."""

    status: int
    said: str
    steps: list[str]
    changes: list[int]


def call(
    place: Path, what: str, *, at: int = 0, fault: Callable[[], object] | None = None, workers: int = 1
) -> Called:
    """Make a call in a process of its own, forked from this one, which has imported everything.

    Parameters
    ----------
    at: the number of the change of the disk at which `fault` is called in that process.
    """
    hear, tell = os.pipe()
    child = os.fork()
    if not child:
        os.close(hear)
        _called(place, [*CALLS[what], *(["--workers", "2"] if workers > 1 else [])], tell, at, fault)
    os.close(tell)
    with open(hear, encoding="utf-8", errors="replace") as file:  # noqa: PTH123  # a pipe
        lines = file.read().splitlines()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    noted = [line[1:].rsplit(" ", 1) for line in lines if line.startswith(MARK)]
    steps = [step for step, _ in noted if step != LAST]
    said = "\n".join(line for line in lines if not line.startswith(MARK))
    return Called(status, said, steps, [int(count) for _, count in noted])


def _called(
    place: Path, arguments: list[str], tell: int, at: int, fault: Callable[[], object] | None
) -> None:
    """Be the process of a call, and end with it."""
    status = 70

    def watch(event: str, told: tuple[Any, ...]) -> None:
        if event in CHANGES or (event == "open" and told[2] & (os.O_WRONLY | os.O_RDWR)):
            changed["disk"] += 1
            if changed["disk"] == at and fault is not None:
                fault()

    try:
        os.setsid()
        os.chdir(place)
        os.environ["SERBIA_SIM_CACHE"] = str(place / "cache")
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(tell, 2)
        os.close(tell)
        sys.stdout, sys.stderr = os.fdopen(1, "w"), os.fdopen(2, "w")
        sys.argv = ["serbia-sim", *arguments]
        note_steps(figures=arguments == list(RUN))
        from sim.cli import main

        sys.addaudithook(watch)
        main()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(bool(end.code))
    except BaseException:  # noqa: BLE001 - a user would see it
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        note(LAST)
        os._exit(status)


def note(step: str) -> None:
    """Tell the parent that this process has come so far."""
    os.write(2, f"{MARK}{step} {changed['disk']}\n".encode())


def note_steps(*, figures: bool) -> None:
    """Note each step that this process finishes, before what came of it is kept."""
    from sim import plots
    from sim.assimilation import making
    from sim.runs.gallery import FORMATS
    from sim.runs.storing import Store
    from sim.verification.hindcasting import Shelf

    def noted(room: object, name: str, tell: Callable[..., str]) -> None:
        plain = getattr(room, name)

        def finished(*given: object, **more: object) -> object:
            if step := tell(*given, **more):
                note(f"{name} {step}")
            return plain(*given, **more)

        setattr(room, name, finished)

    noted(making, "keep_part", lambda state, path: f"{path.parent.name}/{path.name} {state['at']}")
    noted(Store, "note", lambda _, first, *__: str(first))
    noted(Store, "judge", lambda _, name, *__: name)
    noted(Shelf, "put_forecasts", lambda _, name, origin, *__: f"{origin} {name}")
    noted(Shelf, "put_table", lambda _, origin, *__: str(origin))
    if (
        figures
    ):  # each is one step, which ends with the last of its files; a scorecard's is drawn by every call
        noted(plots, "save", lambda _, path, *__: path.name if path.name.endswith(FORMATS[-1]) else "")


def contents(place: Path) -> dict[str, str]:
    """Return the digest of every file, of what tells of the day only the rest."""
    found = {}
    for path in sorted(place.rglob("*")):
        if path.is_file():
            raw = path.read_bytes()
            if path.name in OF_THE_DAY:
                raw = plain(json.loads(raw))
            found[path.relative_to(place).as_posix()] = hashlib.sha256(raw).hexdigest()
    return found


def plain(told: dict) -> bytes:
    for key in ("made", "seconds", "workers", "command", "environment", "digest" if "files" in told else ""):
        told.pop(key, None)
    if isinstance(told.get("posterior"), dict):
        plain(told["posterior"])
    told.get("files", {}).pop("provenance.json", None)
    return json.dumps(told, sort_keys=True).encode()


def begun(place: Path, run: Path | None) -> Path:
    """Return a folder ready for a call, with a finished run in it if one is given."""
    if run is None:
        place.mkdir()
        (place / "short.toml").write_text(SCENARIO, encoding="utf-8")
        return place
    return Path(shutil.copytree(run, place))


def wrong(first: Called, again: Called, there: dict[str, str], whole: dict[str, str]) -> list[str]:
    """Return what is not as it would have been without a fault, after the same call was made again."""
    found = []
    if "Traceback" in first.said:
        found.append(f"a traceback: {first.said.splitlines()[-1]}")
    if again.status != 0:
        found.append(
            f"ended first with {first.status}, then the same call with {again.status}: {again.said[-200:]}"
        )
    for name in sorted({*whole, *there}):
        if whole.get(name) != there.get(name):
            state = "missing" if name not in there else "left over" if name not in whole else "different"
            found.append(f"{name} is {state}")
    return found


def struck(times: int, seed: int, parent: Path, *, full: bool, calls: list[str]) -> int:
    """Let a fault strike calls of every kind: the disk is full, or the process is killed."""
    ready()
    spans, whole, run = {}, {}, None
    for what in CALLS:
        place = begun(parent / what, run)
        done = call(place, what)
        if done.status:
            raise RuntimeError(done.said)
        spans[what] = [*pairwise(sorted({0, *done.changes}))]
        whole[what], run = contents(place), run or place
        print(f"{what}: {done.changes[-1]} changes of the disk, {len(done.steps)} steps", flush=True)
    rng, tried, faults = random.Random(seed), Counter(), 0
    for number in range(times):
        what, sign = calls[number // len(SIGNALS) % len(calls)], SIGNALS[number % len(SIGNALS)]
        place = begun(parent / str(number), None if what == "run" else run)
        before, last = rng.choice(spans[what])
        at, room = rng.randint(before + 1, last), rng.randrange(8192)
        fault = partial(no_more, room) if full else partial(end, sign)
        first = call(place, what, at=at, fault=fault, workers=2 if number % 8 == 1 else 1)
        again = call(place, what)
        unmended = wrong(first, again, contents(place), whole[what])
        twice = Counter(first.steps) & Counter(again.steps)
        if not full and twice.total() > 1:
            unmended.append(f"{twice.total()} steps done again: {[*twice][:4]}")
        how = f"files end at {room} bytes" if full else sign.name
        ended = "went on" if first.status == 0 else f"{twice.total()} finished steps done again"
        tried[what, "disk full" if full else sign.name, ended] += 1
        if unmended:
            faults += 1
            print(f"{what}, {how}, change {at}: {'; '.join(unmended[:4])}\n{first.said}", flush=True)
        else:
            shutil.rmtree(place)
        if number % 20 == 19:
            print(f"{number + 1} done", flush=True)
    for which, count in sorted(tried.items()):
        print(f"{count:4} {', '.join(which)}")
    print(f"{times} tried, {faults} not mended")
    return int(faults > 0)


def end(sign: signal.Signals) -> None:
    """Send this process a signal."""
    os.kill(os.getpid(), sign)


def no_more(room: int) -> None:
    """Let no file of this process grow beyond so many bytes, as a full disk does."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))


def ready() -> None:
    """Import everything that a call imports, once, and let its blocks be small."""
    import mesa  # noqa: F401

    import sim.assimilation
    import sim.forecasting
    import sim.forecasting.ensemble
    import sim.plots
    import sim.report
    import sim.rivals
    from sim.verification import hindcasting

    sim.forecasting.ensemble.simulate.__kwdefaults__["block"] = 30  # three of them, in little time
    hindcasting.hindcast.__kwdefaults__["variants"] = hindcasting.VARIANTS[:2]


def memory(times: int, seed: int, parent: Path, *, leak: int = 0) -> int:
    """Make forecasts one after another, each with other luck, as a script of a user does, and write their folders.

    The first are not measured: see `WARM`. `leak` kB more are kept of each, to see whether that is found.
    """
    import gc

    import numpy as np

    from sim.forecasting import forecast
    from sim.scenario import read_scenario

    march = read_scenario("march-2023")
    spec = replace(march, as_of=date(2012, 3, 31), until=date(2012, 5, 31), questions=())
    numbers = {"members": 8, "learning_seed": 1, "particles": 32, "keep": "outcomes"}
    looks, leaked = [], []
    for number in range(1, WARM + times + 1):
        run = forecast(spec, seed=seed + number - 1, output=parent, cache=parent / "cache", **numbers)
        run.table("forecast"), run.data["lean"].to_numpy()  # which are read from the folder
        leaked.append(np.ones(125 * leak))
        if number % EACH == 0:
            gc.collect()
            pages = int(Path("/proc/self/statm").read_text().split()[1])
            looks.append(pages * resource.getpagesize() / 1e6)
            print(f"{number} done: {looks[-1]:.1f} MB{'' if number > WARM else ', to warm up'}", flush=True)
    held = np.array(looks[WARM // EACH :])
    quarters = ", ".join(f"{part.mean():,.1f}" for part in np.array_split(held, 4))
    slope, error = (1e3 / EACH * told for told in slope_of(held))
    print(f"{times} forecasts after {WARM} to warm up; MB resident, mean of each quarter: {quarters}")
    print(f"slope: {slope:.1f} kB a forecast, standard error {error:.1f}")
    grown = grows(held)
    print(f"memory {'grows' if grown else 'does not grow'}")
    return int(grown)


WARM = 150
"""Forecasts before memory is measured.

In the first twenty tables are read and kept. At some 115 Python makes its table of interned names anew, once, with room
for twice as many (1.9 MB), since the places of names that went are not used again. After that memory stays as it is.
"""

EACH = 5  # forecasts from one look at memory to the next


def grows(held: Any) -> bool:
    """Return whether memory, in MB, grows: by more than two standard errors, and by over a hundredth while measured."""
    slope, error = slope_of(held)
    return bool(slope - 2.0 * error > 0.0 and slope * held.size > 0.01 * held.mean())


def slope_of(values: Any, blocks: int = 10) -> tuple[float, float]:
    """Return the slope of a line through values, and its standard error, from the means of blocks of neighbours.

    Memory goes up by steps, so that neighbours err alike: their means are taken for independent, the values are not.
    """
    import numpy as np
    from scipy.stats import linregress

    parts = np.array_split(np.arange(values.size), min(blocks, values.size))
    found = linregress([part.mean() for part in parts], [values[part].mean() for part in parts])
    return float(found.slope), float(found.stderr)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("fault", choices=("kills", "disks", "memory"))
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--calls", nargs="+", choices=CALLS, default=[*CALLS], help="of kills and disks")
    parser.add_argument("--leak", type=int, default=0, help="kB kept of each forecast, to see memory grow")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        does = {
            "kills": partial(struck, full=False, calls=given.calls),
            "disks": partial(struck, full=True, calls=given.calls),
            "memory": partial(memory, leak=given.leak),
        }
        raise SystemExit(does[given.fault](given.times, given.seed, Path(folder)))
