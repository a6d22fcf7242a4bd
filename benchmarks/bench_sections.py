"""What ``bench.py`` measures, a section at a time: ``python benchmarks/bench_sections.py SECTION SETTINGS``.

It goes through the package's public functions, so that it measures other checkouts too. Rows go to standard output as
JSON: what, ratio, to (what), absolute (in words), seconds (which checkouts are compared by).
"""

from __future__ import annotations

import json
import os
import pickle
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import cached_property, partial
from pathlib import Path
from statistics import median
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import numpy as np

BLOCK = 2048  # members whose arrays of one month fit a processor's cache
GENERATORS = (np.random.SFC64, np.random.PCG64DXSM, np.random.PCG64, np.random.MT19937, np.random.Philox)
SIZES = (1, 10, 100, 1_000, 10_000, 100_000, 1_000_000)
FIVE_YEARS_MEMBERS = 2_000
STARTS = {
    "import numpy": ["-c", "import numpy"],
    "serbia-sim --help": ["-m", "sim", "--help"],
    "serbia-sim check": ["-m", "sim", "check", "march-2023"],
}
PYTHON = [sys.executable]
MICRO = "\N{MICRO SIGN}s"

Rows = Iterator[tuple[str, float | None, str, str, float | None]]


def seconds(work: Callable[[], object], rounds: int = 1) -> float:
    """Return the shortest wall time of some rounds."""
    taken = []
    for _ in range(rounds):
        begun = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begun)
    return min(taken)


def processor_seconds() -> float:
    """Return the processor time of this process and of those that it waited for."""
    return sum(os.times()[:4])


