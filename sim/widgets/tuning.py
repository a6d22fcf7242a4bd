"""What a panel holds: a scenario, what was moved in it, what came out, and what that is held against.

Nothing here draws or knows a browser: `sim.widgets.page` shows it, a notebook or a test may drive it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

from sim.contrasts import Difference
from sim.execution.progress import Advance
from sim.runs.results import Run
from sim.scenario import Scenario, ScenarioLike, read_scenario, to_toml
from sim.widgets.levers import Lever, Moves, Value, belief, intervention, require, written_event
from sim.widgets.running import BELIEFS, INTERVENTIONS, Members, Shown, SupersededError, Work, record_of

LEARNING, SIMULATING, REPORTING = "Learning from the record", "Simulating", "Writing the report"

_PAUSE = 0.5  # seconds between two pictures of a bar


class Tuning:
    """A scenario with levers and events to move, and the probabilities that follow.

    `place` and the methods of events say what is wanted; `update` simulates it, `learn` learns again first where a
    belief was moved; `move` does all at once, for a notebook. What fails is told in `message` and taken back: what is
    shown and what `save` writes are always of one scenario. `update` and `learn` may run in threads of their own: of
    several updates the newest wins. `judge` puts ranges beside the answers, once they are shown.

    Parameters
    ----------
    scenario: a scenario, or what `sim.read_scenario` reads. interventions: settable quantities, held from the origin
        on. beliefs: parameters, believed from 2012 on. members: as of `sim.widgets.running.Members`.

    Attributes
    ----------
    base: the scenario as it is. before, shown: what it says, and what is shown now; None until the first `update`.
    reference: what differences are against, `before` until something else is held. differences: by question.
    wanted: what is to be moved. levers: by name.
    message: what went wrong last. working: what is being done, and which share of it is done.
    changed: called whenever anything here changes.
    """

    def __init__(
        self,
        scenario: ScenarioLike = "today",
        *,
        interventions: Sequence[str] = INTERVENTIONS,
        beliefs: Sequence[str] = BELIEFS,
        **members: Any,
    ) -> None:
        self.members = Members(**members)
        self.working: dict[str, float] = {}
        self.reference: Shown | None = None
        self.changed: Callable[[], None] = lambda: None
        self._names = [*((name, False) for name in interventions), *((name, True) for name in beliefs)]
        self._saved: dict[Path, str] = {}
        self._tickets, self._ticket, self._told = count(1), 0, 0.0
        self.open(scenario)

    def open(self, scenario: ScenarioLike) -> None:
        """Take another scenario; let go what was moved, and what is held of another state or day. Raises ValueError."""
        spec = read_scenario(scenario)
        record_of(spec.state).hold(spec.as_of)
        self.base = spec
        self.before: Shown | None = None
        self.shown: Shown | None = None
        self.levers: dict[str, Lever] = {}
        self.differences: Mapping[str, Difference] = {}
        held = self.reference and self.reference.scenario
        if held and (held.state, held.as_of) != (spec.state, spec.as_of):
            self.reference = None
        self.reset()

    def reset(self) -> None:
        """Let every lever go, and put the events back."""
        self.wanted = Moves({}, {}, self.base.events)
        self._learned: dict[str, Value] = {}
        self.tell("")

    def place(self, name: str, value: Value | None) -> None:
        """Say where a lever is to stand, at the stop nearest to the value; None lets it go. Raises LeverError."""
        stop = self._stop(name, value)
        which = "beliefs" if self.levers[name].belief else "places"
        stood = {**getattr(self.wanted, which), name: stop}
        self._want(**{which: {each: place for each, place in stood.items() if place is not None}})

    def _want(self, **moves: Any) -> None:
        self.wanted = replace(self.wanted, **moves)
        self.tell("")

    def _stop(self, name: str, value: Value | None) -> Value | None:
        require("slider", name, self.levers)
        return None if value is None else self.levers[name].nearest(value)

    def add_lever(self, name: str, *, belief: bool) -> None:
        """Add a lever for a settable quantity, or for a belief about a parameter. Raises LeverError."""
        if self.before is not None and name not in self.levers:
            self.levers[name] = self._lever(name, belief, self.before.run)
            self._names.append((name, belief))
            self.tell("")

    def put_event(self, *, instead: int | None = None, **written: str) -> None:
        """Add an event, or put it in the place of another; in the words of a file, as `written_event` takes them.

        Raises ScenarioError: with everything that is wrong, in the words in which a file's slips are told.
        """
        events = list(self.wanted.events)
        place = len(events) if instead is None else instead
        events[place : place + 1] = [written_event(**written)]
        self._want(events=replace(self.base, events=tuple(events)).events)

    def drop_event(self, index: int) -> None:
        """Remove an event."""
        self._want(events=(*self.wanted.events[:index], *self.wanted.events[index + 1 :]))

    def hold(self, shown: Shown | None) -> None:
        """Hold what is shown as the reference of all differences; `before` is the scenario as it is."""
        self.reference = shown
        self._compare()
        self.tell("")

    @property
    def to_learn(self) -> tuple[str, ...]:
        """The beliefs that were moved since what is in use was learned."""
        wanted, learned = self.wanted.beliefs, self._learned
        return tuple(name for name in wanted | learned if wanted.get(name) != learned.get(name))

    def move(self, **places: Value | None) -> None:
        """Move levers from code, each to the stop nearest to what is given, and simulate, learning what it takes.

        Raises LeverError if the panel has no such lever, or it does not go there; nothing is moved then.
        """
        if self.before is None:
            self.update()
        stops = {name: self._stop(name, value) for name, value in places.items()}
        for name, stop in stops.items():
            self.place(name, stop)
        self.learn() if self.to_learn else self.update()

    def learn(self) -> None:
        """Learn again under the beliefs that were moved, then simulate; levers may move meanwhile."""
        wanted = self.wanted.beliefs
        try:
            self.members.posterior(Moves({}, wanted, ()).of(self.base), self._progress(LEARNING))
        except Exception as error:  # noqa: BLE001  # whatever it was: the panel goes on
            self.wanted = replace(self.wanted, beliefs=self._learned)
            self.tell(f"Not learned: {_why(error)}. The beliefs are back where they stood.")
            return
        finally:
            self.working.pop(LEARNING, None)
        self._learned = wanted
        self.update()

    def update(self) -> None:
        """Simulate what is wanted and show it; a belief that is to be learned again counts from `learn` on."""
        self._ticket = ticket = next(self._tickets)
        self._told = time.monotonic()
        if not self.members.learned:
            self._learned = self.wanted.beliefs
        try:
            if self.before is None:
                self._begin(ticket)
            shown = self._simulated(self._progress(SIMULATING, ticket))
        except SupersededError:
            return
        except BaseException as error:  # whatever it was: the panel goes on
            if (stood := self.shown or self.before) is not None:
                self.wanted, self._learned = stood.moves, stood.moves.beliefs
            self.tell(f"Not simulated: {_why(error)}. The levers are back where they stood.")
            if not isinstance(error, Exception):
                raise
            return
        finally:
            if ticket == self._ticket:
                self.working.pop(SIMULATING, None)
        if ticket == self._ticket:
            self.shown = shown
            self._compare()
            self.tell(self.message)

    def judge(self) -> None:
        """Put beside the answers shown their ranges over judgement, unless something is moved meanwhile.

        It is several times the work of the answers, so that no update waits for it.
        """
        shown, ticket = self.shown, self._ticket
        if shown is not None and self.members.learned and not shown.ranges:
            with suppress(SupersededError):
                self.members.judge(shown, lambda _: lambda _: self._newest(ticket))
                self.tell(self.message)

    def save(self, path: Path | str, *, title: str = "") -> Path:
        """Write the scenario that is shown, whole, as a scenario file, and return its path.

        Without a title of its own the title says what was moved. What this panel wrote is written over, unless it was
        changed since.

        Raises
        ------
        FileExistsError: if there is another such file; it is left as it is.
        ValueError: if nothing is shown yet, or a belief is to be learned first: the file would say something else.
        """
        path, text = Path(path), to_toml(self._titled(title))
        key = path.absolute()
        ours = key in self._saved and path.exists() and path.read_text(encoding="utf-8") == self._saved[key]
        with path.open("w" if ours else "x", encoding="utf-8") as file:
            file.write(text)
        self._saved[key] = text
        return path

    def report(self, *, title: str = "") -> str:
        """Write the page of what is shown, and return in words where it lies."""
        self.working[REPORTING] = 0.0
        self.tell("")
        try:
            return f"Written: {self.members.report(self._titled(title))}"
        except Exception as error:  # noqa: BLE001  # whatever it was: the panel goes on
            self.message = f"Not written: {_why(error)}."
            return ""
        finally:
            self.working.pop(REPORTING, None)
            self.changed()

    def tell(self, message: str) -> None:
        """Say what went wrong, or with nothing that all is well."""
        self.message = message
        self.changed()

    def _titled(self, title: str) -> Scenario:
        if self.shown is None or self.to_learn:
            waits = ", ".join(name.replace("_", " ") for name in self.to_learn)
            raise ValueError(f"{waits} is to be learned again first" if waits else "nothing is simulated yet")
        return replace(self.shown.scenario, title=title.strip() or self.shown.scenario.title)

    def _begin(self, ticket: int) -> None:
        """Simulate the scenario as it is, and make the levers."""
        base = self.base
        self.members.posterior(base, self._progress(LEARNING, ticket))
        self.working.pop(LEARNING, None)
        run = self.members.run(base, keep="all", work=self._progress(SIMULATING, ticket))
        before = Shown(run, Moves({}, {}, base.events), "as it is")
        levers = {name: self._lever(name, is_belief, run) for name, is_belief in self._names}
        self._newest(ticket)
        self.before, self.levers, self.reference = before, levers, self.reference or before

    def _lever(self, name: str, is_belief: bool, run: Run) -> Lever:
        posterior = self.members.posterior(run.scenario)
        return belief(name, run.scenario, posterior) if is_belief else intervention(name, run)

    def _simulated(self, work: Work) -> Shown:
        moves = replace(self.wanted, beliefs=self._learned)
        if self.before is not None and moves == self.before.moves:
            return self.before
        said = moves.in_words(self.base)
        title = f"{self.base.title} ({said})"[:300]  # the longest that a file may have
        spec = replace(moves.of(self.base), title=title)
        return Shown(self.members.run(spec, work=work), moves, said)

    def _newest(self, ticket: int) -> None:
        if ticket != self._ticket:
            raise SupersededError

    def _compare(self) -> None:
        ours, theirs = self.shown, self.reference
        self.differences = {} if ours is None or theirs is None else ours.against(theirs)

    def _progress(self, what: str, ticket: int | None = None) -> Work:
        def begin(steps: int) -> Advance:
            done = 0

            def advance(more: int) -> None:
                nonlocal done
                done += more
                if ticket is not None:
                    self._newest(ticket)
                self.working[what] = min(done / max(steps, 1), 1.0)
                # a picture of the bar costs as much as a month of members
                if time.monotonic() - self._told > _PAUSE:
                    self._told = time.monotonic()
                    self.changed()

            return advance

        return begin


def _why(error: BaseException) -> str:
    return "interrupted" if isinstance(error, KeyboardInterrupt) else str(error) or type(error).__name__
