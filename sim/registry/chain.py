"""A file that only grows: lines of JSON, each with its number, the digest of the line before, and a digest of itself.

A line that was changed, removed, repeated or moved shows, unless all lines after it were made anew too; and so does the
end of the file, to who knows the last digest. Therefore the file is kept in git, and the last digest is printed.

Source: Haber & Stornetta (1991), How to time-stamp a digital document, Journal of Cryptology 3(2).
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.runs.manifest import DamageError

Content = dict[str, Any]
"""What a line says, by field: values of JSON."""

_BEGINNING = "0" * 64
"""What the first line comes after."""


class ChainError(DamageError):
    """A chain is not as it was written: says which line shows it first, and what to do."""


@dataclass(frozen=True)
class Link:
    """A line: its number from 1 on, the digest of the line before, what it says."""

    number: int
    before: str
    content: Content

    @property
    def digest(self) -> str:
        """SHA-256 of all that the line holds, in hexadecimal digits."""
        return hashlib.sha256(json.dumps(self._held, allow_nan=False).encode()).hexdigest()

    @property
    def text(self) -> str:
        """The line, without its end; ASCII, since what is not is escaped."""
        return json.dumps({"digest": self.digest, **self._held}, allow_nan=False)

    @property
    def _held(self) -> Content:
        return {"line": self.number, "before": self.before, **self.content}


@dataclass(frozen=True)
class Chain:
    """The lines of a file, up to the first that is not as it was written.

    Attributes
    ----------
    fault: what shows first that the file was changed; empty if nothing does.
    torn: signs after the last line that are none, as an interrupted write leaves them; they belong to nothing.
    """

    path: Path
    links: tuple[Link, ...]
    fault: str
    torn: int

    @property
    def last(self) -> str:
        """The digest of the last line."""
        return self.links[-1].digest if self.links else _BEGINNING

    def checked(self) -> Chain:
        """Return the chain; raises ChainError if anything shows that it was changed."""
        if self.fault:
            raise ChainError(
                f"{self.path}: {self.fault}; take the file as it was from version control or a copy: nothing is read "
                "from it, and nothing added, while it is not whole"
            )
        return self


def read_chain(path: Path) -> Chain:
    """Read and verify a chain; one that is not there yet has no lines."""
    try:
        return _verified(path, path.read_bytes())
    except FileNotFoundError:
        return Chain(path, (), "", 0)


def append(path: Path, say: Callable[[Sequence[Link]], Iterable[Content]]) -> list[Link]:
    """Add what `say` returns, given the lines that are there; return the lines written.

    Reading and writing happen under one lock, in one write: of processes that add at the same time each sees what the
    other wrote. Signs that an interrupted write left are cut off; nothing else is ever taken away.

    Raises
    ------
    ChainError: if the chain is not as it was written; nothing is added then.
    OSError: if it cannot be written; it is then left as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with _alone(path) as file:
        raw = os.pread(file, os.fstat(file).st_size, 0)
        chain = _verified(path, raw).checked()
        links: list[Link] = []
        for number, content in enumerate(say(chain.links), len(chain.links) + 1):
            links.append(Link(number, links[-1].digest if links else chain.last, content))
        text = "".join(f"{link.text}\n" for link in links).encode()
        if not text:
            return []
        kept = len(raw) - chain.torn
        os.ftruncate(file, kept)
        if raw[:kept] and not raw[:kept].endswith(b"\n"):  # an editor took the last line's end
            text = b"\n" + text
        try:
            if os.write(file, text) != len(text):
                raise OSError(f"{path}: no room for {len(text):,} bytes")
            os.fsync(file)
        except OSError:
            os.ftruncate(file, kept)
            raise
        return links


@contextmanager
def _alone(path: Path) -> Iterator[int]:
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file
    finally:
        os.close(file)  # and with it the lock


def _verified(path: Path, raw: bytes) -> Chain:
    *lines, rest = raw.split(b"\n")
    if rest and _read(rest) is not None:  # whole, but for the sign that ends a line
        lines, rest = [*lines, rest], b""
    links: list[Link] = []
    before, fault = _BEGINNING, ""
    for place, line in enumerate(lines, 1):
        link = _read(line)
        fault = _fault(link, place, before)
        if fault or link is None:
            break
        links.append(link)
        before = link.digest
    return Chain(path, tuple(links), fault, len(rest))


def _fault(link: Link | None, place: int, before: str) -> str:
    """Return what is wrong with the line at a place, after a line with this digest; nothing if it belongs there."""
    if link is None:
        return f"line {place} was changed: it is not as it was written"
    if link.number > place:
        return f"line {place} was removed or moved: line {link.number} stands in its place"
    if link.number < place:
        return f"line {place} was moved or repeated: it is line {link.number}"
    if link.before != before:
        return f"line {place} was written after another line {place - 1} than stands there: that one was exchanged"
    return ""


def _read(line: bytes) -> Link | None:
    """Return a line, None if it is anything else than what `Link.text` says."""
    with suppress(ValueError, TypeError, KeyError, AttributeError, RecursionError):
        held = json.loads(line.decode("ascii"))
        digest, number, before = (held.pop(name) for name in ("digest", "line", "before"))
        link = Link(number, before, held)
        if type(number) is int and link.digest == digest and link.text.encode() == line:
            return link
    return None
