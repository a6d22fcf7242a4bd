"""What happened to one member: all that is known of it, and kind by kind the marks and spans of its story."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from sim.clock import MONTHS_PER_YEAR, month_number
from sim.contents import content_digest
from sim.ensemble import live_again
from sim.observations import Record
from sim.plots.series import FigureError
from sim.recording import RECORDED
from sim.results import Run

FloatArray = NDArray[np.float64]

FILLED, HOLLOW, UP, DOWN, CROSS = "\u25cf", "\u25cb", "\u25b2", "\u25bd", "\u00d7"
"""What a mark looks like, as a sign that can stand among words."""


@dataclass(frozen=True)
class Span:
    """A stretch of months, the last one included, in which something held."""

    first: int
    last: int
    name: str


@dataclass(frozen=True)
class Lane:
    """One kind of thing that happens: its name, what its signs mean, and when it happened.

    Attributes
    ----------
    name: what a reader calls it. signs: lines of signs with their meaning, where there is more than one sign.
    marks: (month, sign). spans: stretches instead of marks.
    """

    name: str
    signs: str = ""
    marks: tuple[tuple[int, str], ...] = ()
    spans: tuple[Span, ...] = ()


SANCTIONS = "sanctions"
"""The name of the lane of sanctions."""

_WAR = ("peace", "frozen", "full-scale war", "ceasefire")


def life(run: Run, member: int) -> dict[str, FloatArray]:
    """Return everything of a member from January 2012 on, by variable: what the run does not keep is lived again.

    Raises
    ------
    FigureError: if the code or the record has changed since the run was made, so that another life would be told.
    """
    stored = run.data.isel(member=member)
    own = {name: stored[name].to_numpy() for name in RECORDED if name in stored}
    if len(own) < len(RECORDED) or run.first_month > 0:
        if run.provenance["content"] != content_digest():
            raise FigureError(
                "a story begins before the origin, and the code or the record has changed since this run was made, so "
                "that its past cannot be lived again; make the run again"
            )
        own = live_again(run, member) if len(own) < len(RECORDED) else _joined(live_again(run, member), own)
    return {name: values.astype(np.float64) for name, values in own.items()}


def _joined(
    lived: Mapping[str, NDArray[np.float32]], stored: Mapping[str, NDArray[np.float32]]
) -> dict[str, NDArray[np.float32]]:
    """Return what is stored with what was lived before it."""
    return {name: np.concatenate([lived[name][: -values.size], values]) for name, values in stored.items()}


def happenings(run: Run, values: Mapping[str, FloatArray], first: int) -> tuple[list[Lane], list[str]]:
    """Return what happened to a member from month `first` on, and the names of what did not happen at all.

    Parameters
    ----------
    values: the member's recorded variables by name, from January 2012 on, shape (months,).
    """
    lanes = [
        Lane("war in Ukraine", spans=tuple(_spans(values["war"], first, _WAR))),
        Lane("election", marks=_marks(values["election"], first, {1: FILLED})),
        Lane("new coalition", marks=_marks(values["coalition_change"], first, {1: FILLED})),
        Lane(
            "report of arms",
            f"{FILLED} documents  {HOLLOW} hearsay",
            marks=_marks(values["arms_report"], first, {1: HOLLOW, 2: FILLED}),
        ),
        Lane(f"{run.country.capital} denies", marks=_marks(values["denied"], first, {1: FILLED})),
        Lane("Moscow is concerned", marks=_marks(values["statement"], first, {1: FILLED})),
        Lane(
            f"step on {run.country.issue}",
            f"{UP} forward  {DOWN} back",
            marks=_marks(np.sign(values["kosovo_step"]), first, {1: UP, -1: DOWN}),
        ),
        Lane("Moscow trades its veto", marks=_marks(values["veto_traded"], first, {1: FILLED})),
        Lane(
            "gas contract",
            f"{FILLED} long  {HOLLOW} short  {CROSS} lapses",
            marks=_contracts(run, values, first),
        ),
        Lane(
            "accession",
            f"{FILLED} chapters  {HOLLOW} status",
            marks=_accession(values, first),
        ),
        Lane(SANCTIONS, spans=tuple(_spans(values["sanctions"], first, ("", "in force")))),
    ]
    seen = [lane for lane in lanes if lane.marks or lane.spans]
    return seen, [lane.name for lane in lanes if lane not in seen]


def _marks(values: FloatArray, first: int, signs: Mapping[int, str]) -> tuple[tuple[int, str], ...]:
    return tuple(
        (month, signs[int(value)])
        for month, value in enumerate(values)
        if month >= first and int(value) in signs
    )


def _spans(values: FloatArray, first: int, names: tuple[str, ...]) -> list[Span]:
    """Return the stretches of equal codes that have a name, from month `first` on."""
    months = range(first, len(values))
    stretches = [
        (int(code), list(run_of)) for code, run_of in groupby(months, key=lambda month: values[month])
    ]
    return [Span(of[0], of[-1], names[code]) for code, of in stretches if names[code]]


def _contracts(run: Run, values: Mapping[str, FloatArray], first: int) -> tuple[tuple[int, str], ...]:
    """Return renewals and lapses, and the contracts that were on record at the origin, in their first months."""
    signed: dict[date, tuple[int, str]] = {}
    for row in Record.load(run.scenario.state).until(run.scenario.as_of).table("contracts"):
        begins = month_number(row["start"])
        years = (month_number(row["contract_end"]) - begins + 1) / MONTHS_PER_YEAR
        signed.setdefault(row["signed_on"], (begins, FILLED if years > 1.0 else HOLLOW))
    lapsed = np.diff(values["contract_lapsed"], prepend=0.0)
    marks = {
        **dict(signed.values()),
        **dict(_marks(values["contract_renewed"], 0, {1: FILLED, 2: HOLLOW})),
        **dict(_marks(lapsed, 0, {1: CROSS})),
    }
    return tuple((month, sign) for month, sign in sorted(marks.items()) if first <= month < len(lapsed))


def _accession(values: Mapping[str, FloatArray], first: int) -> tuple[tuple[int, str], ...]:
    more = np.diff(values["chapters_opened"], prepend=0.0) > 0.0
    status = (values["opening"] > 0.0) & ~more
    return _marks(np.where(more, 1.0, np.where(status, 2.0, 0.0)), first, {1: FILLED, 2: HOLLOW})
