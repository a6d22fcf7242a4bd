"""Colours and type of the figures: told apart in grey and by the colour-blind, since lightness carries them too."""

from __future__ import annotations

from typing import Any

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

TITLE, BODY, SMALL = 12.5, 9.5, 9.0
"""Sizes of type in points, on a page 396 points wide: the smallest is 8.2 pixels on a phone of 360."""

PLAIN: dict[str, Any] = {"fontsize": BODY, "color": INK}
BOLD: dict[str, Any] = PLAIN | {"weight": "bold"}
"""How names and answers are written, and what stands out among them."""

STYLE: dict[Any, Any] = {
    # The first comes with Matplotlib, so that lines break alike on every machine; Verdana is its like in a browser.
    "font.family": ["DejaVu Sans", "sans-serif"],
    "font.sans-serif": ["DejaVu Sans", "Verdana", "sans-serif"],
    "font.size": BODY,
    "text.hinting": "none",  # letters as wide as they measure, whatever the resolution
    "text.parse_math": False,  # a dollar sign in a question is a dollar sign
    "text.color": INK,
    "axes.edgecolor": QUIET,
    "axes.linewidth": 0.8,
    "hatch.color": PAPER,
    "hatch.linewidth": 1.2,
    "svg.fonttype": "none",
    "svg.hashsalt": "serbia-sim",
    "pdf.fonttype": 42,
    "savefig.facecolor": PAPER,
}
"""Matplotlib's settings while a figure is drawn or saved."""
