"""How long talks of other candidates stood still, half-year by half-year: for docs/elsewhere.md."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, ndtri

from sim.mechanisms.accession import still_moving
from sim.mechanisms.scales import logistic
from sim.parameters import parameter_table
from sim.priors import Prior

FloatArray = NDArray[np.float64]
DATA = Path(__file__).with_name("elsewhere")
_CHANCES = logistic(np.linspace(-7.0, 4.0, 67))  # of stalling, and of resuming
_EDGES = logistic(np.linspace(-7.0 - 1.0 / 12.0, 4.0 + 1.0 / 12.0, 68))
_MEANS, _PRECISIONS = np.arange(0.02, 0.62, 0.03), np.geomspace(2.0, 300.0, 9)


def rows(name: str) -> list[dict[str, str]]:
    """Return a table of other states."""
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def half_of(date: str) -> int:
    """Return the half-year of a date, counted from year 0."""
    return 2 * int(date[:4]) + (int(date[5:7]) > 6)


@cache
def chapters_by_half() -> dict[str, dict[int, int]]:
    """Return by state the chapters of each half-year after candidate status to the last known; -1 for another step."""
    steps: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows("steps"):
        steps[row["state"]].append(row)
    found: dict[str, dict[int, int]] = {}
    for state, own in steps.items():
        (first,), (last,) = (
            [half_of(r["date"]) for r in own if r["step"] == step] for step in ("candidate", "last")
        )
        halves = dict.fromkeys(range(first + 1, last + 1), 0)
        for row in own:
            half = half_of(row["date"])
            if row["step"] == "chapters":
                halves[half] = max(halves[half], 0) + int(row["chapters"])
            elif row["step"] in ("decision", "conference") and half > first:
                halves[half] = halves[half] or -1
        found[state] = halves
    return found


def prior(name: str) -> tuple[float, ...]:
    """Return the numbers of a parameter's prior."""
    entry = parameter_table()[name].prior
    return entry.numbers if isinstance(entry, Prior) else ()


@cache
def likelihoods(last: int) -> tuple[FloatArray, ...]:
    """Return each state's likelihood by its chances of stalling and of resuming, that of an opening integrated out.

    The chain of `sim.mechanisms.accession.still_moving`, from candidate status on; openings while talks move have the
    chance of `opening_base` at even credibility and no pressure.
    """
    middle, spread = prior("opening_base")
    opens = logistic(middle + spread * ndtri((np.arange(15) + 0.5) / 15.0))
    stall, resume, chance = np.meshgrid(_CHANCES, _CHANCES, opens, indexing="ij")
    found = []
    for halves in chapters_by_half().values():
        known = (opened for half, opened in halves.items() if half < 2 * (last + 1))
        found.append(np.exp(lived(known, stall, resume, chance)[0]).mean(axis=2))
    return tuple(found)


def lived(
    opened: Iterable[int], stall: FloatArray, resume: FloatArray, chance: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the log chance of what half-years opened, and how likely talks move after the last of them."""
    moving, log_chance = np.ones_like(chance), np.zeros_like(chance)
    for n in opened:
        before, moving = still_moving(moving, stall, resume, chance=chance, opened=n != 0)
        log_chance += np.log(before * chance if n else 1.0 - before * chance)
    return log_chance, moving


def weights(mean: float, precision: float) -> FloatArray:
    """Return what a beta law gives to each chance of the grid."""
    cumulative = betainc(mean * precision, (1.0 - mean) * precision, _EDGES)
    share = np.diff(cumulative)
    return np.asarray(share / share.sum())


def foretold(last: int) -> tuple[int, int, float, float, float]:
    """Return states, half-years, and log scores: with the priors; with the best ones; each state by the others.

    Each half-year by those before it, of a state whose own chances are learned on the way from a beta prior: that of
    the parameters; the one that is best for all states; those that the other states make likely, their means and
    precisions equally likely on a grid beforehand.
    """
    likely = [one for one in likelihoods(last) if one.min() < 1.0]
    stall, resume = prior("opening_stall"), prior("opening_resume")
    own = [np.log(_of(stall) @ one @ _of(resume)) for one in likely]
    grid = np.array([weights(m, k) for m in _MEANS for k in _PRECISIONS])
    logs = np.array([np.log(grid @ one @ grid.T) for one in likely])
    whole = logs.sum(axis=0)
    others = []
    for one in logs:
        rest = np.exp(whole - one - (whole - one).max())
        others.append(np.log((rest * np.exp(one)).sum() / rest.sum()))
    count = sum(1 for halves in chapters_by_half().values() for half in halves if half < 2 * (last + 1))
    return len(likely), count, float(np.sum(own)), float(whole.max()), float(np.sum(others))


def by_precision() -> list[tuple[float, float]]:
    """Return the best log likelihood, to 2025, by how alike states' chances of resuming are: the beta's precision."""
    grid = np.array([weights(m, k) for m in _MEANS for k in _PRECISIONS])
    found = []
    for precision in (1000.0, 60.0, 13.0, 4.0):
        resumes = np.array([weights(m, precision) for m in _MEANS])
        found.append(
            (precision, float(sum(np.log(grid @ one @ resumes.T) for one in likelihoods(2025)).max()))
        )
    return found


def _of(numbers: tuple[float, ...]) -> FloatArray:
    a, b = numbers
    return weights(a / (a + b), a + b)
