"""The page that every figure stands on: title, what it shows, the drawing, the key, a foot with where it comes from.

Places are in points, from the upper left corner of the drawing's own area. What stands beside axes hangs on them, as
Matplotlib's own ticks do; how far down all of it reaches is measured when the page is closed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.legend_handler import HandlerTuple
from matplotlib.textpath import TextToPath
from matplotlib.transforms import Affine2D, Bbox

from sim.plots.style import BODY, BOLD, INK, PAPER, PLAIN, QUIET, SMALL, TITLE, drawable

WIDTH = 396.0
"""Width of the page, points (5.5 inches): between a printed column of 16 cm and a phone."""

MARGIN = 12.0
INSIDE = WIDTH - 2 * MARGIN
"""Width of the drawing, points."""

LEADING = 1.28
"""Height of a line of type, in sizes of type."""

LINE = BODY * LEADING
"""Height of a line of what is written in the drawing, points."""

KEY_ROW = SMALL * LEADING + 4.0
"""Height of a row of the key, points."""

_SAMPLE, _APART = (1.8 + 0.5) * SMALL, 1.4 * SMALL
"""Widths in a key, as `STYLE` has them: of a sample with the gap after it, and the gap before the next; points."""

_GAP = 8.0
"""Room above the key, and above the foot, points."""

POINTS_PER_INCH = 72.0

Limits = tuple[float, float]
"""The ends of an axis, the left or lower one first."""

Key = Mapping[str, Any]
"""A key: what is said of each artist; those of a tuple are drawn one on the other, those of a list side by side."""


class Page:
    """A figure whose title is set, and on which one draws downwards; how high it is, is known when it is closed."""

    def __init__(self, *, title: str, subtitle: str, foot: Sequence[str]) -> None:
        self.figure = Figure(figsize=(WIDTH / POINTS_PER_INCH, 1.0), facecolor=PAPER)
        self._foot = foot
        self._in_page = Affine2D()
        self._points = self._in_page + self.figure.transFigure
        below = -8.0 - len(wrap(subtitle, BODY, INSIDE)) * LINE
        first = below - 2.0 - len(wrap(title, TITLE, INSIDE, weight="bold")) * TITLE * LEADING
        self._above = MARGIN - first
        self._reach(0.0)
        self.write(0.0, first, title, fontsize=TITLE, color=INK, weight="bold")
        self.write(0.0, below, subtitle, fontsize=BODY, color=INK)

    def axes(self, left: float, top: float, width: float, height: float, **limits: Limits) -> Axes:
        """Return new axes without spines and ticks, their box given in points, from 0 to 1 unless told otherwise."""
        box = Bbox.from_bounds(left, top + height, width, -height)
        axes: Axes = self.figure.add_axes(box.transformed(self._in_page).bounds)
        axes.set_axes_locator(lambda *_: box.transformed(self._in_page))
        axes.set(**{"xlim": (0.0, 1.0), "ylim": (0.0, 1.0), "xticks": [], "yticks": []} | limits)
        return axes

    def write(self, left: float, top: float, words: str, width: float = INSIDE, **style: Any) -> float:
        """Set words in lines no wider than `width`, the first with its upper edge at `top`; return where they end."""
        usual: dict[str, Any] = {"va": "top", "fontsize": SMALL, "color": QUIET, "linespacing": LEADING}
        style = usual | style
        lines = wrap(words, style["fontsize"], width, weight=style.get("weight", "normal"))
        _, families = drawable(words)
        self.figure.text(left, top, "\n".join(lines), fontfamily=families, transform=self._points, **style)
        return float(top + len(lines) * style["fontsize"] * LEADING)

    def key(self, top: float, key: Key, *, left: float = 0.0, width: float = INSIDE) -> float:
        """Set a key from `top` downwards, in rows no wider than `width`; return where it ends."""
        rows: list[list[str]] = []
        room = 0.0
        for words in key:
            needed = _SAMPLE + measure(words, SMALL)
            if needed > room:
                rows.append([])
                room = width
            rows[-1].append(words)
            room -= needed + _APART
        for number, row in enumerate(rows):
            self.figure.legend(
                [key[words] for words in row],
                row,
                loc="upper left",
                bbox_to_anchor=(left, top + KEY_ROW * number),
                bbox_transform=self._points,
                ncols=len(row),
                handler_map={list: HandlerTuple(ndivide=None, pad=0.0)},
            )
        return top + KEY_ROW * len(rows)

    def end(self) -> float:
        """Return how far down all that is drawn reaches, with the words around its axes; points."""
        lowest: float = self.figure.get_tightbbox().y0
        return float((self.figure.get_figheight() - lowest) * POINTS_PER_INCH - self._above)

    def close(self, key: Key | None = None) -> Figure:
        """Set the key below the drawing, of what is labelled in its axes if none is given, and the foot below that."""
        key = labelled(*self.figure.axes) if key is None else key
        end = self.end() + _GAP
        end = self.key(end, key) + _GAP if key else end
        for note in self._foot:
            end = self.write(0.0, end, note)
        self._reach(end)
        return self.figure

    def _reach(self, end: float) -> None:
        """Let the page end below what ends at `end`."""
        height = self._above + end + MARGIN
        self.figure.set_size_inches(WIDTH / POINTS_PER_INCH, height / POINTS_PER_INCH)
        self._in_page.clear().translate(MARGIN, self._above - height).scale(1.0 / WIDTH, -1.0 / height)


def labelled(*drawn: Axes) -> Key:
    """Return the key of what has a label in axes, in the order in which it was drawn; of one label all in one."""
    found: dict[str, tuple[Artist, ...]] = {}
    for axes in drawn:
        own: dict[str, tuple[Artist, ...]] = {}
        for artist, words in zip(*axes.get_legend_handles_labels(), strict=True):
            own[words] = (artist, *own.get(words, ()))  # lines are told first, and lie on top
        found |= {words: artists for words, artists in own.items() if words not in found}
    return found


def wrap(words: str, size: float, width: float, *, weight: str = "normal") -> list[str]:
    """Return the lines into which words break so that none is wider than `width` points.

    A no-break space holds together what it joins; a word that is wider than a line is broken within.
    """
    lines: list[str] = []
    for word in drawable(words.replace("\n", " "))[0].split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and measure(longer, size, weight=weight) <= width:
            lines[-1] = longer
        elif measure(word, size, weight=weight) <= width:
            lines.append(word)
        else:
            lines.append("")
            for letter in word:
                if lines[-1] and measure(lines[-1] + letter, size, weight=weight) > width:
                    lines.append("")
                lines[-1] += letter
    return lines


def widest(words: Iterable[str], size: float, *, weight: str = "normal") -> float:
    """Return the width of the widest of several lines of type, points; 0 if there is none."""
    return max((measure(line, size, weight=weight) for line in words), default=0.0)


def size_of(axes: Axes) -> tuple[float, float]:
    """Return the width and the height of axes, points."""
    scale = POINTS_PER_INCH / axes.figure.dpi
    return float(axes.bbox.width * scale), float(axes.bbox.height * scale)


@cache
def measure(words: str, size: float, *, weight: str = "normal") -> float:
    """Return the width of one line of type, points."""
    drawn, families = drawable(words)
    font = FontProperties(family=families, size=size, weight=weight)
    width, _, _ = TextToPath().get_text_width_height_descent(drawn, font, ismath=False)
    return float(width)


def name_ends(axes: Axes, ends: Sequence[tuple[str, float, str, str]]) -> None:
    """Write beside axes what ends there, from below upwards, near where it ends but apart.

    Parameters
    ----------
    ends: each with its name, where it ends, its value and its range in words, which may be nothing.
    """
    low, high = axes.get_ylim()
    _, height = size_of(axes)
    room = (3 if any(range_ for *_, range_ in ends) else 2) * LINE + 2.0
    middles = keep_apart([height * (high - place) / (high - low) for _, place, *_ in ends], room, height)
    for (name, _, value, range_), middle in zip(ends, middles, strict=True):
        below = room / 2.0 - middle
        for words, style in ((name, BOLD), (value, PLAIN), (range_, {"color": INK})):
            axes.annotate(
                words, (1.0, 1.0), (6.0, below), "axes fraction", "offset points", va="top", **style
            )
            below -= LINE


def keep_apart(wanted: list[float], room: float, height: float) -> list[float]:
    """Return middles near those wanted, given from below upwards, at least `room` apart, within 0 and `height`.

    >>> keep_apart([95.0, 90.0, 40.0], 20.0, 100.0)
    [90.0, 70.0, 40.0]
    """
    placed: list[float] = []
    ceiling = height - room / 2.0
    for middle in wanted:
        placed.append(min(middle, ceiling))
        ceiling = placed[-1] - room
    floor = room / 2.0
    for number in reversed(range(len(placed))):
        placed[number] = max(placed[number], floor)
        floor = placed[number] + room
    return placed
