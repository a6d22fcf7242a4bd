"""Bars for long work: on a terminal's standard error and in a notebook; in a pipe nothing.

A terminal that knows no cursor (``TERM=dumb``) gets a line now and then.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec

Advance = Callable[[int], None]

_PAUSE = 30.0  # seconds between two lines on a terminal without a cursor


class Share:
    """The share that some tasks have in longer work: its bar moves with the steps inside of each.

    Parameters
    ----------
    advance: called with the steps of the longer work. steps: how many of them each task has, by what it is called.
    """

    def __init__(self, advance: Advance | None, steps: Mapping[str, int]) -> None:
        self._advance, self._left = advance, dict(steps)

    def task(self, what: str, total: int) -> Advance:
        """Return what is to be called with the work done of a task, of `total` in all."""
        steps = self._left.get(what, 0)
        done = told = 0

        def advance(more: int) -> None:
            nonlocal done, told
            done += more
            moved = steps * min(done, total) // max(total, 1) - told
            told += moved
            self._left[what] = steps - told
            if moved:
                self._tell(moved)

        return advance

    def finish(self) -> None:
        """Tell the steps of what was found done, and not done again."""
        left = sum(self._left.values())
        self._left.clear()
        self._tell(left)

    def _tell(self, steps: int) -> None:
        if self._advance is not None and steps:
            self._advance(steps)


Progress = Advance | Share | bool | None


@contextmanager
def shown(progress: Progress, what: str, total: int) -> Iterator[Advance | None]:
    """Give what is to be called with the work done: the caller's own function, or a bar's while the block runs.

    Parameters
    ----------
    progress: a function, a share of longer work, True for a bar, None or False for nothing. total: how much work there
        is; of none no bar.
    """
    if progress is True:
        with bar(what, total) as advance:
            yield advance
    elif isinstance(progress, Share):
        yield progress.task(what, total)
    else:
        yield progress or None


def inside(progress: Progress) -> Progress:
    """Return what shows the tasks of other units too: a bar or a share, but no function, which counts one unit."""
    return progress if progress is True or isinstance(progress, Share) else None


@contextmanager
def bar(what: str, total: int) -> Iterator[Advance]:
    """Show a bar while the block runs, if there is any work; what it gives is called with the work done."""
    terminal = sys.stderr is not None and sys.stderr.isatty()
    if not total or not (terminal or _in_notebook()):
        yield lambda _: None
        return
    if terminal and os.environ.get("TERM") in {"dumb", "unknown"}:
        yield _lines(what, total)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    stream = getattr(sys.stderr, "unfiltered", sys.stderr)  # the bar's own codes pass: sim.cli.screen
    with Progress(*columns, console=Console(file=stream), transient=True) as display:
        yield partial(display.advance, display.add_task(what, total=total))


def _in_notebook() -> bool:
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    return getattr(shell, "kernel", None) is not None and find_spec("ipywidgets") is not None


def _lines(what: str, total: int) -> Advance:
    """Return what tells the work done so far in a line, once in a while."""
    done, told = 0, time.monotonic()

    def advance(more: int) -> None:
        nonlocal done, told
        done += more
        if time.monotonic() - told >= _PAUSE:
            told = time.monotonic()
            sys.stderr.write(f"{what}: {100.0 * done / total:.0f} %\n")

    return advance
