"""What ``bench.py`` measures, a section at a time: ``python benchmarks/bench_sections.py SECTION SETTINGS``.

It goes through the package's public functions alone, so that it measures older checkouts too. Rows go to standard
output as JSON: what, ratio, to (what), absolute (in words), seconds (which checkouts are compared by).
"""

from __future__ import annotations

import inspect
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from functools import cached_property, partial
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

BLOCK = 2048  # members whose arrays of one month fit a processor's cache
GENERATORS = (np.random.SFC64, np.random.PCG64DXSM, np.random.PCG64, np.random.MT19937, np.random.Philox)
SIZES = (1, 10, 100, 1_000, 10_000, 100_000, 1_000_000)
FIVE_YEARS_MEMBERS = 2_000
STARTS = {
    "serbia-sim --help": ["-m", "sim", "--help"],
    "serbia-sim check": ["-m", "sim", "check", "march-2023"],
}
PYTHON = [sys.executable]

Rows = Iterator[dict[str, Any]]


def row(
    what: str, ratio: float | None, to: str, absolute: str, seconds: float | None = None
) -> dict[str, Any]:
    """Return a row of the table."""
    return {"what": what, "ratio": ratio, "to": to, "absolute": absolute, "seconds": seconds}


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


def posteriors() -> Path:
    """Return where posteriors are kept, as former versions cannot tell."""
    from platformdirs import user_cache_path

    own = os.environ.get("SERBIA_SIM_CACHE") or user_cache_path("serbia-sim", appauthor=False)
    return Path(own) / "posteriors"


def of_its_own(options: dict[str, Any], function: Callable[..., Any]) -> dict[str, Any]:
    """Return the options that a function knows: former versions know fewer."""
    known = inspect.signature(function).parameters
    return {name: value for name, value in options.items() if name in known}


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


def in_a_browser(spec: Any, members: int, particles: int, rounds: int) -> Iterator[tuple[str, float]]:
    """Yield in seconds how long a picture takes from the release of its slider; nothing without a browser."""
    from sim.scenario import to_toml

    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError:
        browser = None
    if browser is None:
        say("no Chromium with Playwright here: not measured in a browser")
        return
    file = Path("five-years.toml")
    file.write_text(to_toml(spec), encoding="utf-8")
    size = ["--members", str(members), "--particles", str(particles)]
    call = [*PYTHON, "-m", "sim", "tune", str(file), "--no-browser", "--port", "0", *size]
    with subprocess.Popen(call, stdout=subprocess.PIPE, text=True) as served, sync_playwright() as driver:
        address = next(word for word in served.stdout.readline().split() if word.startswith("http")).rstrip(
            ";"
        )
        opened = driver.chromium.launch(executable_path=browser, args=["--no-sandbox", "--disable-gpu"])
        page = opened.new_page()
        page.goto(address)
        page.wait_for_selector("#picture svg", timeout=600_000)
        slider = page.query_selector("[data-lever=pressure]")
        taken = []
        for place in range(rounds + 1):
            page.wait_for_timeout(300)
            taken.append(page.evaluate(RELEASED, [slider, 2 + 7 * (place % 3)]))
        opened.close()
        served.kill()
    yield "slider released to picture in Chromium", median(taken[1:])
    yield "the slowest of these", max(taken[1:])


