"""What a panel holds: a scenario, what was moved in it, what came out, and what that is held against.

Nothing here draws or waits for a browser: `sim.widgets.page` shows it, a notebook or a test may drive it.
"""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from threading import Lock
from typing import Any

from sim.assimilation import DEFAULT_PARTICLES, Posterior
from sim.cache import Cache
from sim.contrasts import Difference, question_differences
from sim.forecasting import DEFAULT_SEED, Answer, answer
from sim.results import Run
from sim.scenario import Event, Scenario, ScenarioError, read_scenario, to_toml
from sim.scenario.declared import entry
from sim.scenario.settings import value_of_text
from sim.widgets.levers import SOURCE, Lever, LeverError, Value, belief, intervention, moved, require
from sim.widgets.running import Members, Tell

MEMBERS = 2000
"""Members of a panel (judgement): a move is answered in half a second, a probability is good to about a point."""

INTERVENTIONS = ("war", "pressure", "credibility", "gas_discount", "normalisation")
"""What a panel moves if not said otherwise (judgement): what the press asks about."""

BELIEFS = ("sanctions_rate", "sanctions_slope", "accession_weight", "pressure_weight", "gas_weight")
"""The beliefs of a panel if not said otherwise (judgement): those on which the answers rest most."""


_PAUSE = 0.5  # seconds between two pictures of a bar


LEARNING = "Learning from the record"
SIMULATING = "Simulating"


class SupersededError(Exception):
    """The answer is no longer asked for: something was moved meanwhile."""


@dataclass(frozen=True, eq=False)
class Shown:
    """A scenario as it was moved, its run, and the answers to its questions.

    `moves` says in words what was moved. `places`, `beliefs` and `events` are where the levers and events stood.
    """

    run: Run
    answers: tuple[Answer, ...]
    moves: str
    places: Mapping[str, Value]
    beliefs: Mapping[str, Value]
    events: tuple[Event, ...]

    @property
    def scenario(self) -> Scenario:
        """The scenario that was simulated."""
        return self.run.scenario


