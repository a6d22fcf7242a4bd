"""The model's variants, and the one call by which a variant forecasts from an origin."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from sim.cache import Cache
from sim.country import DEFAULT
from sim.forecasting import forecast
from sim.incentives import LEDGER
from sim.progress import Progress
from sim.results import Run
from sim.scenario import Scenario, read_scenario, with_beliefs
from sim.verification.scorecard import GIVEN, MODEL, NO_INCENTIVES, NO_INCENTIVES_GIVEN, UNLEARNED


@dataclass(frozen=True)
class Variant:
    """A way to forecast with this model.

    Attributes
    ----------
    learned: from the record known at the origin. incentives: else every weight is 0, as a belief that holds from 2012.
    given: the war's path and prices after the origin are those that happened.
    """

    name: str
    learned: bool = True
    incentives: bool = True
    given: bool = False


VARIANTS = (
    Variant(MODEL),
    Variant(UNLEARNED, learned=False),
    Variant(NO_INCENTIVES, incentives=False),
    Variant(GIVEN, given=True),
    Variant(NO_INCENTIVES_GIVEN, incentives=False, given=True),
)


def scenario_at(origin: date, until: date, variant: Variant, state: str = DEFAULT) -> Scenario:
    """Return the baseline as of an origin, without events and questions, with what the variant believes."""
    base = replace(read_scenario("baseline"), state=state, events=(), questions=())
    spec = replace(base, name=f"hindcast-{origin}", as_of=origin, until=until)
    if variant.incentives:
        return spec
    weights = {f"{term}_weight": 0.0 for term in LEDGER}
    return with_beliefs(spec, weights, source="hindcast: incentives off")


def model_run(
    origin: date,
    until: date,
    variant: Variant,
    *,
    members: int,
    particles: int,
    seed: int,
    state: str = DEFAULT,
    cache: Cache = True,
    progress: Progress = None,
) -> Run:
    """Return the run of a variant from an origin, held in memory."""
    spec = scenario_at(origin, until, variant, state)
    return forecast(
        spec,
        members=members,
        seed=seed,
        learned=variant.learned,
        learning_seed=seed,
        particles=particles,
        given=variant.given,
        cache=cache,
        progress=progress,
        save=False,
    )
