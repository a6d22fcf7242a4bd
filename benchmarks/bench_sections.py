"""What ``bench.py`` measures, a section at a time: ``python benchmarks/bench_sections.py SECTION SETTINGS``.

It goes through the package's public functions, so that it measures other checkouts too. Rows go to standard output as
JSON: what, ratio, to (what), absolute (in words), seconds (which checkouts are compared by).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import cached_property, partial
from pathlib import Path
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
        from sim.world.facts import gather

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

    @property
    def months(self) -> int:
        """Months of the forecast, the origin's among them."""
        return int(self.spec.last_month - self.spec.first_month + 1)

    @cached_property
    def drawn(self) -> float:
        """How many variates a member draws in a month of the forecast, counted while some live through it."""
        from sim.draws.randomness import Luck
        from sim.forecasting.ensemble import simulate_block

        luck = np.arange(4)
        start = self.posterior.start(luck, seed=1)
        with (
            patch.object(Luck, "uniform", autospec=True, side_effect=Luck.uniform) as uniform,
            patch.object(Luck, "normal", autospec=True, side_effect=Luck.normal) as normal,
        ):
            simulate_block(self.spec, luck=luck, facts=self.facts, start=start)
        return float(uniform.call_count + normal.call_count) / self.months

    def floor(self, members: int, recorded: int) -> float:
        """Return the seconds in which NumPy alone draws as much as the model does, and writes what is recorded.

        Parameters
        ----------
        members: as many. recorded: bytes of what is recorded of a member and month.
        """
        block = min(members, BLOCK)
        room = np.empty(round(self.drawn * block))
        page = np.zeros(max(block * recorded // 8, 1))
        kept = np.empty((self.months, page.size))

        def all_blocks(kind: type[np.random.BitGenerator]) -> None:
            generator = np.random.Generator(kind(1))
            for first in range(0, members, block):
                size = min(block, members - first)
                for month in range(self.months):
                    generator.random(out=room[: round(self.drawn * size)])
                    np.copyto(kept[month, : page.size * size // block], page[: page.size * size // block])

        return min(seconds(partial(all_blocks, kind), max(self.rounds, 3)) for kind in GENERATORS)

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
            from sim.runs.storing import Store

            say(f"{SIZES[-1]:,} members, written, once")
            with tempfile.TemporaryDirectory() as folder:
                store = Store(Path(folder) / "run", SIZES[-1])
                spent = seconds(lambda: self.simulated(SIZES[-1], store=store))
            taken[f"{SIZES[-1]:,} members, written"] = SIZES[-1], spent
        recorded, months = shown
        floor = self.floor(sizes[-1], recorded) / sizes[-1] / self.months
        about = f"{self.drawn:.1f} variates and {recorded} bytes, of {sizes[-1]:,} members"
        yield "the floor, a member-month", 1.0, "itself", f"{1e9 * floor:.0f} ns; {about}", None
        for what, (size, spent) in taken.items():
            each = spent / size / self.months
            about = f"{1e6 * each:.3g} {MICRO}; {spent:.3g} s, {self.months} months, {months} recorded"
            yield f"forecast of {what}, a member-month", each / floor, "the floor", about, spent

    def rivals(self) -> Rows:
        """Measure other ways to the same forecast, a few dozen members long."""
        from sim.forecasting.ensemble import simulate_block

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

    def scale(self) -> Rows:
        """Measure time for each member, and memory, of many members and ten times as many."""
        few, many = (self.members, 10 * self.members) if self.full else (self.members // 10, self.members)
        _ = self.posterior  # learned and kept here, not where memory is measured
        each, memory, whole = {}, {}, {}
        for size in (few, many):
            say(f"{size:,} members in a process of their own")
            with tempfile.TemporaryDirectory() as folder:
                numbers = ["--members", str(size), "--particles", str(self.particles), "--output", folder]
                call = [*PYTHON, "-m", "sim", "run", self.scenario, "--no-figures", "--json", *numbers]
                begun = time.perf_counter()
                with subprocess.Popen(call, stdout=subprocess.DEVNULL) as made:
                    _, status, used = os.wait4(made.pid, 0)
                    made.returncode = os.waitstatus_to_exitcode(status)
                whole[size] = time.perf_counter() - begun
                (told,) = Path(folder).glob("*/*/provenance.json")
                spent = json.loads(told.read_text(encoding="utf-8"))["seconds"]["simulating"]
            each[size] = max(spent, 0.005) / size  # it is rounded to hundredths
            memory[size] = used.ru_maxrss / 2 ** (20 if sys.platform == "darwin" else 10)
        about = f"{1e6 * each[many]:.3g} and {1e6 * each[few]:.3g} {MICRO}; simulated and written"
        yield f"{many:,} members, a member", each[many] / each[few], f"of {few:,}", about, each[many]
        for size, most in memory.items():
            about = f"{most:,.0f} MiB; {whole[size]:.3g} s from the call, with judgement and tables, once"
            yield (
                f"peak resident memory, a run of {size:,} members",
                most / memory[few],
                f"of {few:,}",
                about,
                None,
            )

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
        spent = min(seconds(partial(moved, place)) for place in places)
        about = f"slider to picture and table, {members:,} members over five years"
        yield about, spent / alone, "simulating", f"{spent:.2f} s", spent


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
    name = {"members": "of_members"}.get(section, section)  # the former is how many
    found = getattr(Bench(**json.loads(settings)), name)()
    print(json.dumps(list(found)))


if __name__ == "__main__":
    main(*sys.argv[1:])
