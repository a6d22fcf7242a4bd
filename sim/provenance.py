"""What a run folder states of how it was made: read whole or refused, since a stranger may have written it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

from sim.manifest import readable

_RUN: dict[str, type] = {
    **dict.fromkeys(("digest", "content", "scenario", "title", "as_of", "until", "keep", "made"), str),
    **{"members": int, "seed": int, "parameters": dict, "record": dict},
}
_POSTERIOR: dict[str, type] = {"digest": str, "particles": int, "seed": int}


def read_provenance(path: Path, todo: str) -> dict[str, Any] | None:
    """Return what a run's provenance states; None if an earlier version wrote it.

    Raises
    ------
    sim.manifest.DamageError: if it lacks what is read of it, or states what cannot be; it ends with `todo`.
    """
    with readable(path, todo):
        made = json.loads(path.read_text(encoding="utf-8"))
        if "keep" not in made:
            return None
        learned, record = made["posterior"], made["record"]
        _hold(made, _RUN)
        if learned is not None:
            _hold(learned, _POSTERIOR)
        _hold(record, {"digest": str})
        if made["keep"] not in ("all", "outcomes") or made["members"] < 1:
            raise ValueError(f"members {made['members']}, keep {made['keep']!r}")
        for day in (made["as_of"], made["until"], record.get("ends", made["until"])):
            date.fromisoformat(day)
        for digest in (made["digest"], (learned or made)["digest"]):
            int(digest, 16)  # it becomes a path
        return dict(made)


def _hold(told: dict[str, Any], kinds: dict[str, type]) -> None:
    for key, kind in kinds.items():
        if type(told[key]) is not kind or (kind is int and not 0 <= told[key] < 2**63):
            raise ValueError(f"{key} is {told[key]!r}"[:80])
