"""Two cases, told and not pooled: the gas discount, and the break of March 2014. Writes docs/case-studies.md.

``python docs/case_studies.py`` makes the tables and figures of results/case-studies and the page, about ten minutes
on one core; ``--page`` makes the page again from the tables. Finished origins are kept: an interrupted run goes on. The
words are written by hand in case-studies-words.md, their numbers filled in from the tables.
"""

from __future__ import annotations

import argparse
import hashlib
import platform
import time
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from functools import partial
from importlib.metadata import version
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
    Row,
    break_rows,
    gas_rows,
    gas_until,
    rival_rows,
    terms_table,
)
from case_studies_told import fields

from sim.contents import PRESENTATION, content_digest
from sim.observations import Record
from sim.plots.style import save
from sim.verification.hindcasting import Shelf
from sim.verification.variants import VARIANTS, Variant, model_run

DOCS = Path(__file__).parent
PAGE = DOCS / "case-studies.md"
FOLDER = DOCS.parent / "results" / "case-studies"
MEMBERS, PARTICLES, SEED = 1024, 1024, 1
KEYS = ("gas", "break", "terms")
FIGURES = {"gas": gas_figure, "break": break_figure}
_TEXT = {"window": str, "month": str, "origin": str}
_LIBRARIES = ("mesa", "numpy", "pandas", "scipy", "xarray")

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
    record = Record.load()
    numbers = {"members": members, "particles": particles, "seed": seed}
    settings = numbers | {"content": _content()}
    kept = Shelf(folder / "origins", settings, "origins").folder

    def run(origin: date, until: date, variant: Variant) -> Any:
        return model_run(origin, until, variant, **numbers).data

    def of_2014(variant: Variant) -> Iterable[Row]:
        return break_rows(record, variant.name, run(BREAK, BREAK_UNTIL, variant))

    def of_gas(origin: date) -> Iterable[Row]:
        return gas_rows(record, origin, run(origin, gas_until(record, origin), VARIANTS[0]))

    begun = time.perf_counter()
    dates = tuple(origins)
    broken = [
        _once(kept / f"break-{number}.csv", partial(of_2014, variant), f"{BREAK}, {variant.name}")
        for number, variant in enumerate(BREAK_VARIANTS)
    ]
    discounts = [
        _once(
            kept / f"gas-{day}.csv",
            partial(of_gas, day),
            f"{day}, gas discount ({number} of {len(dates)})",
        )
        for number, day in enumerate(dates, 1)
    ]
    tables = {
        "gas": pd.concat(discounts),
        "break": pd.concat([*broken, pd.DataFrame(list(rival_rows(record)))]),
        "terms": pd.DataFrame(list(terms_table(record))),
    }
    made = settings | {
        "command": "python docs/case_studies.py",
        "origins": [str(origin) for origin in dates],
        "break": str(BREAK),
        "record": record.digest(),
        "software": {name: version(name) for name in ("serbia-sim", *_LIBRARIES)},
        "environment": {"python": platform.python_version(), "system": platform.platform()},
        "seconds": round(time.perf_counter() - begun, 1),
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    pages.save(folder, tables, made)


def draw(tables: Tables, folder: Path) -> None:
    """Draw one figure per case."""
    for name, figure in FIGURES.items():
        save(figure(tables), folder / f"{name}.png")


def _once(path: Path, make: Callable[[], Iterable[Row]], words: str) -> pd.DataFrame:
    """Return a finished table, or make and keep it; says which it was."""
    begun = time.perf_counter()
    if not path.exists():
        print(f"{words} ...", flush=True)
        unfinished = path.with_suffix(".partial")
        pd.DataFrame(list(make())).to_csv(unfinished, index=False)
        unfinished.replace(path)
        print(f"  {time.perf_counter() - begun:.0f} s", flush=True)
    else:
        print(f"{words}: found", flush=True)
    return pd.read_csv(path, dtype=_TEXT)


def _content() -> str:
    """Return a digest of what could move a number: the model, the record, and what is measured here."""
    measured = (DOCS / "case_studies_measured.py").read_bytes()
    return content_digest(without=PRESENTATION) + hashlib.sha256(measured).hexdigest()[:8]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--particles", type=int, default=PARTICLES, help="of what is learned")
    parser.add_argument("--members", type=int, default=MEMBERS, help="of each run")
    parser.add_argument("--seed", type=int, default=SEED, help="of all draws")
    parser.add_argument(
        "--page", action="store_true", help="only the page and figures, from the tables there are"
    )
    asked = parser.parse_args()
    if not asked.page:
        measure(FOLDER, members=asked.members, particles=asked.particles, seed=asked.seed)
    tables, made = load()
    draw(tables, FOLDER)
    PAGE.write_text(page(tables, made), encoding="utf-8")
    print(f"written: {PAGE}")


if __name__ == "__main__":
    main()
