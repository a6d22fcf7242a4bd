"""What is asked of members one by one: a question of the scenario as 0 or 1, or a quantity at a date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from importlib import import_module
from typing import Any

import numpy as np
import xarray as xr

from sim.arrays import FloatArray, IntArray
from sim.catalogue import QUANTITIES
from sim.clock import last_ended, month_end
from sim.contrasts.pairs import Pairs, paired_chance, paired_mean
from sim.forecasting import came_true, samples, variable_of
from sim.names import InputError, did_you_mean
from sim.recording import RECORDED
from sim.scenario import Question, Scenario


class SensitivityError(InputError):
    """An outcome that is not there, or too few members to answer; says what there is, or what would do."""


def library(name: str) -> Any:
    """Return a module of the extra ``sensitivity``, which is loaded only where it is used.

    Raises
    ------
    SensitivityError: if it is not installed; says how to.
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

    def paired(self, value: FloatArray, baseline: FloatArray, islands: IntArray | None) -> Pairs:
        """Return the paired difference of two outcomes of the same members with the same luck."""
        if self.is_chance:
            return paired_chance(value > 0.0, baseline > 0.0, islands)
        return paired_mean(value, baseline, islands)


def outcome_of(scenario: Scenario, name: str) -> Outcome:
    """Return an outcome by its name: a question's id; or a quantity at the scenario's end, or QUANTITY@YYYY-MM-DD.

    Raises
    ------
    SensitivityError: if there is none of this name, or it has no number at that date.
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
    text = f"{about.meaning}, at {month_end(month)}"
    return Outcome(name, f"{text[:1].upper()}{text[1:]}.", about.unit, scenario, None, quantity, month)
