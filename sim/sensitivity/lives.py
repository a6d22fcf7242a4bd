"""Members lived for one outcome, all together: by a design on the priors, or a run's own with something held."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.assimilation import Start
from sim.contents import content_digest
from sim.ensemble import Begin, begin_again, months_lived, simulate
from sim.facts import Facts, gather
from sim.forecasting import variable_of
from sim.forecasting.errors import error_of_share, islands_of, standard_error
from sim.members import PARAMETER
from sim.observations import Record
from sim.parameters import Parameter, draw
from sim.progress import Progress, shown
from sim.recording import OUTCOMES
from sim.results import Run
from sim.scenario import Scenario
from sim.sensitivity.outcomes import Outcome, SensitivityError

Table = Mapping[str, Parameter]

PORTION = 16384
"""Members lived at a time: of each only its outcome is kept, so that a design of any size fits into memory."""


@dataclass(frozen=True)
class Lives:
    """How members are lived for an outcome.

    Attributes
    ----------
    begin: how they begin. learned: at the origin, where they learned; else in January 2012, by recorded facts.
    islands: each member's, of a run that learned.
    """

    outcome: Outcome
    table: Table
    begin: Begin
    facts: Facts
    seed: int
    learned: bool = False
    islands: IntArray | None = None
    workers: int = 1
    progress: Progress = None

    def lived(self, begin: Begin, members: int, what: str, scenario: Scenario | None = None) -> FloatArray:
        """Return the outcome of members who begin so, shape (members,); in another scenario if it is given."""
        spec = scenario or self.outcome.scenario
        found = []
        with shown(self.progress, what, members * months_lived(spec, learned=self.learned)) as advance:
            for first in range(0, members, PORTION):
                data = simulate(
                    spec,
                    members=min(PORTION, members - first),
                    seed=self.seed,
                    workers=self.workers,
                    begin=partial(_from, begin, first),
                    facts=self.facts,
                    keep="outcomes" if variable_of(self.outcome.quantity) in OUTCOMES else "all",
                    progress=advance,
                )
                found.append(self.outcome.of(data))
        return np.concatenate(found)

    def held(self, members: int, values: Sequence[tuple[str, float]], what: str) -> FloatArray:
        """Return the outcome of the first members as they are, then with a parameter held at each of the values.

        The luck is the same; a run's members are as they were up to the origin. Shape (values + 1, members).
        """
        begin = partial(_held, self.begin, members, values)
        return self.lived(begin, members * (1 + len(values)), what).reshape(-1, members)

    def error(self, y: FloatArray) -> float:
        """Return the standard error of the mean outcome of the first members, of members and of the filter."""
        islands = None if self.islands is None else self.islands[: y.size]
        return error_of_share(y > 0.0, islands) if self.outcome.is_chance else standard_error(y, islands)


def lives_of_priors(
    outcome: Outcome, *, seed: int, record: Record | None, workers: int, progress: Progress
) -> Lives:
    """Return members whose parameters are drawn from the priors."""
    facts = gather(Record.load() if record is None else record, outcome.scenario.as_of)
    table = outcome.scenario.parameter_set(facts.reference_class)
    return Lives(
        outcome, table, partial(_drawn, table, seed), facts, seed, workers=workers, progress=progress
    )


def lives_of_run(run: Run, outcome: Outcome, *, workers: int = 1, progress: Progress = None) -> Lives:
    """Return the members of a run, to be lived again from where they began.

    Raises
    ------
    SensitivityError: if code or record have changed since the run was made.
    """
    if run.provenance["content"] != content_digest():
        raise SensitivityError(
            f"{run.folder}: the code or the record has changed since this run was made; make it again with "
            "`serbia-sim run`"
        )
    seed, begin = int(run.provenance["seed"]), begin_again(run.data)
    priors = lives_of_priors(outcome, seed=seed, record=run.record, workers=workers, progress=progress)
    if begin is None:
        return priors
    return replace(priors, begin=begin, learned=True, islands=islands_of(run.data))


def start_of(run: Run) -> Start:
    """Return how all members of a run began: parameters, and where they learned the states at the origin."""
    numbers, begin = np.arange(run.data.sizes["member"]), begin_again(run.data)
    if begin is not None:
        return begin(numbers)
    names = run.scenario.parameter_set()
    return Start({name: run.data[PARAMETER + name].to_numpy() for name in names}, numbers)


def uncertain(table: Table) -> list[str]:
    """Return the parameters of which more than one value is possible."""
    return [name for name, parameter in table.items() if not parameter.fixed]


def designed(table: Table, u: FloatArray) -> Begin:
    """Return how members begin of whom each has its own row of a design.

    Parameters
    ----------
    u: quantiles of the priors, a column for each uncertain parameter, then chance, whose equal values are one luck;
        shape (members, inputs).
    """
    parameters = {name: parameter.draw(np.full(len(u), 0.5)) for name, parameter in table.items()}
    parameters |= {name: table[name].draw(u[:, place]) for place, name in enumerate(uncertain(table))}
    _, luck = np.unique(u[:, -1], return_inverse=True)
    return partial(_designed, parameters, luck.astype(np.int64))


def _designed(parameters: Mapping[str, FloatArray], luck: IntArray, numbers: IntArray) -> Start:
    return Start({name: values[numbers] for name, values in parameters.items()}, numbers, luck=luck[numbers])


def _drawn(table: Table, seed: int, numbers: IntArray) -> Start:
    return Start(draw(table, rows=numbers, seed=seed), numbers)


def _held(begin: Begin, members: int, values: Sequence[tuple[str, float]], numbers: IntArray) -> Start:
    own, turn = numbers % members, numbers // members
    start = begin(own)
    parameters = dict(start.parameters)
    for place, (name, value) in enumerate(values, start=1):
        parameters[name] = np.where(turn == place, value, parameters[name])
    return replace(start, parameters=parameters, luck=own)


def _from(begin: Begin, first: int, numbers: IntArray) -> Start:
    return begin(numbers + first)
