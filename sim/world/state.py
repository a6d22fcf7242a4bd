"""State: an attribute that holds one number per ensemble member, and the readings others take of it.

The members of an ensemble are an axis inside the one model: every declared attribute is an array with one entry per
member (or one row, for a window of past months). Whoever holds states can say which they are, and name the
member whose number went wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from operator import is_
from typing import Any, overload

import numpy as np

from sim.arrays import FloatArray


@dataclass(frozen=True, eq=False)
class Window:
    """The past months of a window that moves on: the months' own arrays, none copied, and their sum.

    Attributes
    ----------
    months: oldest first, each of shape (members,). total: their sum, shape (members,); None until someone asked for it.
    """

    months: tuple[FloatArray, ...]
    total: FloatArray | None = None

    def moved(self, latest: FloatArray) -> Window:
        """Return the window a month later: the oldest leaves, `latest` enters at the end, shape (members,)."""
        total = None if self.total is None else self.total - self.months[0] + latest
        return Window((*self.months[1:], latest), total)

    def whole(self) -> FloatArray:
        """Return all months, shape (members, width)."""
        return np.stack(self.months).T


class State:
    """An attribute of a `StateHolder`: shape (members,), or (members, width) for a window of past months.

    A state is replaced, never changed in place: what one reader took stays what it was.

    Parameters
    ----------
    meaning: one line for people.
    unit: its unit, for example ``"logit"``.
    width: number of past months in a window; none for a plain state.
    """

    def __init__(self, meaning: str, unit: str, *, width: int | None = None) -> None:
        self.meaning = meaning
        self.unit = unit
        self.width = width
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        """Learn the attribute's name."""
        self.name = name

    @overload
    def __get__(self, holder: None, owner: type) -> State: ...
    @overload
    def __get__(self, holder: StateHolder, owner: type) -> FloatArray: ...
    def __get__(self, holder: StateHolder | None, owner: type) -> State | FloatArray:
        """Return the array, or the declaration when asked of the class."""
        if holder is None:
            return self
        try:
            values: FloatArray | Window = holder.__dict__["_states"][self.name]
        except KeyError:
            raise AttributeError(
                f"{owner.__name__}.{self.name} was read before it was given a value"
            ) from None
        return values.whole() if isinstance(values, Window) else values

    def __set__(self, holder: StateHolder, value: FloatArray) -> None:
        """Replace the array; its shape must be the declared one."""
        array = np.asarray(value, dtype=np.float64)
        shape = (holder.members,) if self.width is None else (holder.members, self.width)
        if array.shape != shape:
            raise ValueError(
                f"{type(holder).__name__}.{self.name} holds one entry per member, shape {shape}; got shape "
                f"{array.shape}. Build it with numpy.full(members, value) if it is the same for all."
            )
        if array.flags.writeable:
            array = array.view()
            array.flags.writeable = False
        try:
            holder.__dict__["_states"][self.name] = array
        except KeyError:
            holder.__dict__["_states"] = {self.name: array}


class Kept:
    """What was made of some arrays, kept while they are the same: parameters and states are replaced, never changed."""

    def __init__(self) -> None:
        self._made: dict[object, tuple[tuple[FloatArray, ...], FloatArray]] = {}

    def of(self, what: object, find: Callable[..., FloatArray], *arrays: FloatArray) -> FloatArray:
        """Return `find` of the arrays, read-only: anew if one is another than when `what` was last asked for."""
        before = self._made.get(what)
        if before is not None and all(map(is_, before[0], arrays)):
            return before[1]
        made = find(*arrays).view()
        made.flags.writeable = False
        self._made[what] = arrays, made
        return made


