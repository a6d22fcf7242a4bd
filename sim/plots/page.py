"""The page that every figure stands on: title, what it shows, the drawing, a foot with where it comes from.

All places are in points, from the top left corner of the drawing's own area, so that words are measured before they
are set and nothing has to be moved afterwards.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.legend import Legend
from matplotlib.legend_handler import HandlerTuple
from matplotlib.text import Text
from matplotlib.textpath import TextToPath

from sim.plots.style import BODY, INK, PAPER, QUIET, SMALL, TITLE, drawable

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

KeyRow = Sequence[tuple[Artist | tuple[Artist, ...], str]]


@dataclass(frozen=True)
class Page:
    """A figure with its words set; `top` is how far below the upper edge the drawing begins, points."""

    figure: Figure
    top: float
    height: float

    def axes(
        self,
        left: float,
        top: float,
        width: float,
        height: float,
        *,
        xlim: Limits = (0.0, 1.0),
        ylim: Limits = (0.0, 1.0),
    ) -> Axes:
        """Return new axes without spines and ticks, their box given in points."""
        x, y = self.place(left, top + height)
        across, down = self.figure.get_size_inches() * POINTS_PER_INCH
        box = (x, y, width / across, height / down)
        axes: Axes = self.figure.add_axes(box, xlim=xlim, ylim=ylim, xticks=[], yticks=[])
        axes.spines[:].set_visible(False)
        axes.tick_params(length=0, labelsize=SMALL, labelcolor=INK, pad=4)
        return axes

    def place(self, left: float, top: float) -> tuple[float, float]:
        """Return a place in the drawing as shares of the figure's width and height."""
        across, down = self.figure.get_size_inches() * POINTS_PER_INCH
        return float((MARGIN + left) / across), float(1.0 - (self.top + top) / down)

    def box(self, axes: Axes) -> tuple[float, float, float, float]:
        """Return where axes stand in the drawing: left, top, width and height, points."""
        across, down = self.figure.get_size_inches() * POINTS_PER_INCH
        box = axes.get_position()
        return (
            box.x0 * across - MARGIN,
            (1.0 - box.y1) * down - self.top,
            box.width * across,
            box.height * down,
        )

    def write(self, left: float, top: float, words: str, **style: Any) -> Text:
        """Set words with their upper edge at `top`."""
        x, y = self.place(left, top)
        drawn, families = drawable(words)
        usual: dict[str, Any] = {"va": "top", "fontsize": SMALL, "color": QUIET, "linespacing": LEADING}
        return self.figure.text(x, y, drawn, fontfamily=families, **(usual | style))

    def key(self, top: float, rows: Sequence[KeyRow], *, left: float = 0.0, spread: bool = False) -> None:
        """Set the key: rows of (sample, words), from `top` downwards.

        A sample of several artists is drawn as one on the other, or side by side if `spread`.
        """
        for number, row in enumerate(rows):
            self.figure.add_artist(
                Legend(
                    self.figure,
                    [sample for sample, _ in row],
                    [words for _, words in row],
                    loc="upper left",
                    bbox_to_anchor=self.place(left, top + number * KEY_ROW),
                    bbox_transform=self.figure.transFigure,
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
            )


_LONGEST = 120
"""More letters than a line can hold, at the smallest size of type."""


def open_page(*, title: str, subtitle: str, foot: Sequence[str], height: float) -> Page:
    """Return a page with its words set around a drawing `height` points high."""
    heading = wrap(title, TITLE, INSIDE, weight="bold")
    standfirst = wrap(subtitle, BODY, INSIDE)
    notes = [line for note in foot for line in wrap(note, SMALL, INSIDE)]
    below_heading = MARGIN + len(heading) * TITLE * LEADING + 2.0
    top = below_heading + len(standfirst) * BODY * LEADING + 8.0
    total = top + height + 8.0 + len(notes) * SMALL * LEADING + MARGIN
    figure = Figure(figsize=(WIDTH / POINTS_PER_INCH, total / POINTS_PER_INCH), facecolor=PAPER)
    page = Page(figure, top, height)
    page.write(0.0, MARGIN - top, "\n".join(heading), fontsize=TITLE, color=INK, weight="bold")
    page.write(0.0, below_heading - top, "\n".join(standfirst), fontsize=BODY, color=INK)
    page.write(0.0, height + 8.0, "\n".join(notes))
    return page


def wrap(words: str, size: float, width: float, *, weight: str = "normal") -> list[str]:
    """Return the lines into which words break so that none is wider than `width` points.

    A no-break space holds together what it joins; a word that is wider than a line is broken within.
    """
    lines: list[str] = []
    for word in drawable(words.replace("\n", " "))[0].split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and measure(longer, size, weight=weight) <= width:
            lines[-1] = longer
            continue
        rest = word
        while measure(rest, size, weight=weight) > width and len(rest) > 1:
            widths = [measure(rest[:end], size, weight=weight) for end in range(1, _LONGEST)]
            fitting = max(bisect_right(widths, width), 1)
            lines.append(rest[:fitting])
            rest = rest[fitting:]
        lines.append(rest)
    return lines


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
