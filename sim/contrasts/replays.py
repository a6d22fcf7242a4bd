"""Attribution by counterfactual replay: the same members and luck with one incentive switched off from the origin on.

It says what an incentive does in the model, feedback included, not what it did in the world. What the incentives do one
by one need not add up to what they do together.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from sim.arrays import IntArray
from sim.catalogue import QUANTITIES
from sim.contents import content_digest
from sim.contrasts.assumptions import ContrastError
from sim.contrasts.pairs import Pairs, paired_chance, paired_mean
from sim.facts import gather
from sim.forecasting.errors import islands_of
from sim.incentives import LEDGER
from sim.manifest import MANIFEST, is_whole, seal, write_text
from sim.members import ANCESTOR, at
from sim.results import Run
from sim.scenario import Scenario, with_settings
from sim.storing import ATTRIBUTION

MEMBERS = 1024
"""Members replayed if not said otherwise: enough for the sign of what matters, in seconds."""

_SEAL = "attribution.json"
_SEALED = (ATTRIBUTION, MANIFEST)  # with the run's manifest, so that it is of this run and no other
_WORDS = {"term", "outcome"}
_OPPONENT = QUANTITIES["posture"].categories.index("opponent")


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
    from sim.ensemble import months_lived

    return len(LEDGER) * members * months_lived(run.scenario, learned=ANCESTOR in run.data)


def attribute(
    run: Run, *, members: int = MEMBERS, progress: Callable[[int], None] | None = None
) -> tuple[Effect, ...]:
    """Return what each incentive does in a run: with its weight held at 0 from the origin's month on, less with it.

    Parameters
    ----------
    members: how many of the run's members to replay, the first ones; all if there are fewer.
    progress: called with the number of member-months done since the last call.

    The answer is kept in the run folder as ``attribution.csv``, if that can be written, and found there again.

    Raises ContrastError if code or record have changed since the run was made, or it has one member only.
    """
    members = _at_most(run, members)
    known = _found(run, members, tell="the replays are made again")
    if known:
        return known
    spec, before = run.scenario, run.data.isel(member=slice(members))
    islands = islands_of(before)
    source = "attribution by counterfactual replay"
    without = [with_settings(spec, [f"{term}_weight=0"], source=source) for term in LEDGER]
    lived = lived_again(run, without, members, progress)
    found = [
        Effect(**asdict(pairs), members=members, term=term, outcome=outcome)
        for term, data in zip(LEDGER, lived, strict=True)
        for outcome, pairs in _compared(data, before, spec, islands)
    ]
    effects = tuple(replace(effect, together=len(found)) for effect in found)
    if run.held is None:
        with suppress(OSError):  # a folder that cannot be written takes nothing from the answer
            _keep(effects, run.folder)
    return effects


def lived_again(
    run: Run, scenarios: Iterable[Scenario], members: int, progress: Callable[[int], None] | None
) -> Iterator[xr.Dataset]:
    """Yield the outcomes of a run's first members under each scenario, lived again from where they began.

    Raises ContrastError if the code or the record has changed since the run was made, or it has one member only.
    """
    from sim.ensemble import begin_again, simulate

    if members < 2:
        raise ContrastError(f"{run.folder}: an interval needs two members at least")
    if run.provenance["content"] != content_digest():
        raise ContrastError(
            f"{run.folder}: the code or the record has changed since this run was made; make it again with "
            "`serbia-sim run`"
        )
    facts, begin = gather(run.record, run.scenario.as_of), begin_again(run.data)
    for scenario in scenarios:
        yield simulate(
            scenario,
            members=members,
            seed=run.provenance["seed"],
            begin=begin,
            facts=facts,
            keep="outcomes",
            progress=progress,
        )


def _compared(
    data: xr.Dataset, before: xr.Dataset, spec: Scenario, islands: IntArray | None
) -> Iterator[tuple[str, Pairs]]:
    end, horizon = spec.last_month, range(spec.first_month, spec.last_month + 1)
    lean, lean_before = (at(side, "lean", end).astype(np.float64) for side in (data, before))
    yield "lean", paired_mean(lean, lean_before, islands)
    imposed, imposed_before = (
        np.any(at(side, "sanctions", horizon) > 0.0, axis=1, keepdims=False) for side in (data, before)
    )
    yield "sanctions", paired_chance(imposed, imposed_before, islands)
    opposed, opposed_before = (at(side, "posture", end) == _OPPONENT for side in (data, before))
    yield "opponent", paired_chance(opposed, opposed_before, islands)


def _at_most(run: Run, members: int) -> int:
    return min(members, int(run.provenance["members"]))


def _found(run: Run, members: int, *, tell: str = "") -> tuple[Effect, ...]:
    """Return the effects kept in the run folder; nothing if there are none, or of other members, or damaged ones."""
    path = run.folder / ATTRIBUTION
    if run.held is not None or not path.exists():
        return ()
    if not is_whole(run.folder, _SEALED, name=_SEAL, tell=tell):
        return ()
    with path.open(encoding="utf-8", newline="") as file:
        kept = tuple(_read(row) for row in csv.DictReader(file))
    return kept if kept[0].members == members else ()


def _read(row: Mapping[str, str]) -> Effect:
    cells: dict[str, Any] = {
        name: text if name in _WORDS else json.loads(text or "null") for name, text in row.items()
    }
    return Effect(**cells)


def _keep(effects: tuple[Effect, ...], folder: Path) -> None:
    """Write the effects with every digit, so that what is found is what was told."""
    table = pd.DataFrame([asdict(effect) for effect in effects])
    write_text(folder / ATTRIBUTION, table.to_csv(index=False, lineterminator="\n"))
    seal(folder, _SEALED, name=_SEAL)
