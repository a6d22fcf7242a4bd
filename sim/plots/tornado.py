"""A tornado: an answer with one assumption after another at either end of what it can well be."""

from __future__ import annotations

from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.plots import scales
from sim.plots.page import INSIDE, KEY_ROW, LINE, measure, open_page
from sim.plots.style import BODY, FORECAST, INK, PAST, PLAIN, QUIET, styled
from sim.sensitivity import SWING_MEMBERS, Sensitivity
from sim.words import HELD, number, percent, sentence

_ROW, _BAR, _SCALE, _GAP = 30.0, 11.0, 20.0, 8.0
"""Height of an assumption's row, of its bar, of the scale, and the gap to either side of the axes; points."""


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
    left = max(measure(swing.name, BODY) for swing in swings) + _GAP
    width, height = INSIDE - left - _GAP, _ROW * len(swings)
    page = open_page(
        title=_finding(found),
        subtitle=f"{found.outcome.text} With one assumption after another at its 5{HELD}% and its 95{HELD}% quantile, "
        "all else and the luck equal",
        foot=_foot(found),
        height=height + _SCALE + 2 * KEY_ROW,
    )
    axes = page.axes(left, 0.0, width, height, xlim=(low, high), ylim=(height, 0.0))
    scale = scales.Values(low, high, as_percent=chance)
    axes.set_xticks(scale.ticks, labels=scale.names)
    axes.grid(axis="x", color=PAST[0], linewidth=0.8)
    axes.set_axisbelow(True)
    pale, dark = FORECAST[1:]
    for place, swing in enumerate(swings):
        top = place * _ROW + 4.0
        for row, (end, colour) in enumerate(((swing.at_low, pale), (swing.at_high, dark))):
            middle = top + _BAR * (row + 0.5)
            axes.barh(middle, end.value - base, _BAR - 1.0, base, color=colour, linewidth=0)
            axes.plot([base + end.low, base + end.high], [middle, middle], color=QUIET, linewidth=1.0)
        page.write(0.0, top, swing.name, **PLAIN)
        page.write(0.0, top + LINE, f"{swing.low:.2g} to {swing.high:.2g}")
    axes.axvline(base, color=INK, linewidth=1.0)
    key = [
        (Patch(color=pale), f"at its 5{HELD}% quantile"),
        (Patch(color=dark), f"at its 95{HELD}%"),
        (Line2D([], [], color=INK, linewidth=1.0), "as it is"),
    ]
    page.key(height + _SCALE + KEY_ROW - 4.0, [key])
    return page.figure


def _finding(found: Sensitivity) -> str:
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
