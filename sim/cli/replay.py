"""`serbia-sim replay`: one member lived again, and held against what was stored."""

from __future__ import annotations

from typing import Annotated

import typer

from sim.cli.errors import WRONG_INPUT, fail, tell
from sim.cli.runs import RESULTS, OutputOption, RunArgument, load_run
from sim.cli.screen import wrapped


def replay(
    name: RunArgument,
    member: Annotated[int, typer.Option(min=0, metavar="K", help="Which member, counted from 0.")],
    trace: Annotated[bool, typer.Option("--trace", help="Tell its decisions month by month.")] = False,
    output: OutputOption = RESULTS,
) -> None:
    """Simulate one member of a run again, alone, and compare it with what the run stored."""
    import numpy as np

    from sim.contents import content_digest
    from sim.ensemble import live_again
    from sim.narration import tell as told

    stored_run = load_run(name, output)
    folder = stored_run.folder
    members = stored_run.provenance["members"]
    if member >= members:
        fail(f"{folder}: no member {member}; the run has members 0 to {members - 1}", status=WRONG_INPUT)
    if stored_run.provenance["content"] != content_digest():
        tell("the code or the record has changed since this run was made; numbers may differ")
    again = live_again(stored_run, member)
    stored = stored_run.data.isel(member=member)
    kept = [name for name in again if name in stored]
    since = -stored.sizes["month"]
    differing = [
        name for name in kept if not np.array_equal(again[name][since:], stored[name], equal_nan=True)
    ]
    if trace:
        before = None
        for month in range(stored_run.scenario.last_month + 1):
            values = {name: float(column[month]) for name, column in again.items()}
            for line in told(values, before, month, stored_run.country).splitlines():
                print(*wrapped(line, more="    "), sep="\n")
            print()
            before = values
    compared = len(kept) * stored.sizes["month"]
    if differing:
        fail(f"member {member}: {', '.join(differing)} differ from what {folder} stored")
    found = f"member {member}: all {compared:,} numbers equal to those stored in {folder / 'members.zarr'}"
    print(*wrapped(found), sep="\n")
