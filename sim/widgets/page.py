"""The panel as a page: a thin view of `sim.widgets.tuning.Tuning` in Solara, for a notebook and for the browser."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any

import reacton
import solara

from sim.parameters.table import parameter_table
from sim.plots.series import label_of
from sim.quantities.catalogue import QUANTITIES, settable
from sim.quantities.quantity import WAYS
from sim.record.country import load_country
from sim.scenario import ScenarioError, shipped_scenarios
from sim.widgets import views
from sim.widgets.levers import Lever, as_written, in_words
from sim.widgets.tuning import LEARNING, SIMULATING, Tuning
from sim.words import day_in_words

_CSS = (Path(__file__).parent / "page.css").read_text(encoding="utf-8")
_PICTURES = ("Over time", "Posture", "Ledger")
_EMPTY = {"quantity": "", "how": "set", "value": "", "date": "", "until": ""}
_HEADS = {
    False: ("What someone does, from the origin on", "Bars: what it comes to be by itself.", "intervention"),
    True: ("What you believe, from 2012 on", "Bars: what was learned; line: the prior.", "belief"),
}

OPTIONS: dict[str, Any] = {}
"""How `sim.widgets.serve` opens a page: arguments of `Tuning`. Each page, of each tab, has a panel of its own."""

Do = Callable[..., None]
"""What a control calls: it does something with the panel, tells what is wrong with that, and simulates in a thread."""


@solara.component
def Page() -> None:
    """Open a page of its own, in a browser: a new visit is a new session."""
    panel = solara.use_memo(lambda: Tuning(**OPTIONS), [])
    solara.Title(f"{panel.base.title} - serbia-sim")
    Panel(panel)


@solara.component
def Panel(panel: Tuning) -> None:
    """Show the panel."""
    taken, count = solara.use_state(0)
    solara.use_effect(lambda: setattr(panel, "changed", lambda: count(lambda seen: seen + 1)), [panel])
    solara.use_effect(lambda: None if panel.shown else _start(panel.update), [panel.base])
    solara.use_effect(lambda: _start(panel.judge), [panel.shown])

    def do(what: Callable[[], object], then: Callable[[], None] | None = panel.update) -> None:
        try:
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


def as_widget(panel: Tuning) -> Any:
    """Return the panel as a widget of a notebook."""
    return reacton.make(Panel(panel))


def _head(panel: Tuning, do: Do) -> None:
    path, set_path = solara.use_state("")
    base, names = panel.base, list(shipped_scenarios())
    span = f"As known on {day_in_words(base.as_of)}, to {day_in_words(base.until)}"
    _text("h1", base.title)
    _text("p", f"{span}. {panel.members.members:,} histories, seed {panel.members.seed}.", "note")
    with solara.Div(classes=["beside"]):
        shipped = base.name if base.name in names else ""
        said = {"event_said": lambda name: do(partial(panel.open, name))}
        blank = None if shipped else "from a file"
        _Field(label="Scenario", value=shipped, options=names, blank=blank, **said)
        _Field(label="or a scenario file", value=path, event_said=set_path)
        _button("Open", lambda: do(lambda: panel.open(path.strip())), disabled=not path.strip())
    if panel.message:
        _text("div", panel.message, "wrong", role="alert")


def _picture(panel: Tuning) -> None:
    which, choose = solara.use_state(_PICTURES[0])
    variables = solara.use_memo(lambda: views.drawable(panel.base), [panel.base.state])
    variable, set_variable = solara.use_state(next(iter(variables.values())))
    label = next(label for label, name in variables.items() if name == variable)
    shown, other = panel.shown, panel.reference.run if panel.reference else None

    def drawn() -> str:
        if shown is None:
            return ""
        if which == _PICTURES[0]:
            return views.fan(shown.run, variable, other)
        return (views.posture if which == _PICTURES[1] else views.ledger)(shown.run, other)

    picture = solara.use_memo(drawn, [shown, other, which, variable])
    with solara.Div(classes=["beside"]):
        solara.ToggleButtonsSingle(value=which, values=list(_PICTURES), on_value=choose, dense=True)
        if which == _PICTURES[0]:
            said = {"event_said": lambda label: set_variable(variables[label])}
            _Field(label="of", value=label, options=list(variables), **said)
    with solara.Div():  # what comes and goes keeps to itself: what follows would be drawn anew
        for what, share in list(panel.working.items()) or ([] if shown else [(SIMULATING, 0.0)]):
            _text("p", f"{what} ..." if shown is None or what != SIMULATING else "", "note", role="status")
            solara.HTML(unsafe_innerHTML=f'<div style="width:{100 * share:.0f}%"></div>', classes=["bar"])
    moves = shown.said if shown else ""
    solara.HTML(unsafe_innerHTML=picture, attributes={"data-moves": moves, "id": "picture"})


def _levers(panel: Tuning, do: Do, taken: int) -> None:
    for belief, (heading, key, kind) in _HEADS.items():
        _text("h2", heading)
        _text("p", key, "note")
        for lever in [each for each in panel.levers.values() if each.belief == belief]:
            _lever(panel, lever, do, taken)

        def add(name: str, belief: bool = belief) -> None:
            do(lambda: panel.add_lever(name, belief=belief), None)

        more = [name for name in (parameter_table() if belief else settable()) if name not in panel.levers]
        waits = panel.before is None
        _Field(label=f"Another {kind}", options=more, blank="add ...", disabled=waits, event_said=add)
    if panel.to_learn:
        waiting = ", ".join(name.replace("_", " ") for name in panel.to_learn)
        with solara.Div(classes=["waiting"]):
            _text("p", f"{waiting}: to be learned again. Until then picture and answers are without it.")
            _button("Learn again", lambda: _start(panel.learn), disabled=LEARNING in panel.working)


def _lever(panel: Tuning, lever: Lever, do: Do, taken: int) -> None:
    stood = (panel.wanted.beliefs if lever.belief else panel.wanted.places).get(lever.name)
    quantity, stops, present = QUANTITIES.get(lever.name), lever.stops, lever.present
    plain = lever.name.replace("_", " ").capitalize()
    shown = {
        "name": lever.name,
        "label": label_of(lever.name, load_country(panel.base.state)) if quantity else plain,
        "meaning": lever.meaning,
        "unit": "" if quantity and quantity.discrete else lever.unit,
        "stops": [in_words(stop) for stop in stops],
        "rest": lever.at_rest,
        "present": in_words(present if isinstance(present, str) else float(f"{present:.2g}")),
        "place": None if stood is None else stops.index(stood),
        "strip": views.strip(lever),
        "waits": lever.name in panel.to_learn,
    }
    _Slider(
        lever=shown,
        taken=taken,
        event_moved=lambda stop: do(lambda: panel.place(lever.name, stops[int(stop)])),
        event_let_go=lambda _: do(lambda: panel.place(lever.name, None)),
    )


def _events(panel: Tuning, do: Do) -> None:
    written, write = solara.use_state(_EMPTY)
    editing, edit = solara.use_state(-1)

    def begin(index: int = -1) -> None:
        edit(index)
        write(_EMPTY if index < 0 else as_written(panel.wanted.events[index]))

    def put() -> None:
        panel.put_event(**written, instead=editing if editing >= 0 else None)
        begin()

    def field(name: str, label: str, options: list[str] | None = None) -> None:
        said = {"event_said": lambda said: write(written | {name: said})}
        _Field(label=label, value=written[name], options=options, blank="choose ...", **said)

    _text("h2", "What happens, and when")
    with solara.Div():
        for index, event in enumerate(panel.wanted.events):
            with solara.Div(classes=["event"]):
                _text("span", str(event), title=event.source)
                if len(event.changes) == 1:
                    _button("change", partial(begin, index))
                _button("remove", partial(do, partial(panel.drop_event, index)))
    field("quantity", "Quantity", [*settable(), *parameter_table()])
    with solara.Div(classes=["pair"]):
        field("how", "How", list(WAYS))
        field("value", "Value")
        field("date", "From, as 2027-01-01")
        field("until", "First month without it, or empty")
    with solara.Div(classes=["beside"]):
        what = "Add the event" if editing < 0 else "Change the event"
        _button(what, lambda: do(put), outlined=True, disabled=panel.before is None)
        if editing >= 0:
            _button("Leave it", begin)


def _keep(panel: Tuning, do: Do) -> None:
    title, set_title = solara.use_state("")
    file, set_file = solara.use_state("my-scenario.toml")
    said, say = solara.use_state("")

    def save() -> None:
        say("")
        path = panel.save(file.strip(), title=title)
        panel.tell("")
        say(f"Saved. The same numbers on the command line: {panel.members.command(path)}")

    _text("h2", "Keep it as a scenario file")
    _Field(label="Title; else what was moved", value=title, event_said=set_title)
    _Field(label="File", value=file, event_said=set_file)
    with solara.Div(classes=["beside"]):
        waits = panel.shown is None
        _button("Save", lambda: do(save, None), outlined=True, disabled=waits)
        _button("Report", lambda: _start(lambda: say(panel.report(title=title))), disabled=waits)
        _button("Reset", lambda: do(panel.reset))
    if said:
        _text("p", said, "note", role="status")


def _answers(panel: Tuning, do: Do) -> None:
    shown, reference = panel.shown, panel.reference
    with solara.Div(classes=["beside"]):
        held, plain = shown in (None, reference), reference is panel.before
        hold = partial(do, partial(panel.hold, shown), None)
        _button("Hold this as reference", hold, outlined=True, disabled=held)
        _button(
            "Compare with it as it is", partial(do, partial(panel.hold, panel.before), None), disabled=plain
        )
    if shown is not None:
        solara.HTML(unsafe_innerHTML=views.as_html(panel))


@solara.component_vue("field.vue")
def _Field(
    label: str,
    value: str = "",
    options: list[str] | None = None,
    blank: str | None = None,
    disabled: bool = False,
    event_said: Callable[[str], None] | None = None,
) -> None:
    """Show a field of text, or a choice among options; `blank` names the choice of none."""


@solara.component_vue("lever.vue")
def _Slider(
    lever: dict[str, Any],
    taken: int,
    event_moved: Callable[[int], None],
    event_let_go: Callable[[Any], None],
) -> None:
    """Show a lever; `taken` counts what the panel took: a place that was refused is left again."""


def _button(name: str, click: Callable[[], None], *, outlined: bool = False, disabled: bool = False) -> None:
    solara.Button(name, on_click=click, outlined=outlined, text=not outlined, disabled=disabled, dense=True)


def _text(tag: str, text: str, kind: str = "", **attributes: str) -> None:
    solara.v.Html(tag=tag, children=[text], class_=kind, attributes=attributes)


def _start(work: Callable[[], None]) -> None:
    """Let a thread do what takes time, so that the page goes on."""
    Thread(target=work, daemon=True).start()
