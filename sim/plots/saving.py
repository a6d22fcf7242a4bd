"""Figures on disk: the same figure gives the same bytes."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from io import BytesIO
from pathlib import Path
from typing import Any, ParamSpec

from matplotlib import rc_context
from matplotlib.figure import Figure

from sim.plots.palette import STYLE
from sim.plots.series import FigureError

Arguments = ParamSpec("Arguments")

FORMATS: dict[str, dict[str, Any]] = {
    ".png": {"dpi": 150, "metadata": {"Software": None}},
    ".svg": {"metadata": {"Date": None, "Creator": None}},
    ".pdf": {"metadata": {"CreationDate": None, "Creator": None, "Producer": None}},
}
"""How each kind of file is written; no date and no version of a library stands in it."""


def styled(draw: Callable[Arguments, Figure]) -> Callable[Arguments, Figure]:
    """Return a drawing function such that it draws in the project's style and leaves Matplotlib's settings alone."""

    @wraps(draw)
    def in_style(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Figure:
        with rc_context(STYLE):
            return draw(*args, **kwargs)

    return in_style


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
        with rc_context(STYLE):
            figure.savefig(partial, format=suffix[1:], **FORMATS[suffix])
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def png(figure: Figure, *, dpi: int = FORMATS[".png"]["dpi"]) -> bytes:
    """Return a figure as the bytes of a PNG file, with `dpi` pixels to an inch."""
    drawn = BytesIO()
    with rc_context(STYLE):
        figure.savefig(drawn, format="png", **{**FORMATS[".png"], "dpi": dpi})
    return drawn.getvalue()
