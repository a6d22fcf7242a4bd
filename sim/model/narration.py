"""One member's month in words: what it saw, what was decided and why. The sentences are those of `narration.jinja`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from jinja2 import Environment, StrictUndefined, Template

from sim.clock import month_start
from sim.mechanisms.choice import POSTURES
from sim.mechanisms.conditions import FULL_SCALE
from sim.record.country import Country
from sim.words import a, percent, sentence, signed
from sim.world.incentives import LEDGER, called

Values = Mapping[str, float]

_LEAST_FLOW = 0.05
"""EUR million a month: less is no trade that could be held back, as in a state that has none (judgement)."""


def tell(values: Values, before: Values | None, month: int, country: Country) -> str:
    """Return the month of one member in words.

    Parameters
    ----------
    values: its recorded variables at the month's end, by name. before: those of the month before, None in the first.
    month: month number. country: whose words are used.
    """
    return "\n".join(
        [f"{month_start(month):%B %Y}", *(f"  {line}" for line in sentences(values, before, country))]
    )


def sentences(values: Values, before: Values | None, country: Country, *, turns: bool = False) -> list[str]:
    """Return the sentences of a month; of `turns` those alone that tell what happened or changed in it."""
    terms = (f"{called(term.name, country)} {signed(values[term.variable], 2)}" for term in LEDGER.values())
    text = _sentences().render(country.words, **values, before=before, turns=turns, ledger=", ".join(terms))
    return list(filter(None, text.splitlines()))


@cache
def _sentences() -> Template:
    words = Environment(undefined=StrictUndefined, trim_blocks=True, autoescape=False)  # noqa: S701  # it is no HTML
    words.filters |= {"a": a, "format": format, "percent": percent, "sentence": sentence, "signed": signed}
    words.globals |= {"full_scale": FULL_SCALE, "least_flow": _LEAST_FLOW, "postures": POSTURES}
    return words.from_string(Path(__file__).with_suffix(".jinja").read_text(encoding="utf-8"))