class Tuning:
    """A scenario with levers and events to move, and the probabilities that follow.

    `place`, `believe` and the methods of events say what is wanted; `update` simulates it, `learn` learns again first
    where a belief was moved; `move` does all at once, for a notebook. What fails is told in `message` and taken back:
    what is shown and what `save` writes are of one scenario always. `update` and `learn` may run in threads of their
    own: of several updates the newest wins.

    Parameters
    ----------
    scenario: a scenario, or the name or path of one. interventions: settable quantities, held from the origin on.
    beliefs: parameters, believed from 2012 on. The rest as of `sim.forecasting.forecast`.

    Attributes
    ----------
    base: the scenario as it is. before: what it says. shown: what is shown now, what `save` writes. None until the
        first `update`.
    reference: what differences are against, `before` until something else is held. differences: by question.
    places, beliefs, events, title: as they are wanted. levers: by name.
    message: what went wrong last. working: what is being done, and which share of it is done.
    taken: how often anything changed.
    """

    def __init__(
        self,
        scenario: Scenario | str = "today",
        *,
        interventions: Sequence[str] = INTERVENTIONS,
        beliefs: Sequence[str] = BELIEFS,
        members: int = MEMBERS,
        particles: int | None = None,
        seed: int = DEFAULT_SEED,
        learned: bool = True,
        cache: Cache = True,
    ) -> None:
        self.members = Members(members=members, particles=particles, seed=seed, learned=learned, cache=cache)
        self._changed: Callable[[], None] | None = None
        self.message, self.taken = "", 0
        self.working: dict[str, float] = {}
        self._names = [*((name, False) for name in interventions), *((name, True) for name in beliefs)]
        self._saved: dict[Path, str] = {}
        self._lock, self._ticket, self._shown_at = Lock(), 0, 0.0
        self.open(scenario)

    def open(self, scenario: Scenario | str) -> None:
        """Take another scenario; what was moved is let go, and what was held goes where origins differ.

        Raises
        ------
        ScenarioError: if it cannot be used. sim.observations.BeyondRecordError: if the record does not reach its origin.
        """
        spec = read_scenario(scenario) if isinstance(scenario, str) else scenario
        self.members.record.hold(spec.as_of)
        self.base = spec
        self.before: Shown | None = None
        self.shown: Shown | None = None
        self.reference: Shown | None = getattr(self, "reference", None)
        if self.reference is not None and self.reference.scenario.as_of != spec.as_of:
            self.reference = None
        self.levers: dict[str, Lever] = {}
        self.differences: Mapping[str, Difference] = {}
        self.reset()

    def reset(self) -> None:
        """Let every lever go, and put the events and the title back."""
        self.places: dict[str, Value] = {}
        self.beliefs: dict[str, Value] = {}
        self._learned: Mapping[str, Value] = {}
        self.events = self.base.events
        self.title = ""
        self.tell("")

    def place(self, name: str, value: Value | None) -> None:
        """Say where a lever is to stand, at the stop nearest to the value; None lets it go.

        Raises
        ------
        LeverError: if the panel has no such lever, or it does not go there.
        """
        require("slider", name, self.levers)
        lever = self.levers[name]
        wanted = self.beliefs if lever.belief else self.places
        if value is None:
            wanted.pop(name, None)
        else:
            wanted[name] = lever.nearest(value)
        self.tell("")

    def add_lever(self, name: str, *, belief: bool) -> None:
        """Add a lever for a settable quantity, or for a belief about a parameter.

        Raises
        ------
        LeverError: if there is no such thing, or it cannot move.
        """
        if self.before is not None and name not in self.levers:
            posterior = self.members.posterior(self.base)
            self.levers[name] = self._lever(name, belief, self.before.run, posterior)
            self._names.append((name, belief))
            self.tell("")

    def listen(self, changed: Callable[[], None]) -> Callable[[], None]:
        """Call a function whenever anything here changes, until what is returned is called."""
        self._changed = changed

        def leave() -> None:
            self._changed = None

        return leave

    def put_event(
        self, *, quantity: str, how: str, value: str, date: str, until: str = "", instead: int | None = None
    ) -> None:
        """Add an event, or put it in the place of another; all as it would be written in a file.

        Raises
        ------
        ScenarioError: with everything that is wrong, in the words in which a file's slips are told.
        """
        raw = {"date": _day(date), how: {quantity.strip(): value_of_text(value.strip())}, "source": SOURCE}
        right: dict[str, Any] = {}
        problems = list(entry(Event, raw | ({"until": _day(until)} if until.strip() else {}), right))
        if problems:
            raise ScenarioError([replace(problem, where=()) for problem in problems])
        events = list(self.events)
        place = len(events) if instead is None else instead
        events[place : place + 1] = [Event(**right)]
        try:
            replace(self.base, events=tuple(events))
        except ScenarioError as error:
            raise ScenarioError([replace(problem, where=()) for problem in error.problems]) from None
        self.events = tuple(events)
        self.tell("")

    def written(self, index: int) -> dict[str, str]:
        """Return an event of one change as `put_event` takes it."""
        event = self.events[index]
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

    def drop_event(self, index: int) -> None:
        """Remove an event."""
        self.events = (*self.events[:index], *self.events[index + 1 :])
        self.tell("")

    def hold(self, shown: Shown | None) -> None:
        """Hold what is shown as the reference of all differences; `before` is the scenario as it is."""
        self.reference = shown
        self._compare()
        self.tell("")

    @property
    def to_learn(self) -> tuple[str, ...]:
        """The beliefs that were moved since what is in use was learned."""
        names = {**self.beliefs, **self._learned}
        return tuple(name for name in names if self.beliefs.get(name) != self._learned.get(name))

    def move(self, **places: Value | None) -> None:
        """Move levers from code, each to the stop nearest to what is given, and simulate, learning what it takes.

        Raises
        ------
        LeverError: if the panel has no such lever, or it does not go there.
        """
        if self.before is None:
            self.update()
        wanted = {**self.places}, {**self.beliefs}
        try:
            for name, value in places.items():
                self.place(name, value)
        except LeverError:
            self.places, self.beliefs = wanted
            raise
        self.learn() if self.to_learn else self.update()

    def learn(self) -> None:
        """Learn again under the beliefs that were moved, then simulate; levers may move meanwhile."""
        wanted = dict(self.beliefs)
        try:
            spec = moved(replace(self.base, events=()), {}, wanted)
            self.members.posterior(spec, self._progress(LEARNING))
        except Exception as error:  # noqa: BLE001  # whatever it was: the panel goes on
            self.beliefs = dict(self._learned)
            self.tell(f"Not learned: {_why(error)}. The beliefs are back where they stood.")
            return
        finally:
            self.working.pop(LEARNING, None)
        self._learned = wanted
        self.update()

    def update(self) -> None:
        """Simulate what is wanted and show it; a belief that is to be learned again counts from `learn` on."""
        with self._lock:
            self._ticket += 1
            ticket, self._shown_at = self._ticket, time.monotonic()
        tell = self._progress(SIMULATING, ticket)
        if not self.members.learned:
            self._learned = dict(self.beliefs)
        try:
            if self.before is None:
                self._begin(ticket)
            shown = self._simulated(tell)
        except SupersededError:
            return
        except BaseException as error:  # whatever it was: the panel goes on
            self._take_back()
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

    def save(self, path: Path | str) -> Path:
        """Write the scenario that is shown, whole, as a scenario file, and return its path.

        Its title is the panel's, or says what was moved. What this panel wrote is written over, unless it was changed
        since.

        Raises
        ------
        FileExistsError: if there is another such file; it is left as it is.
        ValueError: if nothing is shown yet, or a belief is to be learned first: the file would say something else.
        """
        if self.shown is None or self.to_learn:
            waits = ", ".join(name.replace("_", " ") for name in self.to_learn)
            raise ValueError(f"{waits} is to be learned again first" if waits else "nothing is simulated yet")
        path = Path(path)
        text = to_toml(replace(self.shown.scenario, title=self.title.strip() or self.shown.scenario.title))
        key = path.absolute()
        ours = key in self._saved and path.exists() and path.read_text(encoding="utf-8") == self._saved[key]
        with path.open("w" if ours else "x", encoding="utf-8") as file:
            file.write(text)
        self._saved[key] = text
        return path

    def command(self, path: Path) -> str:
        """Return the command that gives the same numbers from a file that was saved."""
        members = self.members
        said = [f"serbia-sim run {shlex.quote(str(path))} --members {members.members}"]
        said += [f"--seed {members.seed}"] if members.seed != DEFAULT_SEED else []
        if not members.learned:
            said.append("--unlearned")
        elif members.particles != DEFAULT_PARTICLES:
            said.append(f"--particles {members.particles}")
        return " ".join(said)

    def _begin(self, ticket: int) -> None:
        """Simulate the scenario as it is, and make the levers."""
        base = self.base
        posterior = self.members.posterior(base, self._progress(LEARNING, ticket))
        self.working.pop(LEARNING, None)
        run = self.members.run(base, keep="all", tell=self._progress(SIMULATING, ticket))
        before = self._answered(run, "as it is", {}, {}, base.events)
        levers = {name: self._lever(name, is_belief, run, posterior) for name, is_belief in self._names}
        if ticket != self._ticket:
            raise SupersededError
        self.before, self.levers, self.reference = before, levers, self.reference or before

    @staticmethod
    def _lever(name: str, is_belief: bool, run: Run, posterior: Posterior | None) -> Lever:
        return belief(name, run.scenario, posterior) if is_belief else intervention(name, run)

    def _simulated(self, tell: Tell) -> Shown:
        places, beliefs, events = dict(self.places), dict(self._learned), self.events
        if self.before is not None and not places and not beliefs and events == self.base.events:
            return self.before
        own = [event for event in events if event not in self.base.events]
        kept = replace(self.base, events=tuple(event for event in events if event in self.base.events))
        held = moved(kept, places, beliefs)
        moves = self._moves(places | beliefs, own, len(self.base.events) - len(kept.events))
        title = f"{self.base.title} ({moves})"
        spec = replace(held, title=title[:300], events=(*held.events, *own))
        return self._answered(self.members.run(spec, tell=tell), moves, places, beliefs, events)

    def _moves(self, places: Mapping[str, Value], own: Sequence[Event], gone: int) -> str:
        said = [f"{name.replace('_', ' ')} {in_words(stop)}" for name, stop in places.items()]
        said += [", ".join(map(str, event.changes)) + f" {event.months}" for event in own]
        return ", ".join([*said, *([f"{gone} of its events left out"] if gone else [])])

    @staticmethod
    def _answered(run: Run, moves: str, *stood: Any) -> Shown:
        answers = tuple(answer(run.data, question, run.scenario) for question in run.scenario.questions)
        return Shown(run, answers, moves, *stood)

    def _compare(self) -> None:
        ours, theirs = self.shown, self.reference
        self.differences = {}
        if ours is not None and theirs is not None:
            found = list(question_differences(ours.run.data, theirs.run.data, ours.scenario, theirs.scenario))
            together = max(sum(item.discordant > 0 for item in found), 1)
            self.differences = {item.name: replace(item, together=together) for item in found}

    def _take_back(self) -> None:
        stood = self.shown or self.before
        if stood is not None:
            self.places, self.events = dict(stood.places), stood.events
            self.beliefs, self._learned = dict(stood.beliefs), stood.beliefs

    def _show(self) -> None:
        self.taken += 1
        if self._changed is not None:
            self._changed()

    def _progress(self, what: str, ticket: int | None = None) -> Tell:
        def tell(share: float) -> None:
            if ticket is not None and ticket != self._ticket:
                raise SupersededError
            self.working[what] = share
            if time.monotonic() - self._shown_at > _PAUSE:  # a picture of the bar costs more than a month
                self._shown_at = time.monotonic()
                self._show()

        return tell

    def tell(self, message: str) -> None:
        """Say what went wrong, or with nothing that all is well."""
        self.message = message
        self._show()


def in_words(stop: Value) -> str:
    """Return the place of a lever in words."""
    return stop.replace("_", " ") if isinstance(stop, str) else f"{stop:g}"


def _day(text: str) -> date | str:
    with suppress(ValueError):
        return date.fromisoformat(text.strip())
    return text


def _why(error: BaseException) -> str:
    if isinstance(error, KeyboardInterrupt):
        return "interrupted"
    return str(error) or type(error).__name__


def tune(scenario: Scenario | str = "today", **options: Any) -> Tuning:
    """Return the panel of a scenario, simulated and ready to be shown in a notebook; options as of `Tuning`.

    Raises
    ------
    ModuleNotFoundError: if Solara is not installed.
    """
    panel = Tuning(scenario, **options)
    panel.update()
    return panel
