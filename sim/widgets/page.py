"""The panel as a page: a thin view of `sim.widgets.tuning.Tuning` in Solara, for a notebook and for the browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import solara
from solara.lab import use_task

from sim.catalogue import QUANTITIES, WAYS, settable
from sim.observations import BeyondRecordError
from sim.parameters import parameter_table
from sim.plots.series import label_of
from sim.scenario import ScenarioError, shipped_scenarios
from sim.widgets import pictures, words
from sim.widgets.levers import Lever, LeverError
from sim.widgets.tuning import Tuning, in_words

_CSS = (Path(__file__).parent / "page.css").read_text(encoding="utf-8")
_PICTURES = ("Over time", "Posture", "Ledger")

OPTIONS: dict[str, Any] = {}
"""How `sim.widgets.serving` opens a page: arguments of `Tuning`. Each page, of each tab, has a panel of its own."""


@solara.component
def Page() -> None:  # noqa: N802  # Solara looks for this name
    """A page of its own, in a browser: a new visit is a new session."""
    panel = solara.use_memo(lambda: Tuning(**OPTIONS), [])
    solara.Title(f"{panel.base.title} - serbia-sim")
    Panel(panel)


@solara.component
def Panel(panel: Tuning) -> None:  # noqa: N802  # a component is named as a class
    """The panel."""
    version, set_version = solara.use_state(0)
    asked, ask = solara.use_state(0)
    solara.use_effect(lambda: _listen(panel, set_version), [panel])
    use_task(lambda: panel.update(), dependencies=[asked], raise_error=False)  # noqa: PLW0108
    learning, learn = solara.use_state(0)
    use_task(lambda: panel.learn() if learning else None, dependencies=[learning], raise_error=False)

    def do(what: Callable[[], object]) -> None:
        try:
            what()
        except (ScenarioError, LeverError, BeyondRecordError, OSError, ValueError) as error:
            panel.tell(_said(error))
            return
        ask(lambda count: count + 1)

    solara.Style(_CSS)
    with solara.v.Html(tag="div", class_="tuning"):
        with solara.v.Html(tag="div", class_="head"):
            _Head(panel, do)
        with solara.v.Html(tag="div", class_="picture"):
            _Picture(panel, version)
        with solara.v.Html(tag="div", class_="levers"):
            _Levers(panel, do, lambda: learn(lambda count: count + 1), version)
            _Events(panel, do, version)
            _Keep(panel, do)
        with solara.v.Html(tag="div", class_="answered"):
            _Answers(panel, do, version)


@solara.component
def _Head(panel: Tuning, do: Callable[[Callable[[], object]], None]) -> None:
    path, set_path = solara.use_state("")
    names = list(shipped_scenarios())
    base, members = panel.base, panel.members
    _html("h1", base.title)
    seen = f"As known on {base.as_of:%-d %B %Y}, to {base.until:%-d %B %Y}. {members.members:,} histories, seed {members.seed}."
    _html("p", seen, "note")
    with solara.v.Html(tag="div", class_="row"):
        chosen = base.name if base.name in names else None
        solara.Select(
            "Scenario", values=names, value=chosen, on_value=lambda name: do(lambda: panel.open(name))
        )
        solara.InputText("or a scenario file", value=path, on_value=set_path)
        solara.Button(
            "Open", on_click=lambda: do(lambda: panel.open(path)), disabled=not path.strip(), outlined=True
        )
    if panel.message:
        _html("div", panel.message, "wrong", role="alert")
    for what, share in list(panel.working.items()):
        _html("div", f"{what} ..." if panel.before is None or "Learning" in what else "", "note")
        solara.HTML(unsafe_innerHTML=f'<div style="width:{100 * share:.0f}%"></div>', classes=["bar"])


@solara.component
def _Picture(panel: Tuning, version: int) -> None:
    which, set_which = solara.use_state(_PICTURES[0])
    variables = solara.use_memo(pictures.drawable, [])
    label, set_label = solara.use_state(next(iter(variables)))
    shown, reference = panel.shown, panel.reference

    def drawn() -> str:
        if shown is None:
            return ""
        other = reference.run if reference is not None else None
        if which == _PICTURES[0]:
            return pictures.fan(shown.run, variables[label], other)
        return (pictures.posture if which == _PICTURES[1] else pictures.ledger)(shown.run, other)

    picture = solara.use_memo(drawn, [shown, reference, which, label])
    with solara.v.Html(tag="div", class_="row"):
        solara.ToggleButtonsSingle(value=which, values=list(_PICTURES), on_value=set_which, dense=True)
        if which == _PICTURES[0]:
            solara.Select("", values=list(variables), value=label, on_value=set_label, dense=True)
    solara.HTML(
        unsafe_innerHTML=picture, attributes={"data-moves": shown.moves if shown else "", "id": "picture"}
    )


@solara.component
def _Levers(
    panel: Tuning, do: Callable[[Callable[[], object]], None], learn: Callable[[], None], version: int
) -> None:
    for belief, heading in (
        (False, "What someone does, from the origin on"),
        (True, "What you believe, from 2012 on"),
    ):
        _html("h2", heading)
        for lever in [each for each in panel.levers.values() if each.belief == belief]:
            _lever(panel, lever, do, version)
        known = list(parameter_table()) if belief else list(settable())
        more = [name for name in known if name not in panel.levers]
        solara.Select(
            "Add another lever",
            values=more,
            value=None,
            on_value=lambda name, belief=belief: name and do(lambda: panel.add_lever(name, belief=belief)),
            disabled=panel.before is None,
        )
        if belief and panel.to_learn:
            waits = ", ".join(name.replace("_", " ") for name in panel.to_learn)
            with solara.v.Html(tag="div", class_="waiting"):
                _html(
                    "p",
                    f"{waits}: to be learned again. Until then the picture and the answers are without it.",
                )
                busy = "Learning from the record" in panel.working
                solara.Button("Learn again", on_click=learn, disabled=busy, color="primary", small=True)


@solara.component_vue("lever.vue")
def _Lever(
    name: str,
    label: str,
    meaning: str,
    unit: str,
    stops: list[str],
    present: int,
    place: int | None,
    strip: str,
    waits: bool,
    disabled: bool,
    version: int,
    event_moved: Callable[[int], None],
    event_let_go: Callable[[Any], None],
) -> None:
    """One lever: a slider over what its quantity comes to be by itself."""


def _lever(panel: Tuning, lever: Lever, do: Callable[[Callable[[], object]], None], version: int) -> None:
    stood = (panel.beliefs if lever.belief else panel.places).get(lever.name)
    stops = lever.stops
    _Lever(
        name=lever.name,
        label=label_of(lever.name) if lever.name in QUANTITIES else lever.name.replace("_", " ").capitalize(),
        meaning=lever.meaning,
        unit="" if QUANTITIES.get(lever.name) and QUANTITIES[lever.name].discrete else lever.unit,
        stops=[in_words(stop) for stop in stops],
        present=stops.index(lever.present),
        place=None if stood is None else stops.index(stood),
        strip=pictures.strip(lever),
        waits=lever.name in panel.to_learn,
        disabled=panel.before is None,
        version=version,
        event_moved=lambda stop: do(lambda: panel.place(lever.name, stops[int(stop)])),
        event_let_go=lambda _: do(lambda: panel.place(lever.name, None)),
    )


@solara.component
def _Events(panel: Tuning, do: Callable[[Callable[[], object]], None], version: int) -> None:
    empty = {"quantity": "", "how": "set", "value": "", "date": "", "until": ""}
    written, write = solara.use_state(empty)
    editing, edit = solara.use_state(None)
    _html("h2", "What happens, and when")
    with solara.v.Html(tag="div", class_="events"):
        for index, event in enumerate(panel.events):
            with solara.v.Html(tag="div", class_="event"):
                _html("span", str(event), title=event.source)
                if len(event.changes) == 1:
                    solara.Button(
                        "change",
                        on_click=lambda i=index: (edit(i), write(_as_written(panel, i))),
                        small=True,
                        text=True,
                    )
                solara.Button(
                    "remove", on_click=lambda i=index: do(lambda: panel.drop_event(i)), small=True, text=True
                )

    def field(name: str) -> Callable[[str], None]:
        return lambda value: write(lambda now: {**now, name: value or ""})

    def put() -> None:
        panel.put_event(**written, instead=editing)
        write(empty)
        edit(None)

    solara.Select(
        "Quantity",
        values=[*settable(), *parameter_table()],
        value=written["quantity"] or None,
        on_value=field("quantity"),
    )
    with solara.v.Html(tag="div", class_="pair"):
        solara.Select("How", values=list(WAYS), value=written["how"], on_value=field("how"))
        solara.InputText("Value", value=written["value"], on_value=field("value"), continuous_update=True)
        solara.InputText(
            "From, such as 2027-01-01", value=written["date"], on_value=field("date"), continuous_update=True
        )
        solara.InputText(
            "Until, or empty", value=written["until"], on_value=field("until"), continuous_update=True
        )
    with solara.v.Html(tag="div", class_="row"):
        name = "Add the event" if editing is None else "Change the event"
        solara.Button(name, on_click=lambda: do(put), outlined=True, disabled=panel.before is None)
        if editing is not None:
            solara.Button("Leave it", on_click=lambda: (edit(None), write(empty)), text=True)


@solara.component
def _Keep(panel: Tuning, do: Callable[[Callable[[], object]], None]) -> None:
    title, set_title = solara.use_state("")
    file, set_file = solara.use_state("my-scenario.toml")
    said, say = solara.use_state("")

    def save() -> None:
        panel.title = title
        path = panel.save(file.strip())
        say(f"Saved. The same numbers on the command line: {panel.command(path)}")

    _html("h2", "Keep it as a scenario file")
    solara.InputText("Title, or what was moved", value=title, on_value=set_title)
    solara.InputText("File", value=file, on_value=set_file)
    with solara.v.Html(tag="div", class_="row"):
        solara.Button("Save", on_click=lambda: do(save), outlined=True, disabled=panel.shown is None)
        solara.Button("Reset", on_click=lambda: do(panel.reset), text=True)
    if said:
        _html("p", said, "note", role="status")


@solara.component
def _Answers(panel: Tuning, do: Callable[[Callable[[], object]], None], version: int) -> None:
    _html("p", words.moves(panel))
    with solara.v.Html(tag="div", class_="row"):
        solara.Button(
            "Hold this as reference",
            on_click=lambda: do(lambda: panel.hold(panel.shown)),
            outlined=True,
            small=True,
            disabled=panel.shown in (None, panel.reference),
        )
        solara.Button(
            "Compare with the scenario as it is",
            on_click=lambda: do(lambda: panel.hold(panel.before)),
            text=True,
            small=True,
            disabled=panel.reference is panel.before,
        )
    if panel.shown is not None:
        solara.HTML(unsafe_innerHTML=words.as_html(panel))


def _listen(panel: Tuning, set_version: Callable[..., None]) -> Callable[[], None]:
    panel.changed = lambda: set_version(lambda count: count + 1)

    def leave() -> None:
        panel.changed = lambda: None

    return leave


def _as_written(panel: Tuning, index: int) -> dict[str, str]:
    event = panel.events[index]
    (change,) = event.changes
    value = change.value if isinstance(change.value, str) else f"{change.value:g}"
    until = "" if event.until is None else str(event.until)
    return {
        "quantity": change.quantity,
        "how": change.how,
        "value": value,
        "date": str(event.date),
        "until": until,
    }


def _html(tag: str, text: str, kind: str = "", **attributes: str) -> None:
    solara.v.Html(tag=tag, children=[text], class_=kind, attributes=attributes)


def _said(error: Exception) -> str:
    if isinstance(error, ScenarioError):
        return "\n".join(problem.message for problem in error.problems)
    return str(error)
