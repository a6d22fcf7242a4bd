"""What pairing is worth: variance of differences of the same members over that of members with luck of their own.

Run with ``python benchmarks/paired_differences.py [scenario]``: the scenario (the discount withdrawn, if none is
named) against March 2023, 4,096 members. The ratio is per question and per outcome at the horizon's end; one over it is
how many times as many members two runs without shared luck would need for an interval as narrow. Both runs
learn first if nothing is kept. The table is quoted in docs/decisions/0008-paired-intervals.md.
"""

from __future__ import annotations

import sys
from statistics import median

from sim import contrast, forecast

MEMBERS = 4096


def main(name: str) -> None:
    found = contrast(
        forecast(name, members=MEMBERS, save=False), forecast("march-2023", members=MEMBERS, save=False)
    )
    print(f"{name} against march-2023, {MEMBERS:,} members, seed 1")
    print(f"{'':<36}{'difference':>11}{'interval':>22}{'ratio':>9}{'worth':>9}")
    ratios = []
    for item in (*found.questions, *(i for i in found.outcomes if i.date == found.until)):
        bounds = f"[{item.low:+.4f}, {item.high:+.4f}]"
        row = f"{item.name} {item.category}".strip().ljust(36) + f"{item.difference:>+11.4f}{bounds:>22}"
        if item.discordant == 0 or item.variance_ratio is None:
            print(row + f"{'no member differs':>18}")
            continue
        ratios.append(item.variance_ratio)
        print(row + f"{item.variance_ratio:>9.4f}{1.0 / item.variance_ratio:>8,.0f}x")
    print(f"median of the {len(ratios)} that differ: {median(ratios):.4f}, {1.0 / median(ratios):,.0f}x")


if __name__ == "__main__":
    main(*sys.argv[1:2] or ["discount-withdrawn"])
