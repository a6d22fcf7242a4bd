"""The panel as a page: a thin view of `sim.widgets.tuning.Tuning` in Solara, for a notebook and for the browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Any

import reacton
import solara

from sim.catalogue import QUANTITIES, WAYS, settable
from sim.parameters import parameter_table
from sim.plots.series import label_of
from sim.scenario import ScenarioError, shipped_scenarios
from sim.widgets import pictures, words
from sim.widgets.levers import Lever
from sim.widgets.tuning import LEARNING, Tuning
from sim.widgets.words import as_written, command, in_words

_CSS = (Path(__file__).parent / "page.css").read_text(encoding="utf-8")
_PICTURES = ("Over time", "Posture", "Ledger")
_EMPTY = {"quantity": "", "how": "set", "value": "", "date": "", "until": ""}

OPTIONS: dict[str, Any] = {}
"""How `sim.widgets.serving` opens a page: arguments of `Tuning`. Each page, of each tab, has a panel of its own."""

Do = Callable[..., None]
"""What a control calls: does something with the panel, tells what is wrong with it, and simulates in a thread."""


@solara.component
def Page() -> None:
    """A page of its own, in a browser: a new visit is a new session."""
    panel = solara.use_memo(lambda: Tuning(**OPTIONS), [])
    solara.Title(f"{panel.base.title} - serbia-sim")
    _Alive()
    Panel(panel)


@solara.component_vue("alive.vue")
def _Alive() -> None:
    """What says that the server has ended."""


@solara.component
def Panel(panel: Tuning) -> None:
    """The panel."""
    taken, count = solara.use_state(0)
    solara.use_effect(lambda: setattr(panel, "changed", lambda: count(lambda seen: seen + 1)), [panel])
    solara.use_effect(lambda: _start(panel.update) if panel.shown is None else None, [panel.base])

    def do(what: Callable[[], object] | None, then: Callable[[], None] | None = panel.update) -> None:
        try:
            if what is not None:
                what()
        except (ValueError, OSError) as error:
            wrong = error.problems if isinstance(error, ScenarioError) else ()
            panel.tell("\n".join(problem.message for problem in wrong) or str(error))
        else:
            if then is not None:
                _start(then)

    solara.Style(_CSS)
    with solara.Div(classes=["tuning"]):
        with solara.Div(classes=["head"]):
            _head(panel, do)
        with solara.Div(classes=["picture"]):
            _picture(panel)
        with solara.Div(classes=["levers"]):
            _levers(panel, do, taken)
            _events(panel, do)
            _keep(panel, do)
        with solara.Div(classes=["answered"]):
            _answers(panel, do)


def _head(panel: Tuning, do: Do) -> None:
    path, set_path = solara.use_state("")
    base, names = panel.base, list(shipped_scenarios())
    until = f"to {base.until:%d %B %Y}".replace(" 0", " ")
    known = f"As known on {base.as_of:%d %B %Y}".replace(" 0", " ")
    _text("h1", base.title)
    _text("p", f"{known}, {until}. {panel.members.members:,} histories, seed {panel.members.seed}.", "note")
    with solara.Div(classes=["row"]):
        chosen = base.name if base.name in names else ""
        _field(
            "Scenario",
            chosen,
            lambda name: do(lambda: panel.open(name)),
            names,
            None if chosen else "from a file",
        )
        _field("or a scenario file", path, set_path)
        solara.Button(
            "Open",
            on_click=lambda: do(lambda: panel.open(path.strip())),
            disabled=not path.strip(),
            text=True,
        )
    if panel.message:
        _text("div", panel.message, "wrong", role="alert")


def _picture(panel: Tuning) -> None:
    which, choose = solara.use_state(_PICTURES[0])
    variables = solara.use_memo(pictures.drawable, [])
    label, set_label = solara.use_state(next(iter(variables)))
    shown, other = panel.shown, panel.reference.run if panel.reference else None

    def drawn() -> str:
        if shown is None:
            return ""
        if which == _PICTURES[0]:
            return pictures.fan(shown.run, variables[label], other)
        return (pictures.posture if which == _PICTURES[1] else pictures.ledger)(shown.run, other)

    picture = solara.use_memo(drawn, [shown, other, which, label])
    with solara.Div(classes=["row"]):
        solara.ToggleButtonsSingle(value=which, values=list(_PICTURES), on_value=choose, dense=True)
        if which == _PICTURES[0]:
            _field("of", label, set_label, list(variables))
    _bars(panel)
    moves = shown.moves if shown else ""
    solara.HTML(unsafe_innerHTML=picture, attributes={"data-moves": moves, "id": "picture"})


def _bars(panel: Tuning) -> None:
    working = list(panel.working.items()) or ([("", 0.0)] if panel.shown else [("Simulating", 0.0)])
    for what, share in working:
        if what == LEARNING or panel.shown is None:
            _text("p", f"{what} ...", "note", role="status")
        bar = f'<div style="width:{100 * share:.0f}%"></div>'
        solara.HTML(unsafe_innerHTML=bar, classes=["bar"])


def _levers(panel: Tuning, do: Do, taken: int) -> None:
    for belief, heading in (
        (False, "What someone does, from the origin on"),
        (True, "What you believe, from 2012 on"),
    ):
        _text("h2", heading)
        for lever in [each for each in panel.levers.values() if each.belief == belief]:
            _lever(panel, lever, do, taken)
        known = list(parameter_table()) if belief else list(settable())

        def add(name: str, belief: bool = belief) -> None:
            do(lambda: panel.add_lever(name, belief=belief), None)

        more = [name for name in known if name not in panel.levers]
        _field("Another lever", "", add, more, "add ...", disabled=panel.before is None)
    if panel.to_learn:
        waits = ", ".join(name.replace("_", " ") for name in panel.to_learn)
        with solara.Div(classes=["waiting"]):
            _text("p", f"{waits}: to be learned again. Until then picture and answers are without it.")
            busy = LEARNING in panel.working
            solara.Button("Learn again", on_click=lambda: do(None, panel.learn), disabled=busy, outlined=True)


@solara.component_vue("lever.vue")
def _Slider(
    name: str,
    label: str,
    meaning: str,
    unit: str,
    stops: list[str],
    rest: int,
    present: str,
    place: int | None,
    strip: str,
    waits: bool,
    taken: int,
    event_moved: Callable[[int], None],
    event_let_go: Callable[[Any], None],
) -> None:
    """One lever; `taken` counts what the panel took: a place that was refused is left again."""


def _lever(panel: Tuning, lever: Lever, do: Do, taken: int) -> None:
    stood = (panel.beliefs if lever.belief else panel.places).get(lever.name)
    quantity, stops = QUANTITIES.get(lever.name), lever.stops
    _Slider(
        name=lever.name,
        label=label_of(lever.name) if quantity else lever.name.replace("_", " ").capitalize(),
        meaning=lever.meaning,
        unit="" if quantity and quantity.discrete else lever.unit,
        stops=[in_words(stop) for stop in stops],
        rest=lever.at_rest,
        present=in_words(lever.present if isinstance(lever.present, str) else float(f"{lever.present:.2g}")),
        place=None if stood is None else stops.index(stood),
        strip=pictures.strip(lever),
        waits=lever.name in panel.to_learn,
        taken=taken,
        event_moved=lambda stop: do(lambda: panel.place(lever.name, stops[int(stop)])),
        event_let_go=lambda _: do(lambda: panel.place(lever.name, None)),
    )


def _events(panel: Tuning, do: Do) -> None:
    written, write = solara.use_state(_EMPTY)
    editing, edit = solara.use_state(-1)

    def take(index: int) -> None:
        edit(index)
        write(as_written(panel.events[index]))

    def put() -> None:
        panel.put_event(**written, instead=editing if editing >= 0 else None)
        leave()

    def leave() -> None:
        edit(-1)
        write(_EMPTY)

    def field(name: str, label: str, options: list[str] | None = None) -> None:
        _field(label, written[name], lambda said: write({**written, name: said}), options, "choose ...")

    _text("h2", "What happens, and when")
    for index, event in enumerate(panel.events):
        with solara.Div(classes=["event"]):
            _text("span", str(event), title=event.source)
            if len(event.changes) == 1:
                solara.Button("change", on_click=lambda i=index: take(i), small=True, text=True)
            solara.Button(
                "remove", on_click=lambda i=index: do(lambda: panel.drop_event(i)), small=True, text=True
            )
    field("quantity", "Quantity", [*settable(), *parameter_table()])
    with solara.Div(classes=["pair"]):
        field("how", "How", list(WAYS))
        field("value", "Value")
        field("date", "From, as 2027-01-01")
        field("until", "Until, or empty")
    with solara.Div(classes=["row"]):
        name = "Add the event" if editing < 0 else "Change the event"
        solara.Button(name, on_click=lambda: do(put), outlined=True, disabled=panel.before is None)
        if editing >= 0:
            solara.Button("Leave it", on_click=leave, text=True)


def _keep(panel: Tuning, do: Do) -> None:
    title, set_title = solara.use_state("")
    file, set_file = solara.use_state("my-scenario.toml")
    said, say = solara.use_state("")

    def save() -> None:
        say("")
        path = panel.save(file.strip(), title=title)
        panel.tell("")
        say(f"Saved. The same numbers on the command line: {command(path, panel.members)}")

    _text("h2", "Keep it as a scenario file")
    _field("Title; else what was moved", title, set_title)
    _field("File", file, set_file)
    with solara.Div(classes=["row"]):
        solara.Button("Save", on_click=lambda: do(save, None), outlined=True, disabled=panel.shown is None)
        solara.Button("Reset", on_click=lambda: do(panel.reset), text=True)
    if said:
        _text("p", said, "note", role="status")


def _answers(panel: Tuning, do: Do) -> None:
    shown, reference = panel.shown, panel.reference
    with solara.Div(classes=["row"]):
        held, plain = shown in (None, reference), reference is panel.before
        solara.Button(
            "Hold this as reference",
            on_click=lambda: do(lambda: panel.hold(shown), None),
            outlined=True,
            disabled=held,
        )
        solara.Button(
            "Compare with it as it is",
            on_click=lambda: do(lambda: panel.hold(panel.before), None),
            text=True,
            disabled=plain,
        )
    if shown is not None:
        solara.HTML(unsafe_innerHTML=words.as_html(panel))


@solara.component_vue("field.vue")
def _Field(
    label: str,
    value: str,
    options: list[str] | None,
    blank: str | None,
    disabled: bool,
    event_said: Callable[[str], None],
) -> None:
    """A field of text, or a choice among options; `blank` names the choice of none."""


def _field(
    label: str,
    value: str,
    said: Callable[[str], None],
    options: list[str] | None = None,
    blank: str | None = None,
    disabled: bool = False,
) -> None:
    _Field(label=label, value=value, options=options, blank=blank, disabled=disabled, event_said=said)


def as_widget(panel: Tuning) -> Any:
    """Return the panel as a widget of a notebook."""
    return reacton.make(Panel(panel))


def _start(work: Callable[[], None]) -> None:
    """Let a thread do what takes time, so that the page goes on."""
    Thread(target=work, daemon=True).start()


def _text(tag: str, text: str, kind: str = "", **attributes: str) -> None:
    solara.v.Html(tag=tag, children=[text], class_=kind, attributes=attributes)
