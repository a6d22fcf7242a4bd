"""What `compare` prints of more runs than two: one table, a row for each question and a column for each run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from sim.cli.screen import beside, width, wrapped
from sim.report.words import signed

if TYPE_CHECKING:
    from sim.contrasts import Contrast, Difference

_CELL = 9


def table_in_words(found: Sequence[Contrast]) -> str:
    """Return the questions that all runs ask like the baseline, with each run's change and what it assumes."""
    first = found[0]
    made = first.baseline.provenance
    lines = [
        *wrapped(f"Against {made['title']}"),
        *wrapped(f"The same {first.members:,} simulated histories, as known on {made['as_of']}."),
        *wrapped(
            "The baseline in per cent, changes in points; 0 where no history differs. * is not chance: of ten such "
            "tables in which nothing differs, nine have none. A comparison of two runs has intervals and outcomes; "
            "--csv and --json have all."
        ),
    ]
    for number, each in enumerate(found, 1):
        words = "; ".join(each.assumed) or "nothing else is assumed"
        lines += wrapped(
            f"{each.run.provenance['scenario']}, to {each.until}: {words}", f"{number:>2}  ", "    "
        )
    in_all = [name for name in _names(first) if all(name in _names(each) for each in found)]
    together = sum(max((item.together for item in each.differences), default=1) for each in found)
    columns = max((width() - _CELL) // _CELL, 1)
    for begin in range(0, len(found), columns):
        shown = found[begin : begin + columns]
        heads = "".join(f"{begin + place:>{_CELL}}" for place in range(1, len(shown) + 1))
        lines += ["", f"{'baseline':>{_CELL}}{heads}"]
        for name in in_all:
            items = [_names(each)[name] for each in shown]
            cells = "".join(f"{_change(item, together):>{_CELL}}" for item in items)
            lines += beside(
                f"{100.0 * items[0].baseline:{_CELL}.1f}{cells}", items[0].text, _CELL * (len(shown) + 1) + 2
            )
    return "\n".join(lines)


def _names(contrast: Contrast) -> dict[str, Difference]:
    return {item.name: item for item in contrast.questions}


def _change(item: Difference, together: int) -> str:
    verdict = replace(item, together=together).verdict
    if verdict == "same":
        return "0"
    return signed(100.0 * item.difference, 1) + ("*" if verdict in ("higher", "lower") else "")
