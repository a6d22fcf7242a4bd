"""What holds for every test: few particles learn, and once a session; floating-point errors are raised; hypothesis
repeats itself in CI; figures are read.
"""

import os
from collections.abc import Callable, Iterator
from itertools import combinations
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from matplotlib.figure import Figure

settings.register_profile("desk", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "desk")


def pytest_configure(config: pytest.Config) -> None:
    """Raise where NumPy would only warn; underflow stays silent, since a plain logistic underflows."""
    os.environ["COLUMNS"] = "80"  # whatever terminal the tests run in
    if "PYTEST_XDIST_WORKER" not in os.environ:  # workers share the folder of the session that started them
        kept = TemporaryDirectory(
            prefix="serbia-sim-tests-"
        )  # never the user's own; each posterior is learned once
        os.environ["SERBIA_SIM_CACHE"] = kept.name
        config.add_cleanup(kept.cleanup)
    np.seterr(divide="raise", invalid="raise", over="raise", under="ignore")


@pytest.fixture(scope="session", autouse=True)
def few_particles() -> Iterator[None]:
    """Learn with 32 particles where no number is given."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sim.forecasting.making.DEFAULT_PARTICLES", 32)
        patch.setattr(
            "sim.assimilation.island.RESAMPLE_BELOW", 0.1
        )  # fewer resamplings and final rounds: these tests do not judge them
        patch.setattr("sim.assimilation.island.FINAL_ROUNDS", 2)
        patch.setattr(
            "sim.assimilation.making._FEWEST", 2
        )  # sixteen islands as in use, of two particles each
        patch.setattr("sim.assimilation.making.FINAL_ROUNDS", 2)
        yield


def words_drawn(figure: "Figure") -> list[tuple[str, Any]]:
    """Return the texts that a figure draws, with their boxes in pixels."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.text import Text

    from sim.plots.saving import in_style

    found = []
    plain = Text.draw

    def note(text: Text, renderer: Any) -> None:
        plain(text, renderer)
        if text.get_visible() and text.get_text().strip():
            found.append((text.get_text(), text.get_window_extent(renderer)))

    canvas = FigureCanvasAgg(figure)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Text, "draw", note)
        with in_style():
            canvas.draw()
    return found


@pytest.fixture(scope="session")
def all_words() -> "Callable[[Figure], str]":
    """Return what gives all words of a figure as one line."""
    return lambda figure: " ".join(" ".join(text.split()) for text, _ in words_drawn(figure))


@pytest.fixture(scope="session")
def legible() -> "Callable[[Figure], None]":
    """Return what fails if words of a figure overlap or leave the page."""

    def check(figure: "Figure") -> None:
        words = words_drawn(figure)
        assert words
        for text, box in words:
            assert box.x0 >= 0, text
            assert box.x1 <= figure.bbox.x1, text
            assert box.y0 >= 0, text
            assert box.y1 <= figure.bbox.y1, text
        slack = 1.0  # pixel: boxes include the descenders' room
        for (one, left), (other, right) in combinations(words, 2):
            across = min(left.x1, right.x1) - max(left.x0, right.x0)
            down = min(left.y1, right.y1) - max(left.y0, right.y0)
            assert across <= slack or down <= slack, (one, other)

    return check
