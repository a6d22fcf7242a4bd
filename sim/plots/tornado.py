"""A tornado: an answer with one assumption after another at either end of what it can well be."""

from __future__ import annotations

from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.plots import scales
from sim.plots.page import INSIDE, KEY_ROW, LEADING, measure, open_page
from sim.plots.palette import BODY, FORECAST, INK, PAST, QUIET, SMALL
from sim.plots.saving import styled
from sim.plots.words import HELD, number, percent, sentence
from sim.sensitivity import Sensitivity
from sim.sensitivity.making import SWING_MEMBERS

_ROW, _BAR, _SCALE, _GAP = 30.0, 11.0, 20.0, 8.0
"""Height of an assumption's row, of its bar, of the scale, and the gap to either side of the axes; points."""


@styled
def tornado(found: Sensitivity) -> Figure:
    """Draw the answer with each assumption at its 5 % (pale) and its 95 % quantile (dark), all else and the luck equal.

    The line is the answer of these histories as they are. The thin lines are intervals of 90 %, paired.
    """
    swings = found.swings
    chance = found.outcome.is_chance
    base = swings[0].at_low.baseline
    ends = [
        base + end
        for swing in swings
        for pairs in (swing.at_low, swing.at_high)
        for end in (pairs.low, pairs.high)
    ]
    low, high = scales.with_air(min(ends), max(ends))
    low, high = (max(low, 0.0), min(high, 1.0)) if chance else (low, high)
    left = max(measure(swing.name, BODY) for swing in swings) + _GAP
    width = INSIDE - left - _GAP
    height = _ROW * len(swings)
    page = open_page(
        title=_finding(found),
        subtitle=f"{found.outcome.text} With one assumption after another at its 5{HELD}% and its 95{HELD}% quantile, "
        "all else and the luck equal",
        foot=_foot(found),
        height=height + _SCALE + 2 * KEY_ROW,
    )
    axes = page.axes(left, 0.0, width, height)
    axes.set_xlim(low, high)
    axes.set_ylim(height, 0.0)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    ticks = scales.value_ticks(low, high, count=5)
    axes.set_xticks(ticks, labels=scales.value_names(ticks, as_percent=chance))
    axes.grid(axis="x", color=PAST[0], linewidth=0.8)
    axes.set_axisbelow(True)
    colours = {"at_low": FORECAST[1], "at_high": FORECAST[2]}
    for place, swing in enumerate(swings):
        top = place * _ROW
        for row, (end, colour) in enumerate(colours.items()):
            pairs = getattr(swing, end)
            middle = top + 4.0 + _BAR * (row + 0.5)
            axes.barh(middle, pairs.value - base, _BAR - 1.0, base, color=colour, linewidth=0)
            axes.plot([base + pairs.low, base + pairs.high], [middle, middle], color=QUIET, linewidth=1.0)
        page.write(0.0, top + 4.0, swing.name, fontsize=BODY, color=INK)
        page.write(0.0, top + 4.0 + BODY * LEADING, _range(swing.low, swing.high), fontsize=SMALL)
    axes.axvline(base, color=INK, linewidth=1.0)
    key = [
        (Patch(color=colours["at_low"]), f"at its 5{HELD}% quantile"),
        (Patch(color=colours["at_high"]), f"at its 95{HELD}%"),
        (Line2D([], [], color=INK, linewidth=1.0), "as it is"),
    ]
    page.key(height + _SCALE + KEY_ROW - 4.0, [key])
    return page.figure


def _range(low: float, high: float) -> str:
    return f"{low:.2g} to {high:.2g}"


def _finding(found: Sensitivity) -> str:
    """Return how much stays chance, and the assumption that moves the answer most."""
    most = found.swings[0]
    ends = [pairs.value for pairs in (most.at_low, most.at_high)]
    first, last = (percent(end) if found.outcome.is_chance else number(end, 2) for end in ends)
    moved = f"{most.name} moves it most, from {first} to {last}"
    return moved if found.chance is None else f"{percent(found.chance[0])} of the variance is chance; {moved}"


def _foot(found: Sensitivity) -> list[str]:
    held = (
        "from the origin on; nothing is learned again"
        if found.method == "given-data"
        else "from January 2012 on"
    )
    return [
        f"Thin lines: intervals of 90{HELD}% of the computation. Beneath a name: the two quantiles; the assumption is "
        f"held there {held}.",
        f"Scenario {found.outcome.scenario.name}, {found.members:,} members, seed {found.seed}; bars of "
        f"{SWING_MEMBERS:,} at most. {sentence(found.basis)}.",
    ]
