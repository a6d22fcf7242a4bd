"""Two hopes of docs/declared.md that the scorecard's tables do not answer by themselves (decision 27).

    python benchmarks/diagnosis.py events        events, learned less unlearned: paired differences, both seeds
    python benchmarks/diagnosis.py calibrated    what bands of calibrated forecasts hold of as many outcomes

Both take seconds, read results/scorecard and print. Nothing here scores a forecast that was not scored before.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import ndtri

from sim.cases import CLASSES, FIGURES
from sim.clock import month_number
from sim.verification import Scorecard, pooling
from sim.verification.pooling import ERAS, SINCE_2018
from sim.verification.scorecard import MODEL, UNLEARNED
from sim.verification.scores import BANDS

FOLDER = Path(__file__).resolve().parents[1] / "results" / "scorecard"
CASE = ["origin", "target", "lead", "end", "text", "name"]
HISTORIES = 2000


def events() -> None:
    """Print Brier scores, learned less unlearned, with intervals of the scorecard's own blocks."""
    for seed, folder in ((1, FOLDER), (2, FOLDER / "seed-2")):
        data = Scorecard.load(folder).data
        dates = sorted(data["origin"].unique())
        brier = data.pivot(index=CASE, columns="forecaster", values="brier")
        apart = (brier[MODEL] - brier[UNLEARNED]).dropna()
        for target in CLASSES:
            found = apart.xs(target, level="target")
            sums = found.groupby("origin").agg(["sum", "count"]).reindex(dates, fill_value=0)
            drawn = pooling.resamples(len(dates)) @ sums.to_numpy(dtype=float)
            low, high = np.quantile(drawn[:, 0] / drawn[:, 1], [0.05, 0.95])
            print(
                f"seed {seed} {target}: {len(found)} outcomes, {found.mean():+.4f} [{low:+.4f}, {high:+.4f}]"
            )


def level(some: pd.DataFrame, step: float, noise: float, lag: int, every: int) -> np.ndarray:
    """Return what bands hold, (cases, histories, 2): a local level with known monthly step and noise of a figure.

    Figures come at the scored ends and `every` so many months in the three years before, known after `lag` months.
    """
    random, due = np.random.default_rng(1), [month_number(day) for day in some["end"]]
    ends = sorted({*due, *range(min(due) - 36, min(due), every)})
    states = np.cumsum(random.normal(0.0, step, (HISTORIES, max(ends) + 1)), axis=1)
    seen = {end: states[:, end] + random.normal(0.0, noise, HISTORIES) for end in ends}
    found = []
    for origin, end in zip(some["origin"], due, strict=True):
        mean, variance, last = np.zeros(HISTORIES), 1e6, 0
        for known in (k for k in ends if k + lag < month_number(origin)):
            variance, last = variance + step**2 * (known - last), known
            gain = variance / (variance + noise**2)
            mean, variance = mean + gain * (seen[known] - mean), (1.0 - gain) * variance
        place = np.abs(seen[end] - mean) / np.sqrt(variance + step**2 * (end - last) + noise**2)
        found.append(np.stack([place < ndtri((1.0 + share) / 2.0) for share in BANDS], axis=1))
    return np.stack(found).astype(float)


def chain(some: pd.DataFrame) -> np.ndarray:
    """Return what bands of a count hold, by the share of its steps that lies within, (cases, histories, 2).

    Talks stall with .17 and resume with .15 a half-year; moving ones open something with .85, 3.5 chapters on average.
    """
    random, draws = np.random.default_rng(2), 4000
    stall, resume, opens, size = 0.17, 0.15, 0.85, 3.5
    first, steps = half(some["origin"].min()) - 5, 40

    def lived(moving: np.ndarray, halves: int) -> Iterator[np.ndarray]:
        for _ in range(halves):
            u = random.random(moving.size)
            moving = np.where(moving, u >= stall, u < resume)
            yield (
                moving * (random.random(moving.size) < opens) * (1 + random.poisson(size - 1.0, moving.size))
            )

    opened = np.stack(list(lived(np.ones(HISTORIES, bool), steps)), axis=1)
    belief = np.ones((HISTORIES, steps + 1))
    for t in range(steps):
        before = belief[:, t] * (1.0 - stall) + (1.0 - belief[:, t]) * resume
        belief[:, t + 1] = np.where(opened[:, t] > 0, 1.0, before * (1.0 - opens) / (1.0 - before * opens))
    laws = {
        (halves, place): np.sort(sum(lived(random.random(draws) < place / 200.0, halves)))
        for halves in (1, 2, 4)
        for place in range(201)
    }
    found = []
    for origin, lead in zip(some["origin"], some["lead"], strict=True):
        t, halves = half(origin) - first, lead // 6
        outcome, of = opened[:, t : t + halves].sum(axis=1), np.rint(belief[:, t] * 200).astype(int)
        below, upto = (
            np.array([np.searchsorted(laws[halves, p], y, side) for p, y in zip(of, outcome, strict=True)])
            / draws
            for side in ("left", "right")
        )
        found.append(np.stack([held(below, upto, share) for share in BANDS], axis=1))
    return np.stack(found)


def half(day: date) -> int:
    """Return the number of a half-year."""
    return 2 * day.year + (day.month > 6)


def held(below: np.ndarray, upto: np.ndarray, share: float) -> np.ndarray:
    """Return the part of an outcome's step of the distribution function, or whether its place, lies within a share."""
    a, b = (1.0 - share) / 2.0, (1.0 + share) / 2.0
    part = (np.clip(upto, a, b) - np.clip(below, a, b)) / np.maximum(upto - below, 1e-12)
    return np.where(upto > below, part, (below > a) & (below < b))


def calibrated() -> None:
    """Print what two bands hold on average and in nine of ten histories: the same origins, leads and ends as scored.

    Targets go by themselves.
    """
    data = Scorecard.load(FOLDER).data
    some = data[(data["forecaster"] == MODEL) & data["crps"].notna()]
    by = {target: some[some["target"] == target] for target in FIGURES}
    parts = {
        "cfsp_alignment": level(by["cfsp_alignment"], 0.008, 0.07, 2, 6),
        "un_position": level(by["un_position"], 0.07 / 12.0**0.5, 0.045, 7, 12),
        "eu_support": level(by["eu_support"], 0.012, 0.03, 1, 6),
        "chapters_opened": chain(by["chapters_opened"]),
    }
    whole = np.concatenate(list(parts.values()))
    days = np.concatenate([by[name]["origin"] for name in parts])
    eras = {era.name: whole[[day in era for day in days]] for era in (*ERAS, SINCE_2018)}
    for name, part in {**parts, "all": whole, **eras}.items():
        ends = np.quantile(part.mean(axis=0), [0.05, 0.95], axis=0)
        bands = zip(part.mean(axis=(0, 1)), *ends, strict=True)
        told = ", ".join(f"{mean:.2f} [{low:.2f}, {high:.2f}]" for mean, low, high in bands)
        print(f"{name}: {len(part)} outcomes, {told}")


if __name__ == "__main__":
    if sys.argv[1:] not in (["events"], ["calibrated"]):
        raise SystemExit(__doc__)
    {"events": events, "calibrated": calibrated}[sys.argv[1]]()
