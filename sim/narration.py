"""One member's month in words: what it saw, what it decided and why."""

from __future__ import annotations

from collections.abc import Mapping

from sim.clock import month_start
from sim.mechanisms.posture import POSTURES

_WAR = (
    "peace in Ukraine",
    "a frozen conflict in Ukraine",
    "full-scale war in Ukraine",
    "a ceasefire in Ukraine",
)


def tell(values: Mapping[str, float], before: Mapping[str, float] | None, month: int) -> str:
    """Return the month of one member in words.

    Parameters
    ----------
    values: its recorded variables at the month's end, by name. before: those of the month before, None in the first.
    month: month number.
    """
    v = values
    lines = [f"{month_start(month):%B %Y}"]
    if before is None or v["war"] != before["war"]:
        lines.append(f"  There is {_WAR[int(v['war'])]}.")
    lines.append(_lean(v))
    lines.append(_declarations(v))
    if v["votes"]:
        lines.append(_votes(v))
    lines.append(_gas(v, before))
    if before is not None and v["chapters_opened"] > before["chapters_opened"]:
        lines.append(f"  The EU opens chapters: {v['chapters_opened']:.0f} in total.")
    lines.append(_sanctions(v, before))
    if v["posture"] >= 0 and (before is None or v["posture"] != before["posture"]):
        lines.append(f"  Over twelve months this is the conduct of {_article(POSTURES[int(v['posture'])])}.")
    return "\n".join(lines)


def _lean(v: Mapping[str, float]) -> str:
    parts = [
        f"{name} {v[f'ledger_{term}']:+.2f}"
        for term, name in (("gas", "gas"), ("accession", "accession"), ("pressure", "pressure"))
    ]
    return f"  Serbia leans {v['lean']:+.2f}; its ledger: {', '.join(parts)}."


def _declarations(v: Mapping[str, float]) -> str:
    return (
        f"  It joins {v['joined_russia']:.0f} of {v['issued_russia']:.0f} declarations on Russia "
        f"and {v['joined_other']:.0f} of {v['issued_other']:.0f} others."
    )


def _votes(v: Mapping[str, float]) -> str:
    rest = v["votes"] - v["votes_with"] - v["votes_against"]
    return (
        f"  In the UN it votes {v['votes_with']:.0f} with Russia, {v['votes_against']:.0f} against, "
        f"{rest:.0f} abstained or absent."
    )


def _gas(v: Mapping[str, float], before: Mapping[str, float] | None) -> str:
    price = f"gas costs it {v['contract_price']:.0f} USD per 1000 m3, the market asks {v['market_price']:.0f}"
    if v["contract_renewed"]:
        return f"  The gas contract is renewed; {price}."
    if v["contract_lapsed"] and (before is None or not before["contract_lapsed"]):
        return f"  The gas contract lapses; {price}."
    return f"  {price[0].upper()}{price[1:]}."


def _sanctions(v: Mapping[str, float], before: Mapping[str, float] | None) -> str:
    if v["sanctions"]:
        fresh = before is None or not before["sanctions"]
        return "  It imposes sanctions on Russia." if fresh else "  Its sanctions on Russia stay in force."
    if not v["sanctions_chance"]:
        return "  There are no EU sanctions on Russia to join."
    return f"  It imposes no sanctions on Russia; the chance was {100 * v['sanctions_chance']:.2g} %."


def _article(word: str) -> str:
    return f"an {word}" if word[0] in "aeiou" else f"a {word}"