class Bench(SimpleNamespace):
    """The sections, with what they share; its settings are the options of `bench.py`."""

    @cached_property
    def spec(self) -> Any:
        """The scenario."""
        from sim import read_scenario

        return read_scenario(self.scenario)

    @cached_property
    def five(self) -> Any:
        """The scenario over five years."""
        start = self.spec.as_of
        until = date(start.year + 5, start.month, 1) - timedelta(days=1)
        questions = tuple(asked for asked in self.spec.questions if asked.last_day <= until)
        return replace(self.spec, until=until, questions=questions)

    @cached_property
    def facts(self) -> Any:
        """What is on record."""
        from sim import Record
        from sim.facts import gather

        return gather(Record.load(), self.spec.as_of)

    @cached_property
    def posterior(self) -> Any:
        """What members go on from; what is kept is found again."""
        from sim import assimilate

        return assimilate(self.spec, particles=self.particles)

    def simulated(self, members: int, *, spec: Any = None, **options: Any) -> Any:
        """Forecast so many members from the posterior, and keep what a run of this size keeps."""
        from sim import simulate

        begin = partial(self.posterior.start, seed=1)
        options = {"keep": "all" if members <= 20_000 else "outcomes"} | options
        return simulate(spec or self.spec, members=members, begin=begin, facts=self.facts, **options)

    def run(self, folder: str, *, spec: Any = None, **asked: Any) -> Any:
        """Make a run of the kept posterior, in a folder of its own."""
        from sim import forecast

        _ = self.posterior  # kept from here on
        output = Path(tempfile.mkdtemp(dir=folder))
        return forecast(spec or self.spec, particles=self.particles, seed=1, output=output, **asked)

    @property
    def months(self) -> int:
        """Months of the forecast, the origin's among them."""
        return int(self.spec.last_month - self.spec.first_month + 1)

    def drawn(self, spec: Any) -> list[int]:
        """Return how many variates a member draws in each month of the forecast, counted while some live through it."""
        from sim.ensemble import simulate_block
        from sim.randomness import Luck

        found: Counter[int] = Counter()

        def counted(plain: Callable[..., Any]) -> Callable[..., Any]:
            def draw(luck: Any, *address: str) -> Any:
                found[luck.month] += 1
                return plain(luck, *address)

            return draw

        luck = np.arange(4)
        start = self.posterior.start(luck, seed=1)
        with patch.multiple(Luck, uniform=counted(Luck.uniform), normal=counted(Luck.normal)):
            simulate_block(spec, luck=luck, facts=self.facts, start=start)
        return [count for month, count in found.items() if month >= spec.first_month]

    def floor(self, members: int, recorded: int, spec: Any) -> float:
        """Return the seconds in which NumPy alone draws as much as the model does, and writes what is recorded.

        Parameters
        ----------
        members: as many. recorded: bytes of what is recorded of a member and month.
        """
        monthly = self.drawn(spec)
        block = min(members, BLOCK)
        room = np.empty(block * max(monthly))
        page = np.zeros(max(block * recorded // 8, 1))
        kept = np.empty((len(monthly), page.size))

        def all_blocks(generator: np.random.Generator) -> None:
            for first in range(0, members, block):
                size = min(block, members - first)
                for month, draws in enumerate(monthly):
                    generator.random(out=room[: draws * size])
                    np.copyto(kept[month, : page.size * size // block], page[: page.size * size // block])

        best = min(
            (np.random.Generator(kind(1)) for kind in GENERATORS),
            key=lambda generator: seconds(lambda: generator.random(out=room), 5),
        )
        return seconds(lambda: all_blocks(best), max(self.rounds, 3))

    def of_members(self) -> Rows:
        """Measure forecasts of all sizes against the floor of the largest."""
        sizes = [size for size in SIZES if size <= self.members]
        self.simulated(2)
        taken: dict[str, tuple[int, float]] = {}
        shown: list[int] = []
        for size, workers in [*((size, 1) for size in sizes), (sizes[-1], 2)]:
            what = f"{size:,} members{', two workers' if workers > 1 else ''}"
            say(what)

            def work(size: int = size, workers: int = workers) -> None:
                data = self.simulated(size, workers=workers)
                shown[:] = bytes_recorded(data), data.sizes["month"]

            taken[what] = size, seconds(work, self.rounds)
        if self.full:
            from sim.storing import Store

            say(f"{SIZES[-1]:,} members, written, once")
            with tempfile.TemporaryDirectory() as folder:
                store = Store(Path(folder) / "run", SIZES[-1])
                spent = seconds(lambda: self.simulated(SIZES[-1], store=store))
            taken[f"{SIZES[-1]:,} members, written"] = SIZES[-1], spent
        recorded, months = shown
        floor = self.floor(sizes[-1], recorded, self.spec) / sizes[-1] / self.months
        draws = sum(self.drawn(self.spec)) / self.months
        about = f"{draws:.1f} variates and {recorded} bytes, of {sizes[-1]:,} members"
        yield "the floor, a member-month", 1.0, "itself", f"{1e9 * floor:.0f} ns; {about}", None
        for what, (size, spent) in taken.items():
            each = spent / size / self.months
            about = f"{1e6 * each:.3g} {MICRO}; {spent:.3g} s, {self.months} months, {months} recorded"
            yield f"forecast of {what}, a member-month", each / floor, "the floor", about, spent

    def rivals(self) -> Rows:
        """Measure other ways to the same forecast, a few dozen members long."""
        from sim.ensemble import simulate_block

        starts = [self.posterior.start(np.array([k]), seed=1) for k in range(self.alone)]

        def one(k: int) -> float:
            block = simulate_block(self.spec, luck=np.array([k]), facts=self.facts, start=starts[k])
            return float(block.values["lean"][0, -1])

        one(0)
        many = seconds(lambda: self.simulated(self.members), self.rounds) / self.members
        ways: dict[str, Callable[[], object] | None] = {
            "a loop over one-member models": lambda: [one(k) for k in range(self.alone)],
            "Mesa's batch_run over the one-member model": partial(by_mesa, one, self.alone),
            "EMA Workbench around the one-member model": by_ema(one, self.alone),
        }
        for name, way in ways.items():
            if way is None:
                yield "EMA Workbench", None, "", "not installed: pip install ema_workbench", None
                continue
            say(name)
            spent = seconds(way, self.rounds) / self.alone
            about = f"{1e3 * spent:.3g} ms, extrapolated from {self.alone} members"
            yield f"{name}, a member", spent / many, f"a member of {self.members:,} by simulate", about, spent

    def workers(self) -> Rows:
        """Measure two workers against one: threads, and of ten times as many members processes."""
        for size in (self.members, *([10 * self.members] if self.full else [])):
            taken: dict[int, list[float]] = {1: [], 2: []}
            for _ in range(self.rounds):  # in turns, since a machine's pace drifts
                for workers, several in taken.items():
                    say(f"{size:,} members, {workers} at work")
                    several.append(seconds(partial(self.simulated, size, workers=workers)))
            one, two = map(min, taken.values())
            yield (
                f"two workers, {size:,} members",
                one / two,
                "one, in speed",
                f"{two:.3g} and {one:.3g} s",
                two,
            )

    def cluster(self) -> Rows:
        """Measure one Dask worker and two, on the loopback, against this process alone; they take turns."""
        try:
            import dask
            from distributed import LocalCluster
        except ImportError:
            yield "Dask", None, "", "not installed: pip install 'serbia-sim[cluster]'", None
            return
        from sim.cluster import connected
        from sim.storing import MEMBERS, Store
        from sim.workers import shared_out

        where = {"threads_per_worker": 1, "dashboard_address": "127.0.0.1:0"}
        # as docs/cluster.md advises
        malloc = {"distributed.nanny.pre-spawn-environ.MALLOC_MMAP_THRESHOLD_": 2**25}
        months = self.members * self.months
        taken: dict[str, list[tuple[float, float]]] = {"alone": [], "one worker": [], "two workers": []}
        with (
            dask.config.set(malloc),
            tempfile.TemporaryDirectory() as folder,
            LocalCluster(n_workers=1, **where) as single,
            LocalCluster(n_workers=2, **where) as double,
            connected(single.scheduler_address) as one,
            connected(double.scheduler_address) as two,
        ):
            for crew in (one, two):  # they import, and get the work
                shared_out(nothing, range(4), workers=crew)
                self.simulated(100, keep="outcomes", workers=crew)
            for number in range(self.rounds):
                for name, crew in zip(taken, (1, one, two), strict=True):
                    say(f"round {number + 1}, {name}")
                    store = Store(Path(folder) / f"{name} {number}", self.members)
                    before = busy(crew)
                    work = partial(self.simulated, self.members, keep="outcomes", store=store, workers=crew)
                    taken[name].append((seconds(work), busy(crew) - before))
            written = sum(
                path.stat().st_size for path in (store.folder / MEMBERS).rglob("*") if path.is_file()
            )
            marker = (store.folder / "unfinished.json").stat().st_size / len(store.done)
            job = seconds(lambda: shared_out(nothing, range(200), workers=one)) / 200
        alone = min(taken["alone"])[0]
        for name, several in taken.items():
            (elapsed, _), spent = min(several), min(of for _, of in several)
            about = (
                f"{elapsed:.3g} s, processor {spent:.3g} s, {1e6 * spent / months:.3g} {MICRO} a member-month"
            )
            yield f"{self.members:,} members by Dask, {name}", elapsed / alone, "alone", about, elapsed
        each = f"{written / self.members:.0f} bytes a member, {written / months:.1f} a member-month"
        yield (
            "written by workers",
            None,
            "",
            f"{each}, {marker / 1e3:.1f} kB a block in unfinished.json",
            None,
        )
        sent = len(pickle.dumps(self.posterior)) / 1e6
        yield (
            "a job that does nothing",
            None,
            "",
            f"{1e3 * job:.1f} ms; {sent:.1f} MB to each worker once",
            job,
        )

    def scale(self) -> Rows:
        """Measure time for each member, and memory, of many members and ten times as many."""
        few, many = (self.members, 10 * self.members) if self.full else (self.members // 10, self.members)
        _ = self.posterior  # learned here, not where memory is measured
        found = {}
        for size in (few, many):
            say(f"{size:,} members in a process of their own")
            asked = json.dumps(self.asked | {"size": size})
            told = subprocess.run(
                [*PYTHON, __file__, "written", asked], stdout=subprocess.PIPE, text=True, check=True
            )
            found[size] = json.loads(told.stdout)
        each = {size: one["each"] for size, one in found.items()}
        about = f"{1e6 * each[many]:.3g} and {1e6 * each[few]:.3g} {MICRO}; simulated and written"
        yield f"{many:,} members, a member", each[many] / each[few], f"of {few:,}", about, each[many]
        for size, one in found.items():
            about = f"{one['memory'] / 2**20:,.0f} MiB; {one['all']:.3g} s with judgement and tables, once"
            ratio = one["memory"] / found[few]["memory"]
            yield f"peak resident memory, a run of {size:,} members", ratio, f"of {few:,}", about, None

    def written(self) -> Iterator[Any]:
        """Make a whole run of one size in this process; tell time for each member, in all, and memory."""
        with tempfile.TemporaryDirectory() as folder:
            self.simulated(2)
            begun = time.perf_counter()
            run = self.run(folder, members=self.size)
            yield "all", time.perf_counter() - begun
        simulating = max(run.provenance["seconds"]["simulating"], 0.005)  # rounded to hundredths
        yield from (("each", simulating / self.size), ("memory", peak_memory()))

    def learning(self) -> Rows:
        """Measure the processor time of learning, in this process alone."""
        from sim import assimilate, simulate

        say(f"learning with {self.particles:,} particles")
        begun, wall = processor_seconds(), time.perf_counter()
        posterior = assimilate(self.spec, particles=self.particles, cache=False, progress=True)
        spent, wall = processor_seconds() - begun, time.perf_counter() - wall
        size = min(self.members, BLOCK)
        begun = processor_seconds()
        simulate(self.spec, members=size, facts=self.facts)
        member_month = (processor_seconds() - begun) / size / (self.spec.last_month + 1)
        yield (
            f"learning, {self.particles:,} particles, processor time",
            spent / (self.spec.first_month * posterior.size * member_month),
            "as many members living history once",
            f"{spent:.1f} s of the processor, {wall:.1f} s by the clock; once",
            spent,
        )

    def startup(self) -> Rows:
        """Measure commands against numpy's import; they take turns, and a first round is not counted."""
        taken: dict[str, list[float]] = {name: [] for name in STARTS}
        rounds = 1 + 5 * self.rounds
        say(f"starting {len(STARTS)} commands {rounds} times")
        for _ in range(rounds):
            for name, arguments in STARTS.items():
                call = partial(subprocess.run, [*PYTHON, *arguments], check=True, stdout=subprocess.DEVNULL)
                taken[name].append(seconds(call))
        least, *others = ((name, sorted(several[1:])[(rounds - 1) // 2]) for name, several in taken.items())
        for name, middle in others:
            yield name, middle / least[1], "import numpy, medians", f"{middle:.3f} s", middle

    def slider(self) -> Rows:
        """Measure a slider of the panel from its release to its picture, beside the simulation alone."""
        from sim.widgets import Tuning, views

        members = min(FIVE_YEARS_MEMBERS, self.members)
        say("the panel learns, if it has not yet")
        panel = Tuning(self.five, members=members, particles=self.particles)
        panel.update()
        alone = seconds(partial(self.simulated, members, spec=self.five, keep="outcomes"), self.rounds)

        def moved(place: float) -> None:
            panel.move(pressure=place)
            views.fan(panel.shown.run, "cfsp_alignment", panel.before.run)

        places = (0.9, 0.1, 0.8, 0.2, 0.7, 0.3)[: 2 * self.rounds]
        found = {"slider to picture and table": min(seconds(partial(moved, place)) for place in places)}
        say("the panel in a browser")
        found |= in_a_browser(self.five, members, self.particles, 2 * self.rounds)
        for what, spent in found.items():
            about = f"{what}, {members:,} members over five years"
            yield about, spent / alone, "simulating", f"{spent:.2f} s", spent

    def five_years(self) -> Rows:
        """Measure whole runs over five years, in this process, with and without a folder."""
        members, spec = min(FIVE_YEARS_MEMBERS, self.members), self.five
        about = f"{members:,} members over {spec.last_month - spec.first_month + 1} months"
        floor = self.floor(members, bytes_recorded(self.simulated(2)), spec)
        say("five years, simulated alone")
        spent = seconds(partial(self.simulated, members, spec=spec), self.rounds)
        told = f"{spent:.3g} s, from a posterior in memory; the floor {1e3 * floor:.3g} ms"
        yield f"{about}, simulated", spent / floor, "the floor", told, spent
        with tempfile.TemporaryDirectory() as folder:
            for name, save in (("held in memory", False), ("written to a folder", True)):
                say(f"five years, {name}")
                spent = seconds(partial(self.run, folder, spec=spec, members=members, save=save), self.rounds)
                told = f"{spent:.3g} s, posterior read, judgement and tables too"
                yield f"a run of {about}, {name}", spent / floor, "the floor", told, spent

    def rooms(self) -> Rows:
        """Tell where the time goes, room by room; the profiler weighs on small functions: read the shares."""
        import cProfile
        import pstats

        import sim

        root = Path(sim.__file__).parent
        self.simulated(2)
        profile = cProfile.Profile()
        profile.runcall(self.simulated, min(10_000, self.members))
        spent: Counter[str] = Counter()
        for (file, _, _), (_, _, own, _, _) in pstats.Stats(profile).stats.items():  # type: ignore[attr-defined]
            path = Path(file)
            inside = path.relative_to(root).with_suffix("").parts[0] if root in path.parents else None
            spent[inside or ("xarray" if "xarray" in file else "numpy, Python and others")] += own
        for name, own in spent.most_common(8):
            yield f"of which {name}", own / spent.total(), "the whole of a forecast", "by the profiler", None


RELEASED = """([slider, place]) => new Promise(done => {
  const picture = () => document.querySelector("#picture")?.innerHTML;
  const before = picture(), begun = performance.now();
  slider.value = place;
  ["input", "change"].forEach(name => slider.dispatchEvent(new Event(name)));
  const look = () => picture() === before ? requestAnimationFrame(look)
    : requestAnimationFrame(() => done((performance.now() - begun) / 1000));
  look();
})"""
"""From a slider's release to the frame that shows another picture, in seconds."""


def in_a_browser(spec: Any, members: int, particles: int, rounds: int) -> dict[str, float]:
    """Return in seconds how long a picture takes from the release of its slider; nothing without a browser."""
    from sim.scenario import to_toml

    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError:
        browser = None
    if browser is None:
        say("no Chromium with Playwright here: not measured in a browser")
        return {}
    file = Path("five-years.toml")
    file.write_text(to_toml(spec), encoding="utf-8")
    size = ["--members", str(members), "--particles", str(particles)]
    call = [*PYTHON, "-m", "sim", "tune", str(file), "--no-browser", "--port", "0", *size]
    with subprocess.Popen(call, stdout=subprocess.PIPE, text=True) as served, sync_playwright() as driver:
        words = served.stdout.readline().split()
        opened = driver.chromium.launch(executable_path=browser, args=["--no-sandbox", "--disable-gpu"])
        page = opened.new_page()
        page.goto(next(word for word in words if word.startswith("http")).rstrip(";"))
        page.wait_for_selector("#picture svg", timeout=600_000)
        slider = page.query_selector("[data-lever=pressure]")
        taken = []
        for place in range(rounds + 1):
            page.wait_for_timeout(300)
            taken.append(page.evaluate(RELEASED, [slider, 2 + 7 * (place % 3)]))
        opened.close()
        served.kill()
    return {
        "slider released to picture in Chromium": median(taken[1:]),
        "the slowest of these": max(taken[1:]),
    }


def busy(crew: Any) -> float:
    """Return the processor time of this process, or of a cluster's workers."""
    return time.process_time() if crew == 1 else sum(crew.client.run(time.process_time).values())


def nothing(job: int, progress: Any) -> int:
    return job


def peak_memory() -> int:
    """Return the most bytes that this process has had in memory."""
    status = Path("/proc/self/status")
    if status.exists():  # what the system counts otherwise can be of the process that started this one
        (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return 1024 * int(line.split()[1])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def bytes_recorded(data: Any) -> int:
    """Return the bytes that a data set has of each member and month."""
    monthly = [values for values in data.data_vars.values() if set(values.dims) == {"member", "month"}]
    return sum(values.dtype.itemsize for values in monthly)


def by_mesa(one: Callable[[int], float], members: int) -> object:
    """Run members by Mesa's batch_run, a step being a whole forecast, so that Mesa itself does the least."""
    import mesa

    class OneMember(mesa.Model):
        def __init__(self, member: int, rng: object = None) -> None:  # which Mesa gives from 3.5 on
            super().__init__(rng=1)
            self.member, self.lean = member, float("nan")
            self.datacollector = mesa.DataCollector(model_reporters={"lean": "lean"})

        def step(self) -> None:
            self.lean = one(self.member)
            self.datacollector.collect(self)
            self.running = False

    return mesa.batch_run(OneMember, {"member": range(members)}, display_progress=False)


def by_ema(one: Callable[[int], float], members: int) -> Callable[[], object] | None:
    """Return what runs members by EMA Workbench, one process; None if it is not installed."""
    try:
        import ema_workbench as ema
    except ImportError:
        return None

    def model(member: int = 0) -> dict[str, float]:
        return {"lean": one(int(member))}

    about = ema.Model("member", function=model)
    about.uncertainties = [ema.CategoricalParameter("member", list(range(members)))]
    about.outcomes = [ema.ScalarOutcome("lean")]
    full = ema.em_framework.samplers.FullFactorialSampler()
    return lambda: ema.perform_experiments(about, scenarios=members, uncertainty_sampling=full)


def say(what: str) -> None:
    """Say on standard error what is under way."""
    print(f"bench: {what}", file=sys.stderr, flush=True)


def main(section: str, settings: str) -> None:
    """Measure a section and print its rows."""
    say(section)
    asked = json.loads(settings)
    bench = Bench(asked=asked, **asked)
    found = getattr(bench, {"members": "of_members"}.get(section, section.replace("-", "_")))()
    print(json.dumps(dict(found) if section == "written" else list(found)))


if __name__ == "__main__":
    main(*sys.argv[1:])
