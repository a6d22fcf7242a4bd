"""How commands end when something is wrong: a message on standard error, an exit status, no traceback."""

from __future__ import annotations

import functools
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from textwrap import shorten
from typing import Any, NoReturn

import typer

from sim.cli.screen import wrapped
from sim.execution.progress import bar
from sim.names import InputError
from sim.words import HELD

FAILED = 1
WRONG_INPUT = 2
_LONGEST = 200  # signs of a reason: LaTeX gives its whole log


class Terminated(KeyboardInterrupt):
    """The process is asked to end, and does so as after Ctrl-C."""


def hear_termination() -> None:
    """Let SIGTERM end a command as Ctrl-C does: in words, and with what is finished kept.

    Neither is lost where Python can raise nothing, as in the callback of a weak reference: it comes again soon after.
    """

    def end(*_: object) -> NoReturn:
        raise Terminated

    def end_later(told: sys.UnraisableHookArgs) -> None:
        if not isinstance(cause := told.exc_value, KeyboardInterrupt):
            sys.__unraisablehook__(told)
        elif hasattr(signal, "setitimer"):
            number = signal.SIGTERM if isinstance(cause, Terminated) else signal.SIGINT
            signal.signal(signal.SIGALRM, lambda *_: signal.raise_signal(number))
            signal.setitimer(signal.ITIMER_REAL, 0.01)

    signal.signal(signal.SIGTERM, end)
    sys.unraisablehook = end_later


def interrupted(cause: KeyboardInterrupt, message: str = "interrupted") -> NoReturn:
    """End the command after Ctrl-C or SIGTERM, with the exit status that shells give them."""
    fail(message, status=128 + (signal.SIGTERM if isinstance(cause, Terminated) else signal.SIGINT))


def tell(message: str) -> None:
    """Write a message to standard error: on a terminal broken between words, in a pipe as it is."""
    if sys.stderr.isatty():
        folded = [wrapped(line, more="    ") or [""] for line in message.splitlines()]
        message = "\n".join(line for lines in folded for line in lines)
    print(message.replace(HELD, " "), file=sys.stderr)


def fail(message: str, *, status: int = FAILED) -> NoReturn:
    """End the command with a message."""
    tell(message)
    raise typer.Exit(status)


def refuse(message: str) -> NoReturn:
    """End the command with a message: what it was given cannot be used."""
    fail(message, status=WRONG_INPUT)


def draw_all(figures: Mapping[str, Callable[[], object]]) -> None:
    """Draw figures after the answers; those that cannot be drawn are told on standard error, a line for each reason."""
    failed: dict[str, list[str]] = {}
    with bar("drawing", len(figures)) as advance:
        for name, draw in figures.items():
            try:
                draw()
            except Exception as error:  # noqa: BLE001  -- whatever it is, the answers stand
                failed.setdefault(_reason(error), []).append(name)
            advance(1)
    for reason, names in failed.items():
        tell(f"not drawn: {', '.join(names)}; {reason}")


@contextmanager
def drawing() -> Iterator[None]:
    """Draw the one figure that a command is asked for; if it cannot be drawn, the command ends with a line."""
    try:
        yield
    except InputError:
        raise
    except OSError as error:
        fail(f"{error.filename or 'figure'}: {error.strerror or error}; --save FILE says where to write it")
    except Exception as error:  # noqa: BLE001  -- as of LaTeX, fonts, a user's own style
        _blame(error)
        fail(f"not drawn: {_reason(error)}")


def _reason(error: Exception) -> str:
    return shorten(getattr(error, "strerror", None) or f"{type(error).__name__}: {error}", _LONGEST)


READ: list[Path] = []
"""The run folders that the command reads."""


def _blame(error: Exception) -> None:
    """End the command if a run that it read does not come out again: what raised an error is then no fault of ours.

    A stranger may have given the right hashes to what no run holds.
    """
    from sim.contrasts.reproduction import verify
    from sim.runs.manifest import UNREADABLE

    for folder in READ if isinstance(error, UNREADABLE) else ():
        found = verify(folder, members=1)
        if found.differences:
            refuse(f"{folder} does not come out again: {found.differences[0]}")
        if not found.comparable:
            refuse(
                f"{folder} was made by other code, and this cannot read it; make it again with `serbia-sim run`"
            )


def guarded(command: Callable[..., Any]) -> Callable[..., Any]:
    """Return the command such that wrong input, a collapsed filter, the system, an interruption end it in words."""

    @functools.wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        READ.clear()
        try:
            command(*args, **kwargs)
            sys.stdout.flush()
        except KeyboardInterrupt as error:
            interrupted(error)
        except BrokenPipeError:  # the reader of a pipe has seen what it wanted, as `head` does
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for what is left to be flushed
        except typer.Exit:  # a RuntimeError too
            raise
        except InputError as error:
            refuse(str(error))
        except FloatingPointError as error:  # the message names who, what, when and which member
            fail(f"the simulation left the numbers: {error}")
        except OSError as error:
            # without the system's words it is ours: what was named is not there
            if isinstance(error, FileNotFoundError) and not error.strerror:
                refuse(str(error))
            fail(f"{error.filename or 'output'}: {error.strerror}" if error.strerror else str(error))
        except Exception as error:
            from sim.assimilation import CollapseError
            from sim.execution.workers import BlocksError, WorkerError

            if isinstance(error, CollapseError | WorkerError | BlocksError):
                fail(str(error))
            _blame(error)
            raise

    return run
