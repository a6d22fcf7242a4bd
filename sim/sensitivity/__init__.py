"""Which assumptions carry an answer, how much of it is chance, and which worlds lead to it.

The first two are asked of the priors by a design, or of a run as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from sim.arrays import FloatArray
from sim.contrasts.pairs import Pairs, paired
from sim.execution.progress import Progress
from sim.names import slug
from sim.record.observations import Record
from sim.runs.manifest import write_text
from sim.runs.results import Run
from sim.scenario import Scenario
from sim.sensitivity.indices import CHANCE, STATE, Importance, chance, importances, morris, sobol
from sim.sensitivity.lives import (
    Lives,
    Outcome as Outcome,
    SensitivityError as SensitivityError,
    designed,
    lives_of_priors,
    lives_of_run,
    outcome_of as outcome_of,
    parameters_of,
    uncertain,
)
from sim.sensitivity.tipping import Tipping as Tipping, courses as courses, tipping_points as tipping_points
from sim.sensitivity.worlds import (
    DRIVERS as DRIVERS,
    Box as Box,
    Histories as Histories,
    discover as discover,
    histories as histories,
    to_ema as to_ema,
)

Method = Literal["given-data", "sobol", "morris"]

SHOWN = 10
"""Assumptions whose swing is lived, and which tables and figures show; judgement: what comes after matters little."""

SWING_MEMBERS, SCREENED = 1024, 256
"""Members lived again at either end of an assumption; and those among whom the largest swings of a run are sought."""

DESIGN_MEMBERS = 32768
"""Rows of a design if not said otherwise."""

_ENDS = (0.05, 0.95)


@dataclass(frozen=True, kw_only=True)
class Swing:
    """The outcome with one assumption at its 5 % and its 95 % quantile, all else equal: the bar of a tornado.

    Attributes
    ----------
    low, high: the quantiles, in the parameter's unit. at_low, at_high: the outcome there against as it is, paired.
    """

    name: str
    unit: str
    low: float
    high: float
    at_low: Pairs
    at_high: Pairs

    @property
    def size(self) -> float:
        """How far apart the outcome is at the two ends."""
        return abs(self.at_high.value - self.at_low.value)


@dataclass(frozen=True, repr=False)
class Sensitivity:
    """What carries an outcome.

    Attributes
    ----------
    mean, error: of the outcome over members, with its standard error. members: how many, or rows of the design.
    seed: of the design, or of the run. basis: what the members rest on, in words.
    importances: of every input, the greatest first. swings: of the first assumptions, the largest first.
    chance: share of the variance that stays chance whatever is known, with half its interval of 90 %; None where the
        method cannot tell.
    """

    method: Method
    outcome: Outcome
    mean: float
    error: float
    members: int
    seed: int
    basis: str
    importances: tuple[Importance, ...]
    chance: tuple[float, float] | None
    swings: tuple[Swing, ...]

    @property
    def settled(self) -> int:
        """How many of the inputs in rank come before the first that cannot be told from one without effect."""
        clear = [*(item.value > item.error for item in self.importances), False]
        return clear.index(False)

    def table(self) -> list[dict[str, object]]:
        """Return a row for each input: its measures; quantiles and the outcome at either end, None if not lived."""
        swings = {swing.name: swing for swing in self.swings}
        most = [field.name for field in fields(Pairs)]
        rows = []
        for item in self.importances:
            swing = swings.get(item.name)
            row: dict[str, object] = {"input": item.name, **item.measures}
            row |= {end: getattr(swing, end, None) for end in ("low", "high")}
            for end in ("at_low", "at_high"):
                row |= {f"{end}_{name}": getattr(getattr(swing, end, None), name, None) for name in most}
            rows.append(row)
        return rows

    def path(self, folder: Path, suffix: str) -> Path:
        """Return where the table or a figure belongs in a folder."""
        return folder / "sensitivity" / f"{slug(self.outcome.name)}-{self.method}{suffix}"

    def save(self, folder: Path) -> Path:
        """Write the table as CSV into a folder and return its path."""
        path = self.path(folder, ".csv")
        path.parent.mkdir(parents=True, exist_ok=True)
        table = pd.DataFrame(self.table(), dtype=object)
        write_text(path, table.to_csv(index=False, lineterminator="\n"))
        return path

    def __repr__(self) -> str:
        first = ", ".join(f"{item.name} {item.value:.3f}" for item in self.importances[:5])
        about = f"{self.outcome.name} by {self.method}, {self.members:,} members"
        return f"Sensitivity of {about}\n  first: {first}"


def of_priors(
    scenario: Scenario,
    outcome: str,
    *,
    method: Method = "sobol",
    members: int = DESIGN_MEMBERS,
    seed: int = 1,
    record: Record | None = None,
    workers: int = 1,
    progress: Progress = None,
) -> Sensitivity:
    """Return what carries an outcome on the priors, by a design of SALib whose every row is a member.

    A row holds the quantiles of a member's parameters in their priors, and which luck it has: parameters and luck are
    inputs alike, so that the variance is split into what parameters explain and what stays chance. All rows are lived
    together from January 2012 on, with recorded facts imposed and nothing learned.

    Parameters
    ----------
    outcome: as of `sim.sensitivity.outcome_of`. method: "sobol" or "morris". members: rows of the design at most.

    Raises SensitivityError if there is no such outcome, SALib (of the extra ``sensitivity``) is not installed, or the
    design is too small; says the smallest that serves.
    """
    asked = outcome_of(scenario, outcome)
    lives = lives_of_priors(asked, seed=seed, record=record, workers=workers, progress=progress)
    names = uncertain(lives.table)
    lived: list[FloatArray] = []

    def live(u: FloatArray) -> FloatArray:
        lived.append(lives.lived(designed(lives.table, u), len(u), "living the design"))
        return lived[-1]

    indices = {"sobol": sobol, "morris": morris}[method]
    *found, luck = indices([*names, CHANCE], live, members=members, seed=seed)
    ranked = tuple(sorted(found, key=lambda item: -item.value))
    ends = {name: lives.table[name].draw(np.array(_ENDS)) for name in names}
    swings, as_is = _swings(lives, ends, [item.name for item in ranked[:SHOWN]], SWING_MEMBERS)
    return Sensitivity(
        method=method,
        outcome=asked,
        # not of the design, whose rows are few in truth and, of Morris, no sample of the priors
        mean=float(as_is.mean()),
        error=lives.error(as_is),
        members=lived[-1].size,
        seed=seed,
        basis="priors: recorded facts are imposed, nothing is learned from the record",
        importances=ranked,
        chance=(luck.measures["ST"], luck.measures["ST_conf"]) if method == "sobol" else None,
        swings=swings,
    )


def of_run(run: Run, outcome: str, *, workers: int = 1, progress: Progress = None) -> Sensitivity:
    """Return what carries an outcome in a run as it is: given-data indices over its own members.

    The first-order index of each parameter, and of each state at the origin where the run learned; what stays chance
    is the variance among members that descend from one particle (`sim.sensitivity.indices`). For the swings the first
    members are lived again with the parameter held at its quantile from the origin on: nothing is learned again.

    Raises SensitivityError if there is no such outcome, or too few members; ContrastError if code or record changed.
    """
    asked = outcome_of(run.scenario, outcome)
    lives = lives_of_run(run, asked, workers=workers, progress=progress)
    y = asked.of(run.data)
    inputs, states = parameters_of(run), lives.begin(np.arange(y.size)).states or {}
    at_origin = {f"{name}{STATE}": x for name, x in states.items() if x.ndim == 1}
    found = importances({**inputs, **at_origin}, y, lives.islands, seed=lives.seed)
    ends = {name: np.quantile(values, _ENDS) for name, values in inputs.items()}
    # of all: what another makes up for in what was learned has no index of its own, and yet a swing
    every, _ = _swings(lives, ends, list(ends), min(SCREENED, y.size))
    first = [swing.name for swing in every[:SHOWN]]
    return Sensitivity(
        method="given-data",
        outcome=asked,
        mean=float(y.mean()),
        error=lives.error(y),
        members=y.size,
        seed=lives.seed,
        basis=run.basis,
        importances=tuple(sorted(found, key=lambda item: -item.value)),
        chance=chance(run.data, y, lives.islands, seed=lives.seed),
        swings=_swings(lives, ends, first, min(SWING_MEMBERS, y.size))[0],
    )


def _swings(
    lives: Lives, ends: Mapping[str, FloatArray], names: list[str], members: int
) -> tuple[tuple[Swing, ...], FloatArray]:
    """Return the swings of parameters over the first members, the largest first, and their outcome as it is."""
    values = [(name, float(end)) for name in names for end in ends[name]]
    lived = lives.held(members, values, "living the ends of each assumption")
    islands = None if lives.islands is None else lives.islands[:members]
    as_is, *held = lived > 0.0 if lives.outcome.is_chance else lived
    pairs = [paired(again, as_is, islands) for again in held]
    swings = []
    for name in names:
        (low, high), (at_low, at_high) = (float(end) for end in ends[name]), (pairs.pop(0), pairs.pop(0))
        unit = lives.table[name].unit
        swings.append(Swing(name=name, unit=unit, low=low, high=high, at_low=at_low, at_high=at_high))
    return tuple(sorted(swings, key=lambda item: -item.size)), lived[0]
