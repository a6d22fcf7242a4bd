"""What happened to one member: all that is known of it, and kind by kind the marks and spans of its story."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

import numpy as np

from sim.arrays import FloatArray
from sim.clock import MONTHS_PER_YEAR, month_number
from sim.contents import content_digest
from sim.ensemble import live_again
from sim.observations import Record
from sim.plots.bands import Span, spans
from sim.plots.series import FigureError
from sim.recording import RECORDED
from sim.results import Run

FILLED, HOLLOW, UP, DOWN, CROSS = "\u25cf", "\u25cb", "\u25b2", "\u25bd", "\u00d7"
"""What a mark looks like, as a sign that can stand among words."""

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


SANCTIONS = "sanctions"
"""The name of the events of sanctions."""

_WAR = ("peace", "frozen", "full-scale war", "ceasefire")


def life(run: Run, member: int) -> dict[str, FloatArray]:
    """Return everything of a member from January 2012 on, by variable: what the run does not keep is lived again.

    Raises FigureError if the code or the record has changed since the run was made, so that another life would be told.
    """
    stored = run.data.isel(member=member)
    own = {name: stored[name].to_numpy() for name in RECORDED if name in stored}
    if len(own) < len(RECORDED) or run.first_month > 0:
        if run.provenance["content"] != content_digest():
            raise FigureError(
                "a story begins before the origin, and the code or the record has changed since this run was made, so "
                "that its past cannot be lived again; make the run again"
            )
        lived = live_again(run, member)
        if len(own) < len(RECORDED):
            own = lived
        else:
            own = {name: np.concatenate([lived[name][: -kept.size], kept]) for name, kept in own.items()}
    return {name: values.astype(np.float64) for name, values in own.items()}


def events_of(run: Run, values: Mapping[str, FloatArray], first: int) -> tuple[list[Events], list[str]]:
    """Return what happened to a member from month `first` on, and the names of what did not happen at all.

    Parameters
    ----------
    values: the member's recorded variables by name, from January 2012 on, shape (months,).
    """
    found = [
        Events("war in Ukraine", spans=held(values["war"], first, _WAR)),
        Events("election", marks=_marks(values["election"], first)),
        Events("new coalition", marks=_marks(values["coalition_change"], first)),
        Events(
            "report of arms",
            f"{FILLED} documents  {HOLLOW} hearsay",
            marks=_marks(values["arms_report"], first, {1: HOLLOW, 2: FILLED}),
        ),
        Events(f"{run.country.capital} denies", marks=_marks(values["denied"], first)),
        Events("Moscow is concerned", marks=_marks(values["statement"], first)),
        Events(
            f"step on {run.country.issue}",
            f"{UP} forward  {DOWN} back",
            marks=_marks(np.sign(values["kosovo_step"]), first, {1: UP, -1: DOWN}),
        ),
        Events("Moscow trades its veto", marks=_marks(values["veto_traded"], first)),
        Events(
            "gas contract",
            f"{FILLED} long  {HOLLOW} short  {CROSS} lapses",
            marks=_contracts(run, values, first),
        ),
        Events("accession", f"{FILLED} chapters  {HOLLOW} status", marks=_accession(values, first)),
        Events(SANCTIONS, spans=held(values["sanctions"], first, ("", "in force"))),
    ]
    silent = [events.name for events in found if not (events.marks or events.spans)]
    return [events for events in found if events.name not in silent], silent


def held(values: FloatArray, first: int, names: tuple[str, ...]) -> list[Span]:
    """Return the stretches of equal codes that have a name, from month `first` on; a code below zero has none."""
    return spans((month, names[int(code)]) for month, code in _from(values, first) if code >= 0)


def _marks(values: FloatArray, first: int, signs: Mapping[int, str] = MappingProxyType({1: FILLED})) -> Marks:
    """Return the months from `first` on whose value has a sign."""
    return tuple((month, signs[int(value)]) for month, value in _from(values, first) if int(value) in signs)


def _from(values: FloatArray, first: int) -> list[tuple[int, float]]:
    return list(enumerate(values))[first:]


def _contracts(run: Run, values: Mapping[str, FloatArray], first: int) -> Marks:
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


def _accession(values: Mapping[str, FloatArray], first: int) -> Marks:
    more = np.diff(values["chapters_opened"], prepend=0.0) > 0.0
    status = (values["opening"] > 0.0) & ~more
    return _marks(np.where(more, 1.0, np.where(status, 2.0, 0.0)), first, {1: FILLED, 2: HOLLOW})
