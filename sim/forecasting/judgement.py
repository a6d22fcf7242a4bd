"""The range of an answer over what the record cannot settle: above all what sanctions would cost.

Other judgements stand in the state's ``judgement.toml``. Under each, rate and slope of the members' sanctions hazard
are drawn again, given each member's own history: the years in which it imposed none. The members are then lived again
with the same luck. Their leans are not learned again, since the hazard says little about them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from types import MappingProxyType

import numpy as np
import xarray as xr

from sim.arrays import FloatArray
from sim.clock import month_number
from sim.draws.randomness import uniforms
from sim.execution.progress import Progress, shown
from sim.forecasting.ensemble import begin_again, months_lived, simulate
from sim.forecasting.questions import Answer, Chance, Dated, answer, came_true, dated, monthly
from sim.forecasting.samples import pool_of
from sim.mechanisms.choice import monthly_log_odds, sanctions_hazard
from sim.mechanisms.conditions import FULL_SCALE, NONE
from sim.parameters.priors import Prior
from sim.parameters.table import Alternative, adoption_rate, alternatives
from sim.record.observations import Record, reference_class_count, state_years_since
from sim.runs.members import ANCESTOR, of_members
from sim.scenario import Scenario
from sim.world.facts import Facts, gather

_CANDIDATES = 64  # draws from the other prior among which a member's own history chooses
JUDGING = "asking what the record leaves open"
RANGE_MEMBERS = 2048
"""Members lived again under each other judgement, the first ones; a range needs no more digits (judgement)."""


def judgement_steps(scenario: Scenario, members: int) -> int:
    """Return the member-months that are lived again for the ranges of a learned run."""
    months = months_lived(scenario, learned=True)
    return len(alternatives(scenario.state)) * min(RANGE_MEMBERS, members) * months


def ranged(
    data: xr.Dataset,
    scenario: Scenario,
    *,
    seed: int,
    record: Record | None = None,
    facts: Facts | None = None,
    progress: Progress = None,
    left: Mapping[str, Sequence[float]] = MappingProxyType({}),
    finish: Callable[[str, list[float]], None] | None = None,
) -> tuple[list[Answer], list[Dated]]:
    """Return the answers to the scenario's questions, and what is said month by month, under every judgement.

    Only a run that has learned has a range: before that every prior is judgement.

    Parameters
    ----------
    seed: of the run. record: what it was simulated with, the shipped one if not given. facts: those of the record, if
        they were gathered before.
    progress: True shows a bar; a function is called with the member-months lived again, `judgement_steps` in all.
    left: what an interrupted call found under a judgement, by its name, as `finish` was called with it.
    """
    known = Record.load(scenario.state) if record is None else record
    pool = pool_of(scenario, known)
    answers = [answer(data, question, scenario, pool) for question in scenario.questions]
    months = dated(data, scenario)
    if ANCESTOR not in data:
        return answers, months
    facts = gather(known, scenario.as_of) if facts is None else facts
    few = data.isel(member=slice(RANGE_MEMBERS))
    # the difference is paired: members and luck are the same, so that it is not the luck of a few members
    plain = _shares(few, scenario)
    shifts = {}
    with shown(progress, JUDGING, judgement_steps(scenario, few.sizes["member"])) as advance:
        for other in alternatives(scenario.state):
            found = np.array(left.get(other.id, ()))
            if found.shape != plain.shape:
                again = under(other, few, scenario, seed=seed, record=known, facts=facts, progress=advance)
                found = _shares(again, scenario) - plain
                if finish is not None:
                    finish(other.id, found.tolist())
            shifts[other.id] = found

    def judged(chance: Chance, place: int) -> dict[str, float]:
        moved = ((name, chance.probability + float(shift[place])) for name, shift in shifts.items())
        return {name: min(max(probability, 0.0), 1.0) for name, probability in moved}

    return (
        [replace(each, judged=judged(each, place)) for place, each in enumerate(answers)],
        [replace(each, judged=judged(each, place)) for place, each in enumerate(months, len(answers))],
    )


def _shares(data: xr.Dataset, scenario: Scenario) -> FloatArray:
    """Return the share of members in which each question comes true, then that of each monthly statement."""
    hits = [came_true(data, question, scenario) for question in scenario.questions]
    hits += [hit for *_, hit in monthly(data, scenario)]
    return np.array([hit.mean() for hit in hits])


def under(
    alternative: Alternative,
    data: xr.Dataset,
    scenario: Scenario,
    *,
    seed: int,
    record: Record,
    facts: Facts,
    progress: Callable[[int], None] | None = None,
) -> xr.Dataset:
    """Return a run's members, lived again under another judgement; arguments as of `ranged`."""
    prior = rate_prior(alternative.rate, scenario.as_of, record)
    months = map(month_number, record.until(scenario.as_of).sanctions())
    # in the origin's own month nothing is imposed on members yet: it is the first that they live freely
    imposed = next((month for month in months if month < scenario.first_month), None)
    rate, slope = redrawn(alternative, data, seed, prior, imposed)
    return simulate(
        scenario,
        members=data.sizes["member"],
        seed=seed,
        begin=begin_again(data, sanctions_rate=rate, sanctions_slope=slope),
        facts=facts,
        keep="outcomes",
        progress=progress,
    )


