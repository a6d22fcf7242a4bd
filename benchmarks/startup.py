"""How fast the commands start that should: ``--help`` and ``check``, against ``python -c "import numpy"``.

Run with ``python benchmarks/startup.py``. The commands take turns, so that a slow spell of the machine meets all; a
first round, in which Python may compile and the disk is cold, is not counted.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time

ROUNDS = 25
COMMANDS = {
    'python -c "import numpy"': ["-c", "import numpy"],
    "serbia-sim --help": ["-m", "sim", "--help"],
    "serbia-sim check march-2023": ["-m", "sim", "check", "march-2023"],
}


def cost(arguments: list[str]) -> tuple[float, float]:
    """Return the wall and processor seconds of one call."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Print the median of each and its ratio to numpy's import."""
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in COMMANDS}
    for turn in range(ROUNDS + 1):
        for name, arguments in COMMANDS.items():
            spent = cost(arguments)
            if turn > 0:
                taken[name].append(spent)
    middle = {
        name: [sorted(column)[ROUNDS // 2] for column in zip(*rows, strict=True)]
        for name, rows in taken.items()
    }
    base = next(iter(middle.values()))
    print(f"{'':30}{'wall':>9}{'ratio':>7}{'processor':>12}{'ratio':>7}")
    for name, (wall, spent) in middle.items():
        print(f"{name:30}{wall:>7.3f} s{wall / base[0]:>7.2f}{spent:>10.3f} s{spent / base[1]:>7.2f}")


if __name__ == "__main__":
    main()
