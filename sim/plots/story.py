"""One member's story: its lean and posture, what gas cost it, and what happened, on one timeline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.arrays import FloatArray
from sim.clock import MONTHS_PER_YEAR, month_number
from sim.forecasting.ensemble import live_again
from sim.mechanisms.choice import POSTURES
from sim.model.variables import RECORDED
from sim.plots import scales
from sim.plots.captions import foot
from sim.plots.page import INSIDE, Page, labelled
from sim.plots.scales import Span, spans, strip
from sim.plots.series import FigureError
from sim.plots.style import FORECAST, INK, PAPER, QUIET, RULE, styled
from sim.record.country import content_of
from sim.record.observations import Record
from sim.runs.results import Run
from sim.words import a, month_in_words, when

_ABOVE, _HEIGHT, _STRIP, _GAP = 16.0, 84.0, 15.0, 12.0
"""Room above the first axes, height of axes of values, of the strip, the gap beneath; points."""

_ROW, _SIGNS = 16.0, 14.0
"""Height of a row of events, and of what their signs mean beneath their name; points."""

_LEFT, _EDGE, _WORDS = 132.0, 6.0, 94.0
"""Room for words at the left, for half a mark at the right, and for words beside the names of values; points."""

_WIDTH = INSIDE - _LEFT - _EDGE

_BEFORE = 2 * MONTHS_PER_YEAR
"""Months before the origin with which the story begins."""

_CONTRACT: dict[str, Any] = {"color": FORECAST[2], "linewidth": 1.8}
_MARKET: dict[str, Any] = {"color": QUIET, "linewidth": 1.2, "linestyle": (0, (3, 1.2))}

FILLED, HOLLOW, UP, DOWN, CROSS = "\u25cf", "\u25cb", "\u25b2", "\u25bd", "\u00d7"
"""What a mark looks like, as a sign that can stand among words."""

_DRAWN: dict[str, dict[str, Any]] = {
    FILLED: {"marker": "o", "markersize": 5.5},
    HOLLOW: {"marker": "o", "markersize": 5.5, "markerfacecolor": PAPER},
    UP: {"marker": "^", "markersize": 6.0},
    DOWN: {"marker": "v", "markersize": 6.0, "markerfacecolor": PAPER},
    CROSS: {"marker": "x", "markersize": 5.5, "markeredgewidth": 1.6},
}

Marks = tuple[tuple[int, str], ...]
"""Months with the sign that marks each."""


@dataclass(frozen=True)
class Events:
    """Events of one kind: its name, what its signs mean where there is more than one, and when they happened.

    Attributes
    ----------
    name, signs: what a reader sees. marks: (month, sign). spans: stretches instead of marks.
    """

    name: str
    signs: str = ""
    marks: Marks = ()
    spans: Sequence[Span] = ()


_SANCTIONS = "sanctions"
_WAR = ("peace", "frozen", "full-scale war", "ceasefire")


@styled
def story(run: Run, member: int = 0, since: date | None = None) -> Figure:
    """Draw one member on a timeline: lean, posture, price of gas, and its events, kind by kind.

    Parameters
    ----------
    member: counted from 0. since: a day of the first month to show; two years before the origin if not given.

    Raises FigureError if the run has no such member, or does not have the month of `since`.
    """
    members = int(run.provenance["members"])
    if not 0 <= member < members:
        raise FigureError(f"no member {member}; the run has members 0 to {members - 1}")
    first, last = _window(run, since)
    values = life(run, member)
    postures = _held(values["posture"], first, POSTURES)
    events, silent = events_of(run, values, first)
    page = Page(
        title=_finding(run, member, postures, events),
        subtitle=f"One simulated history of {members:,}, as likely as any other of them",
        foot=foot(run, f"Not in the months shown: {', '.join(silent)}." if silent else ""),
    )

    def panel(top: float, height: float) -> Axes:
        return page.axes(_LEFT, top, _WIDTH, height, xlim=(first, last))

    top = _ABOVE
    months = np.arange(first, last) + 1.0
    lean, contract, market = (values[name][first:] for name in ("lean", "contract_price", "market_price"))
    _head(page, top, f"{run.country.state}'s lean", "up is towards the EU's line")
    axes = panel(top, _HEIGHT)
    _fit(axes, lean, least=0.5)
    axes.plot(months, lean, color=FORECAST[2], linewidth=1.8)
    top += _HEIGHT + 4.0
    page.write(0.0, top + _STRIP / 2.0, "posture", va="center_baseline", color=INK)
    strip(run, panel(top, _STRIP), postures)
    if not postures:
        page.write(_LEFT + 4.0, top + _STRIP / 2.0, "not defined yet", va="center_baseline")
    top += _STRIP + _GAP
    below = _head(page, top, "price of gas", RECORDED["contract_price"].unit.replace("m3", "m\u00b3"))
    axes = panel(top, _HEIGHT)
    axes.plot(months, contract, label="contract", **_CONTRACT)
    axes.plot(months, market, label="market", **_MARKET)
    _fit(axes, np.concatenate([contract, market]), least=100.0)
    page.key(below, labelled(axes), width=_WORDS)
    top += _HEIGHT + _GAP
    for kind in events:
        page.write(0.0, top + _ROW / 2.0, kind.name, va="center_baseline", color=INK)
        page.write(0.0, top + _ROW / 2.0 + _SIGNS - 2.0, kind.signs, va="center_baseline")
        axes = panel(top + 1.5, _ROW - 3.0)
        strip(run, axes, kind.spans)
        if kind.marks:
            axes.axhline(0.5, color=RULE, linewidth=0.8, zorder=1)
        for month, sign in kind.marks:
            style = {"color": INK, "linestyle": "", "clip_on": False, **_DRAWN[sign]}
            axes.plot([month + 0.5], [0.5], zorder=3, **style)
        top += _ROW + (_SIGNS if kind.signs else 0.0)
    scales.years(panel(top, 2.0), first, last)
    axes = panel(_ABOVE, top - _ABOVE)
    axes.patch.set_visible(False)
    scales.origin(axes, run, "facts on record up to {}", "simulated from {} on")
    return page.close({})


def _window(run: Run, since: date | None) -> tuple[int, int]:
    """Return the first month to show, and the month after the last."""
    scenario = run.scenario
    first = scenario.first_month - _BEFORE if since is None else month_number(since)
    if since is not None and not 0 <= first <= scenario.last_month:
        raise FigureError(
            f"the story begins {since}; the run has the months from {month_in_words(0)} to "
            f"{month_in_words(scenario.last_month)}"
        )
    return max(first, 0), scenario.last_month + 1


def _fit(axes: Axes, values: FloatArray, *, least: float) -> None:
    """Fit an axis of values to what it shows, at least so high, with its grid."""
    ends = scales.with_air(float(values.min()), float(values.max()), 0.06, least=least)
    scales.Values(*ends, count=4).draw(axes)


def _head(page: Page, top: float, name: str, unit: str) -> float:
    """Write at the left what a panel shows; return where the words end."""
    below = page.write(0.0, top, name, _WORDS, color=INK, weight="bold")
    return page.write(0.0, below, unit, _WORDS) + 3.0


def _finding(run: Run, member: int, postures: list[Span], events: list[Events]) -> str:
    """Return what became of the member: its posture at the beginning and at the end, and its sanctions."""
    state = run.country.state
    ends = when(run.scenario.last_month, "")
    imposed = [span for kind in events if kind.name == _SANCTIONS for span in kind.spans]
    with_ = "without sanctions"
    if imposed:
        with_ = f"with sanctions from {month_in_words(imposed[0].first)}"
        if imposed[0].last < run.scenario.last_month:
            with_ += f" to {month_in_words(imposed[0].last)}"
    if not postures:
        return f"History {member}: {state} has no posture yet {ends}, {with_}"
    before, after = postures[0].name, postures[-1].name
    if before != after:
        return f"History {member}: {state} goes from {before} to {after}, {with_}"
    return f"History {member}: {state} is {a(after)} {ends} as at the beginning, {with_}"


def life(run: Run, member: int) -> dict[str, FloatArray]:
    """Return everything of a member from January 2012 on, by variable: what the run does not keep is lived again.

    Raises FigureError if the code or the record has changed since the run was made, so that another life would be told.
    """
    stored = run.data.isel(member=member)
    own = {name: stored[name].to_numpy() for name in RECORDED if name in stored}
    if len(own) < len(RECORDED) or run.first_month > 0:
        if run.provenance["content"] != content_of(run.scenario.state):
            raise FigureError(
                "a story begins before the origin, and the code or the record has changed since this run was made, so "
                "that its past cannot be lived again; make the run again"
            )
        for name, lived in live_again(run, member).items():
            kept = own.get(name, lived[:0])
            own[name] = np.concatenate([lived[: lived.size - kept.size], kept])
    return {name: values.astype(np.float64) for name, values in own.items()}


def events_of(run: Run, values: Mapping[str, FloatArray], first: int) -> tuple[list[Events], list[str]]:
    """Return what happened to a member from month `first` on, and the names of what did not happen at all.

    Parameters
    ----------
    values: the member's recorded variables by name, from January 2012 on, shape (months,).
    """
    country, once = run.country, {1: FILLED}
    kinds: list[tuple[str, FloatArray, Mapping[int, str]]] = [
        ("election", values["election"], once),
        ("new coalition", values["coalition_change"], once),
        ("report of arms", values["arms_report"], {2: f"{FILLED} documents", 1: f"{HOLLOW} hearsay"}),
        (f"{country.capital} denies", values["denied"], once),
        ("Moscow is concerned", values["statement"], once),
        (
            f"step on {country.issue}",
            np.sign(values["kosovo_step"]),
            {1: f"{UP} forward", -1: f"{DOWN} back"},
        ),
        ("Moscow trades its veto", values["veto_traded"], once),
        (
            "gas contract",
            _contracts(run, values),
            {1: f"{FILLED} long", 2: f"{HOLLOW} short", 3: f"{CROSS} lapses"},
        ),
        ("accession", _accession(values), {1: f"{FILLED} chapters", 2: f"{HOLLOW} status"}),
    ]
    found = [
        Events("war in Ukraine", spans=_held(values["war"], first, _WAR)),
        *(
            Events(name, "  ".join(signs.values()) if len(signs) > 1 else "", _marks(codes, first, signs))
            for name, codes, signs in kinds
        ),
        Events(_SANCTIONS, spans=_held(values["sanctions"], first, ("", "in force"))),
    ]
    silent = [events.name for events in found if not (events.marks or events.spans)]
    return [events for events in found if events.name not in silent], silent


def _held(values: FloatArray, first: int, names: tuple[str, ...]) -> list[Span]:
    """Return the stretches of equal codes that have a name, from month `first` on; a code below zero has none."""
    return spans((month, names[int(code)]) for month, code in [*enumerate(values)][first:] if code >= 0)


def _marks(codes: FloatArray, first: int, signs: Mapping[int, str]) -> Marks:
    """Return the months from `first` on whose code has a sign: the first of what is told of it."""
    months = [*enumerate(codes)][first:]
    return tuple((month, signs[int(code)][0]) for month, code in months if int(code) in signs)


def _contracts(run: Run, values: Mapping[str, FloatArray]) -> FloatArray:
    """Return 1 in the first month of a long contract, 2 of a short one, 3 in that of a lapse, else 0; by month.

    Contracts are those on record at the origin, and what the member renewed.
    """
    renewed, codes = values["contract_renewed"], np.zeros_like(values["contract_renewed"])
    signed = set()
    for row in Record.load(run.scenario.state).until(run.scenario.as_of).table("contracts"):
        begins = month_number(row["start"])
        if row["signed_on"] not in signed and 0 <= begins < codes.size:
            years = (month_number(row["contract_end"]) - begins + 1) / MONTHS_PER_YEAR
            codes[begins] = 1.0 if years > 1.0 else 2.0
        signed.add(row["signed_on"])
    codes = np.where(np.isin(renewed, (1.0, 2.0)), renewed, codes)
    return np.where(np.diff(values["contract_lapsed"], prepend=0.0) > 0.0, 3.0, codes)


def _accession(values: Mapping[str, FloatArray]) -> FloatArray:
    """Return 1 in a month in which chapters are opened, 2 in one in which the status changes, else 0; by month."""
    more = np.diff(values["chapters_opened"], prepend=0.0) > 0.0
    return np.where(more, 1.0, np.where(values["opening"] > 0.0, 2.0, 0.0))