def redrawn(
    alternative: Alternative, data: xr.Dataset, seed: int, rate: Prior | None, imposed: int | None = None
) -> tuple[FloatArray, FloatArray]:
    """Draw rate and slope of the sanctions hazard under another judgement, given each member's own history.

    Of candidates drawn from the other prior one is chosen by the chance that it gave to the member's past: to no
    sanctions in the months before they were imposed, and to them in that one. This is importance resampling (Rubin
    1987) within each member, its lean being given. What the judgement does not touch stays the member's own.

    Parameters
    ----------
    data: members with their ancestors' parameters and past. rate: prior of the yearly rate; None keeps each member's.
    imposed: month in which the record has the state's sanctions, of which more is not at risk; None without.

    Returns
    -------
    Yearly rate and slope, each of shape (members,).
    """
    numbers = data["member"].to_numpy().astype(np.int64)
    lean = of_members(data, "past_lean").T.astype(np.float64)
    war = of_members(data, "past_war").T
    # the lean that was weighed is that of the month before
    lean = np.concatenate([np.zeros((len(lean), 1)), lean[:, :-1]], axis=1)
    exposed = war == FULL_SCALE if alternative.rate == "war years" else np.cumsum(war != NONE, axis=1) > 0
    if imposed is not None:
        exposed[:, imposed:] = False
    own = {name: of_members(data, f"parameter_sanctions_{name}") for name in ("rate", "slope")}
    reference = of_members(data, "parameter_sanctions_reference_lean")
    priors = {"rate": rate, "slope": alternative.slope}
    drawn = []
    for candidate in range(_CANDIDATES):
        values = {
            name: own[name]
            if prior is None
            else prior.quantile(
                uniforms(seed, f"judgement {alternative.id} {name}", str(candidate), 0, numbers)
            )
            for name, prior in priors.items()
        }
        at_rate = (each[:, None] for each in (reference, values["slope"], monthly_log_odds(values["rate"])))
        hazard = sanctions_hazard(lean, *at_rate)
        # a hazard that rounds to 1 is taken as just below, so that even then the candidates can be ranked
        hazard = np.minimum(hazard, np.nextafter(1.0, 0.0))
        kept = np.log1p(-np.where(exposed, hazard, 0.0)).sum(axis=1)
        if imposed is not None:
            kept += np.log(np.maximum(hazard[:, imposed], np.finfo(np.float64).tiny))
        drawn.append((values["rate"], values["slope"], kept))
    rates, slopes, kept = (np.stack(column, axis=1) for column in zip(*drawn, strict=True))
    weight = np.exp(kept - kept.max(axis=1, keepdims=True))
    levels = np.cumsum(weight, axis=1) / weight.sum(axis=1, keepdims=True)
    u = uniforms(seed, f"judgement {alternative.id}", "choice", 0, numbers)
    place = np.minimum((levels < u[:, None]).sum(axis=1), _CANDIDATES - 1)
    rows = np.arange(numbers.size)
    return rates[rows, place], slopes[rows, place]


def rate_prior(rate: Prior | str | None, as_of: date, record: Record) -> Prior | None:
    """Return the prior of the yearly rate of sanctions that a judgement holds, by a rule from the record known then.

    Rules: `adoption_rate` of the other candidates in full-scale war ("war years"), or of all their state-years and none
    of their adoptions ("no adoptions"). None where the judgement says nothing of the rate, or where there was no such
    year.
    """
    if not isinstance(rate, str):
        return rate
    if rate == "no adoptions":
        return adoption_rate(0, reference_class_count(as_of, record).state_years)
    war = [row["month"] for row in record.until(as_of).table("war") if row["regime"] == "full_scale"]
    if not war:
        return None
    since = min(war)
    adopted = (
        reference_class_count(as_of, record).adoptions if month_number(as_of) >= month_number(since) else 0
    )
    return adoption_rate(adopted, state_years_since(as_of, since, record))
