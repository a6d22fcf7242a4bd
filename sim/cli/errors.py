"""How commands end when something is wrong: a message on standard error, an exit status, no traceback."""

from __future__ import annotations

import functools
import shutil
import sys
import textwrap
from collections.abc import Callable
from typing import Any, NoReturn

import typer

FAILED = 1
WRONG_INPUT = 2
INTERRUPTED = 130


def tell(message: str) -> None:
    """Write a message to standard error: on a terminal broken between words, in a pipe as it is."""
    if sys.stderr.isatty():
        width = shutil.get_terminal_size().columns
        folded = [
            textwrap.wrap(line, width, subsequent_indent="    ") or [""] for line in message.splitlines()
        ]
        message = "\n".join(line for lines in folded for line in lines)
    print(message, file=sys.stderr)


def fail(message: str, *, status: int = FAILED) -> NoReturn:
    """End the command with a message."""
    tell(message)
    raise typer.Exit(status)


def guarded(command: Callable[..., Any]) -> Callable[..., Any]:
    """Return the command such that wrong input, a collapsed filter, the system or an interruption ends it in words."""

    @functools.wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except KeyboardInterrupt:
            fail("interrupted", status=INTERRUPTED)
        except BrokenPipeError:  # the reader of a pipe has gone: click ends quietly
            raise
        except typer.Exit:  # a RuntimeError too
            raise
        except RuntimeError as error:
            from sim.assimilation import CollapseError

            if not isinstance(error, CollapseError):
                raise
            fail(str(error))
        except FloatingPointError as error:  # the message names who, what, when and which member
            fail(f"the simulation left the numbers: {error}")
        except OSError as error:
            fail(f"{error.filename or 'output'}: {error.strerror}" if error.strerror else str(error))
        except ValueError as error:
            from sim.manifest import DamageError
            from sim.scenario import ScenarioError

            if not isinstance(error, ScenarioError | DamageError):
                raise
            fail(str(error), status=WRONG_INPUT)

    return run
