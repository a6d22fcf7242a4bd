"""The tables of docs/odd.md that follow from the code: states and readings of every entity, and what a run records.

Run with ``python docs/odd_tables.py``, a moment: it writes them between the page's markers. A test holds the page to
the code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pages

from sim.affairs import ArmsTrade, Conduct, Dialogue, GasContract, Politics
from sim.agents import Patron, StateBetween, Union, VoterBloc
from sim.conditions import Conditions
from sim.country import neutral
from sim.entity import Entity
from sim.publications import Publications
from sim.recording import VARIABLES
from sim.state import Reading

PAGE = pages.DOCS / "odd.md"
SECTION = re.compile(r"(<!-- (\w+): made by docs/odd_tables.py -->\n).*?(<!-- end -->)", re.DOTALL)

ENTITIES: tuple[tuple[str, type[Entity]], ...] = (
    ("Conditions", Conditions),
    ("Gas contract", GasContract),
    ("Domestic politics", Politics),
    ("Arms trade", ArmsTrade),
    ("Dialogue on Kosovo", Dialogue),
    ("Conduct over twelve months", Conduct),
    ("Russia, the patron", Patron),
    ("The EU, the union", Union),
    ("Serbia, the state between", StateBetween),
    ("A voter bloc (there are four)", VoterBloc),
    ("Publications", Publications),
)
"""Who holds states, in the order of the model's entities."""


def states() -> Iterator[str]:
    """Yield the lines of the state tables, one table for each entity."""
    for title, entity in ENTITIES:
        file = Path(*entity.__module__.split(".")).with_suffix(".py").as_posix()
        yield f"**{title}**: [`{entity.__name__}`](../{file})"
        yield ""
        yield "| state | meaning | unit |"
        yield "|---|---|---|"
        for name, state in entity.declared().items():
            window = "" if state.width is None else f", {state.width} values"
            yield f"| `{name}` | {state.meaning} | {state.unit}{window} |"
        read = [(name, item) for name, item in vars(entity).items() if isinstance(item, Reading)]
        if read:
            yield ""
            yield "Read by others, with a scenario's events laid over:"
            yield from (f"- `{name}`: {(item.__doc__ or '').splitlines()[0]}" for name, item in read)
        yield ""


def recorded() -> Iterator[str]:
    """Yield the lines of the table of what a run keeps of each member and month."""
    yield "| variable | unit | meaning |"
    yield "|---|---|---|"
    for variable in VARIABLES:
        codes = ", ".join(f"{code} {name}" for code, name in enumerate(variable.categories))
        yield f"| `{variable.name}` | {codes or variable.unit} | {neutral(variable.meaning)} |"
    yield ""


def renewed(text: str) -> str:
    """Return the page with its tables as the code has them now."""
    tables = {"states": states, "recorded": recorded}
    return SECTION.sub(lambda found: found[1] + "\n" + "\n".join(tables[found[2]]()) + "\n" + found[3], text)


if __name__ == "__main__":
    pages.write(PAGE, renewed(PAGE.read_text(encoding="utf-8")))
