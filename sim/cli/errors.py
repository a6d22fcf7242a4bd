"""How commands end when something is wrong: a message on standard error, an exit status, no traceback."""

from __future__ import annotations

import functools
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import typer

from sim.cli.screen import wrapped

FAILED = 1
WRONG_INPUT = 2


class Terminated(KeyboardInterrupt):
    """The process is asked to end, and does so as after Ctrl-C."""


def hear_termination() -> None:
    """Let SIGTERM end a command as Ctrl-C does: in words, and with what is finished kept."""

    def end(*_: object) -> NoReturn:
        raise Terminated

    signal.signal(signal.SIGTERM, end)


def interrupted(cause: KeyboardInterrupt, message: str = "interrupted") -> NoReturn:
    """End the command after Ctrl-C or SIGTERM, with the exit status that shells give them."""
    fail(message, status=128 + (signal.SIGTERM if isinstance(cause, Terminated) else signal.SIGINT))


def tell(message: str) -> None:
    """Write a message to standard error: on a terminal broken between words, in a pipe as it is."""
    if sys.stderr.isatty():
        folded = [wrapped(line, more="    ") or [""] for line in message.splitlines()]
        message = "\n".join(line for lines in folded for line in lines)
    print(message, file=sys.stderr)


def fail(message: str, *, status: int = FAILED) -> NoReturn:
    """End the command with a message."""
    tell(message)
    raise typer.Exit(status)


READ: list[Path] = []
"""The run folders that the command reads."""


def _blame() -> None:
    """End the command if a run that it read does not come out again: what raised an error is then no fault of ours.

    A stranger may have given the right hashes to what no run holds.
    """
    from sim.reproduction import verify

    for folder in READ:
        found = verify(folder, members=1)
        if found.differences:
            fail(f"{folder} does not come out again: {found.differences[0]}", status=WRONG_INPUT)
        if not found.comparable:
            fail(
                f"{folder} was made by other code, and this cannot read it; make it again", status=WRONG_INPUT
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
        except RuntimeError as error:
            from sim.assimilation import CollapseError
            from sim.workers import BlocksError, WorkerError

            if not isinstance(error, CollapseError | WorkerError | BlocksError):
                _blame()
                raise
            fail(str(error))
        except FloatingPointError as error:  # the message names who, what, when and which member
            fail(f"the simulation left the numbers: {error}")
        except OSError as error:
            fail(f"{error.filename or 'output'}: {error.strerror}" if error.strerror else str(error))
        except ValueError as error:
            from sim.country import StateError
            from sim.manifest import DamageError
            from sim.members import NotKeptError
            from sim.observations import BeyondRecordError
            from sim.resources import RecordError
            from sim.scenario import ScenarioError

            theirs = (ScenarioError, DamageError, NotKeptError, BeyondRecordError, StateError, RecordError)
            if not isinstance(error, theirs):
                _blame()
                raise
            fail(str(error), status=WRONG_INPUT)
        except (TypeError, LookupError, AttributeError, ArithmeticError, MemoryError):
            _blame()
            raise

    return run
