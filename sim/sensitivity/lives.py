"""What is asked of members one by one, and members lived for it: by a design on the priors, or a run's own again.

An outcome is a question of the scenario as 0 or 1, or a quantity at a date.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from importlib import import_module
from typing import Any

import numpy as np
import xarray as xr

from sim.arrays import FloatArray, IntArray
from sim.assimilation import Start
from sim.clock import last_ended, month_end
from sim.contrasts.replays import hold_as_made
from sim.execution.progress import Progress, shown
from sim.forecasting import came_true, samples, variable_of
from sim.forecasting.ensemble import Begin, begin_again, months_lived, simulate
from sim.forecasting.errors import error_of_share, islands_of, standard_error
from sim.model.variables import OUTCOMES, RECORDED
from sim.names import InputError, did_you_mean
from sim.parameters.table import Parameter, draw
from sim.quantities.catalogue import QUANTITIES
from sim.record.country import load_country
from sim.record.observations import Record
from sim.runs.members import PARAMETER, of_members
from sim.runs.results import Run
from sim.scenario import Question, Scenario
from sim.world.facts import Facts, gather

Table = Mapping[str, Parameter]

PORTION = 16384
"""Members lived at a time: of each only its outcome is kept, so that a design of any size fits into memory."""


class SensitivityError(InputError):
    """An outcome that is not there, or too few members to answer; says what there is, or what would do."""


def library(name: str) -> Any:
    """Return a module of the extra ``sensitivity``, which is loaded only where it is used.

    Raises SensitivityError if it is not installed; says how to.
    """
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        missing = name.partition(".")[0]
        raise SensitivityError(
            f"{missing} is not installed; pip install 'serbia-sim[sensitivity]' has it"
        ) from error


@dataclass(frozen=True)
class Outcome:
    """One number of each member: of a question whether it comes true, else a quantity at a month's end."""

    name: str
    text: str
    unit: str
    scenario: Scenario
    question: Question | None
    quantity: str
    month: int

    @property
    def is_chance(self) -> bool:
        """Whether its mean over members is a probability."""
        return self.question is not None

    def of(self, data: xr.Dataset) -> FloatArray:
        """Return the outcome of each member, shape (members,)."""
        if self.question is not None:
            return came_true(data, self.question, self.scenario).astype(np.float64)
        return samples(data, self.quantity, self.month)


def outcome_of(scenario: Scenario, name: str) -> Outcome:
    """Return an outcome by its name: a question's id; or a quantity at the scenario's end, or QUANTITY@YYYY-MM-DD.

    Raises SensitivityError if there is none of this name, or it has no number at that date.
    """
    for question in scenario.questions:
        if question.id == name:
            return Outcome(
                name, question.text, "probability", scenario, question, question.target, question.last_month
            )
    quantity, _, day = name.partition("@")
    if variable_of(quantity) not in RECORDED:
        known = [*(question.id for question in scenario.questions), *QUANTITIES, *RECORDED]
        raise SensitivityError(
            f"no outcome {name!r}{did_you_mean(quantity, known)}; an outcome is a question's id, a quantity, "
            "or QUANTITY@YYYY-MM-DD"
        )
    about = QUANTITIES.get(quantity) or RECORDED[quantity]
    if about.kind == "category":
        raise SensitivityError(f"{quantity} is no number: ask a question about it, and name that")
    try:
        month = last_ended(date.fromisoformat(day)) if day else scenario.last_month
    except ValueError:
        raise SensitivityError(f"{name}: the date is not one; write {quantity}@2028-12-31") from None
    if not scenario.first_month <= month <= scenario.last_month:
        span = f"{month_end(scenario.first_month)} to {scenario.until}"
        raise SensitivityError(f"{name}: the members live from {span}")
    text = f"{load_country(scenario.state).fill(about.meaning)}, at {month_end(month)}"
    return Outcome(name, f"{text[:1].upper()}{text[1:]}.", about.unit, scenario, None, quantity, month)


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
                    members=min(first + PORTION, members),
                    first=first,
                    seed=self.seed,
                    workers=self.workers,
                    begin=begin,
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
    facts = gather(Record.load(outcome.scenario.state) if record is None else record, outcome.scenario.as_of)
    table = outcome.scenario.parameter_set(facts.reference_class)
    begin = partial(_drawn, table, seed)
    return Lives(outcome, table, begin, facts, seed, workers=workers, progress=progress)


def lives_of_run(run: Run, outcome: Outcome, *, workers: int = 1, progress: Progress = None) -> Lives:
    """Return the members of a run, to be lived again from where they began.

    Raises sim.contrasts.ContrastError if code or record have changed since the run was made.
    """
    hold_as_made(run)
    seed, begin = int(run.provenance["seed"]), begin_again(run.data)
    priors = lives_of_priors(outcome, seed=seed, record=run.record, workers=workers, progress=progress)
    if begin is None:
        return priors
    return replace(priors, begin=begin, learned=True, islands=islands_of(run.data))


def parameters_of(run: Run) -> dict[str, FloatArray]:
    """Return the parameters of a run of which more than one value is possible, by name, each of shape (members,)."""
    names = uncertain(run.scenario.parameter_set())
    return {name: of_members(run.data, PARAMETER + name) for name in names}


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
