"""Two cases, told and not pooled: the gas discount, and the break of March 2014. Writes docs/case-studies.md.

``python docs/case_studies.py`` makes the tables and figures of results/case-studies and the page, about ten minutes
on one core; ``--page`` makes the page again from the tables. Finished origins are kept: an interrupted run goes on. The
words are written by hand in case-studies-words.md, their numbers filled in from the tables.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pages
import pandas as pd
from case_studies_drawn import break_figure, gas_figure
from case_studies_measured import (
    BREAK,
    BREAK_UNTIL,
    BREAK_VARIANTS,
    GAS_ORIGINS,
    break_rows,
    gas_rows,
    gas_until,
    rival_rows,
    terms_table,
)
from case_studies_told import fields

from sim.contents import software
from sim.plots import save
from sim.record.observations import Record
from sim.verification.hindcasting import Shelf
from sim.verification.variants import VARIANTS, Variant, model_run

PAGE = pages.DOCS / "case-studies.md"
FOLDER = pages.RESULTS / "case-studies"
KEYS = ("gas", "break", "terms")
_TEXT = {"window": str, "month": str, "origin": str}

Tables = dict[str, pd.DataFrame]


def page(tables: Tables, made: dict[str, Any]) -> str:
    """Return the page: the words, with the numbers and tables in their places."""
    return pages.made("case-studies", fields(tables, made))


def load(folder: Path = FOLDER) -> tuple[Tables, dict[str, Any]]:
    """Return the tables and how they were made."""
    return pages.load(folder, KEYS, dtype=_TEXT)


def measure(
    folder: Path, *, members: int, particles: int, seed: int, origins: Iterable[date] = GAS_ORIGINS
) -> None:
    """Make the tables and write them with their provenance; origins that are finished are not made again."""
    record, dates = Record.load(), tuple(origins)
    numbers = {"members": members, "particles": particles, "seed": seed}
    settings = numbers | {"content": pages.content("case_studies_measured")}
    kept = Shelf(folder / "origins", settings, "origins").folder

    def run(origin: date, until: date, variant: Variant) -> Any:
        return model_run(origin, until, variant, **numbers).data

    def of_2014(variant: Variant) -> pd.DataFrame:
        return pd.DataFrame(break_rows(record, variant.name, run(BREAK, BREAK_UNTIL, variant)))

    def of_gas(origin: date) -> pd.DataFrame:
        data = run(origin, gas_until(record, origin), VARIANTS[0])
        return pd.DataFrame(gas_rows(record, origin, data))

    broken = [pages.once(kept / f"break, {v.name}.csv", of_2014, v, dtype=_TEXT) for v in BREAK_VARIANTS]
    tables = {
        "gas": pd.concat([pages.once(kept / f"gas, {day}.csv", of_gas, day, dtype=_TEXT) for day in dates]),
        "break": pd.concat([*broken, pd.DataFrame(rival_rows(record))]),
        "terms": pd.DataFrame(terms_table(record)),
    }
    made = settings | {
        "command": "python docs/case_studies.py",
        "origins": [str(origin) for origin in dates],
        "break": str(BREAK),
        "record": record.digest(),
        "software": software("mesa", "numpy", "pandas", "scipy", "xarray"),
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    pages.save(folder, tables, made)


def draw(tables: Tables, folder: Path) -> None:
    """Draw one figure per case."""
    save(gas_figure(tables), folder / "gas.png")
    save(break_figure(tables), folder / "break.png")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--particles", type=int, default=1024, help="of what is learned")
    parser.add_argument("--members", type=int, default=1024, help="of each run")
    parser.add_argument("--seed", type=int, default=1, help="of all draws")
    parser.add_argument(
        "--page", action="store_true", help="only the page and figures, from the tables there are"
    )
    asked = parser.parse_args()
    if not asked.page:
        measure(FOLDER, members=asked.members, particles=asked.particles, seed=asked.seed)
    tables, made = load()
    draw(tables, FOLDER)
    pages.write(PAGE, page(tables, made))


if __name__ == "__main__":
    main()
