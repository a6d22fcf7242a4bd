"""Parameters: what was learned of each, with controls that must not move, and how far each moves an answer."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from sim.assimilation import Posterior
from sim.assimilation.dataset import LEVELS
from sim.forecasting.errors import Z
from sim.plots import scales
from sim.plots.page import INSIDE, LINE, Page, widest
from sim.plots.style import BODY, FORECAST, INK, PAST, PLAIN, QUIET, RULE, SMALL, styled
from sim.sensitivity import SWING_MEMBERS, Sensitivity
from sim.words import HELD, number, percent, sentence

_LEARNED_ROW = 13.0
"""Height of a parameter's row where it was learned, points."""

_SHOWN = 30
"""Parameters shown, those that moved most (judgement: what fits a page)."""

_REACH, _SHARPER, _AMONG_CONTROLS = 3.2, 0.8, (0.9, 1.1)


@styled
def learned(posterior: Posterior) -> Figure:
    """Draw priors and posteriors of the parameters that moved most, and of all negative controls.

    All stand on the scale on which the prior is standard normal, so that one picture holds every unit.
    """
    known, controls = posterior.summary().query("learned"), posterior.controls()
    moved = known.sort_values("information", ascending=False, kind="stable").head(_SHOWN)
    rows = [*moved.index, *(f"control of {kind}" for kind in controls.index)]
    labels = [name.replace("_", " ") for name in rows]
    left = widest(labels, SMALL) + 8.0
    height = (len(rows) + 1) * _LEARNED_ROW
    page = Page(
        title=_sharpened(known["sd_ratio"], controls["sd"]),
        subtitle=f"The {len(moved)} of {len(known)} parameters that the record moved most, where each prior is "
        "standard normal; below them the controls, on which nothing depends",
        foot=[
            f"Posterior as known on {posterior.provenance['as_of']}: {posterior.size:,} particles, seed "
            f"{posterior.provenance['seed']}. Meanings, priors and sources: docs/parameters.md"
        ],
    )
    wide, narrow, dark = FORECAST
    axes = page.axes(left, 0.0, INSIDE - left, height, xlim=(-_REACH, _REACH), ylim=(len(rows) + 1, 0))
    axes.set_xticks([-2, -1, 0, 1, 2])
    axes.axvline(0.0, color=RULE, linewidth=0.8, zorder=0)
    middles = np.arange(len(rows)) + 0.5 + (np.arange(len(rows)) >= len(moved))
    low, lower, median, upper, high = np.quantile(posterior.data["z"].sel(coordinate=rows), LEVELS, axis=1)
    axes.barh(middles, 2 * Z, 0.78, -Z, color=PAST[1], zorder=1, label="prior, 90 %")
    axes.barh(middles, high - low, 0.5, low, color=wide, zorder=2, label="learned, 90 %")
    axes.barh(middles, upper - lower, 0.5, lower, color=narrow, zorder=3, label="50 %")
    axes.plot(median, middles, "o", color=dark, markersize=3.4, zorder=4, label="median")
    axes.set_yticks(middles, labels=labels)
    axes.set_xlabel("prior standard deviations from its middle")
    return page.close()


def _sharpened(spreads: pd.Series, controls: pd.Series) -> str:
    """Return how many parameters the record sharpens, and whether the controls stay."""
    sharper, kept = int((spreads < _SHARPER).sum()), int(controls.between(*_AMONG_CONTROLS).sum())
    still = f"{kept} of {len(controls)} controls stay where they should"
    if kept == len(controls):
        still = "every control stays where it should"
    return f"The record sharpens {sharper} of {len(spreads)} parameters by a fifth or more; {still}"


_ROW, _BAR, _GAP = 30.0, 11.0, 8.0
"""Height of a tornado's row, of its bar, and the gap to either side of the axes; points."""


@styled
def tornado(found: Sensitivity) -> Figure:
    """Draw the answer with each assumption at its 5 % (pale) and its 95 % quantile (dark), all else and the luck equal.

    The line is the answer of these histories as they are. The thin lines are intervals of 90 %, paired.
    """
    swings, chance = found.swings, found.outcome.is_chance
    base = swings[0].at_low.baseline
    pairs = [each for swing in swings for each in (swing.at_low, swing.at_high)]
    ends = [base + end for each in pairs for end in (each.low, each.high)]
    low, high = scales.with_air(min(ends), max(ends))
    low, high = (max(low, 0.0), min(high, 1.0)) if chance else (low, high)
    left = widest((swing.name for swing in swings), BODY) + _GAP
    height = _ROW * len(swings)
    page = Page(
        title=_moves_most(found),
        subtitle=f"{found.outcome.text} With one assumption after another at its 5{HELD}% and its 95{HELD}% quantile, "
        "all else and the luck equal",
        foot=_foot(found),
    )
    axes = page.axes(left, 0.0, INSIDE - left - _GAP, height, xlim=(low, high), ylim=(height, 0.0))
    scale = scales.Values(low, high, as_percent=chance)
    axes.set_xticks(scale.ticks, labels=scale.names)
    axes.grid(axis="x", color=PAST[0], linewidth=0.8)
    pale, dark = FORECAST[1:]
    for place, swing in enumerate(swings):
        top = place * _ROW + 4.0
        bars = (swing.at_low, pale, f"at its 5{HELD}% quantile"), (swing.at_high, dark, f"at its 95{HELD}%")
        for row, (end, colour, label) in enumerate(bars):
            middle = top + _BAR * (row + 0.5)
            axes.barh(middle, end.value - base, _BAR - 1.0, base, color=colour, linewidth=0, label=label)
            axes.plot([base + end.low, base + end.high], [middle, middle], color=QUIET, linewidth=1.0)
        page.write(0.0, top, swing.name, **PLAIN)
        page.write(0.0, top + LINE, f"{swing.low:.2g} to {swing.high:.2g}")
    axes.axvline(base, color=INK, linewidth=1.0, label="as it is")
    return page.close()


def _moves_most(found: Sensitivity) -> str:
    """Return how much stays chance, and the assumption that moves the answer most."""
    most = found.swings[0]
    ends = [pairs.value for pairs in (most.at_low, most.at_high)]
    first, last = (percent(end) if found.outcome.is_chance else number(end, 2) for end in ends)
    moved = f"{most.name} moves it most, from {first} to {last}"
    return moved if found.chance is None else f"{percent(found.chance[0])} of the variance is chance; {moved}"


def _foot(found: Sensitivity) -> list[str]:
    of_run = found.method == "given-data"
    held = "from the origin on; nothing is learned again" if of_run else "from January 2012 on"
    return [
        f"Thin lines: intervals of 90{HELD}% of the computation. Beneath a name: the two quantiles; the assumption is "
        f"held there {held}.",
        f"Scenario {found.outcome.scenario.name}, {found.members:,} members, seed {found.seed}; bars of "
        f"{SWING_MEMBERS:,} at most. {sentence(found.basis)}.",
    ]
