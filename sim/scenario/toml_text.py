"""Values as TOML text: for the resolved scenario, and for what a message says was given."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

_SHOWN = 60
_WHOLE = 1e15  # up to here a float holds every whole number


def toml_value(value: object) -> str:
    r"""Return a value as TOML writes it, on one line; control characters are escaped.

    Examples
    --------
    >>> toml_value([1, "a\nb", {"x": True}])
    '[1, "a\\nb", { x = true }]'
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return "[" + ", ".join(toml_value(item) for item in value) + "]"
    if isinstance(value, Mapping):
        inside = ", ".join(f"{toml_key(key)} = {toml_value(item)}" for key, item in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    return repr(value)


def toml_key(key: str) -> str:
    """Return a key as TOML writes it: bare if it can be."""
    bare = key.isascii() and key.replace("-", "").replace("_", "").isalnum()
    return key if bare else _quoted(key)


def shown(value: object) -> str:
    """Return a value for a message: as in the file, shortened; a whole number without a point."""
    if isinstance(value, float) and value.is_integer() and abs(value) < _WHOLE:
        return str(int(value))
    try:
        text = toml_value(value)
    except (ValueError, RecursionError):  # an integer of thousands of digits, or nested without end
        return "a value too large to show"
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."


def _quoted(text: str) -> str:
    short = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
    return '"' + "".join(short.get(c, c if plain(c) else f"\\u{ord(c):04x}") for c in text) + '"'


def plain(character: str) -> bool:
    """Tell whether a character does nothing but show itself: no control, no change of writing direction."""
    code = ord(character)
    control = code < 0x20 or 0x7F <= code < 0xA0
    direction = 0x202A <= code <= 0x202E or 0x2066 <= code <= 0x2069
    return not control and not direction and code not in (0x2028, 0x2029)
