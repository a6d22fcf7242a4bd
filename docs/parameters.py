"""The parameter table for people: writes docs/parameters.md from sim/data/parameters.toml, and counts in evidence.md.

Run with ``python docs/parameters.py``, some seconds; tests hold both pages to the table. The words of the first stand
in parameters-words.md.
"""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import numpy as np
import pages

from sim.parameters.table import Parameter, parameter_table, resolve
from sim.quantities.quantity import in_words

PAGE = pages.DOCS / "parameters.md"
EVIDENCE = pages.DOCS / "evidence.md"
COUNTED = re.compile(r"Priors \(.*?\)(?=: (.*?)\.\n)", re.DOTALL)
CODE = pages.DOCS.parent / "sim"
LOOKED_UP = re.compile(r"""\b(?:p|parameters)\[f?["'](.*?)["']\]""")
ORIGIN = date(2023, 3, 10)  # a prior by rule is shown as of the first forecast's origin


def readers() -> dict[str, list[str]]:
    """Return, for each parameter, the files of `sim/` that read it by name, as paths within the project.

    Names that are put together, such as those of the ledger's weights, count where none is read as it stands.
    """
    looked_up = {
        (re.sub(r"\{.*?\}", "[a-z_]+", name), path.relative_to(CODE.parent).as_posix())
        for path in CODE.rglob("*.py")
        for name in LOOKED_UP.findall(path.read_text(encoding="utf-8"))
    }
    return {
        name: sorted({where for pattern, where in looked_up if pattern == name})
        or sorted({where for pattern, where in looked_up if re.fullmatch(pattern, name)})
        for name in parameter_table()
    }


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
    groups = by_group()
    everything = [parameter for group in groups.values() for parameter in group]
    found = {
        "groups": groups,
        "everything": everything,
        "judgements": sum(map(judged, everything)),
        "files": readers(),
        "row": _row,
        "origin": ORIGIN,
    }
    return pages.made("parameters", found, width=pages.ANY_WIDTH)


def recounted(text: str) -> str:
    """Return a page with its lists of priors counted again, as in "Priors (5; 5 by judgement, 4 may be learned)"."""
    table = parameter_table()

    def counts(found: re.Match[str]) -> str:
        listed = [table[name] for name in re.findall(r"`(\w+)`", found[1]) if name in table]
        learned = sum(parameter.learned for parameter in listed)
        return f"Priors ({len(listed)}; {sum(map(judged, listed))} by judgement, {learned} may be learned)"

    return COUNTED.sub(counts, text)


def _row(parameter: Parameter, files: list[str]) -> list[str]:
    fixed = getattr(parameter.prior, "family", "") == "value"
    cells = [
        f"`{parameter.name}`",
        parameter.meaning,
        parameter.unit,
        parameter.prior.describe() if fixed else f"`{parameter.prior.describe()}`",
        "fixed" if fixed else _drawn(parameter),
        in_words(parameter.minimum, parameter.maximum).removeprefix(" from ") or "anything",
        parameter.source,
        "yes" if parameter.learned else "no",
        ", ".join(f"[{Path(file).stem}](../{file})" for file in files),
    ]
    return [cell.replace("|", "\\|") for cell in cells]


def _drawn(parameter: Parameter) -> str:
    low, middle, high = parameter.draw(np.array([0.05, 0.5, 0.95]))
    return f"{_number(middle)} ({_number(low)} to {_number(high)})"


def _number(x: float) -> str:
    """Return two digits, or three where a number has more before its point; no exponent."""
    if abs(x) < 5e-5:  # no more than the inverse distribution function leaves of 0
        return "0"
    return np.format_float_positional(float(f"{x:.3g}" if abs(x) >= 100 else f"{x:.2g}"), trim="-")


if __name__ == "__main__":
    pages.write(PAGE, page())
    pages.write(EVIDENCE, recounted(EVIDENCE.read_text(encoding="utf-8")))
