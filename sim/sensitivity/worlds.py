"""Scenario discovery: which combinations of drivers lead to an outcome, found on half of a run, judged on the other.

A driver is measured before the outcome can have come of it. By a landmark half-way to the answer the histories that
were decided until then (what was asked for has come; or a state, such as a posture, has stood otherwise than at the
origin) are set aside, and the others told apart by what had been: so no driver is read after the event that it is to
explain, and long lives do not count as causes (Anderson, Cain & Gelber 1983, Analysis of survival by tumor response,
Journal of Clinical Oncology 1(11)). Boxes are nodes of a shallow tree (Lempert, Bryant & Bankes 2008, Comparing
algorithms for scenario discovery, RAND WR-557).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.clock import month_number
from sim.forecasting import came_true, samples_by_month
from sim.forecasting.errors import LEVEL, error_of_share, islands_of
from sim.forecasting.questions import holds
from sim.mechanisms.conditions import FULL_SCALE
from sim.quantities.catalogue import QUANTITIES
from sim.runs.members import at
from sim.runs.results import Run
from sim.scenario import Question
from sim.sensitivity.lives import SensitivityError, library, outcome_of, parameters_of

DEPTH, SMALLEST = 3, 0.05
"""Conditions of a box at most, and the least share of the histories in it: what a sentence can hold (judgement)."""

FEWEST = 400
"""Histories still open at the landmark that serve: ten in the smallest box of a half (judgement)."""


@dataclass(frozen=True)
class Driver:
    """A quantity that may explain an outcome: how it is read up to the landmark, and why it is no consequence.

    `how`: its mean, whether it was ever above 0, or whether it is `code` at the landmark. `yes`, `no`: in words, of the
    last two.
    """

    quantity: str
    how: Literal["mean", "ever", "last"]
    why: str
    yes: str = ""
    no: str = ""
    code: float = 0.0

    def read(self, run: Run, landmark: int) -> FloatArray:
        """Return it for each member, shape (members,)."""
        values = at(run.data, self.quantity, range(run.scenario.first_month, landmark + 1)).astype(np.float64)
        if self.how == "mean":
            return np.asarray(values.mean(axis=1))
        found = values[:, -1] == self.code if self.how == "last" else (values > 0.0).any(axis=1)
        return np.asarray(found, dtype=np.float64)


_BEFORE = "moved by earlier conduct: read before the landmark"

# fmt: off
DRIVERS = (
    Driver("market_price", "mean", "made by markets; nothing that the state does moves it"),
    Driver("brent", "mean", "made by markets"),
    Driver("war", "last", "its course is drawn by itself", "full-scale war then", "no full-scale war then", FULL_SCALE),
    Driver("credibility", "mean", _BEFORE),
    Driver("pressure", "mean", _BEFORE),
    Driver("normalisation", "mean", _BEFORE),
    Driver("coalition_change", "ever", "elections are drawn", "another coalition", "no other coalition"),
)
# fmt: on
"""The drivers, beside the parameters. Not among them: what the outcome moves at once, as Moscow's displeasure and the
gas discount, and what the model makes the outcome of, as the lean."""


@dataclass(frozen=True)
class Histories:
    """Histories whose answer is still open at the landmark.

    Attributes
    ----------
    landmark: month number. aside: how many histories were decided by then. inputs: drivers and parameters by name.
    came: whether the answer came to yes. islands: of the posterior; None if nothing was learned. Shapes (histories,).
    """

    question: Question
    landmark: int
    aside: int
    inputs: dict[str, FloatArray]
    came: BoolArray
    islands: IntArray | None


def histories(run: Run, question: str) -> Histories:
    """Return the histories of a run that are open at the landmark of a question, with what had been until then.

    Raises
    ------
    SensitivityError: if there is no such question, or nothing lies between the origin and its answer.
    sim.runs.members.NotKeptError: if the run does not keep a driver; says how to keep it.
    """
    asked = outcome_of(run.scenario, question).question
    if asked is None:
        raise SensitivityError(f"{question} is no question of {run.scenario.name}: name one by its id")
    first, last = run.scenario.first_month, asked.last_month
    landmark = first + (last - first) // 2
    if asked.start is not None:
        landmark = min(landmark, month_number(asked.start) - 1)
    if not first <= landmark < last:
        raise SensitivityError("its time has begun by the origin: nothing that drives it comes before")
    open_ = np.ones(run.data.sizes["member"], dtype=bool)
    if asked.ever_by is not None or QUANTITIES[asked.target].discrete:
        months = samples_by_month(run.data, asked.target, range(first, landmark + 1))
        stood = np.stack([holds(values, asked.target, vars(asked)) for values in months], axis=1)
        usual = asked.ever_by is None and stood[:, 0].mean() > 0.5
        open_ = ~(stood != usual).any(axis=1)
    inputs = {driver.quantity: driver.read(run, landmark) for driver in DRIVERS}
    inputs |= parameters_of(run)
    islands = islands_of(run.data)
    inputs = {name: values[open_] for name, values in inputs.items()}
    came = came_true(run.data, asked, run.scenario)[open_]
    return Histories(
        asked, landmark, int((~open_).sum()), inputs, came, None if islands is None else islands[open_]
    )


@dataclass(frozen=True)
class Box:
    """A world: conditions that all hold, each an input's name, "at least" or "below", and a value.

    Of the half on which it was not found:

    density: share of its histories in which the answer came to yes, with its standard error. base: that of all.
    coverage: share of all histories with a yes that it holds. share: of all histories.
    """

    conditions: tuple[tuple[str, str, float], ...]
    density: float
    error: float
    base: float
    coverage: float
    share: float

    @property
    def told(self) -> bool:
        """Whether the other half bears it out: more yes than among all, by two standard errors."""
        return self.density - 2.0 * self.error > self.base


def discover(found: Histories, *, parameters: bool = True) -> tuple[Box, ...]:
    """Return the box that tells most and the densest, found on half of the islands and judged on the others.

    The first has the greatest weighted relative accuracy, ``share * (density - base)`` (Lavrac, Flach & Zupan 1999);
    there is one where they are the same, and none where no cut tells anything.

    Halves are of islands since particles of one island have ancestors in common; of members where nothing was learned.
    A cut must tell more than the best of all that could be made would by luck: a score test, by Bonferroni.

    Parameters
    ----------
    parameters: may be named too; else only drivers, which an observer could have seen by the landmark.

    Raises SensitivityError if too few histories are open, or all come to one answer, or scikit-learn is not installed.
    """
    came = found.came
    if came.size < FEWEST:
        raise SensitivityError(
            f"{came.size:,} histories are open at the landmark; {FEWEST} are the fewest that serve: run more --members"
        )
    half = (np.arange(came.size) if found.islands is None else found.islands) % 2 == 1
    base = came[~half].mean()
    if not 0.0 < base < 1.0 or not came[half].any():
        raise SensitivityError(
            "all histories that are open at the landmark come to one answer: nothing to find"
        )
    names = [*found.inputs] if parameters else [driver.quantity for driver in DRIVERS]
    x = np.column_stack([found.inputs[name] for name in names])
    cuts = len(names) / SMALLEST
    score = NormalDist().inv_cdf(1.0 - (1.0 - LEVEL) / (2.0 * cuts)) ** 2
    tree = library("sklearn.tree").DecisionTreeClassifier(
        max_depth=DEPTH,
        min_samples_leaf=SMALLEST,
        min_impurity_decrease=2.0 * base * (1.0 - base) * score / (~half).sum(),
        random_state=0,
    )
    nodes = [node for node in _nodes(tree.fit(x[~half], came[~half]).tree_) if node[0] > base]
    if not nodes:
        return ()
    most = max(nodes, key=lambda node: node[1] * (node[0] - base))
    return tuple(_judged(found, names, x, half, bounds) for *_, bounds in dict.fromkeys((most, max(nodes))))


Bounds = tuple[tuple[int, str, float], ...]


def _nodes(tree: Any, place: int = 0, bounds: Bounds = ()) -> Iterator[tuple[float, float, Bounds]]:
    """Yield density, share and conditions of the nodes of a tree of scikit-learn, its root not among them."""
    if bounds:
        share = tree.weighted_n_node_samples[place] / tree.weighted_n_node_samples[0]
        yield float(tree.value[place][0][1]), float(share), bounds
    feature, value = int(tree.feature[place]), float(tree.threshold[place])
    for side, child in (("below", tree.children_left[place]), ("at least", tree.children_right[place])):
        if child >= 0:  # a leaf has none
            kept = tuple(bound for bound in bounds if bound[:2] != (feature, side))
            yield from _nodes(tree, child, (*kept, (feature, side, value)))


def _judged(found: Histories, names: list[str], x: FloatArray, half: BoolArray, bounds: Bounds) -> Box:
    inside = half.copy()
    for feature, side, value in bounds:
        inside &= x[:, feature] <= value if side == "below" else x[:, feature] > value
    came, held = found.came, found.came[inside]
    islands = None if found.islands is None else found.islands[inside]
    if islands is not None and np.unique(islands).size < 2:
        islands = None  # of one island alone the filter's error is not known
    return Box(
        tuple((names[feature], side, value) for feature, side, value in bounds),
        density=float(held.mean()) if held.size else 0.0,
        error=error_of_share(held, islands) if held.size else 1.0,
        base=float(came[half].mean()),
        coverage=float(held.sum() / came[half].sum()),
        share=float(held.size / half.sum()),
    )


def to_ema(run: Run, question: str) -> tuple[pd.DataFrame, dict[str, NDArray[Any]]]:
    """Return a run as the results of EMA Workbench: what its analysis takes, such as ``prim`` or ``feature_scoring``.

    Returns
    -------
    Experiments: a row for each history that is open at the question's landmark, with its drivers until then and its
    parameters; drivers told by yes and no are 0 or 1. Outcomes: the question's id with 0 or 1, shape (experiments,).

    ``prim.Prim(experiments, outcomes[question] == 1, threshold=0.8).find_box()``, after
    ``from ema_workbench.analysis import prim``.
    """
    found = histories(run, question)
    return pd.DataFrame(found.inputs), {question: found.came.astype(np.int64)}
