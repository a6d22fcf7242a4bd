"""The command line, `serbia-sim`: one module per group of commands, imported when one of them is called."""

from __future__ import annotations

import re
import warnings
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from sim import __version__
from sim.cli.errors import guarded, hear_termination, tell
from sim.cli.screen import accept_all_signs

COMMANDS = {
    "run": "sim.cli.run",
    "check": "sim.cli.scenarios",
    "show": "sim.cli.scenarios",
    "scenarios": "sim.cli.scenarios",
    "new": "sim.cli.scenarios",
    "compare": "sim.cli.compare",
    "explain": "sim.cli.explain",
    "export": "sim.cli.finished",
    "sensitivity": "sim.cli.sensitivity",
    "plot": "sim.cli.finished",
    "tune": "sim.cli.run",
    "report": "sim.cli.finished",
    "replay": "sim.cli.finished",
    "verify": "sim.cli.finished",
    "assimilate": "sim.cli.learning",
    "hindcast": "sim.cli.scoring",
    "score": "sim.cli.scoring",
    "register": "sim.cli.registry",
    "resolve": "sim.cli.registry",
    "ledger": "sim.cli.registry",
    "cache": "sim.cli.learning",
    "data": "sim.cli.data",
}
"""Each command and the module that holds the function of its name, in the order in which help lists them.

Help imports all of these modules, so each imports what is heavy (numpy, rich) inside its functions.
"""

# Typer brings its own copy of Click, or uses the installed one
_UsageError: Any = typer.BadParameter.__base__

PLAIN: dict[str, Any] = {"rich_markup_mode": None}
"""Help and wrong calls in plain text: laying them out with Rich would double the time in which help starts."""


class Command(TyperCommand):
    """A command that says what was wrong with a call in plain words."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the words of a call."""
        given = list(args)
        try:
            return list(super().parse_args(ctx, args))
        except _UsageError as error:
            error.message = self._plainly(error.message, given)
            raise

    def _plainly(self, message: str, given: list[str]) -> str:
        from sim.cli.options import newest_first

        runs = [Path(word) for word in given if (Path(word) / "provenance.json").exists()]
        if len(runs) > 1 and any(param.human_readable_name == "RUN" for param in self.params):
            newest = newest_first(runs)[0]
            return f"{self.name} takes one run, not {len(runs)}; the newest of these is {newest}"
        return re.sub("is not a valid int(eger)?( range)?", "is not a whole number", message)


class Commands(TyperGroup):
    """The commands of `COMMANDS`, each made when it is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command, or None if there is none of this name."""
        if cmd_name not in COMMANDS:
            return None
        function = getattr(import_module(COMMANDS[cmd_name]), cmd_name)
        alone = typer.Typer(add_completion=False, **PLAIN)
        alone.command(cmd_name, cls=Command)(guarded(function))
        return get_command(alone)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write what each command does: the first paragraph of its help, which Typer would cut to one line."""
        paragraphs = {name: self.get_command(ctx, name).help.partition("\n\n")[0] for name in COMMANDS}
        with formatter.section("Commands"):
            formatter.write_dl([(name, " ".join(text.split())) for name, text in paragraphs.items()])


app = typer.Typer(cls=Commands, no_args_is_help=True, pretty_exceptions_enable=False, **PLAIN)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"serbia-sim {__version__}")
        raise typer.Exit


@app.callback()
def _start(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Will a state between two powers go from ally to opponent of the Kremlin? Run scenarios, see the answers."""


def main() -> None:
    """Run the command line."""
    accept_all_signs()
    hear_termination()
    # what a script is warned of reads as all else that a command says beside its answer
    warnings.showwarning = lambda message, *_, **__: tell(str(message))
    app(prog_name="serbia-sim")
