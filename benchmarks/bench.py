"""How fast it is, as ratios that hold on other machines too: ``make bench``, or ``python benchmarks/bench.py``.

Sections, each in a process of its own; name some to run only these:

* members: a forecast from a kept posterior against the floor, from one member to many, and of many by two workers;
* rivals: the same forecast by a loop over one-member models, Mesa's batch_run, EMA Workbench;
* workers: two against one;
* scale: time for each member and resident memory of a whole run, of many members and of ten times as many, each by the
  command in a process of its own;
* learning: processor time of learning from the record;
* startup: commands that should start at once against ``import numpy``;
* slider: from a slider of the panel to its picture.

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
import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SECTIONS = ("members", "rivals", "workers", "scale", "learning", "startup", "slider")
HEADS = ("what", "ratio", "to", "absolute")


Row = tuple[str, float | None, str, str, float | None]
"""What, ratio, to (what), absolute (in words), and the seconds by which checkouts are compared."""


def rows(section: str, settings: dict[str, Any], root: Path = ROOT) -> list[Row]:
    """Return what a section measures of a checkout; that it failed, if it does, which is told on standard error too."""
    with TemporaryDirectory() as folder:
        done = subprocess.run(
            [
                sys.executable,
                Path(__file__).with_name("bench_sections.py"),
                section,
                json.dumps(settings, default=str),
            ],
            stdout=subprocess.PIPE,
            text=True,
            check=False,
            cwd=folder,
            env=os.environ | {"PYTHONPATH": str(root)} | dict.fromkeys(THREADS, "1"),
        )
    if done.returncode:
        print(f"{section}: failed in {root}, see above", file=sys.stderr)
        return [(f"{section}{FAILED}", None, "", "", None)]
    return [tuple(row) for row in json.loads(done.stdout)]


THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
FAILED = ": failed"


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
    if sys.platform == "darwin":
        return told_by("/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string")
    listed = Path("/proc/cpuinfo")
    named = re.search(r"^model name\s*: (.*)$", listed.read_text() if listed.exists() else "", re.MULTILINE)
    return named[1] if named else platform.processor() or "unknown"


def commit(root: Path) -> str:
    """Return the commit of a checkout, if it has one."""
    return told_by("git", "-C", str(root), "describe", "--always", "--dirty")


def told_by(*command: str) -> str:
    """Return what a command prints, if it is there and knows."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def table(found: list[Row], others: list[Row] | None) -> list[str]:
    """Return rows as lines of a Markdown table; beside them how many times as long another checkout takes."""
    heads = [*HEADS, *([] if others is None else ["the other, to this"])]
    theirs = {what: spent for what, *_, spent in others or []}
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    for what, ratio, to, absolute, spent in found:
        apart = [] if others is None else [number(spent and theirs.get(what) and theirs[what] / spent)]
        lines.append(f"| {' | '.join((what, number(ratio), to, absolute, *apart))} |")
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
    settings = vars(options)
    other = None if options.against is None else options.against.resolve()
    lines = [*machine(), *([f"- the other: {commit(other)}"] if other else []), ""]
    found: list[Row] = []
    theirs: list[Row] | None = [] if other else None
    for section in options.sections or SECTIONS:
        found += rows(section, settings)
        if other is not None and theirs is not None:
            theirs += rows(section, settings, other)
    text = "\n".join([*lines, *table(found, theirs)])
    print(text)
    if options.output is not None:
        options.output.write_text(text + "\n", encoding="utf-8")
    return int(any(what.endswith(FAILED) for what, *_ in found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
