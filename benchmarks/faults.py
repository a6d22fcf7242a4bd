"""Any fault: is the same call's result the same afterwards, byte for byte, and nothing left over?

``python benchmarks/faults.py kills --times 200`` ends calls at random moments of learning, simulating, writing,
drawing, hindcast and report (SIGKILL, SIGTERM, SIGINT in turn, some with two workers), makes the same call again, and
counts the steps that were finished before and done again: at most one may be. ``disks --times 60`` makes a run on disks
of sizes that end in every phase, gives room and makes the same call again; it mounts a tmpfs of its own each time,
which needs a superuser. ``memory --times 200`` makes forecasts one after another in one process, lets it warm up, and
fits a line to the memory that it holds; with ``--leak 50`` it must say that this grows.

Each writes a line per fault that was not mended, and a table of what was tried; the status is 1 if there was one.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import date
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

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
ASKED = ["run", "short.toml", "--members", "90", "--particles", "32"]
OF_THE_DAY = ("provenance.json", "manifest.json")  # these tell when they were made, and how long it took
HINDCAST = (
    *("hindcast", "--from", "2016-01-01", "--to", "2016-07-01", "--leads", "6"),
    *("--members", "40", "--particles", "32", "--output", "card"),
)
REPORT = ("report", "short", "--no-departures")
CALLS = ("run", "hindcast", "report")
PHASES = ("learning", "simulating", "writing", "drawing", "hindcast", "report")
"""Of a run, and the other calls."""


def call(
    place: Path, *, workers: int = 1, figures: bool = True, cache: Path | None = None, what: str = "run"
) -> int:
    """Start a call in a process of its own, forked from this one, which has imported everything; return its id."""
    child = os.fork()
    if child:
        return child
    status = 70
    try:
        os.setsid()
        os.chdir(place)
        os.environ["SERBIA_SIM_CACHE"] = str(cache or place / "cache")
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(os.open(f"{place}.stderr", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
        sys.stdout, sys.stderr = os.fdopen(1, "w"), os.fdopen(2, "w")
        run = [*ASKED, "--workers", str(workers), *([] if figures else ["--no-figures"])]
        sys.argv = ["serbia-sim", *{"hindcast": HINDCAST, "report": REPORT}.get(what, run)]
        note_steps(f"{place}.steps", what)
        from sim.cli import main

        READY.set()
        main()
    except SystemExit as end:
        status = end.code or 0
    except BaseException:  # noqa: BLE001 - a user would see it
        if READY.is_set():
            traceback.print_exc()
    finally:
        with suppress(BaseException):
            sys.stderr.flush()
        os._exit(status if isinstance(status, int) else 1)


def note_steps(path: str, what: str) -> None:
    """Write a line for each step that this process finishes, before what came of it is kept."""
    from sim import plots
    from sim.assimilation import making
    from sim.storing import Store
    from sim.verification.hindcasting import Shelf

    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def noted(room: object, name: str, tell: Callable[..., str]) -> None:
        plain = getattr(room, name)

        def note(*given: object, **more: object) -> object:
            os.write(file, f"{name} {tell(*given, **more)}\n".encode())
            return plain(*given, **more)

        setattr(room, name, note)

    noted(making, "keep_part", lambda state, path: f"{path.parent.name}/{path.name} {state['at']}")
    noted(Store, "note", lambda _, first, *__: first)
    noted(Store, "judge", lambda _, name, *__: name)
    noted(Shelf, "put_forecasts", lambda _, name, origin, *__: f"{origin} {name}")
    noted(Shelf, "put_table", lambda _, origin, *__: origin)
    if what == "run":  # a scorecard's figure is drawn by every call
        noted(plots, "save", lambda _, path, *__: path.name)


def steps(place: Path) -> Counter:
    """Return how often each step was finished: a figure is one, and ends with the last of its files."""
    from sim.gallery import FORMATS

    lines = Path(f"{place}.steps").read_text(encoding="utf-8").splitlines()
    return Counter(line for line in lines if not line.endswith(FORMATS[:-1]))


def ended(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


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


def phase(place: Path) -> str:
    """Return how far a run came, by what it left."""
    runs = list(place.glob("results/short/[!.]*"))
    if not runs or not list(runs[0].glob("members.zarr/lean/zarr.json")):
        return "learning"
    if (runs[0] / "unfinished.json").exists():
        return "writing" if (runs[0] / "forecast.csv").exists() else "simulating"
    return "drawing"


READY = threading.Event()  # what comes before is this script's


def begun(place: Path, aim: str, run: Path | None) -> Path:
    """Return the folder, ready for a call: what an undisturbed `run` leaves before the aim, as that takes time."""
    (place / "short.toml").write_text(SCENARIO, encoding="utf-8")
    if run is not None and aim in ("report", "drawing"):
        shutil.copytree(run, place, dirs_exist_ok=True)
    if aim == "drawing":
        for figures in place.glob("results/*/*/figures"):
            shutil.rmtree(figures)
    if run is not None and aim in ("simulating", "writing"):
        shutil.copytree(run / "cache", place / "cache")
    return place


def undisturbed(place: Path, what: str, gauge: Callable[[], int | float]) -> dict[str, tuple[Any, Any]]:
    """Make a call; return what a gauge reads as each phase of it begins and ends."""
    seen: dict[str, int | float] = {}
    child = call(place, what=what)
    while (ended_now := os.waitpid(child, os.WNOHANG))[0] == 0:
        seen.setdefault(phase(place) if what == "run" else what, gauge())
        time.sleep(0.005)
    if ended_now[1]:
        raise RuntimeError(Path(f"{place}.stderr").read_text(encoding="utf-8"))
    return dict(zip(seen, pairwise([*seen.values(), gauge()]), strict=True))


def judged(
    place: Path,
    whole: dict[str, str],
    first: int,
    *,
    figures: bool = True,
    cache: Path | None = None,
    what: str = "run",
) -> list[str]:
    """Make the same call again, undisturbed; return what is not as it would have been."""
    wrong = []
    if "Traceback" in (told := Path(f"{place}.stderr").read_text(encoding="utf-8", errors="replace")):
        wrong.append(f"a traceback: {told.splitlines()[-1]}")
    again = ended(call(place, figures=figures, cache=cache, what=what))
    if again != 0:
        last = Path(f"{place}.stderr").read_text(encoding="utf-8", errors="replace").splitlines()[-1:]
        wrong.append(f"ended first with {first}, then the same call with {again}: {last}")
    there = contents(place)
    if cache is not None:
        there |= {f"cache/{name}": digest for name, digest in contents(cache).items()}
    if not figures:
        whole = {name: digest for name, digest in whole.items() if "/figures/" not in name}
    for name in sorted({*whole, *there}):
        if whole.get(name) != there.get(name):
            state = "missing" if name not in there else "left over" if name not in whole else "different"
            wrong.append(f"{name} is {state}")
    return wrong


def kills(times: int, seed: int, parent: Path, phases: Sequence[str] = PHASES) -> int:
    """End calls at random moments of each phase."""
    spans: dict[str, tuple[float, float]] = {}
    whole: dict[str, dict[str, str]] = {}
    run = None
    for what in CALLS:
        for _ in range(2):  # the second finds files and fonts in memory
            place = begun(fresh(parent), what, run)
            start = time.perf_counter()
            spans |= undisturbed(place, what, lambda start=start: time.perf_counter() - start)
        whole[what], run = contents(place), run or place
        print(f"{what}: {len(steps(place))} steps")
    print({name: f"{start:.2f} to {end:.2f} s" for name, (start, end) in spans.items()})
    rng, tried, faults, lost = random.Random(seed), Counter(), 0, Counter()
    for number in range(times):
        sign = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)[number % 3]
        aim = phases[number // 3 % len(phases)]
        what = aim if aim in whole else "run"
        place = begun(fresh(parent), aim, run)
        there = spans["simulating" if aim == "writing" else aim][0]
        start, end = (moment - there for moment in spans[aim])
        figures = aim == "drawing" or what != "run"  # which take longest
        child = call(place, workers=2 if number % 8 == 1 else 1, figures=figures, what=what)
        time.sleep(rng.uniform(start, end))
        at = phase(place) if what == "run" else what
        with suppress(ProcessLookupError):
            os.kill(child, sign)
        first = ended(child)
        tried[at, sign.name] += 1
        said = Path(f"{place}.stderr").read_text(encoding="utf-8", errors="replace")
        wrong = judged(place, whole[what], first, figures=figures, what=what)
        again = [step for step, count in steps(place).items() for _ in range(count - 1)]
        lost[at, len(again)] += 1
        if len(again) > 1:
            wrong.append(f"{len(again)} steps done again: {again[:4]}")
        if wrong:
            faults += 1
            print(f"{sign.name} in {at}, {place}: {'; '.join(wrong[:4])}\n{said}", flush=True)
        else:
            shutil.rmtree(place)
        if number % 20 == 19:
            print(f"{number + 1} done", flush=True)
    for (at, twice), count in sorted(lost.items()):
        print(f"{count:4} in {at}: {twice} finished steps done again")
    return told(tried, faults)


def fresh(parent: Path) -> Path:
    return Path(tempfile.mkdtemp(dir=parent))


def disks(times: int, seed: int, parent: Path, phases: Sequence[str] = PHASES) -> int:
    """Fill the disk of a call in each phase: its size lies between what is used as the phase begins and as it ends."""
    rooms: dict[str, tuple[int, int]] = {}
    whole: dict[str, Path] = {}
    for what in CALLS:
        with disk(parent) as place:
            rooms |= undisturbed(begun(place, what, whole.get("run")), what, partial(used, place))
            whole[what] = Path(shutil.copytree(place, fresh(parent), dirs_exist_ok=True))
    for name, (least, most) in rooms.items():
        print(f"{name}: from {least:,} to {most:,} bytes", flush=True)
    rng, tried, faults = random.Random(seed), Counter(), 0
    for number in range(times):
        aim = phases[number % len(phases)]
        what = aim if aim in whole else "run"
        least, most = rooms[aim]
        size = least + BLOCK * rng.randrange(max((most - least) // BLOCK, 1))
        with disk(parent) as place:
            begun(place, what, whole["run"])
            cache = None
            if aim != "learning" and (aim != "hindcast" or number // len(phases) % 2):
                # what is learned is there, on another disk
                shutil.rmtree(place / "cache", ignore_errors=True)
                cache = Path(shutil.copytree(whole[what] / "cache", fresh(parent), dirs_exist_ok=True))
                files = [path for path in cache.rglob("*") if path.is_file()]
                size -= sum(-(-path.stat().st_size // BLOCK) * BLOCK for path in files)
            mount(f"remount,size={max(size, used(place), BLOCK)}", place)
            figures = aim == "drawing" or what != "run"
            first = ended(call(place, figures=figures, cache=cache, what=what))
            at = phase(place) if what == "run" else what
            tried[aim, "failed" if first else "went on", f"in {at}"] += 1
            mount("remount,size=1g", place)
            wrong = judged(place, contents(whole[what]), first, figures=figures, cache=cache, what=what)
        if cache is not None:
            shutil.rmtree(cache)
        if number % 10 == 9:
            print(f"{number + 1} done", flush=True)
        if wrong:
            faults += 1
            print(f"{aim}: {size:,} bytes, full in {at}: {'; '.join(wrong[:4])}", flush=True)
    return told(tried, faults)


BLOCK = 4096  # of a tmpfs


@contextmanager
def disk(parent: Path) -> Iterator[Path]:
    """Give a folder that is a disk of its own, with room for everything."""
    place = fresh(parent)
    mount("size=1g", place)
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)  # noqa: S607


def mount(options: str, place: Path) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", place], check=True)  # noqa: S607


def used(disk: Path) -> int:
    """Return the bytes that are used of a disk."""
    told = os.statvfs(disk)
    return (told.f_blocks - told.f_bfree) * told.f_frsize


def memory(times: int, seed: int, parent: Path, leak: int = 0) -> int:
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
        if leak:
            leaked.append(np.ones(125 * leak))
        if number % EACH == 0:
            gc.collect()
            pages = int(Path("/proc/self/statm").read_text().split()[1])
            looks.append((pages * os.sysconf("SC_PAGE_SIZE") / 1e6, sys.getallocatedblocks()))
            warm = "" if number > WARM else ", to warm up"
            spent = f"{time.process_time():.0f} s of processor time"
            print(f"{number} done in {spent}: {looks[-1][0]:.1f} MB{warm}", flush=True)
    held, counted = np.array(looks[WARM // EACH :]).T
    written = len(list(parent.glob(f"{spec.name}/*/manifest.json")))
    print(
        f"{WARM} forecasts to warm up, not measured, since tables that are kept fill until then; then {times}; "
        f"{written} folders written. Mean of each quarter of the {times}:"
    )
    for name, values in (("MB resident", held), ("objects of Python", counted)):
        print(f"  {name}: {', '.join(f'{part.mean():,.1f}' for part in np.array_split(values, 4))}")
    slope, error = (1e3 / EACH * told for told in slope_of(held))
    print(f"  slope: {slope:.1f} kB a forecast, standard error {error:.1f}")
    grown = grows(held)
    print(f"  memory {'grows' if grown else 'does not grow'}")
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


def told(tried: Counter, faults: int) -> int:
    for what, count in sorted(tried.items(), key=str):
        print(f"{count:4} {' '.join(map(str, what))}")
    print(f"{sum(tried.values())} tried, {faults} not mended")
    return int(faults > 0)


def ready() -> None:
    """Import everything that a call imports, once, and let its blocks be small."""
    import mesa  # noqa: F401

    import sim.assimilation
    import sim.ensemble
    import sim.forecasting
    import sim.plots
    import sim.report
    import sim.rivals
    from sim.verification import hindcasting

    sim.ensemble.simulate.__kwdefaults__["block"] = 30  # three of them, in little time
    hindcasting.hindcast.__kwdefaults__["variants"] = hindcasting.VARIANTS[:2]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("fault", choices=("kills", "disks", "memory"))
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--phases", nargs="+", choices=PHASES, default=PHASES, help="of kills and disks")
    parser.add_argument("--leak", type=int, default=0, help="kB kept of each forecast, to see memory grow")
    given = parser.parse_args()
    if given.fault != "memory":
        ready()
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        does = {
            "kills": partial(kills, phases=given.phases),
            "disks": partial(disks, phases=given.phases),
            "memory": partial(memory, leak=given.leak),
        }
        raise SystemExit(does[given.fault](given.times, given.seed, Path(folder)))
