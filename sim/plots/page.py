"""The page that every figure stands on: title, what it shows, the drawing, a foot with where it comes from.

All places are in points, from the upper left corner of the drawing's own area, so that words are measured before they
are set and nothing has to be moved afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.legend_handler import HandlerTuple
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.textpath import TextToPath
from matplotlib.transforms import Affine2D

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

POINTS_PER_INCH = 72.0

Limits = tuple[float, float]
"""The ends of an axis, the left or lower one first."""

Sample = str | dict[str, Any] | Artist
"""What is shown of something in a key: the colour of an area, the style of a line or mark, or an artist."""

KeyRow = Sequence[tuple[Sample | tuple[Sample, ...], str]]


class Page:
    """A figure whose title is set, and on which one draws downwards; how high it is, is known when it is closed."""

    def __init__(self, *, title: str, subtitle: str, foot: Sequence[str]) -> None:
        self.figure = Figure(figsize=(WIDTH / POINTS_PER_INCH, 1.0), facecolor=PAPER)
        self._foot = foot
        self._boxes: dict[Axes, tuple[float, float, float, float]] = {}
        self._upright = Affine2D()
        to_pixels = Affine2D().scale(1.0 / POINTS_PER_INCH) + self.figure.dpi_scale_trans
        self._points = self._upright + to_pixels
        heading = wrap(title, TITLE, INSIDE, weight="bold")
        standfirst = wrap(subtitle, BODY, INSIDE)
        below = -8.0 - len(standfirst) * LINE
        first = below - 2.0 - len(heading) * TITLE * LEADING
        self._above = MARGIN - first
        self.write(0.0, first, "\n".join(heading), fontsize=TITLE, color=INK, weight="bold")
        self.write(0.0, below, "\n".join(standfirst), fontsize=BODY, color=INK)

    def axes(self, left: float, top: float, width: float, height: float, **limits: Limits) -> Axes:
        """Return new axes without spines and ticks, their box given in points, from 0 to 1 unless told otherwise."""
        box = ((MARGIN + left) / WIDTH, 0.0, width / WIDTH, 1.0)
        axes: Axes = self.figure.add_axes(box)
        axes.set(**{"xlim": (0.0, 1.0), "ylim": (0.0, 1.0), "xticks": [], "yticks": []} | limits)
        axes.spines[:].set_visible(False)
        axes.tick_params(length=0, labelsize=SMALL, labelcolor=INK, pad=4)
        self._boxes[axes] = (left, top, width, height)
        return axes

    def box(self, axes: Axes) -> tuple[float, float, float, float]:
        """Return where axes stand in the drawing: left, top, width and height, points."""
        return self._boxes[axes]

    def write(self, left: float, top: float, words: str, **style: Any) -> None:
        """Set words with their upper edge at `top`."""
        drawn, families = drawable(words)
        usual: dict[str, Any] = {"va": "top", "fontsize": SMALL, "color": QUIET, "linespacing": LEADING}
        self.figure.text(left, top, drawn, fontfamily=families, transform=self._points, **(usual | style))

    def paragraph(self, left: float, top: float, words: str, width: float = INSIDE, **style: Any) -> float:
        """Set words in lines no wider than `width`, the first with its upper edge at `top`; return where they end."""
        size: float = style.get("fontsize", SMALL)
        lines = wrap(words, size, width, weight=style.get("weight", "normal"))
        self.write(left, top, "\n".join(lines), **style)
        return top + len(lines) * size * LEADING

    def key(self, top: float, rows: Sequence[KeyRow], *, left: float = 0.0, spread: bool = False) -> float:
        """Set the key: rows of (sample, words), from `top` downwards; return where it ends.

        Several samples together are drawn as one on the other, or side by side if `spread`.
        """
        for row in rows:
            self.figure.legend(
                [_drawn(sample) for sample, _ in row],
                [words for _, words in row],
                loc="upper left",
                bbox_to_anchor=(left, top),
                bbox_transform=self._points,
                ncols=len(row),
                frameon=False,
                fontsize=SMALL,
                handler_map={tuple: HandlerTuple(ndivide=None, pad=0.0)} if spread else None,
                borderpad=0.0,
                borderaxespad=0.0,
                handlelength=1.8,
                handletextpad=0.5,
                columnspacing=1.4,
            )
            top += KEY_ROW
        return top

    def close(self, height: float) -> Figure:
        """Set the foot below a drawing `height` points high, and return the figure."""
        end = height + 8.0
        for note in self._foot:
            end = self.paragraph(0.0, end, note)
        total = self._above + end + MARGIN
        self._upright.scale(1.0, -1.0).translate(MARGIN, total - self._above)
        self.figure.set_size_inches(WIDTH / POINTS_PER_INCH, total / POINTS_PER_INCH)
        for axes, (left, top, width, high) in self._boxes.items():
            bottom = 1.0 - (self._above + top + high) / total
            axes.set_position(((MARGIN + left) / WIDTH, bottom, width / WIDTH, high / total))
        return self.figure


def _drawn(sample: Sample | tuple[Sample, ...]) -> Any:
    """Return what a sample is drawn as."""
    if isinstance(sample, tuple):
        return tuple(map(_drawn, sample))
    if isinstance(sample, str):
        return Patch(color=sample)
    return Line2D([], [], **sample) if isinstance(sample, dict) else sample


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


def width_of(axes: Axes) -> float:
    """Return the width of axes, points."""
    return float(axes.bbox.width / axes.figure.dpi * POINTS_PER_INCH)


@cache
def measure(words: str, size: float, *, weight: str = "normal") -> float:
    """Return the width of one line of type, points."""
    drawn, families = drawable(words)
    font = FontProperties(family=families, size=size, weight=weight)
    width, _, _ = TextToPath().get_text_width_height_descent(drawn, font, ismath=False)
    return float(width)


def name_ends(page: Page, axes: Axes, ends: Sequence[tuple[str, float, str, str]]) -> None:
    """Write beside axes what ends there, from below upwards, near where it ends but apart.

    Parameters
    ----------
    ends: each with its name, where it ends, its value and its range in words, which may be nothing.
    """
    left, top, width, height = page.box(axes)
    low, high = axes.get_ylim()
    room = (3 if any(range_ for *_, range_ in ends) else 2) * LINE + 2.0
    middles = keep_apart([height * (high - place) / (high - low) for _, place, *_ in ends], room, height)
    for (name, _, value, range_), middle in zip(ends, middles, strict=True):
        above = top + middle - room / 2.0
        for row, (words, style) in enumerate(((name, BOLD), (value, PLAIN), (range_, {"color": INK}))):
            page.write(left + width + 6.0, above + row * LINE, words, **style)


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
