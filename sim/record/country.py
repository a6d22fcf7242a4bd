"""The states that the model can be asked about, and who sits at a state's table: names, voter blocs, dates of its own.

All that belongs to one state is data, in a folder of its own: who sits at the table and the words that name them
(`state.toml`), priors that differ (`parameters.toml`), other judgements (`judgement.toml`), the record (`record/`), and
scenarios (`scenarios/`). The page `docs/states.md` says how to add one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from sim.contents import content_digest, digest_of, shipped
from sim.names import InputError, did_you_mean

COMMON = "common"
"""The folder beside the states' with what belongs to the world: tables that are the same for all."""

_FILE = "state.toml"

DEFAULT = (shipped("states") / COMMON / "default.txt").read_text("utf-8").strip()
"""The state that is meant where none is named."""

Made = TypeVar("Made")


class StateError(InputError):
    """There is no such state, or its files are not what they must be: says which, where, and what is allowed."""


@dataclass(frozen=True)
class Bloc:
    """Voters who use the same media: their share, trust in outlets with Russia's message, and offsets (logit)."""

    name: str
    share: float
    trust: float
    support_offset: float
    affinity_offset: float


@dataclass(frozen=True)
class Country:
    """The state in between, its patron, the union it may join, and its voters.

    Attributes
    ----------
    state, capital, timezone, demonym: its name, where it is governed, its clock, and what belongs to it is called.
    issue, other_side: the issue that the patron shields with its veto, and with whom it would have to be settled.
    patron, union: the great power that it leans on, and whom it may join.
    pollster: the house whose polls are the published series of support for the union.
    parliament_months, notice_months: a parliament's term; from calling an early election to holding it.
    parliament_due: the month by which the parliament that sat in January 2012 was to be elected anew.
    talks_from: the half-year in which chapters could first be opened.
    clusters_from: since when a conference opens a whole cluster; cluster_order: in which order clusters then come.
    interconnector_from: before it no gas from elsewhere could come in.
    blocs: the voters; their shares add up to 1.
    """

    state: str
    capital: str
    timezone: str
    demonym: str
    issue: str
    other_side: str
    patron: str
    union: str
    pollster: str
    parliament_months: int
    notice_months: int
    parliament_due: date
    talks_from: date
    clusters_from: date
    interconnector_from: date
    cluster_order: tuple[str, ...]
    blocs: tuple[Bloc, ...]

    def fill(self, text: str) -> str:
        """Return a text with the state's own words in the places that it leaves for them, such as ``{state}``."""
        return text.format_map(self.words)

    @property
    def words(self) -> dict[str, str]:
        """The words that texts leave places for, by name."""
        return {name: value for name, value in vars(self).items() if isinstance(value, str)}


def states() -> tuple[str, ...]:
    """Return the names of the states that are shipped."""
    return tuple(path.parent.name for path in sorted(shipped("states").glob(f"*/{_FILE}")))


def resolved(state: str, folder: Path = Path()) -> str:
    """Return a state such that it means the same in any folder: a path, seen from `folder`, as an absolute one."""
    return str((folder / state).resolve()) if _is_path(state) else state


def state_folder(state: str) -> Path:
    """Return the folder of a state, given by the name of a shipped one or by a path; raises StateError without one."""
    if not _is_path(state) and state not in states():
        known = (
            f"shipped are {', '.join(states())}; a folder of your own is given by its path, such as ./{state}"
        )
        raise StateError(f"no state is named {state!r}{did_you_mean(state, states())} ({known})")
    folder = Path(state) if _is_path(state) else shipped("states") / state
    if not (folder / _FILE).is_file():
        raise StateError(f"{state!r} is no state's folder: it has no {_FILE}")
    return folder


@cache
def load_country(state: str = DEFAULT) -> Country:
    """Return who sits at a state's table.

    Raises StateError: there is no such state, or its file is not what it must be.
    """
    path = state_folder(state) / _FILE
    data = read_toml(path)
    blocs = data.get("blocs", [])
    made = [_made(Bloc, bloc, f"{path}: bloc {number}") for number, bloc in enumerate(blocs, 1)]
    total = sum(bloc.share for bloc in made)
    if total <= 0.0 or min(bloc.share for bloc in made) < 0.0:
        raise StateError(f"{path}: it needs tables [[blocs]] with shares of voters, none below zero")
    shares = tuple(Bloc(**{**vars(bloc), "share": bloc.share / total}) for bloc in made)
    return _made(Country, data | {"blocs": shares}, str(path))


def neutral(text: str) -> str:
    """Return a text with words that fit any state in the places that `Country.fill` fills.

    >>> neutral("how far {capital} believes the EU's offer")
    "how far the capital believes the EU's offer"
    """
    return text.format_map(_Any())


@cache
def state_digest(state: str) -> str:
    """Return a digest of what a state says of itself, its record but not its scenarios."""
    folder = state_folder(state)
    paths = (path for part in ("", "record") for path in (folder / part).glob("*"))
    return digest_of({path.relative_to(folder): path for path in paths})


def content_of(state: str) -> str:
    """Return a digest of all that a run of a state rests on: what the package consists of, and a folder of its own."""
    return f"{content_digest()}-{state_digest(state)}" if _is_path(state) else content_digest()


def read_toml(path: Path) -> dict[str, Any]:
    """Read a state's file; raises StateError where it is not TOML."""
    import tomllib

    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise StateError(f"{path}: {error}") from None


def _is_path(state: str) -> bool:
    return "/" in state or "\\" in state or state.startswith(".")


def _made(kind: type[Made], data: Any, where: str) -> Made:
    """Return a value of the table that a file states; every key is needed, and none beside them allowed."""
    if not isinstance(data, Mapping):
        raise StateError(f"{where}: a table of keys and values is needed")
    known = [each.name for each in fields(kind)]  # type: ignore[arg-type]
    if unknown := [name for name in data if name not in known]:
        raise StateError(f"{where}: unknown key {unknown[0]!r}{did_you_mean(unknown[0], known)}")
    values = {}
    for each in fields(kind):  # type: ignore[arg-type]
        if each.name not in data:
            raise StateError(f"{where}: {each.name} is missing")
        value, (what, kinds) = data[each.name], _KINDS[str(each.type)]
        if not isinstance(value, kinds):
            raise StateError(f"{where}: {each.name} is {value!r}; {what} is needed")
        values[each.name] = tuple(value) if isinstance(value, list) else value
    return kind(**values)


class _Any(dict[str, str]):
    def __missing__(self, word: str) -> str:
        return f"the {word.replace('_', ' ')}"


_KINDS: Mapping[str, tuple[str, type | tuple[type, ...]]] = {
    "str": ("a text", str),
    "int": ("a whole number", int),
    "float": ("a number", (int, float)),
    "date": ("a date", date),
    "tuple[str, ...]": ("a list of texts", list),
    "tuple[Bloc, ...]": ("a list of tables", tuple),
}
