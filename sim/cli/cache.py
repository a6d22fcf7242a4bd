"""`serbia-sim cache`: what was learned and is kept, and how to be rid of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.screen import wrapped

if TYPE_CHECKING:
    from sim.cache import Entry


def cache(
    clear: Annotated[bool, typer.Option("--clear", help="Remove all of it.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of words.")] = False,
) -> None:
    """Show what was learned and is kept in the cache folder, with its size; --clear removes it.

    The environment variable SERBIA_SIM_CACHE names another folder. What is removed is learned again at need; run
    folders are whole without it.

    The JSON object has folder, bytes, cleared and posteriors (digest, bytes, as_of, particles, seed, made, beliefs;
    null but for the first two where learning was interrupted).
    """
    from sim.cache import clear as remove
    from sim.cache import entries, posteriors_folder

    folder = posteriors_folder(True)
    found = entries(folder)
    if clear:
        remove(folder)
    if as_json:
        keys = ("as_of", "particles", "seed", "made", "beliefs")
        told = [
            {"digest": e.digest, "bytes": e.size, **{key: (e.provenance or {}).get(key) for key in keys}}
            for e in found
        ]
        size = sum(e.size for e in found)
        print(
            json.dumps({"folder": str(folder), "bytes": size, "cleared": clear, "posteriors": told}, indent=2)
        )
    else:
        print(*_in_words(folder, found, clear), sep="\n")


def _in_words(folder: Path, found: list[Entry], cleared: bool) -> Iterator[str]:
    if found and not cleared:
        yield f"{'learned':<16}{'origin':<12}{'particles':>9}{'seed':>6}{'size':>10}  made"
    for entry in [] if cleared else found:
        made = entry.provenance
        if made is None:
            yield f"{entry.digest:<16}{'not finished':<27}{_megabytes(entry.size):>10}"
            continue
        day = str(made.get("made", ""))[:10]
        yield (
            f"{entry.digest:<16}{made['as_of']:<12}{made['particles']:>9,}{made['seed']:>6}"
            f"{_megabytes(entry.size):>10}  {day}"
        )
        if made["beliefs"]:
            yield from wrapped(f"believing otherwise: {', '.join(made['beliefs'])}", "  ", "    ")
    if found and not cleared:
        yield ""
    size = _megabytes(sum(entry.size for entry in found))
    yield from wrapped(f"{len(found)} {'removed from' if cleared else 'in'} {folder}, {size}")


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"
