"""`serbia-sim cache`: what was learned and is kept, and how to be rid of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from sim.cli import options
from sim.cli.options import flag
from sim.cli.screen import say, say_json, wrapped

if TYPE_CHECKING:
    from sim.cache import Entry


def cache(
    clear: Annotated[bool, flag("--clear", "Remove all of it.")] = False,
    as_json: options.Json = False,
) -> None:
    """Show what was learned and is kept in the cache folder, with its size; --clear removes it.

    The environment variable SERBIA_SIM_CACHE names another folder. What is removed is learned again at need; run
    folders are whole without it.

    The JSON object has folder, bytes, cleared and posteriors (digest, bytes, as_of, particles, seed, made, beliefs;
    null but for the first two where learning was interrupted).
    """
    from sim.cache import clear as remove, entries, posteriors_folder

    folder = posteriors_folder(True)
    found = entries(folder)
    if clear:
        remove(folder)
    if not as_json:
        say(_in_words(folder, found, clear))
        return
    keys = ("as_of", "particles", "seed", "made", "beliefs")
    told = [
        {"digest": each.digest, "bytes": each.size, **{key: (each.provenance or {}).get(key) for key in keys}}
        for each in found
    ]
    size = sum(each.size for each in found)
    say_json({"folder": str(folder), "bytes": size, "cleared": clear, "posteriors": told})


def _in_words(folder: Path, found: list[Entry], cleared: bool) -> Iterator[str]:
    size = _megabytes(sum(entry.size for entry in found))
    said = wrapped(f"{len(found)} {'removed from' if cleared else 'in'} {folder}, {size}")
    if cleared or not found:
        yield from said
        return
    yield f"{'learned':<16}{'origin':<12}{'particles':>9}{'seed':>6}{'size':>10}  made"
    for entry in found:
        made, size = entry.provenance, f"{_megabytes(entry.size):>10}"
        if made is None:
            yield f"{entry.digest:<16}{'not finished':<27}{size}"
            continue
        numbers = f"{made['particles']:>9,}{made['seed']:>6}{size}"
        yield f"{entry.digest:<16}{made['as_of']:<12}{numbers}  {str(made.get('made', ''))[:10]}"
        if made["beliefs"]:
            yield from wrapped(f"believing otherwise: {', '.join(made['beliefs'])}", "  ", "    ")
    yield from ("", *said)


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"
