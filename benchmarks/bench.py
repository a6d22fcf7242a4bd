"""How fast it is, as ratios that hold on other machines too: ``make bench``, or ``python benchmarks/bench.py``.

Sections, each in a process of its own; name some to run only these:

* members: a forecast from a kept posterior against the floor, from one member to many, and of many by two workers;
* rivals: the same forecast by a loop over one-member models, Mesa's batch_run, EMA Workbench;
* workers: two against one;
* scale: time for each member and resident memory of a whole run, of many members and of ten times as many, each in a
  process of its own;
* learning: processor time of learning from the record;
* startup: commands that should start at once against ``import numpy``;
* slider: from a slider of the panel to its picture, in Python and in Chromium where it is with Playwright;
* five-years: a whole run of 2,000 members over five years;
* rooms: where the time of an ensemble goes, by the profiler.

The table goes to standard output, or to ``--output FILE`` too, as Markdown; what is under way to standard error.
``--full`` adds a million members. ``--against PATH`` measures another checkout of this repository too, such as an older
one, section by section; the last column says how many times as long that takes. A section that fails leaves the others
alone.

The floor is NumPy alone: its fastest generator draws as many variates as the model draws, in double precision, and the
values that are recorded are written once. All times are the best of three but where a row says otherwise.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SECTIONS = ("members", "rivals", "workers", "scale", "learning", "startup", "slider", "five-years", "rooms")
HEADS = ("what", "ratio", "to", "absolute")


@dataclass(frozen=True)
class Checkout:
    """A checkout of this repository, whose sections run with its own code."""

    root: Path
    settings: dict[str, Any]

    def rows(self, section: str) -> list[dict[str, Any]]:
        """Return what a section measures, as rows; nothing if it fails, which is told on standard error."""
        script = Path(__file__).resolve().with_name("bench_sections.py")
        with TemporaryDirectory() as folder:  # former versions write beside the one who calls
            done = subprocess.run(
                [sys.executable, script, section, json.dumps(self.settings)],
                stdout=subprocess.PIPE,
                text=True,
                check=False,
                cwd=folder,
                env=os.environ | {"PYTHONPATH": str(self.root)} | dict.fromkeys(THREADS, "1"),
            )
        if done.returncode:
            print(f"{section}: failed in {self.root}, see above", file=sys.stderr)
            return [{"what": f"{section}: failed", "ratio": None, "to": "", "absolute": "", "seconds": None}]
        rows: list[dict[str, Any]] = json.loads(done.stdout)
        return rows


THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def machine() -> list[str]:
    """Return what the numbers were taken on, as lines of Markdown."""
    import numpy as np

    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]  # type: ignore[call-overload]
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return [
        f"- processor: {processor()}, {usable} cores to use; load at the start {load}",
        f"- system: {platform.system()} {platform.machine()}",
        f"- Python {platform.python_version()}, NumPy {np.__version__}, BLAS {blas['name']} {blas['version']}",
        f"- {ROOT.name} at {commit(ROOT)}",
    ]


def processor() -> str:
    """Return the processor's name."""
    listed = Path("/proc/cpuinfo")
    if listed.exists():
        names = [line for line in listed.read_text().splitlines() if line.startswith("model name")]
        if names:
            return names[0].partition(":")[2].strip()
    if sys.platform == "darwin":
        told = subprocess.run(
            ["/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string"],
            capture_output=True,
            text=True,
            check=False,
        )
        return told.stdout.strip() or platform.processor()
    return platform.processor() or "unknown"


def commit(root: Path) -> str:
    """Return the commit of a checkout, if it has one."""
    command = ["git", "-C", str(root), "describe", "--always", "--dirty"]  # found where git is
    try:
        told = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return "unknown"
    return told.stdout.strip() or "unknown"


def table(rows: list[dict[str, Any]], others: list[dict[str, Any]] | None) -> list[str]:
    """Return rows as lines of a Markdown table; beside them how many times as long another checkout takes."""
    heads = [*HEADS, *(["the other, to this"] if others is not None else [])]
    theirs = {row["what"]: row["seconds"] for row in others or []}
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    for row in rows:
        cells = [row["what"], number(row["ratio"]), row["to"], row["absolute"]]
        if others is not None:
            both = row["seconds"] and theirs.get(row["what"])
            cells.append(number(theirs[row["what"]] / row["seconds"] if both else None))
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def number(value: float | None) -> str:
    """Return a ratio with two or three digits."""
    if value is None:
        return "-"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}" if value >= 0.1 else f"{value:.2g}"


def asked(arguments: list[str]) -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(
        description=__doc__.partition("\n\n")[0], epilog=f"sections: {', '.join(SECTIONS)}"
    )
    parser.add_argument("sections", nargs="*", metavar="SECTION", help="which to run; all if none is named")
    parser.add_argument("--full", action="store_true", help="up to a million members")
    parser.add_argument("--against", type=Path, metavar="PATH", help="another checkout to measure too")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the table there too")
    parser.add_argument("--members", type=int, default=100_000, metavar="N", help="the most, but for --full")
    parser.add_argument("--particles", type=int, default=4096, metavar="N", help="of what is learned")
    parser.add_argument("--alone", type=int, default=30, metavar="N", help="members of the loops")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="of which the best counts")
    parser.add_argument("--scenario", default="march-2023", help="a shipped scenario, or the path of one")
    found = parser.parse_args(arguments)
    unknown = [name for name in found.sections if name not in SECTIONS]
    if unknown:
        parser.error(f"no section {', '.join(unknown)}; there are {', '.join(SECTIONS)}")
    if Path(found.scenario).is_file():
        found.scenario = str(Path(found.scenario).resolve())
    if found.against is not None and not (found.against / "sim" / "__init__.py").is_file():
        parser.error(f"--against {found.against}: no checkout of this repository, it has no sim/__init__.py")
    return found


def main(arguments: list[str]) -> int:
    """Measure and print the table; the status is 1 if a section failed."""
    options = asked(arguments)
    settings = {
        name: getattr(options, name)
        for name in ("full", "members", "particles", "alone", "rounds", "scenario")
    }
    ours = Checkout(ROOT, settings)
    other = None if options.against is None else Checkout(options.against.resolve(), settings)
    lines = [*machine(), *([f"- the other: {commit(other.root)}"] if other else []), ""]
    found: list[dict[str, Any]] = []
    theirs: list[dict[str, Any]] | None = [] if other else None
    for section in options.sections or SECTIONS:
        found += ours.rows(section)
        if other is not None and theirs is not None:
            theirs += other.rows(section)
    text = "\n".join([*lines, *table(found, theirs)])
    print(text)
    if options.output is not None:
        options.output.write_text(text + "\n", encoding="utf-8")
    return int(any(row["what"].endswith(": failed") for row in found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
