"""The parameter table for people: writes docs/parameters.md from sim/data/parameters.toml.

Run with ``python docs/parameters.py``; a test holds the page to the table.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np

from sim.parameters import Parameter, parameter_table, resolve

PAGE = Path(__file__).with_name("parameters.md")
CODE = Path(__file__).parents[1] / "sim"
ORIGIN = date(2023, 3, 10)  # a prior by rule is shown as of the first forecast's origin

FAMILIES = """\
| written | shape |
|---|---|
| a number | fixed, the same for all members |
| `normal(mean, sd)` | either side of the mean alike |
| `halfnormal(scale)` | never below 0, small likelier than large; the median is 0.67 scales |
| `lognormal(median, sigma)` | above 0; nine in ten between the median divided and multiplied by exp(1.64 sigma) |
| `beta(a, b)` | between 0 and 1, with mean a / (a + b); the larger a + b, the narrower |
| `gamma(shape, rate)` | above 0, with mean shape / rate |
| `uniform(low, high)` | anything between, all alike |"""


def readers() -> dict[str, list[str]]:
    """Return, for each parameter, the files of `sim/` that read it by name, as paths within the project."""
    names = parameter_table().keys()
    found: dict[str, list[str]] = {name: [] for name in names}
    patterns: list[tuple[str, str]] = []
    for path in sorted(CODE.rglob("*.py")):
        where = path.relative_to(CODE.parent).as_posix()
        for key in _keys(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(key, str):
                if key in found and where not in found[key]:
                    found[key].append(where)
            else:
                patterns.append((key.pattern, where))
    # names that are put together, such as those of the ledger's weights, where none is read as it stands
    for name in [name for name, files in found.items() if not files]:
        found[name] = sorted({where for pattern, where in patterns if re.fullmatch(pattern, name)})
    return found


def _keys(tree: ast.AST) -> Iterator[str | re.Pattern[str]]:
    """Yield what parameters are looked up by: names, and patterns where a name is put together."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Subscript):
            continue
        holder = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
        if holder not in {"p", "parameters"}:
            continue
        if isinstance(node.slice, ast.Constant):
            yield str(node.slice.value)
        elif isinstance(node.slice, ast.JoinedStr):
            parts = [
                re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"[a-z_]+"
                for part in node.slice.values
            ]
            yield re.compile("".join(parts))


def by_group() -> dict[str, list[Parameter]]:
    """Return the parameters by group, both in the order of the table; priors by rule are resolved."""
    groups: dict[str, list[Parameter]] = {}
    for parameter in resolve(parameter_table(), ORIGIN).values():
        groups.setdefault(parameter.group or "other", []).append(parameter)
    return groups


def judged(parameter: Parameter) -> bool:
    """Return whether the prior rests on judgement: its source begins with that word."""
    return parameter.source.startswith("judgement")


def page() -> str:
    """Return the page as text."""
    groups, files = by_group(), readers()
    everything = [parameter for group in groups.values() for parameter in group]
    lines = [
        "# Parameters",
        "",
        "Made by `python docs/parameters.py` from `sim/data/parameters.toml`, which is the one place where they stand. "
        "A scenario replaces any of them by a belief of its own, with its source (`docs/scenarios.md`).",
        "",
        f"There are {len(everything)} parameters. The priors of {sum(map(judged, everything))} rest on judgement, "
        "bare or with a reason; those who judged knew the record of 2012 to 2023. "
        f"{sum(p.learned for p in everything)} are marked *learned*: the record teaches about them, each run "
        "anew up to its origin. Shown are the priors; `serbia-sim assimilate` shows what was learned.",
        "",
        "## How to read the tables",
        "",
        FAMILIES,
        "",
        "*Median (5 % to 95 %)* is what is drawn, after the cut to what the parameter can be: one member in twenty has "
        "a lower value, one in twenty a higher. *Can be* is also what a scenario may set it to. A prior counted by "
        f"rule is shown as of {ORIGIN.day} {ORIGIN:%B %Y}, the origin of the first forecast. *Read in* names the code "
        "that uses it.",
    ]
    for name, parameters in groups.items():
        lines += [
            "",
            f"## {name[0].upper()}{name[1:]}",
            "",
            "| parameter | meaning | unit | prior | median (5 % to 95 %) | can be | source | learned | read in |",
            "|---|---|---|---|---|---|---|---|---|",
        ]
        lines += [_row(parameter, files[parameter.name]) for parameter in parameters]
    return "\n".join(lines) + "\n"


def _row(parameter: Parameter, files: list[str]) -> str:
    links = ", ".join(f"[{Path(file).stem}](../{file})" for file in files)
    cells = [
        f"`{parameter.name}`",
        parameter.meaning,
        parameter.unit,
        parameter.prior.describe() if _fixed(parameter) else f"`{parameter.prior.describe()}`",
        "fixed" if _fixed(parameter) else _drawn(parameter),
        _allowed(parameter),
        parameter.source,
        "yes" if parameter.learned else "no",
        links,
    ]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _allowed(parameter: Parameter) -> str:
    return "anything" if parameter.allowed() == "a number" else parameter.allowed().removeprefix("a number, ")


def _fixed(parameter: Parameter) -> bool:
    return getattr(parameter.prior, "family", "") == "value"


def _drawn(parameter: Parameter) -> str:
    low, middle, high = parameter.draw(np.array([0.05, 0.5, 0.95]))
    return f"{_number(middle)} ({_number(low)} to {_number(high)})"


def _number(x: float) -> str:
    """Return two digits, or three where a number has more before its point; no exponent."""
    if abs(x) < 5e-5:  # no more than the inverse distribution function leaves of 0
        return "0"
    return np.format_float_positional(float(f"{x:.3g}" if abs(x) >= 100 else f"{x:.2g}"), trim="-")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"written: {PAGE}")
