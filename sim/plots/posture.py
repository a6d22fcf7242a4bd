"""Ally, balancer or opponent over time: shares of the ensemble, and the labels of the record beneath them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from sim.clock import month_end
from sim.mechanisms.choice import WINDOW
from sim.members import at
from sim.observations import Record
from sim.plots import scales
from sim.plots.bands import HATCH, clip, spans, strip
from sim.plots.captions import before_the_origin, foot, judged, posture_finding, shares
from sim.plots.page import INSIDE, KEY_ROW, LINE, Page, measure, open_page
from sim.plots.series import Series, series
from sim.plots.style import BODY, BOLD, INK, PAPER, PLAIN, POSTURE, SMALL, styled
from sim.recorded import recorded_labels
from sim.results import Run
from sim.words import histories, month_in_words, percent, position, sentence

_ABOVE, _HEIGHT, _STRIP, _GAP = 16.0, 190.0, 16.0, 5.0
"""Room above the axes, the axes, the strip of the record, and between them; points."""

PALER = 0.45
"""How much of its colour a share keeps before the origin: in grey print no other posture's colour after it."""

_VOTED = 0.5
"""UN texts in a month, of the mean of members, from which on there was a vote."""

_RANGE = "In brackets: the range over judgement that the record cannot settle."

_LEAP = 0.1
"""A change of the share of allies in a month that a note explains (judgement)."""


@styled
def posture(run: Run) -> Figure:
    """Draw the shares of members that are ally, balancer and opponent over time, above the recorded labels.

    What lies before the origin is paler. Recorded labels of the origin's month and later were not known then: hatched.
    """
    subject = series(run, "posture")
    if not subject.last.size:
        title, subtitle = posture_finding(run, subject), sentence(subject.meaning)
        return open_page(title=title, subtitle=subtitle, foot=foot(run), height=0.0).figure
    recorded = recorded_labels(Record.load(run.scenario.state))
    labels = [label for label in recorded if label.month <= subject.months[-1]]
    known = [label for label in labels if label.month < subject.first_month]
    later = [label for label in labels if label.month >= subject.first_month]
    judgement = {name: judged(run, "posture", name) for name in subject.categories}
    ranges = {name: f"[{found[-1].in_words()}]" for name, found in judgement.items() if found}
    below = _ABOVE + _HEIGHT + _GAP + _STRIP + 24.0
    page = open_page(
        title=posture_finding(run, subject),
        subtitle=f"Share of {histories(subject.members)} in each posture, by what {run.country.state} "
        "did in the twelve months before",
        foot=foot(run, _RANGE if ranges else "", _leap(run, subject)),
        height=below + KEY_ROW * (1 + bool(later)),
    )
    names = [measure(name, BODY, weight="bold") for name in subject.categories]
    width = INSIDE - 8.0 - max(*names, *(measure(words, SMALL) for words in (*ranges.values(), "on record")))
    left = measure("100\N{NO-BREAK SPACE}%", scales.TICK) + 6.0
    axes = page.axes(left, _ABOVE, width - left, _HEIGHT)
    _stack(axes, subject, position(run.scenario.as_of))
    now = shares(subject.last, subject.categories)
    tops = np.cumsum(list(now.values()))
    wanted = [_HEIGHT * (1.0 - top + share / 2.0) for top, share in zip(tops, now.values(), strict=True)]
    lines = [(name, percent(share), ranges.get(name, "")) for name, share in now.items()]
    name_lines(page, lines, wanted, left=width + 6.0, top=_ABOVE, height=_HEIGHT)
    first, last = axes.get_xlim()
    scales.origin(page, axes, run)
    below_it = page.axes(
        left, _ABOVE + _HEIGHT + _GAP, width - left, _STRIP, xlim=(first, last), ylim=(0.0, 1.0)
    )
    strip(run, below_it, spans((label.month, label.posture) for label in known))
    strip(run, below_it, spans((label.month, label.posture) for label in later), hatched=True)
    scales.years(below_it, first, last)
    middle = _ABOVE + _HEIGHT + _GAP + _STRIP / 2
    page.write(width + 6.0, middle, "on record", va="center_baseline", color=INK)
    paler = tuple(Patch(color=POSTURE[name], alpha=PALER) for name in subject.categories)
    page.key(below, [[(paler, before_the_origin(run))]], spread=True)
    if later:
        hollow = (
            Patch(facecolor=POSTURE["balancer"], edgecolor=PAPER, hatch=HATCH, linewidth=0.0),
            Patch(facecolor="none", edgecolor=INK, linewidth=0.8),
        )
        words = f"on record up to {month_end(labels[-1].month):%B %Y}, not known at the origin"
        page.key(below + KEY_ROW, [[(hollow, words)]])
    return page.figure


