"""The figures of a run folder: which belong there and where they lie, known without drawing any."""

from __future__ import annotations

from pathlib import Path

from sim.catalogue import QUANTITIES, targets
from sim.results import Run

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
    """Return the figures that every run folder has; without questions there is none of them."""
    asked = bool(run.scenario.questions)
    return [(name, variable) for name, variable in _DEFAULT if asked or name != "questions"]


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