class StateHolder:
    """Whoever holds states: an agent or the conditions. `members` must be set before any state."""

    members: int

    @classmethod
    @cache
    def declared(cls) -> dict[str, State]:
        """Return the declared states by name, those of base classes included."""
        found = {name: item for base in reversed(cls.__mro__) for name, item in vars(base).items()}
        return {name: item for name, item in sorted(found.items()) if isinstance(item, State)}

    def states(self) -> Iterator[tuple[str, FloatArray]]:
        """Yield every declared state that has a value, by name."""
        held = self.__dict__.get("_states", {})
        for name in self.declared():
            if name in held:
                yield name, getattr(self, name)

    def through(self, link: Callable[[FloatArray], FloatArray], state: str) -> FloatArray:
        """Return a function of one state; kept while the state is the same array, since many ask for it."""
        return self._kept.of((link, state), link, self.__dict__["_states"][state])

    def kept(self, what: object, find: Callable[..., FloatArray], *arrays: FloatArray) -> FloatArray:
        """Return a function of parameters or states; kept under the name of `what` while they are the same arrays."""
        return self._kept.of(what, find, *arrays)

    @cached_property
    def _kept(self) -> Kept:
        return Kept()

    def push(self, window: str, latest: FloatArray) -> None:
        """Move a window on by a month: the oldest leaves, `latest` enters at the end, shape (members,)."""
        entering = np.asarray(latest, dtype=np.float64).view()
        entering.flags.writeable = False
        self.__dict__["_states"][window] = self._window(window).moved(entering)

    def month_of(self, window: str, back: int) -> FloatArray:
        """Return a month of a window, so many before its last, shape (members,)."""
        return self._window(window).months[-1 - back]

    def sum_of(self, window: str) -> FloatArray:
        """Return the sum over a window's months, shape (members,); it moves on with the window.

        Windows hold counts: whole numbers add up to the same in any order, so that who goes on from the origin agrees.
        """
        found = self._window(window)
        total = found.total
        if total is None:
            total = window_sum(found.whole())
            self.__dict__["_states"][window] = Window(found.months, total)
        return total

    def _window(self, name: str) -> Window:
        values: FloatArray | Window = self.__dict__["_states"][name]
        if not isinstance(values, Window):
            months = np.ascontiguousarray(values.T)
            months.flags.writeable = False
            values = self.__dict__["_states"][name] = Window(tuple(months))
        return values

    def check_finite(self, month: str) -> None:
        """Raise if any state is not a finite number.

        Raises FloatingPointError: naming holder, attribute, month and first member concerned.
        """
        seen = self.__dict__.setdefault("_seen", {})
        total = 0.0  # one number that is not finite makes it so, which costs less to see than to look for
        with np.errstate(all="ignore"):
            for name, values in self.__dict__.get("_states", {}).items():
                if values is not seen.get(name):  # what stayed, and earlier months, had their turn
                    total += (values.months[-1] if isinstance(values, Window) else values).sum()
                    seen[name] = values
            if np.isfinite(total):
                return
        for name, whole in self.states():
            finite = np.isfinite(whole)
            if not finite.all():
                member = int(np.argwhere(~finite)[0][0])
                raise FloatingPointError(
                    f"{getattr(self, 'name', type(self).__name__)}.{name} is {whole[member]} in {month} for member "
                    f"{member}: a mechanism is wrong or a parameter lies beyond what it can bear"
                )

    def intervened(self, quantity: str, value: FloatArray) -> FloatArray:
        """Return what others read of `quantity`: the value, or what the scenario's events make of it."""
        raise NotImplementedError


class Reading:
    """A published quantity of a `StateHolder`: computed from its states, with the scenario's events laid over it.

    The process underneath goes on with its own states and never reads its own reading.
    """

    def __init__(self, compute: Callable[[Any], FloatArray]) -> None:
        self._compute = compute
        self.__doc__ = compute.__doc__
        self.name = compute.__name__

    @overload
    def __get__(self, holder: None, owner: type) -> Reading: ...
    @overload
    def __get__(self, holder: StateHolder, owner: type) -> FloatArray: ...
    def __get__(self, holder: StateHolder | None, owner: type) -> Reading | FloatArray:
        """Return this month's reading, shape (members,)."""
        if holder is None:
            return self
        return holder.intervened(self.name, self._compute(holder))


def window_sum(window: FloatArray) -> FloatArray:
    """Return the sum over a window's months, shape (members,).

    Windows hold counts: whole numbers add up to the same in any order, so that a member alone agrees.
    """
    return np.asarray(window.sum(axis=1))
