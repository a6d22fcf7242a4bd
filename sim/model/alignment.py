"""The model: makes the agents and steps them through the months, thousands of members at once.

Timetable of one month (`AlignmentModel.step`)

1. Luck turns to the month's page; parameters that events hold take their value.
2. Conditions advance: prices, war, declarations issued, UN texts put to the vote.
3. Affairs begin: contracts start, run out, are renewed or lapse; elections are held; reports of deliveries come out.
4. Agents decide, reading the world as it stands.
5. Agents act, writing their own states.
6. Affairs close: arms and denials, a step on the issue, dependence, conduct over twelve months and posture.
7. What is due is published: polls, half-year and yearly figures.
8. Every state must be a finite number, else the model stops and says whose is not.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, TypeVar

import mesa
import numpy as np

from sim.affairs import ArmsTrade, Conduct, Dialogue, GasContract, Politics
from sim.agents import Actor, Patron, StateBetween, Union, VoterBloc
from sim.arrays import FloatArray, IntArray
from sim.clock import month_label
from sim.draws.randomness import Luck, PastLuck, valid_seed
from sim.model.conditions import Conditions, Interventions
from sim.model.publications import Publications
from sim.parameters.table import draw
from sim.record.country import load_country
from sim.record.observations import Record
from sim.scenario import ScenarioLike, read_scenario
from sim.world.entity import Entity
from sim.world.facts import Facts, gather
from sim.world.state import Kept

Shared = TypeVar("Shared")


class AlignmentModel(mesa.Model):
    """A state between Russia and the EU, month by month from January 2012.

    Parameters are drawn from the scenario's priors unless they are given: this is the model before it has learned from
    the record. `sim.forecast` learns first; `sim.assimilation.Posterior.start` has what a learned member begins with.

    Parameters
    ----------
    spec: a scenario, or what `sim.read_scenario` reads.
    members: number of ensemble members, the length of every state.
    seed: the run's seed; without one each model lives another history, as in Mesa. `seed` and Mesa's collector tell it.
    luck: luck index of each member, shape (members,); 0 to members - 1 if not given.
    past: the luck of the months before the origin, if it was learned.
    rows: parameter row of each member, shape (members,); the luck indices if not given.
    parameters: values by name, each of shape (members,), instead of rows drawn from the priors.
    facts: recorded facts, if they were gathered before.
    collect: keep Mesa's own data collector at hand; for one member only.
    learning: leave out what neither evidence nor a later month of history depends on: what is printed, postures, counts
        of declarations that do not concern Russia. Such a model must not go on beyond the origin.

    Examples
    --------
    >>> model = AlignmentModel("march-2023", members=3)
    >>> model.step()
    >>> model.between.lean.shape
    (3,)
    """

    conditions: Conditions
    contract: GasContract
    politics: Politics
    arms_trade: ArmsTrade
    dialogue: Dialogue
    conduct: Conduct
    patron: Patron
    union: Union
    between: StateBetween
    blocs: tuple[VoterBloc, ...]
    publications: Publications

    def __init__(
        self,
        spec: ScenarioLike = "march-2023",
        *,
        members: int = 1,
        seed: int | None = None,
        luck: IntArray | None = None,
        past: PastLuck | None = None,
        rows: IntArray | None = None,
        parameters: Mapping[str, FloatArray] | None = None,
        facts: Facts | None = None,
        collect: bool = False,
        learning: bool = False,
    ) -> None:
        self.seed = seed = secrets.randbits(32) if seed is None else valid_seed(seed)
        super().__init__(rng=seed)
        if collect and members != 1:
            raise ValueError(
                f"Mesa's data collector takes one member, got {members}; use sim.simulate for ensembles"
            )
        self.spec = read_scenario(spec)
        self.members = members
        self.learning = learning
        self.tick = -1
        self.country = load_country(self.spec.state)
        self.facts = gather(Record.load(self.spec.state), self.spec.as_of) if facts is None else facts
        self.cluster_steps = cluster_steps(self.spec.state)
        self.interventions = Interventions(self.spec.events)
        places = np.arange(members, dtype=np.int64)
        self.luck = Luck(seed, places if luck is None else luck, past)
        self.evidence: dict[str, FloatArray] = {}
        self._drawn: Mapping[str, FloatArray] = parameters or draw(
            self.spec.parameter_set(self.facts.reference_class),
            rows=self.luck.index if rows is None else rows,
            seed=seed,
        )
        self._shared: dict[str, Any] = {}
        self._kept = Kept()
        self.parameters = MappingProxyType(dict(self._drawn))
        self.conditions = Conditions(self, self.facts)
        self.contract = GasContract(self)
        self.politics = Politics(self)
        self.arms_trade = ArmsTrade(self)
        self.dialogue = Dialogue(self)
        self.conduct = Conduct(self)
        self.patron = Patron(self, self.country.patron)
        self.union = Union(self, self.country.union)
        self.between = StateBetween(self, self.country.state)
        self.blocs = tuple(VoterBloc(self, bloc) for bloc in self.country.blocs)
        self.publications = Publications(self, self.facts, self.conditions, self.between)
        self.datacollector = mesa.DataCollector(model_reporters=_REPORTERS) if collect else None

    @property
    def actors(self) -> tuple[Actor, ...]:
        """The agents in the order of their turns."""
        return (self.patron, self.union, self.between, *self.blocs)

    @property
    def entities(self) -> tuple[Entity, ...]:
        """Everyone who holds states."""
        affairs = (self.contract, self.politics, self.arms_trade, self.dialogue, self.conduct)
        return (self.conditions, *affairs, *self.actors, self.publications)

    def step(self) -> None:
        """Live through the next month; `tick` is then its number."""
        self.open_month(self.tick + 1)
        self.conditions.advance()
        self.contract.begin()
        self.politics.begin()
        self.arms_trade.begin()
        for actor in self.actors:
            actor.decide()
        for actor in self.actors:
            actor.act()
        self.arms_trade.close()
        self.dialogue.close()
        self.contract.close()
        self.conduct.close()
        self.publications.publish()
        if not self.learning:  # NumPy raises there what would not be a number
            month = month_label(self.tick)
            for entity in self.entities:
                entity.check_finite(month)
        if self.datacollector is not None:
            self.datacollector.collect(self)
        self.running = self.tick < self.spec.last_month

    def states(self) -> dict[str, FloatArray]:
        """Return every state as it stands, by ``entity.state``: shape (members,), or (members, width) for a window.

        With the parameters and the scenario they are all that the months to come depend on: see `resume`.
        """
        return {
            f"{entity.name}.{name}": values for entity in self.entities for name, values in entity.states()
        }

    def resume(self, states: Mapping[str, FloatArray], month: int) -> None:
        """Stand at the end of `month` in these states, as though it had been lived here; the next step goes on.

        Raises
        ------
        KeyError: if a state is missing.
        """
        self.tick = month
        for entity in self.entities:
            for name in entity.declared():
                setattr(entity, name, states[f"{entity.name}.{name}"])

    def dismiss(self) -> None:
        """Let go of everything; the model is of no use afterwards.

        Mesa 3.3 keeps every model that ever had an agent, by its counter of agents, and agents and model hold each
        other: whoever lives thousands of histories would fill the memory with them.
        """
        self.remove_all_agents()
        getattr(mesa.Agent, "_ids", {}).pop(self, None)
        self.__dict__.clear()

    def log_evidence(self) -> FloatArray:
        """Return the log probability that each member gave to what the record says of this month, shape (members,)."""
        total = np.zeros(self.members)
        for log_density in self.evidence.values():
            total = total + log_density
        return total

    def eu_support(self) -> FloatArray:
        """Return the share of voters who would vote for EU membership, all blocs, shape (members,)."""
        return self._of_all_voters("support")

    def russia_affinity(self) -> FloatArray:
        """Return the share of voters well disposed to Russia, all blocs, shape (members,)."""
        return self._of_all_voters("affinity")

    def _of_all_voters(self, opinion: str) -> FloatArray:

        def add(*shares: FloatArray) -> FloatArray:
            total = np.zeros(self.members)
            for bloc, share in zip(self.blocs, shares, strict=True):
                total += bloc.bloc.share * share
            return total

        return self._kept.of(opinion, add, *(getattr(bloc, opinion) for bloc in self.blocs))

    def common(self, what: str, find: Callable[[], Shared]) -> Shared:
        """Return what several share this month, such as all voter blocs; the first that asks finds it."""
        if what not in self._shared:
            self._shared[what] = find()
        found: Shared = self._shared[what]
        return found

    def open_month(self, month: int) -> None:
        """Turn to a month, before anyone moves."""
        self.tick = month
        self.luck.begin(self.tick)
        self._shared.clear()
        self.evidence.clear()
        self._hold_parameters()

    def believe(self, parameters: Mapping[str, FloatArray]) -> None:
        """Go on with other parameters, by name, each of shape (members,); states stay what they are."""
        self._drawn = parameters
        self._hold_parameters()

    def _hold_parameters(self) -> None:
        """Let this month's parameters be those drawn, but for what events hold at a value."""
        held = self.interventions.on_parameters(self._drawn, self.tick)
        full = {name: np.full(self.members, value) for name, value in held.items()}
        self.parameters = MappingProxyType({**self._drawn, **full} if full else self._drawn)


