"""What `serbia-sim explain --worlds` prints: the worlds that lead to an answer, and its tipping points."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from functools import partial
from typing import Any

from sim.cli.compare import named
from sim.cli.screen import say, say_json, width, wrapped
from sim.clock import month_end
from sim.results import Run
from sim.sensitivity import (
    DRIVERS,
    Box,
    Histories,
    SensitivityError,
    Tipping,
    courses,
    discover,
    histories,
    tipping_points,
)
from sim.words import minus, per_cent, percent

Found = tuple[Histories, tuple[Box, ...], tuple[Box, ...]]
Held = dict[str, tuple[float, float]]
_percent = partial(percent, tenths=0.1)


def tell_worlds(run: Run, outcome: str | None, threshold: float, *, as_json: bool) -> None:
    """Print the worlds that lead to the answers of a run, or to one with its tipping points, in words or as JSON."""
    found: dict[str, Found | str] = {}
    tips: tuple[float, tuple[Tipping, ...]] | None = None
    held: Held = {}
    for name in [outcome] if outcome else [question.id for question in run.scenario.questions]:
        try:
            open_ = histories(run, name)
            found[name] = (open_, discover(open_, parameters=False), discover(open_))
        except SensitivityError as error:
            if outcome:
                raise
            found[name] = str(error)
    if outcome:
        tips = tipping_points(run, outcome, threshold=threshold, progress=True)
        held = courses(run, outcome, progress=True)
    if as_json:
        tipping = tips and {"chance": tips[0], "points": [asdict(tip) for tip in tips[1]], "courses": held}
        worlds = [{"question": name, **_in_json(each)} for name, each in found.items()]
        say_json({**named(run), "worlds": worlds, "tipping": tipping})
        return
    lines = [*wrapped(run.scenario.title), *wrapped(_ABOUT)]
    for name, each in found.items():
        told = wrapped(f"{name}: {each}.") if isinstance(each, str) else _in_words(run, *each)
        lines += ["", *told]
    if tips is not None:
        lines += ["", *_tipping(*tips, threshold), "", *_courses(tips[0], held, threshold)]
    say(lines)


_ABOUT = (
    "Which worlds lead to an answer: found on half of the members, judged on the others. Drivers are read from the "
    "origin to a landmark half-way to the answer; what is decided by then is set aside. \u00b1 is the standard error."
)


def _in_words(run: Run, found: Histories, observed: tuple[Box, ...], every: tuple[Box, ...]) -> Iterator[str]:
    yield from wrapped(found.question.text)
    members = run.provenance["members"]
    yield from wrapped(
        f"By the landmark, {month_end(found.landmark)}, {found.aside:,} of {members:,} histories are decided; of the "
        f"others {_percent(float(found.came.mean()))} come to yes."
    )
    seen = {box for box in observed if box.told}
    for what, boxes in (("What could be seen by then", observed), ("With the parameters", every)):
        told = [box for box in boxes if box.told and (boxes is observed or box not in seen)]
        if not told:
            yield from wrapped(
                f"{what}: nothing {'more ' if seen else ''}that the other half bears out.", "  ", "    "
            )
        for box in told:
            do = f"{_percent(box.density)} \u00b1 {100 * box.error:.1f} do"
            yield from wrapped(
                f"{what}: of histories with {_conditions(box)}, {do}, against {_percent(box.base)} of all; they are "
                f"{_percent(box.coverage)} of those that do, and {_percent(box.share)} of all.",
                "  ",
                "    ",
            )


def _conditions(box: Box) -> str:
    drivers = {driver.quantity: driver for driver in DRIVERS}
    words = []
    for name, side, value in box.conditions:
        driver = drivers.get(name)
        if driver is not None and driver.yes:
            words.append(driver.yes if side == "at least" else driver.no)
        else:
            words.append(f"{name} {side} {value:.3g}")
    return " and ".join(words)


def _tipping(first: float, tips: Iterable[Tipping], threshold: float) -> Iterator[str]:
    yield from wrapped(
        f"Tipping points: what would have to be held from the origin on for the chance to pass {_percent(threshold)}, "
        f"from {_percent(first)}; [its interval, nine in ten]."
    )
    rows = [("", "now", "passes at", "")]
    rows += [(tip.name, f"{tip.present:.3g}", _where(tip), tip.unit) for tip in tips]
    sizes = [max(map(len, column)) + 2 for column in list(zip(*rows, strict=True))[:-1]]
    for row in rows:
        cells = "".join(f"{cell:<{size}}" for cell, size in zip(row, sizes, strict=False))
        line = cells + row[-1] if sum(sizes) + len(row[-1]) <= width() else cells
        yield line.rstrip()


def _courses(first: float, held: Held, threshold: float) -> Iterator[str]:
    yield from wrapped(
        "The war held to one course from the origin on, or another coalition at once: the chance then \u00b1 its "
        "standard error; ! where it has passed."
    )
    for name, (chance, error) in held.items():
        passed = " !" if (chance >= threshold) != (first >= threshold) else ""
        yield f"{per_cent(chance, error, width=6)}{passed:<3} {name}"


def _where(tip: Tipping) -> str:
    if tip.value is None or tip.low is None or tip.high is None:
        return f"none from {tip.least:.2g} to {tip.most:.2g}: {_percent(tip.reached)} at an end"
    return minus(f"{tip.value:.2g} [{tip.low:.2g}, {tip.high:.2g}]")


def _in_json(found: Found | str) -> dict[str, Any]:
    if isinstance(found, str):
        return {"why_not": found}
    about, observed, every = found
    return {
        "landmark": month_end(about.landmark),
        "open": int(about.came.size),
        "aside": about.aside,
        "base": float(about.came.mean()),
        "observed": [asdict(box) for box in observed],
        "all": [asdict(box) for box in every],
    }
