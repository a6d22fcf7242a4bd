"""Bars for long work: on a terminal's standard error and in a notebook; in a pipe nothing.

A terminal that knows no cursor (``TERM=dumb``) gets a line now and then.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec

Advance = Callable[[int], None]

_PAUSE = 30.0  # seconds between two lines on a terminal without a cursor


@contextmanager
def shown(progress: Advance | bool | None, what: str, total: int) -> Iterator[Advance | None]:
    """Give what is to be called with the work done: the caller's own function, or a bar's while the block runs.

    Parameters
    ----------
    progress: a function, True for a bar, None or False for nothing. total: how much work there is; of none no bar.
    """
    if progress is True:
        with bar(what, total) as advance:
            yield advance
    else:
        yield progress or None


@contextmanager
def bar(what: str, total: int) -> Iterator[Advance]:
    """Show a bar while the block runs, if there is any work; what it gives is called with the work done."""
    terminal = sys.stderr is not None and sys.stderr.isatty()
    if not total or not (terminal or _in_notebook()):
        yield _silent
        return
    if terminal and os.environ.get("TERM") in {"dumb", "unknown"}:
        yield _lines(what, total)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as display:
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


def _silent(done: int) -> None:
    """Show nothing."""
