"""How fast the readiness of other states to join declarations moves: what elsewhere.py tells of it."""

from __future__ import annotations

import numpy as np
import pages
import pandas as pd
from scipy.stats import norm


def readiness(sizes: tuple[float, ...]) -> tuple[int, list[float]]:
    """Return joins and refusals of other states, and their log likelihood by the size of a month's step of readiness.

    Readiness on the logit walks, its start normal(1.5, 2); declarations that are not Russia-related. Of a row that
    tells its year alone the month is June.
    """
    table = pd.read_csv(pages.DOCS / "elsewhere" / "joins.csv", dtype={"date": str})
    month = 12 * table["date"].str[:4].astype(int) + table["date"].str[5:7].replace("", "6").astype(int)
    cast = table.assign(month=month).sort_values(["month", "joined"])
    return len(cast), [
        sum(
            _score(own["month"].to_numpy(), own["joined"].to_numpy(), size)
            for _, own in cast.groupby("state")
        )
        for size in sizes
    ]


def _score(months: np.ndarray, joined: np.ndarray, size: float) -> float:
    grid = np.linspace(-9.0, 9.0, 241)
    chances = 1.0 / (1.0 + np.exp(np.stack([grid, -grid])))  # to stay away, and to join
    weight, score = norm.pdf(grid, 1.5, 2.0), 0.0
    weight = weight / weight.sum()
    for passed, answer in zip(np.diff(months, prepend=months[0]), joined, strict=True):
        if passed:
            step = norm.pdf(grid, grid[:, np.newaxis], size * np.sqrt(passed))
            weight = weight @ (step / step.sum(axis=1, keepdims=True))
        seen = weight * chances[answer]
        score += float(np.log(seen.sum()))
        weight = seen / seen.sum()
    return score
