"""The figures of a run folder: which belong there and where they lie, known without drawing any."""

from __future__ import annotations

from pathlib import Path

from sim.quantities.catalogue import QUANTITIES, targets
from sim.record.observations import Record
from sim.record.record_series import recorded
from sim.runs.results import Run

Choice = tuple[str, str | None]
"""A figure by name, and the variable that it is of."""

_DEFAULT: tuple[Choice, ...] = (
    *(("fan", name) for name in targets() if QUANTITIES[name].kind not in ("binary", "category")),
    ("posture", None),
    ("sanctions", None),
    ("ledger", None),
    ("distribution", None),
    ("questions", None),
)

FORMATS = (".png", ".svg")
"""The formats in which a run folder keeps its figures."""


def default_figures(run: Run) -> list[Choice]:
    """Return the figures that a run folder has: of questions if there are any, of targets of which something shows."""
    left_out = {"questions"} if not run.scenario.questions else set()
    return [each for each in _DEFAULT if each[0] not in left_out and (each[1] is None or shows(run, each[1]))]


def shows(run: Run, target: str) -> bool:
    """Return whether there is anything to see of a target: not where all histories have one value, and the record none.

    So it is with the gas discount of a state that has no contract.
    """
    rows = [row for row in run.table("summary") if row["target"] == target and row["low"] is not None]
    values = {row[end] for row in rows for end in ("low", "high")}
    return len(values) != 1 or bool(recorded(target, Record.load(run.scenario.state)))


def own_paths(run: Run, name: str, variable: str | None = None, member: int | None = None) -> list[Path]:
    """Return where a figure lies in the run's own folder, in each format."""
    if name == "fan" and variable is None:
        variable = targets()[0]
    parts = [name, variable, None if member is None else f"member-{member}"]
    stem = "-".join(part for part in parts if part is not None)
    return [run.folder / "figures" / f"{stem}{suffix}" for suffix in FORMATS]


def missing_figures(run: Run) -> list[Choice]:
    """Return the figures that the run folder should have and has not, as after an interruption."""
    return [
        (name, variable)
        for name, variable in default_figures(run)
        if not all(path.exists() for path in own_paths(run, name, variable))
    ]
