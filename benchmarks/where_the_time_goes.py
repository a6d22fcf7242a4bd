"""Where the time of an ensemble goes, room by room.

Run with ``python benchmarks/where_the_time_goes.py``. The profiler's own cost weighs on small functions, so read the
shares, not the seconds; ``members_as_an_axis.py`` has those.
"""

from __future__ import annotations

import cProfile
import pstats
from collections import Counter
from pathlib import Path

import sim
from sim.ensemble import simulate
from sim.scenario import read_scenario

ROOT = Path(sim.__file__).parent
MEMBERS = 10_000


def room(file: str) -> str:
    """Return the room of the package that a file belongs to, or where else the time is spent."""
    path = Path(file)
    if ROOT not in path.parents:
        return "xarray" if "xarray" in file else "numpy, Python and others"
    return path.relative_to(ROOT).with_suffix("").parts[0]


def main() -> None:
    """Print each room's share of the time, own time only."""
    spec = read_scenario("march-2023")
    simulate(spec, members=2)
    profile = cProfile.Profile()
    profile.runcall(simulate, spec, members=MEMBERS)
    spent: Counter[str] = Counter()
    for (file, _, _), (_, _, own, _, _) in pstats.Stats(profile).stats.items():  # type: ignore[attr-defined]
        spent[room(file)] += own
    total = sum(spent.values())
    for name, seconds in spent.most_common():
        if seconds > 0.005 * total:
            print(f"{name:26}{seconds / total:6.1%}")


if __name__ == "__main__":
    main()
