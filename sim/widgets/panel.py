"""The panel itself: sliders beside a fan chart, the questions beneath."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from html import escape
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from sim.cache import Cache, passing
from sim.contrasts import Contrast, contrast
from sim.forecasting import DEFAULT_SEED, forecast
from sim.plots import fan
from sim.plots.saving import png
from sim.results import Run
from sim.scenario import Scenario, read_scenario, to_toml
from sim.widgets import words
from sim.widgets.levers import Lever, Value, belief, intervention, moved, require

MEMBERS = 500
"""Members of a panel (judgement): a move costs less than a second, a probability is good to about two points."""

PARTICLES = 512
"""Particles of a panel's posteriors (judgement): a belief is learned again in about half a minute."""

_DPI = 120  # judgement: sharp enough, and a third faster to draw than on paper
_AS_IT_IS = ""
"""The value of a slider at its left end."""


def tuning_panel(
    scenario: Scenario | str = "march-2023",
    *,
    interventions: Sequence[str] = ("gas_discount", "pressure", "credibility"),
    beliefs: Sequence[str] = ("gas_weight", "accession_weight"),
    variable: str = "cfsp_alignment",
    members: int = MEMBERS,
    particles: int = PARTICLES,
    learned: bool = True,
    seed: int = DEFAULT_SEED,
    cache: Cache = True,
) -> TuningPanel:
    """Return a panel of sliders for a notebook.

    Parameters
    ----------
    scenario: a scenario, or the name or path of one: what the panel compares with.
    interventions: settable quantities; a slider holds one at a value from the scenario's origin on.
    beliefs: parameters; a slider says what to believe instead of the prior, from 2012 on.
    variable: what the fan chart shows. members, seed: of every run.
    particles: of what is learned from the record, once for the scenario and again for every belief.
    cache: where that is kept, see `sim.forecasting.forecast`; False keeps it until the session ends.
    learned: go on from what was learned; else from the priors, and every move is answered at once.

    Raises
    ------
    ModuleNotFoundError: if ipywidgets is not installed.
    LeverError: if a name is not one of a settable quantity, or not one of a parameter.
    """
    widgets = _ipywidgets()
    spec = read_scenario(scenario) if isinstance(scenario, str) else scenario
    numbers = {"members": members, "particles": particles if learned else 0, "seed": seed}
    return TuningPanel(widgets, spec, interventions, beliefs, variable=variable, cache=cache, **numbers)


