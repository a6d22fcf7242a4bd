"""The tables of docs/odd.md and docs/scenarios.md that follow from the code.

In the first the states and readings of every entity, and what a run records; in the second what events may act on and
questions be about. Run with ``python docs/code_tables.py``, a moment: it writes them between the pages' markers. A test
holds the pages to the code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pages

from sim.affairs import ArmsTrade, Conduct, Dialogue, GasContract, Politics
from sim.agents import Patron, StateBetween, Union, VoterBloc
from sim.model.conditions import Conditions
from sim.model.publications import Publications
from sim.model.variables import VARIABLES
from sim.quantities.catalogue import QUANTITIES, askable, settable
from sim.record.country import neutral
from sim.world.entity import Entity
from sim.world.state import Reading

PAGES = (pages.DOCS / "odd.md", pages.DOCS / "scenarios.md")
SECTION = re.compile(r"(<!-- (\w+): made by docs/code_tables.py -->\n).*?(<!-- end -->)", re.DOTALL)

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


def quantities(head: str, names: tuple[str, ...]) -> Iterator[str]:
    """Yield the lines of a table of quantities: what they mean and which values they take."""
    yield f"| {head} | what it is | values |"
    yield "|---|---|---|"
    for quantity in map(QUANTITIES.__getitem__, names):
        unit = "" if quantity.discrete else f" ({quantity.unit})"
        yield f"| `{quantity.name}` | {neutral(quantity.meaning)} | {quantity.allowed()}{unit} |"
    yield ""


def renewed(text: str) -> str:
    """Return a page with its tables as the code has them now."""
    tables = {
        "states": states,
        "recorded": recorded,
        "settable": partial(quantities, "quantity", settable()),
        "askable": partial(quantities, "target", askable()),
    }
    return SECTION.sub(lambda found: found[1] + "\n" + "\n".join(tables[found[2]]()) + "\n" + found[3], text)


if __name__ == "__main__":
    for page in PAGES:
        pages.write(page, renewed(page.read_text(encoding="utf-8")))
