"""What the scripts that write pages share: moulds that take numbers, tables, and files of what was measured.

A mould is a page as it is written by hand, `docs/NAME-words.md`. It is a template of Jinja in which single braces hold
what is calculated: `{members|format(",")}`, and lines that begin with `{%` repeat or leave out others.
"""

from __future__ import annotations

import hashlib
import json
import re
import textwrap
import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from sim.contents import PRESENTATION, content_digest
from sim.runs.manifest import write_text

DOCS = Path(__file__).resolve().parent
RESULTS = DOCS.parent / "results"
ANY_WIDTH = 1_000_000
"""Of a page whose paragraphs are one line each."""


def made(name: str, values: Mapping[str, Any], *, width: int | None = None) -> str:
    """Return a page as text: its mould with these values in it, laid out anew in lines of `width` if that is given."""
    moulds = Environment(
        loader=FileSystemLoader(DOCS),
        autoescape=select_autoescape(),  # of no page: they are no HTML
        undefined=StrictUndefined,
        variable_start_string="{",
        variable_end_string="}",
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    moulds.filters |= {"format": format, "cells": cells, "filled": lambda block: filled(block.strip()) + "\n"}
    text = moulds.get_template(f"{name}-words.md").render(values)
    return text if width is None else laid_out(text, width)


def write(page: Path, text: str) -> None:
    """Write a page, and say so."""
    page.write_text(text, encoding="utf-8")
    print(f"written: {page}")


def laid_out(text: str, width: int) -> str:
    """Return a page whose paragraphs and points of lists are filled; headings and tables stay as they are."""
    blocks = [block.strip("\n") for block in re.split(r"\n\s*\n", text) if block.strip()]
    return "\n\n".join(block if block[0] in "#|" else filled(block, width) for block in blocks) + "\n"


def filled(text: str, width: int = 124) -> str:
    """Return a paragraph, or the points of a list, in lines of this width."""
    parts = re.split(r"\n(?=- )", text)
    return "\n".join(
        textwrap.fill(
            re.sub(r"[ \n]+", " ", part),
            width,
            subsequent_indent="  " if part.startswith("- ") else "",
            break_long_words=False,
            break_on_hyphens=False,
        )
        for part in parts
    )


def cells(values: Iterable[Any], spec: str = ".3f") -> str:
    """Return what stands between the outer bars of a table's row; fractions are written as `spec` says."""
    return " | ".join(format(value, spec) if isinstance(value, float) else str(value) for value in values)


def table(heads: str, rows: Iterable[Iterable[Any]], spec: str = ".3f") -> str:
    """Return a table of Markdown; the columns' heads have bars between them."""
    rule = "---|" * (heads.count("|") + 1)
    return "\n".join((f"| {heads} |", f"|{rule}", *(f"| {cells(row, spec)} |" for row in rows)))


def signed(number: float, decimals: int) -> str:
    """Return a number with its sign, and zero without one."""
    text = f"{number:+.{decimals}f}"
    return text if float(text) else text[1:]


def toml(name: str) -> dict[str, Any]:
    """Return what a file of this folder tells."""
    return tomllib.loads((DOCS / name).read_text(encoding="utf-8"))


def save(folder: Path, tables: Mapping[str, pd.DataFrame], made: Mapping[str, Any]) -> None:
    """Write what was measured: a file of six digits for each table, and what made them."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, each in tables.items():
        each.to_csv(folder / f"{name}.csv", index=False, float_format="%.6g", lineterminator="\n")
    text = json.dumps(dict(made), indent=2, sort_keys=True)
    (folder / "provenance.json").write_text(text + "\n", encoding="utf-8")


def content(*modules: str) -> str:
    """Return a digest of what could move a number: the package but for what presents it, and modules of this folder."""
    code = b"".join((DOCS / f"{module}.py").read_bytes() for module in modules)
    return content_digest(without=PRESENTATION) + hashlib.sha256(code).hexdigest()[:8]


def once(path: Path, make: Callable[[Any], pd.DataFrame], of: Any, **reading: Any) -> pd.DataFrame:
    """Return a part of what is measured, as pandas reads it: a finished one is found, else it is made and kept."""
    print(f"{path.stem}{': found' if path.exists() else ' ...'}", flush=True)
    if not path.exists():
        write_text(path, make(of).to_csv(index=False, lineterminator="\n"))
    return pd.read_csv(path, **reading)


def load(
    folder: Path, names: Iterable[str], **reading: Any
) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    """Return the tables of these names, read as pandas is told to, and what made them."""
    tables = {name: pd.read_csv(folder / f"{name}.csv", **reading) for name in names}
    return tables, json.loads((folder / "provenance.json").read_text(encoding="utf-8"))