def _leap(run: Run, subject: Series) -> str:
    """Return why the share of allies leaps, where it does as votes come into the posture's window or leave it.

    An ally votes with Russia half of the time, in twelve months that at first are the record's.
    """
    code = subject.categories.index("ally")
    share = subject.shares[code]
    after = np.flatnonzero(subject.ahead[1:]) + 1
    if not after.size:
        return ""
    most = after[np.argmax(np.abs(share[after] - share[after - 1]))]
    month = int(subject.months[most])
    if abs(share[most] - share[most - 1]) < _LEAP:
        return ""
    came, left = (m >= 0 and at(run.data, "votes", m).mean() >= _VOTED for m in (month, month - WINDOW))
    why = [f"the UN votes of {month_in_words(month - WINDOW)} leave them"] if left else []
    why += ["a UN vote comes in"] if came else []
    leap = f"In {month_in_words(month)} ally goes from {percent(share[most - 1])} to {percent(share[most])}"
    return f"{leap}: a posture is judged over twelve months, and {' and '.join(why)}." if why else ""


def _stack(axes: Axes, subject: Series, at: float) -> None:
    """Stack the shares from the first month that has a posture."""
    # The first month's shares stand for all of it, as a label on the strip does.
    ends = np.array([subject.months[0], *(subject.months + 1)], dtype=float)
    by_category = [np.array([share[0], *share]) for share in subject.shares]
    axes.set_ylim(0.0, 1.0)
    axes.set_xlim(ends[0], ends[-1])
    for which, strength in ((ends <= at + 1.0, PALER), (ends >= at - 1.0, 1.0)):
        if not which.any():
            continue
        colours = [POSTURE[name] for name in subject.categories]
        parts = [share[which] for share in by_category]
        drawn = axes.stackplot(ends[which], parts, colors=colours, alpha=strength, linewidth=0)
        clip(axes, drawn, *((ends[0], at) if strength < 1.0 else (at, ends[-1])))
    ticks = [0.0, 0.25, 0.5, 0.75, 1.0]
    axes.set_yticks(ticks, labels=[percent(tick) for tick in ticks])


def name_lines(
    page: Page, lines: Sequence[Sequence[str]], wanted: list[float], *, left: float, top: float, height: float
) -> None:
    """Write beside axes what ends there: a name, its value and its range, near where it ends but apart.

    Parameters
    ----------
    lines: of each end, from below upwards. wanted: how far below the axes' upper edge; left, top, height: points.
    """
    rows = 3 if any(range_ for *_, range_ in lines) else 2
    room = rows * LINE + 2.0
    for (name, value, range_), middle in zip(lines, keep_apart(wanted, room, height), strict=True):
        above = top + middle - room / 2.0
        page.write(left, above, name, **BOLD)
        page.write(left, above + LINE, value, **PLAIN)
        page.write(left, above + 2.0 * LINE, range_, color=INK)


def keep_apart(wanted: list[float], room: float, height: float) -> list[float]:
    """Return middles near those wanted, given from below upwards, at least `room` apart, within 0 and `height`.

    >>> keep_apart([95.0, 90.0, 40.0], 20.0, 100.0)
    [90.0, 70.0, 40.0]
    """
    placed: list[float] = []
    ceiling = height - room / 2.0
    for middle in wanted:
        placed.append(min(middle, ceiling))
        ceiling = placed[-1] - room
    floor = room / 2.0
    for number in reversed(range(len(placed))):
        placed[number] = max(placed[number], floor)
        floor = placed[number] + room
    return placed
