"""A state's ledger over time: what each incentive adds to the lean that it calls for."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.incentives import LEDGER
from sim.plots import scales
from sim.plots.bands import band_key, bands
from sim.plots.captions import foot
from sim.plots.page import INSIDE, KeyRow, open_page
from sim.plots.series import Series, series
from sim.plots.style import BODY, INK, PAST, PLAIN, styled
from sim.results import Run
from sim.words import HELD, day_in_words, histories, position, sentence, signed, when

TERMS = [term.name for term in sorted(LEDGER.values(), key=lambda term: -term.sign)]
"""The terms in the order in which they are drawn: first those that draw towards the EU's line."""

_ROWS = (len(TERMS) + 2) // 2
"""Rows of panels in two columns; the key takes the place after the last term."""

_HEAD, _HEIGHT, _GAP, _GUTTER = 17.0, 62.0, 9.0, 14.0
"""Height of a panel's name, of its axes, the gap beneath, and between the columns; points."""

_YEARS = 22.0

_LEAST = 0.005
"""The least median that is not written as zero, logit."""


@styled
def ledger(run: Run) -> Figure:
    """Draw each term of the ledger over time, on one scale: median and bands; paler and without the outer band before.

    A term is a weight times how far its incentive stands from where it stood in January 2012, in logits of lean. The
    record says little about the weights, so the bands are mostly what is not known about them.
    """
    terms = {run.country.fill(LEDGER[term].phrase): series(run, LEDGER[term].variable) for term in TERMS}
    seen = [subject.bands[:, subject.ahead] for subject in terms.values()]
    seen += [subject.bands[1:4] for subject in terms.values()]
    low, high = min(-0.1, *map(np.min, seen)), max(0.1, *map(np.max, seen))
    scale = scales.Values(*scales.with_air(float(low), float(high), 0.04), count=4)
    width = (INSIDE - scale.left - _GUTTER) / 2.0 - 2.0
    step = _HEAD + _HEIGHT + _GAP
    members = next(iter(terms.values())).members
    page = open_page(
        title=_finding(run, terms),
        subtitle=f"How far each incentive moves the lean that is called for, against January{HELD}2012. Up is towards "
        f"the EU's line: +1 turns an even chance of joining a declaration into 73{HELD}%. "
        f"{sentence(histories(members))}",
        foot=foot(run, f"Bold: the median {when(run.scenario.last_month, '')}."),
        height=_ROWS * step + _YEARS,
    )
    at, last = position(run.scenario.as_of), float(run.scenario.last_month + 1)
    for place, (term, subject) in enumerate(terms.items()):
        column, row = divmod(place, _ROWS)
        x, y = scale.left + column * (width + _GUTTER), row * step
        axes = page.axes(x, y + _HEAD, width, _HEIGHT)
        scale.draw(axes, named=column == 0)
        scales.years(axes, 0.0, last)
        axes.xaxis.set_visible(place in (_ROWS - 1, len(terms) - 1))
        axes.spines["bottom"].set_visible(axes.xaxis.get_visible())
        bands(axes, subject, at, ahead=False, outer=False)
        bands(axes, subject, at, ahead=True)
        axes.axvline(at, color=INK, linewidth=1.0, zorder=4)
        scales.beyond_record(axes, run)
        head = PLAIN | {"va": "baseline"}
        page.write(x, y + BODY + 2.0, sentence(term), **head)
        page.write(
            x + width, y + BODY + 2.0, signed(subject.bands[2, -1], 2), weight="bold", ha="right", **head
        )
    before = (Patch(color=PAST[1]), Line2D([], [], color=PAST[2], linewidth=1.8))
    key: KeyRow = [
        *band_key(),
        (before, "before: median, half; not a fit"),
        (Line2D([], [], color=INK, linewidth=1.0), day_in_words(run.scenario.as_of)),
    ]
    below = (len(terms) - _ROWS) * step + _YEARS
    page.key(below, [[line] for line in key], left=scale.left + width + _GUTTER)
    return page.figure


def _finding(run: Run, terms: dict[str, Series]) -> str:
    """Return which incentive draws most and which holds back most at the horizon's end, by the median."""
    draws = _strongest(terms, 1.0)
    holds = _strongest(terms, -1.0)
    state = run.country.state
    then = f"in January{HELD}2012"
    first = f"{draws} {'draw' if ' and ' in draws else 'draws'} {state} most"
    second = f"{holds} {'hold' if ' and ' in holds else 'holds'} it back most"
    if not holds:
        second = f"none holds it back more than {then if draws else 'then'}"
    if not draws:
        first = f"no incentive draws {state} more than {then}"
    return sentence(f"{first}, {second}, {when(run.scenario.last_month, '')}")


def _strongest(terms: dict[str, Series], sign: float) -> str:
    """Return the incentive whose median lies farthest to one side, or the two that luck may have put in order.

    The second is named too unless the first exceeds it in more than half of the members, by two standard errors of
    that share. Nothing where no median is beyond the rounding of the figure.
    """
    ends = {term: sign * subject.bands[2, -1] for term, subject in terms.items()}
    first, second = sorted(ends, key=lambda term: -ends[term])[:2]
    if ends[first] < _LEAST:
        return ""
    ahead = float((sign * (terms[first].last - terms[second].last) > 0.0).mean())
    sure = ahead - 0.5 > 2.0 * 0.5 / terms[first].members ** 0.5
    alone = sure or ends[second] < _LEAST
    return first if alone else f"{first} and {second}"
