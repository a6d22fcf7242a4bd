"""What was learned: each parameter's prior and posterior, with controls that must not move."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.arrays import FloatArray
from sim.plots.page import INSIDE, KEY_ROW, measure, open_page
from sim.plots.style import FORECAST, INK, PAST, QUIET, RULE, SMALL, styled

if TYPE_CHECKING:
    from sim.assimilation import Posterior

_ROW = 13.0
"""Height of a parameter's row, points."""

_SHOWN = 30
"""Parameters shown, those that moved most (judgement: what fits a page)."""

_NINETY = 1.6448536269514722  # half the central 90 per cent of a standard normal
_REACH = 3.2
_AMONG_CONTROLS = (0.9, 1.1)


@styled
def learned(posterior: Posterior) -> Figure:
    """Draw priors and posteriors of the parameters that moved most, and of all negative controls.

    All stand on the scale on which the prior is standard normal, so that one picture holds every unit.
    """
    coordinates = posterior.data["coordinate"].to_numpy()
    of = dict(zip(map(str, coordinates), posterior.data["z"].to_numpy(), strict=True))
    names = [name for name in of if name in posterior.data and posterior.data[name].attrs["learned"]]
    moved = sorted(names, key=lambda name: -_surprise(of[name]))[:_SHOWN]
    controls = [name for name in of if name.startswith("control of ")]
    rows = {name: name.replace("_", " ") for name in (*moved, *controls)}
    left = max(measure(label, SMALL) for label in rows.values()) + 8.0
    top, height = 2 * KEY_ROW + 6.0, (len(rows) + 1) * _ROW
    page = open_page(
        title=_finding(of, names, controls),
        subtitle=f"The {len(moved)} of {len(names)} parameters that the record moved most, where each prior is "
        "standard normal; below them the controls, on which nothing depends",
        foot=[
            f"Posterior as known on {posterior.provenance['as_of']}: {posterior.size:,} particles, seed "
            f"{posterior.provenance['seed']}. Meanings, priors and sources: docs/parameters.md"
        ],
        height=top + height + 22.0,
    )
    wide, narrow, dark = FORECAST
    key = [
        (Patch(color=PAST[1]), "prior, 90 %"),
        (Patch(color=wide), "learned, 90 %"),
        (Patch(color=narrow), "50 %"),
        (Line2D([], [], marker="o", linestyle="", color=dark, markersize=4), "median"),
    ]
    page.key(0.0, [key])
    axes = page.axes(left, top, INSIDE - left, height, xlim=(-_REACH, _REACH), ylim=(len(rows) + 1, 0))
    axes.set_xticks([-2, -1, 0, 1, 2])
    axes.axvline(0.0, color=RULE, linewidth=0.8, zorder=0)
    for number, (name, label) in enumerate(rows.items()):
        place = number + 0.5 + (number >= len(moved))
        axes.barh(place, 2 * _NINETY, 0.78, -_NINETY, color=PAST[1], zorder=1)
        low, lower, middle, upper, high = np.quantile(of[name], [0.05, 0.25, 0.5, 0.75, 0.95])
        axes.barh(place, high - low, 0.5, low, color=wide, zorder=2)
        axes.barh(place, upper - lower, 0.5, lower, color=narrow, zorder=3)
        axes.plot([middle], [place], "o", color=dark, markersize=3.4, zorder=4)
        page.write(left - 6.0, top + place * _ROW, label, ha="right", va="center", color=INK)
    axes.set_xlabel("prior standard deviations from its middle", fontsize=SMALL, color=QUIET, labelpad=3)
    return page.figure


def _surprise(z: FloatArray) -> float:
    """Return how far a posterior is from the prior: the divergence of two normal distributions, nats."""
    spread = max(float(z.std()), 1e-6)
    return 0.5 * (spread**2 + float(z.mean()) ** 2 - 1.0) - float(np.log(spread))


def _finding(of: dict[str, FloatArray], names: list[str], controls: list[str]) -> str:
    sharper = sum(float(of[name].std()) < 0.8 for name in names)
    spreads = [float(of[name].std()) for name in controls]
    low, high = _AMONG_CONTROLS
    kept = sum(low <= spread <= high for spread in spreads)
    still = "every control stays where it should"
    if kept < len(controls):
        still = f"{kept} of {len(controls)} controls stay where they should"
    return f"The record sharpens {sharper} of {len(names)} parameters by a fifth or more; {still}"
