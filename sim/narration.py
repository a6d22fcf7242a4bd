"""One member's month in words: what it saw, what was decided and why."""

from __future__ import annotations

from collections.abc import Mapping

from sim.clock import month_start
from sim.country import Country
from sim.incentives import LEDGER, called
from sim.mechanisms.choice import POSTURES
from sim.mechanisms.conditions import FULL_SCALE
from sim.words import a, percent, signed

Values = Mapping[str, float]

_WAR = (
    "There is peace in Ukraine.",
    "There is a frozen conflict in Ukraine.",
    "There is full-scale war in Ukraine.",
    "There is a ceasefire in Ukraine.",
)


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
    told = [_war(values, before), _politics(values), _reports(values, before)]
    told += [_gas(values, before)] if not turns or _gas_turns(values, before) else []
    told += [_media(values), _issue(values), _accession(values, before)]
    told += [] if turns else [_weighing(values, country), _declarations(values), _votes(values)]
    told += [_sanctions(values, before)] if not turns or _sanctions_turn(values, before) else []
    return [country.fill(line) for lines in [*told, _posture(values, before)] for line in lines]


def _gas_turns(v: Values, before: Values | None) -> bool:
    lapses = v["contract_lapsed"] and before is not None and not before["contract_lapsed"]
    return bool(v["gas_elsewhere"] or v["contract_renewed"] or lapses)


def _sanctions_turn(v: Values, before: Values | None) -> bool:
    return before is not None and (v["sanctions"] > 0) != (before["sanctions"] > 0)


def _war(v: Values, before: Values | None) -> list[str]:
    return [_WAR[int(v["war"])]] if before is None or v["war"] != before["war"] else []


def _politics(v: Values) -> list[str]:
    lines = ["{state} elects a parliament."] if v["election"] else []
    if v["coalition_change"]:
        lines.append(
            f"Another coalition governs; without incentives it would lean {signed(v['baseline_lean'], 2)}."
        )
    return lines


def _gas(v: Values, before: Values | None) -> list[str]:
    price = (
        f"gas costs it {v['contract_price']:.0f} USD per 1000 m3, the market asks {v['market_price']:.0f}."
    )
    deal = f"{{state}} signs for gas from elsewhere; {percent(v['dependence'])} of its gas is still Russian."
    elsewhere = [deal] if v["gas_elsewhere"] else []
    if v["contract_renewed"]:
        length = "for years" if v["contract_renewed"] == 1 else "for half a year"
        return [f"Russia renews the gas contract {length}; {price}", *elsewhere]
    if v["contract_lapsed"] and (before is None or not before["contract_lapsed"]):
        return [f"Russia lets the gas contract lapse; {price}", *elsewhere]
    return [f"{price[0].upper()}{price[1:]}", *elsewhere]


def _reports(v: Values, before: Values | None) -> list[str]:
    lines = []
    if v["arms_report"]:
        kind = "with documents" if v["arms_report"] == 2 else "by hearsay"
        lines.append(f"A report, {kind}, says that {{demonym}} arms reached Ukraine; {_flow(v['arms'])}.")
    if v["statement"]:
        lines.append(
            f'Moscow is "deeply concerned"; it holds deliveries likely at {percent(v["statement_belief"])}.'
        )
    if v["denied"]:
        lines.append(f"{{capital}} denies; {percent(v['deniability'])} of its deniability is left.")
    if lines and before is not None:
        lines.append(
            f"Moscow's belief goes from {percent(before['belief'])} to {percent(v['belief'])}, "
            f"its displeasure from {percent(before['displeasure'])} to {percent(v['displeasure'])}."
        )
    traded = v["arms"] == 0.0 or v["arms"] >= _LEAST_FLOW
    if v["war"] == FULL_SCALE and not v["arms_let_through"] and traded:
        still = f"EUR {v['arms']:.1f} million a month still reach" if v["arms"] else "none reach"
        lines.append(f"{{capital}} holds arms for third countries back; {still} Ukraine.")
    return lines


def _flow(arms: float) -> str:
    return f"EUR {arms:.1f} million a month do" if arms else "none do"


def _media(v: Values) -> list[str]:
    if not v["media_launched"]:
        return []
    return [
        f"Russia launches an outlet in {{state}}; its media effort is {v['media_effort']:.2f} of January 2012's."
    ]


def _issue(v: Values) -> list[str]:
    lines = []
    if v["veto_traded"]:
        lines.append(
            f"Moscow trades its veto on {{issue}} away; {percent(v['veto_resolve'])} of its resolve is left."
        )
    if v["kosovo_step"]:
        way = "forward" if v["kosovo_step"] > 0 else "back"
        lines.append(
            f"The dialogue on {{issue}} takes a step {way}: {percent(v['normalisation'])} of the way."
        )
    return lines


def _accession(v: Values, before: Values | None) -> list[str]:
    if before is None or v["chapters_opened"] <= before["chapters_opened"]:
        return ["Accession takes a step on the way to talks."] if v["opening"] else []
    return [f"The EU opens chapters: {v['chapters_opened']:.0f} in total."]


def _weighing(v: Values, country: Country) -> list[str]:
    terms = ", ".join(
        f"{called(term.name, country)} {signed(v[term.variable], 2)}" for term in LEDGER.values()
    )
    return [f"{{state}} leans {signed(v['lean'], 2)}; its ledger: {terms}."]


def _declarations(v: Values) -> list[str]:
    return [
        f"It joins {v['joined_russia']:.0f} of {v['issued_russia']:.0f} declarations on Russia "
        f"and {v['joined_other']:.0f} of {v['issued_other']:.0f} others."
    ]


def _votes(v: Values) -> list[str]:
    if not v["votes"]:
        return []
    rest = v["votes"] - v["votes_with"] - v["votes_against"]
    return [
        f"In the UN it votes {v['votes_with']:.0f} with Russia, {v['votes_against']:.0f} against, "
        f"{rest:.0f} abstained or absent."
    ]


def _sanctions(v: Values, before: Values | None) -> list[str]:
    was = before is not None and before["sanctions"] > 0
    if v["sanctions"]:
        return ["Its sanctions on Russia stay in force." if was else "It imposes sanctions on Russia."]
    if was:
        return ["The new coalition takes the sanctions on Russia back."]
    if v["posture"] < 0:
        return ["There are no EU sanctions on Russia to join."]
    return [f"It imposes no sanctions on Russia; the chance was {100 * v['sanctions_chance']:.2g} %."]


def _posture(v: Values, before: Values | None) -> list[str]:
    if v["posture"] < 0 or (before is not None and v["posture"] == before["posture"]):
        return []
    return [f"Over twelve months this is the conduct of {a(POSTURES[int(v['posture'])])}."]
