"""What decides a run's numbers, where the run lies that has them, and what it says of them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.assimilation import DEFAULT_PARTICLES, posterior_digest
from sim.contents import content_digest
from sim.execution.cache import posteriors_folder
from sim.forecasting.precision import MOST_MEMBERS
from sim.model.variables import Keep, keep_by_default
from sim.record.country import state_digest
from sim.record.observations import Record, reference_class_count
from sim.scenario import Scenario, to_toml

DEFAULT_MEMBERS = 4096
DEFAULT_SEED = 1


@dataclass(frozen=True)
class RunOptions:
    """What decides a run's numbers beside its scenario; `sim.forecasting.forecast` says what each means.

    Where `particles`, `learning_seed` or `keep` is None, `size`, `filter_seed` and `kept` say what holds.
    """

    members: int = DEFAULT_MEMBERS
    seed: int = DEFAULT_SEED
    precision: float | None = None
    learned: bool = True
    particles: int | None = None
    learning_seed: int | None = None
    record: Record | None = None
    keep: Keep | None = None

    @property
    def size(self) -> int:
        """How many particles learn; to begin with, if a precision decides."""
        return DEFAULT_PARTICLES if self.particles is None else self.particles

    @property
    def filter_seed(self) -> int:
        """The seed of the filter: the run's, if none is given."""
        return self.seed if self.learning_seed is None else self.learning_seed

    @property
    def kept(self) -> Keep:
        """What is kept of the members."""
        return keep_by_default(self.members) if self.keep is None else self.keep

    def folder(self, scenario: Scenario, output: Path, *, text: str | None = None) -> Path:
        """Return where the run lies: ``<output>/<scenario>/<digest>``.

        The digest covers these options, the resolved scenario, and the content of code and record: the same call finds
        its folder, and any change that could move a number finds another. `text` is the resolved scenario as a run's
        folder has it, if it was read from there.
        """
        learned = self._posterior(scenario) if self.learned else "prior"
        written = to_toml(scenario) if text is None else text
        made_of = [content_digest(), state_digest(scenario.state)]
        asked = [written, self.members, self.kept, self.seed, learned, *made_of]
        if self.precision is not None:  # particles that are not given are as many as it takes
            asked.append({"precision": self.precision, "particles": self.particles})
        if self.record is not None:
            asked.append(self.record.digest())
        digest = hashlib.blake2b(json.dumps(asked).encode(), digest_size=6).hexdigest()
        return output / scenario.name / digest

    def posterior_folder(self, scenario: Scenario) -> Path:
        """Return where the posterior lies in the user's cache that a learned run goes on from."""
        return posteriors_folder() / self._posterior(scenario)

    def _posterior(self, scenario: Scenario) -> str:
        return posterior_digest(scenario, particles=self.size, seed=self.filter_seed, record=self.record)


def members_of(given: int | None, precision: float | None) -> int:
    """Return how many members there are: the default if none is given, or the most there may be for a precision."""
    return (DEFAULT_MEMBERS if precision is None else MOST_MEMBERS) if given is None else given


def told_of(spec: Scenario, record: Record) -> dict[str, Any]:
    """Return what a provenance says of the scenario and of what was known."""
    beliefs = spec.parameter_set(reference_class_count(spec.as_of, record))
    return {
        "scenario": spec.name,
        "title": spec.title,
        "as_of": str(spec.as_of),
        "until": str(spec.until),
        "record": record.told(spec.as_of),
        "parameters": {name: entry.prior.describe() for name, entry in sorted(beliefs.items())},
    }
