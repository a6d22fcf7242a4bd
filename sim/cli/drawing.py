"""Figures after the answers: one that cannot be drawn is told, and hides nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from textwrap import shorten

from sim.cli.errors import WRONG_INPUT, fail, tell
from sim.progress import bar

_LONGEST = 200  # signs of a reason: LaTeX gives its whole log


def draw_all(figures: Mapping[str, Callable[[], object]]) -> None:
    """Draw figures one after another; those that cannot be drawn are told on standard error, a line for each reason."""
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
    from sim.plots import FigureError

    try:
        yield
    except FigureError as error:
        fail(str(error), status=WRONG_INPUT)
    except OSError as error:
        fail(f"{error.filename or 'figure'}: {error.strerror or error}; --save FILE says where to write it")
    except Exception as error:  # noqa: BLE001  -- as of LaTeX, fonts, a user's own style
        fail(f"not drawn: {_reason(error)}")


def _reason(error: Exception) -> str:
    return shorten(getattr(error, "strerror", None) or f"{type(error).__name__}: {error}", _LONGEST)
