"""The commands that make a run's numbers again: verify all of it, replay one member."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from sim.cli import options
from sim.cli.errors import fail, refuse, tell
from sim.cli.options import RESULTS, flag, load_run, option, run_folder_of
from sim.cli.screen import say, wrapped

if TYPE_CHECKING:
    from sim.reproduction import Verified

_TOLD = 20


def verify(
    name: options.Run,
    members: Annotated[int, option("N", "Live at most this many members again.", min=1)] = 16,
    seed: Annotated[int, option("N", "Seed by which they are chosen.", min=0)] = 1,
    output: options.Output = RESULTS,
) -> None:
    """Hold a run against its hashes and make its numbers again; say which differ.

    Every file is held against the manifest; a sample of members is lived again; tables, digests and priors are computed
    again, so that what was changed together with its hash is found too. What was learned is compared where the cache
    still has it. Figures are not looked at.

    The status is 0 if all is whole, 1 if something differs, and 2 if it is no run, or other code made it.
    """
    from sim.reproduction import verify as verified

    folder = run_folder_of(name, output)
    found = verified(folder, members=members, seed=seed, progress=True)
    for difference in found.differences[:_TOLD]:
        say(wrapped(f"{difference}.", more="    "))
    if found.differences:
        more = len(found.differences) - _TOLD
        fail(f"{folder}: not as it was made" + (f"; {more:,} more differ" if more > 0 else ""))
    if not found.comparable:
        refuse(
            f"{folder}: all {found.files:,} files are as they were written, but other code or another record made this "
            "run; its numbers can be made again only with these"
        )
    say(wrapped(f"{folder}: whole. {_in_words(found)}"))


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


def replay(
    name: options.Run,
    member: Annotated[int, option("K", "Which member, counted from 0.", min=0)],
    trace: Annotated[bool, flag("--trace", "Tell its decisions month by month.")] = False,
    output: options.Output = RESULTS,
) -> None:
    """Simulate one member of a run again, alone, and compare it with what the run stored."""
    import numpy as np

    from sim.contents import content_digest
    from sim.ensemble import live_again
    from sim.narration import tell as told

    run = load_run(name, output)
    members = run.provenance["members"]
    if member >= members:
        refuse(f"{run.folder}: no member {member}; the run has members 0 to {members - 1}")
    if run.provenance["content"] != content_digest():
        tell("the code or the record has changed since this run was made; numbers may differ")
    again, stored = live_again(run, member), run.data.isel(member=member)
    kept = [name for name in again if name in stored]
    months = stored.sizes["month"]
    if trace:
        before = None
        for month in range(run.scenario.last_month + 1):
            values = {name: float(column[month]) for name, column in again.items()}
            for line in told(values, before, month, run.country).splitlines():
                say(wrapped(line, more="    "))
            print()
            before = values
    alike = {name: np.array_equal(again[name][-months:], stored[name], equal_nan=True) for name in kept}
    if differing := [name for name in kept if not alike[name]]:
        fail(f"member {member}: {', '.join(differing)} differ from what {run.folder} stored")
    place = run.folder / "members.zarr"
    say(wrapped(f"member {member}: all {len(kept) * months:,} numbers equal to those stored in {place}"))
