"""Bars for long work: on a terminal, on standard error; nothing in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

Advance = Callable[[int], None]


@contextmanager
def progress(total: int, what: str, *, hidden: bool = False) -> Iterator[Advance]:
    """Show a bar while the block runs; what it gives is called with the work done since the last call."""
    with stages((what, 0 if hidden else total)) as (advance,):
        yield advance


@contextmanager
def stages(*work: tuple[str, int]) -> Iterator[tuple[Advance, ...]]:
    """Show a bar for each kind of work that there is, the first at once, the others when they begin.

    Parameters
    ----------
    work: what is done and how much of it there is; of what there is none no bar is shown.
    """
    if not sys.stderr.isatty() or not any(total for _, total in work):
        yield tuple(_silent for _ in work)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:

        def begin(what: str, total: int) -> Advance:
            task = bar.add_task(what, total=total, start=False, visible=False)
            return partial(advance, task)

        def advance(task: int, done: int) -> None:
            show(task)
            bar.advance(task, done)  # type: ignore[arg-type]

        def show(task: int) -> None:
            if not bar.tasks[task].visible:
                bar.start_task(task)  # type: ignore[arg-type]
                bar.update(task, visible=True)  # type: ignore[arg-type]

        advances = tuple(begin(what, total) if total else _silent for what, total in work)
        show(0)
        yield advances


def _silent(done: int) -> None:
    """Show nothing."""