@cache
def cluster_steps(state: str) -> IntArray:
    """Return, for each number of chapters opened, how many the next cluster brings; shape (chapters + 1,).

    The chapters count as opened in the recorded order, then cluster by cluster in the country's.
    """
    record, order = Record.load(state), load_country(state).cluster_order
    cluster_of = {
        row["chapter"]: str(row["cluster"] or row["cluster_name"]) for row in record.table("clusters")
    }
    recorded = [row["chapter"] for row in record.chapters_opened()]
    rest = sorted((c for c in cluster_of if c not in recorded), key=lambda c: (order.index(cluster_of[c]), c))
    sequence = recorded + rest
    steps = np.zeros(len(sequence) + 1, dtype=np.int64)
    for opened in range(len(sequence)):
        closed = Counter(cluster_of[chapter] for chapter in sequence[opened:])
        steps[opened] = next(closed[cluster] for cluster in order if closed[cluster])
    return steps


_REPORTERS: dict[str, Any] = {
    "seed": lambda model: model.seed,
    "lean": lambda model: float(model.between.lean[0]),
    "posture": lambda model: float(model.conduct.posture[0]),
    "sanctions": lambda model: float(model.between.sanctions[0]),
    "eu_support": lambda model: float(model.eu_support()[0]),
    "chapters_opened": lambda model: float(model.union.chapters_opened[0]),
    "gas_discount": lambda model: float(model.contract.gas_discount[0]),
}
