"""A block lived by itself: its own entities step, and all else stands where the last whole history had it.

A block touches few entities and one kind of evidence. Given the paths of what it reads from the others, stepping those
alone gives the evidence that the whole model would, at a small part of its price. So a block can be proposed again many
times between two whole histories. The entities are the model's own, and move by the methods by which they move in it:
what stands here is each block's timetable of a month, an excerpt of `sim.model.alignment`'s. A state that is taken
from the paths before something moves is read as it stands in the month; one that is taken after, as it stood when the
month began.
`tests/test_assimilation_blocks.py` holds the excerpts to the model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sim.arrays import FloatArray, IntArray
from sim.assimilation.blocks import BLOCKS, WEIGHED
from sim.assimilation.particles import Paths, Problem, Values
from sim.model.alignment import AlignmentModel
from sim.world.incentives import LEDGER

Evidence = dict[int, FloatArray]
"""Log probabilities of what the record says, by month, each of shape (particles,)."""


@dataclass(frozen=True)
class Given:
    """A model in which a part of history is lived, and the paths on which the last whole history left all else."""

    model: AlignmentModel
    paths: Paths

    def take(self, *names: str) -> None:
        """Put states, ``entity.state``, where the paths have them at the end of the month at hand."""
        for name in names:
            entity, state = name.split(".")
            setattr(getattr(self.model, entity), state, self.paths[name][self.model.tick])

    def weigh(self) -> None:
        """Let the state in between weigh the incentives as it did, but for the EU's pressure as it stands now."""
        weighed = dict(zip(LEDGER, self.paths[WEIGHED][self.model.tick], strict=True))
        self.model.between.weighed = weighed | {"pressure": self.model.union.pressure}


def _declarations(given: Given) -> None:
    model = given.model
    given.take("conditions.war")
    model.conditions.move_rates()
    model.between.weigh_joining()
    model.between.move_readiness()
    model.publications.weigh_declarations()
    model.publications.close_windows()
    given.take("between.lean", "between.sanctions")


def _opinion(given: Given) -> None:
    given.take("conditions.war", "conditions.war_months", "patron.log_effort")
    for bloc in given.model.blocs:  # no poll asks of the affinity
        bloc.move_support()
    given.model.publications.weigh_polls()


def _sanctions(given: Given) -> None:
    given.take("conditions.measures_exist")
    if given.model.conditions.measures_exist.any():
        given.model.between.sanction()
    given.take("between.lean", "between.sanctions")


def _offer(given: Given) -> None:
    union = given.model.union
    union.what_opens()
    given.take("union.opening", "union.pressure_share")
    union.move_credibility(union.opening)


def _ideal_point(given: Given) -> None:
    between, publications = given.model.between, given.model.publications
    before = between.lean
    given.take("between.lean")
    between.move_ideal_point(between.lean - before)
    publications.gather_ideal_point()
    publications.close_windows()


def _votes(given: Given) -> None:
    given.take("conditions.war")
    if given.model.tick in given.model.facts.texts:
        given.model.between.vote()
    given.take("between.lean")


def _dialogue(given: Given) -> None:
    given.weigh()
    given.model.dialogue.close()
    given.take("union.pressure_share")


def _lean(given: Given) -> None:
    """Live a month of the lean, of the declarations joined, and of the pressure that answers them.

    What else pulls at the lean does not answer in history, and stands as the last whole history left it.
    """
    union, between, conduct = given.model.union, given.model.between, given.model.conduct
    given.take("conditions.war", "conditions.issued_russia")
    union.call_for_pressure()
    given.weigh()
    between.call_for_lean()
    between.joined_russia, _ = between.join()
    union.move_pressure()
    given.take("between.baseline_lean")
    between.move_lean()
    conduct.note_declarations()
    given.take("between.sanctions")


MONTHS_OF: dict[str, Callable[[Given], None]] = {
    "declarations": _declarations,
    "opinion": _opinion,
    "the EU's offer": _offer,
    "UN ideal point": _ideal_point,
    "UN votes": _votes,
    "dialogue": _dialogue,
    "sanctions": _sanctions,
}
"""How a month is lived of those blocks that can be lived by themselves."""

LEANS = ("between.lean", "union.pressure_share")
"""The paths of the lean, and of the pressure that answers it."""

ON_THE_LEAN = tuple(name for name in MONTHS_OF if {*LEANS} & {*BLOCKS[name].reads})
"""The blocks that read them."""


def live_block(
    name: str, problem: Problem, parameters: Values, luck: IntArray, *, paths: Paths, until: int
) -> Evidence:
    """Live a block's part of history through month `until`.

    Parameters
    ----------
    paths: as the last whole history of these particles left them.

    Returns
    -------
    The block's evidence in the months that have any.
    """
    evidence = {}
    for model in _months(problem, parameters, luck, until):
        MONTHS_OF[name](Given(model, paths))
        if model.evidence:
            evidence[model.tick] = model.log_evidence()
    return evidence


def live_lean(problem: Problem, parameters: Values, luck: IntArray, *, paths: Paths, until: int) -> Paths:
    """Live the state's lean through month `until`; parameters as of `live_block`.

    Returns
    -------
    The paths of lean and pressure, and all others as they were; months not lived are those of `paths`.
    """
    lived = {name: paths[name].copy() for name in LEANS}
    for model in _months(problem, parameters, luck, until):
        _lean(Given(model, paths))
        for path, state in zip(LEANS, (model.between.lean, model.union.pressure_share), strict=True):
            lived[path][model.tick] = state
    return paths | lived


def _months(problem: Problem, parameters: Values, luck: IntArray, until: int) -> Iterator[AlignmentModel]:
    """Yield a model of the particles in each month from the first one through `until`, before anyone moves."""
    model = problem.model(parameters, luck)
    for month in range(until + 1):
        model.open_month(month)
        yield model
    model.dismiss()
