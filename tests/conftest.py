"""What holds for every test: few particles learn, one other judgement is asked, and a posterior or run is made once a
session, whichever process of it asks; floating-point errors are raised; hypothesis repeats itself in CI.
"""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np
import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from typer.testing import Result

    from sim.parameters.table import Alternative
    from sim.runs.results import Run
    from sim.scenario import Scenario

settings.register_profile("desk", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "desk")


def pytest_configure(config: pytest.Config) -> None:
    """Raise where NumPy would only warn; underflow stays silent, since a plain logistic underflows."""
    os.environ["COLUMNS"] = "80"  # whatever terminal the tests run in
    if "PYTEST_XDIST_WORKER" not in os.environ:  # workers share the folder of the session that started them
        # never the user's own
        kept = TemporaryDirectory(prefix="serbia-sim-tests-")
        os.environ["SERBIA_SIM_CACHE"] = kept.name
        config.add_cleanup(kept.cleanup)
    np.seterr(divide="raise", invalid="raise", over="raise", under="ignore")


JUDGING = ("sim.forecasting.judgement", "sim.parameters.table", "sim.contrasts.making")


@pytest.fixture(scope="session")
def judgements() -> "Callable[..., tuple[Alternative, ...]]":
    """Return what tells all other judgements of a state, whichever are asked."""
    from sim.parameters.table import alternatives

    return alternatives


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of this session that all its processes share."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "shared"
    folder.mkdir(exist_ok=True)
    return folder


@contextmanager
def alone(folder: Path, name: str) -> Iterator[None]:
    """Hold the lock of this name: another process that asks for the same thing waits, and then finds it."""
    with (folder / f"{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def made_once(shared: Path) -> "Callable[[str], AbstractContextManager[Path]]":
    """Return what gives a folder that all processes share, one at a time: later ones find what is there."""

    @contextmanager
    def alone_in(name: str) -> Iterator[Path]:
        folder = shared / name
        with alone(shared, name):
            folder.mkdir(exist_ok=True)
            yield folder

    return alone_in


@pytest.fixture(scope="session", autouse=True)
def little_work(shared: Path, judgements: Any) -> Iterator[None]:
    """Learn with 32 particles where no number is given, keep all posteriors in one folder, and ask one judgement.

    What learns or judges in earnest sets the numbers in use again, in its own module.
    """
    from sim.assimilation import assimilate, posterior_digest

    def once(spec: Any, *, particles: int, seed: int = 1, record: Any = None, **options: Any) -> Any:
        asked = {"particles": particles, "seed": seed, "record": record}
        with alone(shared, posterior_digest(spec, **asked)):
            return assimilate(spec, **asked, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sim.forecasting.options.DEFAULT_PARTICLES", 32)
        # fewer resamplings and final rounds, and sixteen islands as in use, of two particles each
        patch.setattr("sim.assimilation.filter.RESAMPLE_BELOW", 0.1)
        patch.setattr("sim.assimilation.filter.FINAL_ROUNDS", 2)
        patch.setattr("sim.assimilation.making.FINAL_ROUNDS", 2)
        patch.setattr("sim.assimilation.making._FEWEST", 2)
        patch.setattr("sim.assimilation.making.ENOUGH", 16)  # else it warns
        for module in ("sim.forecasting.making", "sim.assimilation"):
            patch.setattr(f"{module}.assimilate", once)
        for module in JUDGING:
            patch.setattr(f"{module}.alternatives", lambda *state: judgements(*state)[:1])
        yield


@pytest.fixture(scope="module")
def every_judgement(little_work: None, judgements: Any) -> Iterator[None]:
    """Ask all other judgements, as in use; such runs belong into a folder of their own."""
    with pytest.MonkeyPatch.context() as patch:
        for module in JUDGING:
            patch.setattr(f"{module}.alternatives", judgements)
        yield


@pytest.fixture(scope="session")
def run_of(shared: Path) -> "Callable[..., Run]":
    """Return a maker of learned runs that makes each once a session. Who changes a run's folder copies it before."""
    from sim.forecasting import RunOptions, forecast

    folder, made = shared / "runs", {}
    folder.mkdir(exist_ok=True)

    def make(spec: "Scenario", members: int = 300, *, beyond_record: bool = False, **options: Any) -> "Run":
        place = RunOptions(members, **options).folder(spec, folder)
        if place not in made:
            with alone(folder, place.name):
                made[place] = forecast(
                    spec, members=members, output=folder, beyond_record=beyond_record, **options
                )
        return made[place]

    return make


@pytest.fixture
def copy_of(tmp_path_factory: pytest.TempPathFactory) -> "Callable[[Run], Run]":
    """Return what copies a run into a folder of the test's own, under its own name."""
    from sim.runs.results import Run

    def copy(run: "Run") -> "Run":
        folder = tmp_path_factory.mktemp("copied") / run.folder.parent.name / run.folder.name
        return Run.load(shutil.copytree(run.folder, folder))

    return copy


@pytest.fixture(scope="session")
def called() -> "Callable[..., Result]":
    """Return what calls a command in this process; an error that a user would see as a traceback is raised."""
    from typer.testing import CliRunner

    from sim.cli import app

    def call(*arguments: object) -> "Result":
        result = CliRunner().invoke(app, [str(argument) for argument in arguments])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return call


WORDS: "WeakKeyDictionary[Figure, list[tuple[str, Any]]]" = WeakKeyDictionary()


def words_drawn(figure: "Figure") -> list[tuple[str, Any]]:
    """Return the texts that a figure draws, with their boxes in pixels; it is drawn once."""
    if figure not in WORDS:
        WORDS[figure] = draw_words(figure)
    return WORDS[figure]


def draw_words(figure: "Figure") -> list[tuple[str, Any]]:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.text import Text

    from sim.plots.style import in_style

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