class Bench:
    """The sections, with what they share.

    Parameters
    ----------
    full, members, particles, alone, rounds, scenario: as the options of `bench.py` say.
    """

    def __init__(self, **settings: Any) -> None:
        from sim import read_scenario

        self.full: bool = settings["full"]
        self.most: int = settings["members"]
        self.particles: int = settings["particles"]
        self.alone: int = settings["alone"]
        self.rounds: int = settings["rounds"]
        self.spec = read_scenario(settings["scenario"])
        self.settings = settings

    @cached_property
    def facts(self) -> Any:
        """What is on record."""
        from sim.facts import gather
        from sim.observations import Record

        return gather(Record.load(), self.spec.as_of)

    def learn(self, *, kept: bool, progress: bool = True) -> Any:
        """Learn from the record; what is kept is found again."""
        from sim.assimilation import assimilate

        where: dict[str, Any] = {"cache": kept, "progress": progress}
        if "cache" not in inspect.signature(assimilate).parameters:  # of a former version, which had no bar
            where = {"store": posteriors() if kept else None}
        return assimilate(self.spec, particles=self.particles, **where)

    @cached_property
    def posterior(self) -> Any:
        """What members go on from."""
        return self.learn(kept=True)

    def simulated(self, members: int, *, spec: Any = None, **options: Any) -> Any:
        """Forecast so many members from the posterior."""
        from sim import simulate

        begin = partial(self.posterior.start, seed=1)
        # what a run of this size keeps: outcomes alone, where that is a choice, beyond some twenty thousand
        choice = {} if members <= 20_000 or "keep" in options else of_its_own({"keep": "outcomes"}, simulate)
        return simulate(
            spec or self.spec, members=members, begin=begin, facts=self.facts, **choice, **options
        )

    @property
    def months(self) -> int:
        """Months of the forecast, the origin's among them."""
        return int(self.spec.last_month - self.spec.first_month + 1)

    def drawn(self, spec: Any = None) -> Counter[int]:
        """Return how many variates a member draws in each month of the forecast, counted while some live through it."""
        from sim.ensemble import simulate_block
        from sim.randomness import Luck

        spec = spec or self.spec
        found: Counter[int] = Counter()
        plain = {name: getattr(Luck, name) for name in ("uniform", "normal")}

        def counted(name: str) -> Callable[..., Any]:
            def draw(luck: Any, *address: str) -> Any:
                found[luck.month] += 1
                return plain[name](luck, *address)

            return draw

        luck = np.arange(4)
        start = self.posterior.start(luck, seed=1)
        try:
            for name in plain:
                setattr(Luck, name, counted(name))
            simulate_block(spec, luck=luck, facts=self.facts, start=start)
        finally:
            for name, method in plain.items():
                setattr(Luck, name, method)
        return Counter({month: count for month, count in found.items() if month >= spec.first_month})

    def floor(self, members: int, recorded: int, spec: Any = None) -> float:
        """Return the seconds in which NumPy alone draws as much as the model does, and writes what is recorded.

        Parameters
        ----------
        members: as many. recorded: bytes of what is recorded of a member and month.
        """
        monthly = list(self.drawn(spec).values())
        block = min(members, BLOCK)
        room = np.empty(block * max(monthly))
        page = np.zeros(max(block * recorded // 8, 1))
        kept = np.empty((len(monthly), page.size))

        def month_by_month(generator: np.random.Generator, first: int) -> None:
            size = min(block, members - first)
            for month, draws in enumerate(monthly):
                generator.random(out=room[: draws * size])
                np.copyto(kept[month, : page.size * size // block], page[: page.size * size // block])

        def all_blocks(generator: np.random.Generator) -> None:
            for first in range(0, members, block):
                month_by_month(generator, first)

        best = min(
            (np.random.Generator(kind(1)) for kind in GENERATORS),
            key=lambda generator: seconds(lambda: generator.random(out=room), 5),
        )
        return seconds(lambda: all_blocks(best), max(self.rounds, 3))

    def members(self) -> Rows:
        """Measure forecasts of all sizes against the floor of the largest."""
        sizes = [size for size in SIZES if size <= self.most]
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
            say(f"{SIZES[-1]:,} members, written, once")
            with store_of(SIZES[-1]) as store:
                spent = seconds(lambda: self.simulated(SIZES[-1], store=store))
            taken[f"{SIZES[-1]:,} members, written"] = SIZES[-1], spent
        recorded, months = shown
        floor = self.floor(sizes[-1], recorded) / sizes[-1] / self.months
        draws = sum(self.drawn().values()) / self.months
        about = f"{draws:.1f} variates and {recorded} bytes, of {sizes[-1]:,} members"
        yield row("the floor, a member-month", 1.0, "itself", f"{1e9 * floor:.0f} ns; {about}")
        for what, (size, spent) in taken.items():
            each = spent / size / self.months
            yield row(
                f"forecast of {what}, a member-month",
                each / floor,
                "the floor",
                f"{1e6 * each:.3g} \N{MICRO SIGN}s; {spent:.3g} s, {self.months} months, {months} recorded",
                spent,
            )

    def rivals(self) -> Rows:
        """Measure other ways to the same forecast, a few dozen members long."""
        from sim.ensemble import simulate_block

        starts = [self.posterior.start(np.array([k]), seed=1) for k in range(self.alone)]

        def one(k: int) -> Any:
            return simulate_block(self.spec, luck=np.array([k]), facts=self.facts, start=starts[k])

        one(0)
        many = seconds(lambda: self.simulated(self.most), self.rounds) / self.most
        ways: dict[str, Callable[[], object]] = {
            "a loop over one-member models": lambda: [one(k) for k in range(self.alone)],
            "Mesa's batch_run over the one-member model": partial(by_mesa, one, self.alone),
        }
        if ema := by_ema(one, self.alone):
            ways["EMA Workbench around the one-member model"] = ema
        for name, way in ways.items():
            say(name)
            spent = seconds(way, self.rounds) / self.alone
            yield row(
                f"{name}, a member",
                spent / many,
                f"a member of {self.most:,} by simulate",
                f"{1e3 * spent:.3g} ms, extrapolated from {self.alone} members",
                spent,
            )
        if ema is None:
            yield row("EMA Workbench", None, "", "not installed: pip install ema_workbench")

    def workers(self) -> Rows:
        """Measure two workers against one: threads, and of ten times as many members processes."""
        for size in (self.most, *([10 * self.most] if self.full else [])):
            taken: dict[int, list[float]] = {1: [], 2: []}
            for _ in range(self.rounds):  # in turns, since a machine's pace drifts
                for workers, several in taken.items():
                    say(f"{size:,} members, {workers} at work")
                    several.append(seconds(partial(self.simulated, size, workers=workers)))
            one, two = map(min, taken.values())
            yield row(
                f"two workers, {size:,} members",
                one / two,
                "one, in speed",
                f"{two:.3g} and {one:.3g} s",
                two,
            )

    def scale(self) -> Rows:
        """Measure time for each member, and memory, of many members and ten times as many."""
        sizes = (self.most, 10 * self.most) if self.full else (self.most // 10, self.most)
        _ = self.posterior  # learned here, not where memory is measured
        found = []
        for size in sizes:
            say(f"{size:,} members in a process of their own")
            told = subprocess.run(
                [*PYTHON, __file__, "written", json.dumps(self.settings | {"size": size})],
                stdout=subprocess.PIPE,
                text=True,
                check=True,
            )
            found.append(json.loads(told.stdout)[0])
        few, many = found
        yield row(
            f"{sizes[1]:,} members, a member",
            many["each"] / few["each"],
            f"of {sizes[0]:,}",
            f"{1e6 * many['each']:.3g} and {1e6 * few['each']:.3g} \N{MICRO SIGN}s; simulated and written",
            many["each"],
        )
        for size, one in zip(sizes, found, strict=True):
            yield row(
                f"peak resident memory, a run of {size:,} members",
                one["memory"] / few["memory"],
                f"of {sizes[0]:,}",
                f"{one['memory'] / 2**20:,.0f} MiB; {one['all']:.3g} s with judgement and tables, once",
            )

    def written(self) -> Rows:
        """Make a whole run of one size in this process; tell time for each member, in all, and memory."""
        size: int = self.settings["size"]
        with tempfile.TemporaryDirectory() as folder:
            self.simulated(2)
            begun = time.perf_counter()
            run = self.run(Path(folder), members=size)
            spent = time.perf_counter() - begun
            simulating = max(run.provenance["seconds"]["simulating"], 0.005)  # rounded to hundredths
        yield {"each": simulating / size, "all": spent, "memory": peak_memory()}

    def run(self, folder: Path, *, spec: Any = None, **asked: Any) -> Any:
        """Make a run of the kept posterior, in a folder of its own."""
        from sim import forecast

        _ = self.posterior  # kept from here on
        output = Path(tempfile.mkdtemp(dir=folder))
        (output / "posteriors").symlink_to(posteriors())  # where former versions look
        return forecast(spec or self.spec, particles=self.particles, seed=1, output=output, **asked)

    def learning(self) -> Rows:
        """Measure the processor time of learning, in this process alone."""
        say(f"learning with {self.particles:,} particles")
        begun, wall = processor_seconds(), time.perf_counter()
        posterior = self.learn(kept=False)
        spent, wall = processor_seconds() - begun, time.perf_counter() - wall
        history = self.spec.first_month * posterior.size * self.member_month()
        yield row(
            f"learning, {self.particles:,} particles, processor time",
            spent / history,
            "as many members living history once",
            f"{spent:.1f} s of the processor, {wall:.1f} s by the clock; once",
            spent,
        )

    def member_month(self) -> float:
        """Return the processor time of one month of one member, lived among many from the priors."""
        from sim import simulate

        size = min(self.most, BLOCK)
        begun = processor_seconds()
        simulate(self.spec, members=size, facts=self.facts)
        return (processor_seconds() - begun) / size / (self.spec.last_month + 1)

    def startup(self) -> Rows:
        """Measure commands against numpy's import; they take turns, and a first round is not counted."""
        calls = {"import numpy": ["-c", "import numpy"], **STARTS}
        taken: dict[str, list[float]] = {name: [] for name in calls}
        rounds = 1 + 5 * self.rounds
        say(f"starting {len(calls)} commands {rounds} times")
        for turn in range(rounds):
            for name, arguments in calls.items():
                command = [*PYTHON, *arguments]
                spent = seconds(lambda c=command: subprocess.run(c, check=True, stdout=subprocess.DEVNULL))
                if turn:
                    taken[name].append(spent)
        middle = {name: sorted(several)[len(several) // 2] for name, several in taken.items()}
        for name in STARTS:
            to = "import numpy, medians"
            yield row(name, middle[name] / middle["import numpy"], to, f"{middle[name]:.3f} s", middle[name])

    @cached_property
    def five(self) -> Any:
        """The scenario over five years."""
        start = self.spec.as_of
        until = date(start.year + 5, start.month, 1) - timedelta(days=1)
        questions = tuple(asked for asked in self.spec.questions if asked.last_day <= until)
        return replace(self.spec, until=until, questions=questions)

    def slider(self) -> Rows:
        """Measure a slider of the panel from its release to its picture, beside the simulation alone."""
        from sim.widgets import Tuning, views

        members = min(FIVE_YEARS_MEMBERS, self.most)
        say("the panel learns, if it has not yet")
        panel = Tuning(self.five, members=members, particles=self.particles)
        panel.update()
        alone = seconds(partial(self.simulated, members, spec=self.five, keep="outcomes"), self.rounds)
        about = f"{members:,} members over five years"

        def moved(place: float) -> None:
            panel.move(pressure=place)
            views.fan(panel.shown.run, "cfsp_alignment", panel.before.run)

        spent = min(
            seconds(partial(moved, place)) for place in (0.9, 0.1, 0.8, 0.2, 0.7, 0.3)[: 2 * self.rounds]
        )
        yield row(
            f"slider to picture and table, {about}", spent / alone, "simulating", f"{spent:.2f} s", spent
        )
        say("the panel in a browser")
        for what, spent in in_a_browser(self.five, members, self.particles, 2 * self.rounds):
            yield row(f"{what}, {about}", spent / alone, "simulating", f"{spent:.2f} s", spent)

    def five_years(self) -> Rows:
        """Measure whole runs over five years, in this process, with and without a folder."""
        members = min(FIVE_YEARS_MEMBERS, self.most)
        spec = self.five
        months = spec.last_month - spec.first_month + 1
        floor = self.floor(members, bytes_recorded(self.simulated(2)), spec)
        say("five years, simulated alone")
        spent = seconds(partial(self.simulated, members, spec=spec), self.rounds)
        about = f"{spent:.3g} s, from a posterior in memory; the floor {1e3 * floor:.3g} ms"
        yield row(
            f"{members:,} members over {months} months, simulated", spent / floor, "the floor", about, spent
        )
        with tempfile.TemporaryDirectory() as folder:
            for name, save in (("held in memory", False), ("written to a folder", True)):
                say(f"five years, {name}")
                work = partial(self.run, Path(folder), spec=spec, members=members, save=save)
                spent = seconds(work, self.rounds)
                yield row(
                    f"a run of {members:,} members over {months} months, {name}",
                    spent / floor,
                    "the floor",
                    f"{spent:.3g} s, posterior read, judgement and tables too",
                    spent,
                )

    def rooms(self) -> Rows:
        """Tell where the time goes, room by room; the profiler weighs on small functions: read the shares."""
        import cProfile
        import pstats

        import sim

        root = Path(sim.__file__).parent
        self.simulated(2)
        profile = cProfile.Profile()
        profile.runcall(self.simulated, min(10_000, self.most))
        spent: Counter[str] = Counter()
        for (file, _, _), (_, _, own, _, _) in pstats.Stats(profile).stats.items():  # type: ignore[attr-defined]
            path = Path(file)
            inside = path.relative_to(root).with_suffix("").parts[0] if root in path.parents else None
            spent[inside or ("xarray" if "xarray" in file else "numpy, Python and others")] += own
        total = sum(spent.values())
        for name, own in spent.most_common(8):
            yield row(f"of which {name}", own / total, "the whole of a forecast", "by the profiler")


def peak_memory() -> int:
    """Return the most bytes that this process has had in memory."""
    status = Path("/proc/self/status")
    if status.exists():  # what the system counts otherwise can be of the process that started this one
        (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return 1024 * int(line.split()[1])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


@contextmanager
def store_of(members: int) -> Iterator[Any]:
    """Give a store of so many members that goes afterwards."""
    from sim.storing import Store

    with tempfile.TemporaryDirectory() as folder:
        yield Store(Path(folder) / "run", members)


def bytes_recorded(data: Any) -> int:
    """Return the bytes that a data set has of each member and month."""
    monthly = [values for values in data.data_vars.values() if set(values.dims) == {"member", "month"}]
    return sum(values.dtype.itemsize for values in monthly)


def by_mesa(one: Callable[[int], Any], members: int) -> object:
    """Run members by Mesa's batch_run, a step being a whole forecast, so that Mesa itself does the least."""
    import mesa

    class OneMember(mesa.Model):
        def __init__(self, member: int) -> None:
            super().__init__(rng=1)
            self.member, self.lean = member, float("nan")
            self.datacollector = mesa.DataCollector(model_reporters={"lean": "lean"})

        def step(self) -> None:
            self.lean = float(one(self.member).values["lean"][0, -1])
            self.datacollector.collect(self)
            self.running = False

    return mesa.batch_run(OneMember, {"member": range(members)}, display_progress=False)


def by_ema(one: Callable[[int], Any], members: int) -> Callable[[], object] | None:
    """Return what runs members by EMA Workbench, one process; None if it is not installed."""
    try:
        import ema_workbench as ema
    except ImportError:
        return None

    def model(member: int = 0) -> dict[str, float]:
        return {"lean": float(one(int(member)).values["lean"][0, -1])}

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
    bench = Bench(**json.loads(settings))
    rows = list(getattr(bench, section.replace("-", "_"))())
    print(json.dumps(rows))


if __name__ == "__main__":
    main(*sys.argv[1:])
