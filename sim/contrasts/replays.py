"""A run's first members lived again with the same luck: without each incentive, and under the shipped departures.

Attribution, the first, says what an incentive does in the model, feedback included, not what it did in the world. What
the incentives do one by one need not add up to what they do together.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from sim.contrasts.assumptions import ContrastError, beliefs_apart
from sim.contrasts.making import Contrast, contrast
from sim.contrasts.pairs import Pairs, paired
from sim.forecasting.ensemble import begin_again, months_lived, simulate
from sim.forecasting.errors import islands_of
from sim.forecasting.judgement import judgement_steps, ranged
from sim.forecasting.options import told_of
from sim.forecasting.tables import table
from sim.quantities.catalogue import QUANTITIES
from sim.record.country import content_of
from sim.runs.manifest import MANIFEST, is_whole, seal, write_text
from sim.runs.members import ANCESTOR, at
from sim.runs.results import Held, Run
from sim.runs.storing import ATTRIBUTION
from sim.scenario import Scenario, read_scenario, shipped_scenarios, with_settings
from sim.world.facts import gather
from sim.world.incentives import LEDGER

MEMBERS = 1024
"""Members replayed for the attribution if not said otherwise: enough for the sign of what matters, in seconds."""

DEPARTING = 4096
"""Members that live a departure: enough for what matters, in seconds (judgement)."""

_SEAL = "attribution.json"
_SEALED = (ATTRIBUTION, MANIFEST)  # with the run's manifest, so that it is of this run and no other
_WORDS = {"term", "outcome"}
_OPPONENT = QUANTITIES["posture"].categories.index("opponent")

_Advance = Callable[[int], None] | None


@dataclass(frozen=True, kw_only=True)
class Effect(Pairs):
    """What changes without an incentive: `value` is without it, `baseline` with it.

    `outcome` is the lean at the horizon's end in logits, or the probability of sanctions in force in any month from the
    origin on ("sanctions"), or of being an opponent at the horizon's end ("opponent").
    """

    members: int
    term: str
    outcome: str


def replayed_months(run: Run, members: int = MEMBERS) -> int:
    """Return the member-months that `attribute` will simulate, for a bar of progress; 0 if it was done before."""
    members = _at_most(run, members)
    if _found(run, members):
        return 0
    return len(LEDGER) * members * months_lived(run.scenario, learned=ANCESTOR in run.data)


def attribute(run: Run, *, members: int = MEMBERS, progress: _Advance = None) -> tuple[Effect, ...]:
    """Return what each incentive does in a run: with its weight held at 0 from the origin's month on, less with it.

    Parameters
    ----------
    members: how many of the run's members to replay, the first ones; all if there are fewer.
    progress: called with the number of member-months done since the last call.

    The answer is kept in the run folder as ``attribution.csv``, if that can be written, and found there again.

    Raises ContrastError if code or record have changed since the run was made, or it has one member only.
    """
    members = _at_most(run, members)
    if known := _found(run, members, tell="the replays are made again"):
        return known
    spec, before = run.scenario, run.data.isel(member=slice(members))
    islands, was = islands_of(before), _outcomes(before, spec)
    live, source = replaying(run, members, progress), "attribution by counterfactual replay"
    found = []
    for term in LEDGER:
        data = live(with_settings(spec, [f"{term}_weight=0"], source=source))
        for outcome, now in _outcomes(data, spec).items():
            pairs = asdict(paired(now, was[outcome], islands))
            found.append(Effect(**pairs, members=members, term=term, outcome=outcome))
    effects = tuple(replace(effect, together=len(found)) for effect in found)
    if run.held is None:
        with suppress(OSError):  # a folder that cannot be written takes nothing from the answer
            _keep(effects, run)
    return effects


def _outcomes(data: xr.Dataset, spec: Scenario) -> dict[str, NDArray[Any]]:
    """Return the outcomes of an `Effect`, each of shape (members,)."""
    ahead = range(spec.first_month, spec.last_month + 1)
    return {
        "lean": at(data, "lean", spec.last_month).astype(np.float64),
        "sanctions": (at(data, "sanctions", ahead) > 0.0).any(axis=1),
        "opponent": at(data, "posture", spec.last_month) == _OPPONENT,
    }


def shipped_departures(scenario: Scenario) -> list[Scenario]:
    """Return the shipped scenarios that depart from a shipped one in events alone; none if it was changed."""
    shipped = shipped_scenarios()
    # the names of the files that it was read from tell nothing apart
    if (
        scenario.name not in shipped
        or replace(read_scenario(scenario.name), chain=scenario.chain) != scenario
    ):
        return []
    base = shipped[scenario.name].name
    return [
        other
        for other in map(read_scenario, shipped)
        if base in other.chain[1:] and other.as_of == scenario.as_of and not beliefs_apart(other, scenario)
    ]


def departed_months(run: Run, scenarios: list[Scenario]) -> int:
    """Return the member-months that `depart` will simulate, for a bar of progress."""
    members, learned = _at_most(run, DEPARTING), ANCESTOR in run.data
    judged = sum(judgement_steps(each, members) for each in scenarios) if learned else 0
    return members * sum(months_lived(each, learned=learned) for each in scenarios) + judged


def depart(run: Run, scenarios: list[Scenario], *, progress: _Advance = None) -> Iterator[Contrast]:
    """Simulate a run's first members again under each scenario, from where they began, and yield what changes.

    Raises ContrastError: as `replaying`.
    """
    members, record = _at_most(run, DEPARTING), run.record
    made = {**run.provenance, "members": members}
    few = Held(run.data.isel(member=slice(members)), run.scenario, run.table, record)
    live = replaying(run, members, progress)
    for scenario in scenarios:
        # with the particles, whose islands widen the intervals
        data = live(scenario).assign(run.data.drop_dims("member"))
        judged = ranged(data, scenario, seed=made["seed"], record=record, progress=progress)
        rows_of = partial(table, data=data, scenario=scenario, record=record, judged=judged)
        departed = Run(run.folder, made | told_of(scenario, record), Held(data, scenario, rows_of, record))
        yield contrast(departed, Run(run.folder, made, few))


def replaying(run: Run, members: int, progress: _Advance) -> Callable[[Scenario], xr.Dataset]:
    """Return what lives a run's first members again under a scenario, from where they began; it keeps outcomes.

    Raises ContrastError if the code or the record has changed since the run was made, or it has one member only.
    """
    if members < 2:
        raise ContrastError(f"{run.folder}: an interval needs two members at least")
    hold_as_made(run)
    return partial(
        simulate,
        members=members,
        seed=run.provenance["seed"],
        begin=begin_again(run.data),
        facts=gather(run.record, run.scenario.as_of),
        keep="outcomes",
        progress=progress,
    )


def hold_as_made(run: Run) -> None:
    """Raise ContrastError if the code or the record has changed since a run was made: its members would be others."""
    if run.provenance["content"] != content_of(run.scenario.state):
        raise ContrastError(
            f"{run.folder}: the code or the record has changed since this run was made; make it again with "
            "`serbia-sim run`"
        )


def _at_most(run: Run, members: int) -> int:
    return min(members, int(run.provenance["members"]))


def _found(run: Run, members: int, *, tell: str = "") -> tuple[Effect, ...]:
    """Return the effects kept in the run folder; nothing if there are none, or of other members, or damaged ones."""
    path = run.folder / ATTRIBUTION
    if run.held is not None or not path.exists() or not is_whole(run.folder, _SEALED, name=_SEAL, tell=tell):
        return ()
    with path.open(encoding="utf-8", newline="") as file:
        rows: list[dict[str, Any]] = [
            {name: text if name in _WORDS else json.loads(text or "null") for name, text in row.items()}
            for row in csv.DictReader(file)
        ]
    return tuple(Effect(**row) for row in rows) if rows[0]["members"] == members else ()


def _keep(effects: tuple[Effect, ...], run: Run) -> None:
    """Write the effects with every digit, so that what is found is what was told."""
    table = pd.DataFrame([asdict(effect) for effect in effects])
    write_text(run.folder / ATTRIBUTION, table.to_csv(index=False, lineterminator="\n"))
    seal(run.folder, _SEALED, name=_SEAL)
