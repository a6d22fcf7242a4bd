"""Letters: which of them can be drawn, and with which of the fonts that are installed."""

from __future__ import annotations

import unicodedata
from functools import cache
from itertools import groupby

from matplotlib.font_manager import FontProperties, findfont, fontManager
from matplotlib.ft2font import FT2Font

from sim.plots.palette import STYLE

STAND_IN = "[no font]"
"""What is drawn for letters that no installed font has."""

_WEIGHTS = ("normal", "bold")
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
    own = STYLE["font.family"][0]
    if character == "\n" or _has(own, character):
        return str(own)
    names = {entry.name for entry in fontManager.ttflist if not entry.name.startswith(_NO_TEXT)}
    # a plain text face first; by name, so that the same fonts give the same figure
    ordered = sorted(names, key=lambda name: ("Sans" not in name or "Mono" in name, name))
    return next((name for name in ordered if _has(name, character)), "")


def _has(family: str, character: str) -> bool:
    """Return whether a family can draw a character in every weight that figures use."""
    return all(ord(character) in _characters(family, weight) for weight in _WEIGHTS)


@cache
def _characters(family: str, weight: str) -> frozenset[int]:
    """Return the codes that the face of a family can draw."""
    path = findfont(FontProperties(family=[family], weight=weight), fallback_to_default=False)
    try:
        face = FT2Font(path)
        face.set_size(10.0, 72.0)  # a face of coloured bitmaps has no outlines to draw
    except RuntimeError:
        return frozenset()
    return frozenset(face.get_charmap())
