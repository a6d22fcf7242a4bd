"""Runs of a panel, in memory: what was learned is read once, and a move simulates the members and nothing else."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import cache as kept, partial
from pathlib import Path

import xarray as xr

from sim.assimilation import DEFAULT_PARTICLES, Posterior, assimilate, learning_steps
from sim.contrasts import Difference, differences
from sim.execution.cache import Cache, passing
from sim.execution.progress import Advance
from sim.forecasting import DEFAULT_SEED, answer, forecast
from sim.forecasting.ensemble import months_lived, simulate
from sim.forecasting.judgement import judgement_steps, ranged
from sim.forecasting.options import told_of
from sim.forecasting.tables import Judged, table
from sim.model.variables import Keep
from sim.record.country import content_of
from sim.record.observations import Record
from sim.runs.members import ISLAND
from sim.runs.results import Held, Run
from sim.scenario import Scenario
from sim.widgets.levers import Moves
from sim.world.facts import gather

INTERVENTIONS = ("war", "pressure", "credibility", "gas_discount", "normalisation")
"""What a panel moves if not said otherwise (judgement): what the press asks about."""

BELIEFS = ("sanctions_rate", "sanctions_slope", "accession_weight", "pressure_weight", "gas_weight")
"""The beliefs of a panel if not said otherwise (judgement): those on which the answers rest most."""

MEMBERS = 2000
"""Members of a panel (judgement): a move is answered in half a second, a probability is good to about a point."""

record_of = kept(Record.load)
"""The record of a state, read once."""

Work = Callable[[int], Advance]
"""What is told how many steps a work has, and returns what is called with those done; what that raises ends it."""

_DRAWN = (ISLAND, "past_bands", "past_posture")  # of the particles: what the panel's errors and pictures read


class SupersededError(Exception):
    """The answer is no longer asked for: something was moved meanwhile."""


@dataclass(eq=False)
class Shown:
    """A run and its answers; `moves` is what was moved for it, `said` that in words.

    `ranges` holds the least and greatest answer over judgement by question, once they were asked for.
    """

    run: Run
    moves: Moves
    said: str
    ranges: dict[str, tuple[float, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        questions = self.scenario.questions
        self.answers = [answer(self.run.data, question, self.scenario) for question in questions]

    def against(self, reference: Shown) -> dict[str, Difference]:
        """Return the paired differences from what another shows, by question."""
        data = self.run.data, reference.run.data
        found = differences(*data, self.scenario, reference.scenario, outcomes=False)
        return {item.name: item for item in found}

    @property
    def scenario(self) -> Scenario:
        """The scenario that was simulated."""
        return self.run.scenario


class Members:
    """The members of a panel, who live through one scenario after another with the same luck.

    Parameters
    ----------
    members, seed: of every run. particles: of what is learned from the record; None for the default.
    learned: go on from what was learned, else from the priors.
    cache: where what is learned is kept, see `sim.forecasting.forecast`; False keeps it until the session ends.
    """

    def __init__(
        self,
        *,
        members: int = MEMBERS,
        particles: int | None = None,
        seed: int = DEFAULT_SEED,
        learned: bool = True,
        cache: Cache = True,
    ) -> None:
        self.members, self.seed, self.learned = members, seed, learned
        self.particles = particles or DEFAULT_PARTICLES
        self._cache = cache or passing()
        self._posteriors: dict[Hashable, Posterior] = {}
        self._facts = kept(lambda state, as_of: gather(record_of(state), as_of))

    def posterior(self, scenario: Scenario, work: Work | None = None) -> Posterior | None:
        """Return what was learned under the scenario's beliefs, learning it if need be; None for the priors.

        Raises
        ------
        sim.assimilation.CollapseError: if no particle comes near what the record says.
        sim.record.observations.BeyondRecordError: if the origin lies after the record's end.
        """
        if not self.learned:
            return None
        beliefs = sorted(scenario.parameters.items())
        key = (scenario.state, scenario.as_of, *((name, belief.prior.describe()) for name, belief in beliefs))
        if key not in self._posteriors:
            progress = work and work(learning_steps(scenario, self.particles))
            self._posteriors[key] = assimilate(
                scenario, particles=self.particles, seed=self.seed, cache=self._cache, progress=progress
            )
        return self._posteriors[key]

    def run(self, scenario: Scenario, *, keep: Keep = "outcomes", work: Work | None = None) -> Run:
        """Simulate a scenario and return the run, held in memory.

        It has what errors, differences and the panel's pictures read. Its tables are those of a run that was written,
        ranges over judgement too; that is simulated when one is first asked for.
        """
        posterior = self.posterior(scenario)
        data = simulate(
            scenario,
            members=self.members,
            seed=self.seed,
            begin=None if posterior is None else partial(posterior.start, seed=self.seed),
            facts=self._facts(scenario.state, scenario.as_of),
            keep=keep,
            progress=work and work(self.members * months_lived(scenario, learned=self.learned)),
        )
        judged = kept(partial(self._judged, data, scenario))

        def rows(name: str) -> list[dict[str, str]]:
            whole, answers = judged()
            return table(
                name, data=whole, scenario=scenario, record=record_of(scenario.state), judged=answers
            )

        lean = data if posterior is None else data.assign({name: posterior.kept[name] for name in _DRAWN})
        made = {
            **told_of(scenario, record_of(scenario.state)),
            "members": self.members,
            "seed": self.seed,
            "content": content_of(scenario.state),
            "posterior": None if posterior is None else posterior.provenance,
        }
        return Run(Path(scenario.name), made, Held(lean, scenario, rows, record_of(scenario.state)))

    def judge(self, shown: Shown, work: Work) -> None:
        """Put beside answers their ranges over judgement, where the run learned."""
        _, (answers, _) = self._judged(shown.run.data, shown.scenario, work)
        shown.ranges.update({item.id: (item.low or 0.0, item.high or 0.0) for item in answers if item.judged})

    def _judged(
        self, data: xr.Dataset, scenario: Scenario, work: Work | None = None
    ) -> tuple[xr.Dataset, Judged]:
        posterior = self.posterior(scenario)
        whole = data if posterior is None else data.assign(posterior.kept)
        progress = work and work(judgement_steps(scenario, self.members))
        known, facts = record_of(scenario.state), self._facts(scenario.state, scenario.as_of)
        return whole, ranged(whole, scenario, seed=self.seed, record=known, facts=facts, progress=progress)

    def command(self, path: Path) -> str:
        """Return the command that gives the same numbers from a file that was saved."""
        said = ["serbia-sim run", shlex.quote(str(path)), f"--members {self.members}"]
        said += [f"--seed {self.seed}"] if self.seed != DEFAULT_SEED else []
        if not self.learned:
            said.append("--unlearned")
        elif self.particles != DEFAULT_PARTICLES:
            said.append(f"--particles {self.particles}")
        return " ".join(said)

    def report(self, scenario: Scenario) -> Path:
        """Make the same run as `serbia-sim run` does, write its page into its folder, and return where it lies."""
        from sim.report import write_report  # and Matplotlib with it

        run = forecast(
            scenario,
            members=self.members,
            seed=self.seed,
            learned=self.learned,
            particles=self.particles,
            cache=self._cache,
        )
        return write_report(run)
