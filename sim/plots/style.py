"""How figures look and are saved: colours and type, letters that can be drawn, the same bytes for the same figure.

Colours are told apart in grey and by the colour-blind, since lightness carries them too.
"""

from __future__ import annotations

import logging
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, fontManager
from matplotlib.ft2font import FT2Font
from matplotlib.style import context

from sim.plots.series import FigureError
from sim.runs.manifest import draft_of

INK = "#1a1a1a"
QUIET = "#595959"
RULE = "#d9d9d9"
TRACK = "#f2f2f2"
PAPER = "#ffffff"

FORECAST = ("#cfe1f2", "#7fb3d9", "#08306b")
"""The band of 90 per cent, the band of 50, the median."""

PAST = ("#efefef", "#dadada", "#8c8c8c")
"""The same before the origin, where nothing was learned: paler, and without hue."""

POSTURE = {"ally": "#7f2f12", "balancer": "#ecdfc6", "opponent": "#3f8fd2"}
"""Dark, light, middle: the three stay apart without their hues."""

CAME: dict[str, Any] = {
    "color": INK,
    "marker": "D",
    "markersize": 6.0,
    "markeredgecolor": PAPER,
    "linestyle": "",
}
"""The mark of what came since, where a probability stood."""

TITLE, BODY, SMALL = 12.5, 9.5, 9.0
"""Sizes of type in points, on a page 396 points wide: the smallest is 8.2 pixels on a phone of 360."""

PLAIN: dict[str, Any] = {"fontsize": BODY, "color": INK}
BOLD: dict[str, Any] = PLAIN | {"weight": "bold"}
"""How names and answers are written, and what stands out among them."""

STYLE: dict[Any, Any] = {
    # The first comes with Matplotlib, so that lines break alike on every machine; Verdana is its like in a browser.
    "font.family": ["DejaVu Sans", "sans-serif"],
    "font.sans-serif": ["DejaVu Sans", "Verdana", "sans-serif"],
    "font.size": SMALL,
    "text.hinting": "none",  # letters as wide as they measure, whatever the resolution
    "text.parse_math": False,  # a dollar sign in a question is a dollar sign
    "text.color": INK,
    "axes.edgecolor": QUIET,
    "axes.linewidth": 0.8,
    "axes.axisbelow": True,
    "axes.labelcolor": QUIET,
    "axes.labelsize": SMALL,
    **{f"axes.spines.{side}": False for side in ("left", "bottom", "right", "top")},
    **{f"{axis}tick.{part}.size": 0.0 for axis in "xy" for part in ("major", "minor")},
    **{f"{axis}tick.major.pad": 4.0 for axis in "xy"},
    **{f"{axis}tick.labelsize": SMALL for axis in "xy"},
    **{f"{axis}tick.labelcolor": INK for axis in "xy"},
    "grid.color": RULE,
    "legend.frameon": False,
    "legend.fontsize": SMALL,
    "legend.borderpad": 0.0,
    "legend.borderaxespad": 0.0,
    "legend.handlelength": 1.8,
    "legend.handletextpad": 0.5,
    "legend.columnspacing": 1.4,
    "hatch.color": PAPER,
    "hatch.linewidth": 1.2,
    "svg.fonttype": "none",
    "svg.hashsalt": "serbia-sim",
    "pdf.fonttype": 42,
    "savefig.facecolor": PAPER,
}
"""Matplotlib's settings while a figure is drawn or saved."""


STAND_IN = "[no font]"
"""What is drawn for letters that no installed font has."""

_NO_TEXT = ("Last Resort", "STIX", "cm")
"""Families that come with Matplotlib and are no type for words: they draw boxes, or signs under other signs' codes."""


@cache
def drawable(words: str) -> tuple[str, tuple[str, ...]]:
    r"""Return words as they can be drawn, and the families of fonts to draw them with.

    Letters that the project's font lacks are drawn with an installed one that has them; those that none has become one
    `STAND_IN` a stretch. Control characters become spaces, but for the break of a line.

    >>> drawable("Tab\tand čćž, Ж")[0]
    'Tab and čćž, Ж'
    """
    clean = "".join(
        c if c == "\n" or unicodedata.category(c) not in ("Cc", "Zl", "Zp") else " " for c in words
    )
    parts = ["".join(of) if has else STAND_IN for has, of in groupby(clean, key=lambda c: bool(_family(c)))]
    first, *rest = STYLE["font.family"]
    more = {_family(c): None for c in clean if _family(c) not in ("", first)}
    return "".join(parts), (first, *more, *rest)


@cache
def _family(character: str) -> str:
    """Return the family that has a character, the project's own if it does; nothing if none has it."""
    own = str(STYLE["font.family"][0])
    if character == "\n" or ord(character) in _characters(own):
        return own
    names = {entry.name for entry in fontManager.ttflist if not entry.name.startswith(_NO_TEXT)}
    # a plain text face first; by name, so that the same fonts give the same figure
    ordered = sorted(names, key=lambda name: ("Sans" not in name or "Mono" in name, name))
    return next((name for name in ordered if ord(character) in _characters(name)), "")


@cache
def _characters(family: str) -> frozenset[int]:
    """Return the codes of what a family can draw in every weight that figures use."""
    codes = []
    for weight in ("normal", "bold"):
        path = findfont(FontProperties(family=[family], weight=weight), fallback_to_default=False)
        try:
            face = FT2Font(path)
            face.set_size(10.0, 72.0)  # a face of coloured bitmaps has no outlines to draw
        except RuntimeError:
            return frozenset()
        codes.append(frozenset(face.get_charmap()))
    return frozenset.intersection(*codes)


FORMATS: dict[str, dict[str, Any]] = {
    ".png": {"dpi": 150, "metadata": {"Software": None}},
    ".svg": {"metadata": {"Date": None, "Creator": None}},
    ".pdf": {"metadata": {"CreationDate": None, "Creator": None, "Producer": None}},
}
"""How each kind of file is written; no date and no version of a library stands in it."""


@contextmanager
def in_style() -> Iterator[None]:
    """Set every setting of Matplotlib that a picture depends on: whatever the user's own are, the figure is the same.

    Matplotlib's remarks on its search for fonts are kept from the user: `sim.plots.style` sees to what is missing.
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

    Raises FigureError if the suffix is none of `FORMATS`, or the folder does not exist.
    """
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        allowed = ", ".join(FORMATS)
        given = f"the suffix {path.suffix!r}" if path.suffix else "no suffix"
        raise FigureError(f"{path}: {given}; a figure is saved as one of {allowed}")
    if not path.parent.is_dir():
        raise FigureError(f"{path}: there is no folder {path.parent}; make it first")
    draft = draft_of(path)  # under its own name only when it is whole: what was interrupted is drawn again
    try:
        draft.write_bytes(drawn(figure, suffix))
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def drawn(figure: Figure, suffix: str) -> bytes:
    """Return a figure as the bytes of a file; the suffix, of `FORMATS`, says of which kind."""
    file = BytesIO()
    with in_style():
        figure.savefig(file, format=suffix[1:], **FORMATS[suffix])
    return file.getvalue()