class TuningPanel:
    """Sliders beside a fan chart, and the questions' probabilities before and now.

    A slider at its left end leaves the scenario as it is. Every move simulates the members again, in this process and
    in memory; a belief is learned again first. A move that fails or is interrupted is told and taken back: sliders,
    picture, table and what *Save* writes are always of one scenario.

    Attributes
    ----------
    before: the run of the scenario as it is.
    scenario, run, contrast: the scenario as the sliders stand, its run, and that compared with `before`.
    box: the widget. sliders: by what they move. fan, table, message, file, button: the other parts of the widget.
    """

    def __init__(
        self,
        widgets: ModuleType,
        scenario: Scenario,
        interventions: Sequence[str],
        beliefs: Sequence[str],
        *,
        variable: str,
        members: int,
        particles: int,
        seed: int,
        cache: Cache = True,
    ) -> None:
        self._cache = cache or passing()
        self._variable, self._members, self._particles, self._seed = variable, members, particles, seed
        self._base = self.scenario = scenario
        self.before = self.run = self._forecast(scenario)
        self.contrast = contrast(self.run, self.before)
        levers = [intervention(name, self.before) for name in interventions]
        levers += [belief(name, scenario) for name in beliefs]
        self._levers = {lever.name: lever for lever in levers}
        self.sliders = {name: _slider(widgets, lever) for name, lever in self._levers.items()}
        self.fan = widgets.Image(format="png", layout={"width": "480px", "max_width": "100%"})
        self.table = widgets.HTML()
        self.message = widgets.HTML()
        self.file = widgets.Text("my-scenario.toml", layout={"width": "190px"})
        self.button = widgets.Button(description="Save", icon="download", layout={"width": "80px"})
        self.button.on_click(self._clicked)
        self.box = self._assembled(widgets)
        self._quiet = False
        self._places: Mapping[str, Value] = {}
        self._saved: dict[Path, str] = {}
        self._show(self.scenario, self.run, self.contrast, self._drawn(self.run, self.contrast))
        for slider in self.sliders.values():
            slider.observe(self._moved, "value")

    def move(self, **places: Value | None) -> None:
        """Move sliders from code, each to the stop nearest to what is given; None leaves the scenario as it is.

        Raises
        ------
        LeverError: if the panel has no such slider, or it does not go there.
        """
        stops: dict[str, Value] = {}
        for name, place in places.items():
            require("slider", name, self._levers)
            stops[name] = _AS_IT_IS if place is None else self._levers[name].nearest(place)
        self._stand({name: slider.value for name, slider in self.sliders.items()} | stops)
        self._update()

    def save(self, path: Path | str) -> Path:
        """Write the scenario as the sliders stand, whole, as a scenario file, and return its path.

        Its title says what was moved. What this panel wrote is written over, unless it was changed since.

        Raises
        ------
        FileExistsError: if there is another such file; it is left as it is.
        """
        path = Path(path)
        text = to_toml(replace(self.scenario, title=self._title()))
        key = path.absolute()
        ours = key in self._saved and path.exists() and path.read_text(encoding="utf-8") == self._saved[key]
        with path.open("w" if ours else "x", encoding="utf-8") as file:
            file.write(text)
        self._saved[key] = text
        return path

    def _title(self) -> str:
        moved_to = ", ".join(f"{name.replace('_', ' ')} {_stop(stop)}" for name, stop in self._places.items())
        return f"{self._base.title} ({moved_to})" if moved_to else self._base.title

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        """Return the widget, and beside it the table alone for readers that show no widgets."""
        bundle: dict[str, Any] = self.box._repr_mimebundle_(**kwargs)
        return {**bundle, "text/html": self.table.value, "text/plain": words.as_text(self.contrast)}

    def _forecast(self, scenario: Scenario) -> Run:
        return forecast(
            scenario,
            members=self._members,
            learned=self._particles > 0,
            particles=self._particles or None,
            seed=self._seed,
            save=False,
            cache=self._cache,
        )

    def _moved(self, _: object) -> None:
        if not self._quiet:
            self._update()

    def _update(self) -> None:
        places = {name: slider.value for name, slider in self.sliders.items() if slider.value != _AS_IT_IS}
        self.message.value = "Simulating ..."
        try:
            scenario = moved(self._base, self._levers.values(), places)
            run = self._forecast(scenario) if places else self.before
            compared = contrast(run, self.before)
            drawn = self._drawn(run, compared)
        # whatever it was: the panel goes on, and a slider's mistake would be seen in no cell
        except BaseException as error:
            self._stand(self._places)
            why = "interrupted" if isinstance(error, KeyboardInterrupt) else str(error)
            why = why or type(error).__name__
            self.message.value = escape(f"Not simulated: {why}. The sliders are back where they stood.")
            if not isinstance(error, Exception):
                raise
            return
        self._places = places
        self._show(scenario, run, compared, drawn)

    def _stand(self, places: Mapping[str, Value]) -> None:
        """Put the sliders where they are told, those not named to their left ends; nothing is simulated."""
        self._quiet = True
        try:
            for name, slider in self.sliders.items():
                slider.value = places.get(name, _AS_IT_IS)
        finally:
            self._quiet = False

    def _drawn(self, run: Run, compared: Contrast) -> tuple[bytes, str]:
        """Return picture and table of a run."""
        return png(fan(run, self._variable, against=self.before), dpi=_DPI), words.as_html(compared)

    def _show(self, scenario: Scenario, run: Run, compared: Contrast, drawn: tuple[bytes, str]) -> None:
        self.scenario, self.run, self.contrast = scenario, run, compared
        self.fan.value, self.table.value = drawn
        self.message.value = ""

    def _clicked(self, _: object) -> None:
        name = self.file.value.strip()
        try:
            if not name:
                raise ValueError("it has no name")
            said = f"Saved: {self.save(name)}"
        except FileExistsError:
            said = f"{name}: not saved, this panel did not write the file that is there; type another name"
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or error
            said = f"{name}: not saved, {why}; type a file's name such as mine.toml".removeprefix(": ")
        self.message.value = escape(said)

    def _assembled(self, widgets: ModuleType) -> Any:
        levers = self._levers.values()
        column = widgets.VBox(
            [
                _heading(widgets, "What someone does, from the origin on"),
                *(self.sliders[lever.name] for lever in levers if not lever.belief),
                _heading(widgets, "What you believe, from 2012 on"),
                *(self.sliders[lever.name] for lever in levers if lever.belief),
                _heading(widgets, "Keep it as a scenario file"),
                widgets.HBox([self.file, self.button]),
                self.message,
            ],
            layout={"width": "345px"},
        )
        above = widgets.HBox([column, self.fan], layout={"flex_flow": "row wrap"})
        return widgets.VBox([above, self.table])


def _slider(widgets: ModuleType, lever: Lever) -> Any:
    """Return the slider of a lever, which begins at its left end: as it is."""
    options = [("as it is", _AS_IT_IS), *((_stop(stop), stop) for stop in lever.stops)]
    return widgets.SelectionSlider(
        options=options,
        value=_AS_IT_IS,
        description=lever.name.replace("_", " "),
        tooltip=f"{lever.meaning} ({lever.unit})" if lever.unit else lever.meaning,
        continuous_update=False,
        style={"description_width": "115px"},
        layout={"width": "335px"},
    )


def _stop(stop: Value) -> str:
    return stop.replace("_", " ") if isinstance(stop, str) else f"{stop:g}"


def _heading(widgets: ModuleType, title: str) -> Any:
    return widgets.HTML(f"<b>{title}</b>")


def _ipywidgets() -> ModuleType:
    try:
        return import_module("ipywidgets")
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "the tuning panel needs ipywidgets: install the extra with pip install 'serbia-sim[notebook]', "
            "or in a checkout with pip install -e '.[notebook]'",
            name="ipywidgets",
        ) from error
