"""`serbia-sim verify`: whether a run comes out again, number by number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.errors import FAILED, WRONG_INPUT, fail
from sim.cli.runs import RESULTS, OutputOption, RunArgument, run_folder_of
from sim.cli.screen import wrapped

if TYPE_CHECKING:
    from sim.reproduction import Verified

_TOLD = 20


def verify(
    name: RunArgument,
    members: Annotated[
        int, typer.Option(min=1, metavar="N", help="Live at most this many members again.")
    ] = 16,
    seed: Annotated[int, typer.Option(min=0, metavar="N", help="Seed by which they are chosen.")] = 1,
    output: OutputOption = RESULTS,
) -> None:
    """Hold a run against its hashes and make its numbers again; say which differ.

    Every file is held against the manifest; a sample of members is lived again; tables, digests and priors are computed
    again, so that what was changed together with its hash is found too. What was learned is compared where the cache
    still has it. Figures are not looked at.

    The status is 0 if all is whole, 1 if something differs, and 2 if it is no run, or other code made it.
    """
    from sim.reproduction import verify as verified

    folder = run_folder_of(name, output)
    try:
        found = verified(folder, members=members, seed=seed, progress=True)
    except FileNotFoundError as error:
        fail(str(error), status=WRONG_INPUT)
    for difference in found.differences[:_TOLD]:
        print(*wrapped(f"{difference}.", more="    "), sep="\n")
    if found.differences:
        more = len(found.differences) - _TOLD
        fail(f"{folder}: not as it was made" + (f"; {more:,} more differ" if more > 0 else ""), status=FAILED)
    if not found.comparable:
        fail(
            f"{folder}: all {found.files:,} files are as they were written, but other code or another record made this "
            "run; its numbers can be made again only with these",
            status=WRONG_INPUT,
        )
    print(*wrapped(f"{folder}: whole. {_in_words(found)}"), sep="\n")


def _in_words(found: Verified) -> str:
    learned = {
        None: "",
        True: " What was learned is what the cache holds.",
        False: " What was learned is not in the cache and was not compared.",
    }[found.posterior]
    return (
        f"{found.files:,} files are as they were written; {found.members:,} members lived again, {found.numbers:,} "
        f"numbers equal; {found.cells:,} cells of tables recomputed, all equal.{learned}"
    )
