"""Figures on disk: the same figure gives the same bytes."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from matplotlib.style import context

from sim.plots.palette import STYLE
from sim.plots.series import FigureError

FORMATS: dict[str, dict[str, Any]] = {
    ".png": {"dpi": 150, "metadata": {"Software": None}},
    ".svg": {"metadata": {"Date": None, "Creator": None}},
    ".pdf": {"metadata": {"CreationDate": None, "Creator": None, "Producer": None}},
}
"""How each kind of file is written; no date and no version of a library stands in it."""


@contextmanager
def in_style() -> Iterator[None]:
    """Set every setting of Matplotlib that a picture depends on: whatever the user's own are, the figure is the same.

    Matplotlib's remarks on its search for fonts are kept from the user: `sim.plots.fonts` sees to what is missing.
    """
    log = logging.getLogger("matplotlib.font_manager")
    level = log.level
    with context(["default", STYLE]):
        log.setLevel(logging.ERROR)
        try:
            yield
        finally:
            log.setLevel(level)


styled = in_style()
"""Decorates a drawing function so that it draws in the project's style and leaves Matplotlib's settings alone."""


def save(figure: Figure, path: Path) -> None:
    """Write a figure; the suffix says in which format.

    Raises
    ------
    FigureError: if the suffix is none of `FORMATS`, or the folder does not exist.
    """
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        allowed = ", ".join(FORMATS)
        given = f"the suffix {path.suffix!r}" if path.suffix else "no suffix"
        raise FigureError(f"{path}: {given}; a figure is saved as one of {allowed}")
    if not path.parent.is_dir():
        raise FigureError(f"{path}: there is no folder {path.parent}; make it first")
    # under its own name only when it is whole: a figure that was interrupted is drawn again
    partial = path.with_name(f".{path.name}.partial")
    try:
        with in_style():
            figure.savefig(partial, format=suffix[1:], **FORMATS[suffix])
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def svg(figure: Figure) -> bytes:
    """Return a figure as the bytes of an SVG file."""
    drawn = BytesIO()
    with in_style():
        figure.savefig(drawn, format="svg", **FORMATS[".svg"])
    return drawn.getvalue()
