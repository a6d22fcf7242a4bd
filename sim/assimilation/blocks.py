"""Which parameters and strands of luck the record speaks about in one matter, and can be learned by themselves.

Most blocks are terminal: in history their parameters and their luck touch one kind of evidence and nothing else, since
what follows from them was imposed. Two reach further, by way of the state's lean: opinion and the EU's offer. There the
feedback is cut: polls teach about opinion and openings about the offer, votes and declarations do not (modular or cut
inference; Liu, Bayarri & Berger 2009, Bayesian Analysis 4(1); Plummer 2015, Statistics and Computing 25). What is in no
block, the lean and its incentives above all, is learned from all evidence at once.

Localised weights keep many more particles apart (Rebeschini & van Handel 2015, Annals of Applied Probability 25(5)).
`tests/test_assimilation_blocks.py` holds the table to the model.
"""

from __future__ import annotations

from dataclasses import dataclass

from sim.world.incentives import LEDGER


@dataclass(frozen=True)
class Block:
    """Parameters and strands of luck that are moved together.

    Attributes
    ----------
    evidence: the kinds of evidence by which the block is accepted.
    family: blocks of one family are resampled together, since what they say of one another is strong.
    reads: the states of others, as ``entity.state``, that it reads month by month, if it can be lived by itself; those
        that cannot are small, and go along with whole histories.
    cut: whether it also touches other evidence, from which it is not to learn.
    """

    parameters: tuple[str, ...]
    strands: tuple[str, ...]
    evidence: tuple[str, ...]
    family: str
    reads: tuple[str, ...] = ()
    cut: bool = False


LEANING = "lean"
"""The family of the lean, and of what depends on it: votes, declarations, sanctions; and of all that is in no block."""

WEIGHED = "between.weighed"
"""The incentives as the state in between weighed them, one beside another."""

BLOCKS = {
    "UN ideal point": Block(
        ("un_start", "un_step", "un_link", "un_noise"),
        ("ideal point",),
        ("un_position",),
        "UN",
        reads=("between.lean",),
    ),
    "UN votes": Block(
        (
            *("vote_severity_crimea", "vote_severity_aggression", "vote_severity_emergency"),
            *("vote_width", "vote_habit"),
        ),
        (),
        ("UN votes, crimea", "UN votes, aggression", "UN votes, emergency"),
        LEANING,
        reads=("conditions.war", "between.lean"),
    ),
    "declarations": Block(
        (
            *("join_cost", "join_other_start", "join_other_mean", "join_other_pull", "join_other_noise"),
            *("declarations_other", "declarations_pull", "declarations_noise", "declarations_season"),
            *("declarations_russia_frozen", "declarations_russia_full_scale", "alignment_noise"),
        ),
        ("readiness", "declarations"),
        ("cfsp_alignment", "declarations issued", "declarations refused"),
        LEANING,
        reads=("conditions.war", "between.lean", "between.sanctions"),
        cut=True,
    ),
    "sanctions": Block(
        ("sanctions_rate", "sanctions_slope"),
        (),
        ("no sanctions",),
        LEANING,
        reads=("between.lean", "between.sanctions", "conditions.measures_exist"),
    ),
    "opinion": Block(
        (
            *("support_start", "support_mean", "support_pull", "support_noise"),
            *("affinity_start", "affinity_mean", "opinion_correlation"),
            *("media_weight", "war_shock_support", "war_shock_affinity", "poll_noise"),
        ),
        ("support", "affinity"),
        ("eu_support",),
        "opinion",
        reads=("patron.log_effort", "conditions.war", "conditions.war_months"),
        cut=True,
    ),
    "the EU's offer": Block(
        (
            *("opening_base", "opening_credibility", "opening_alignment", "opening_stall"),
            *("opening_resume", "opening_extra"),
            *("credibility_start", "credibility_noise", "credibility_reward", "credibility_fatigue"),
        ),
        ("credibility",),
        ("openings",),
        "EU",
        reads=("union.pressure_share", "union.opening"),
        cut=True,
    ),
    "coalition": Block(("coalition_at_election", "coalition_exit"), (), ("coalition",), "coalition"),
    "elections": Block(("election_early",), (), ("elections",), "elections"),
    "dialogue": Block(
        ("dialogue_rate", "dialogue_bias", "dialogue_gain"),
        (),
        ("steps on the issue",),
        "dialogue",
        reads=("union.pressure_share", WEIGHED),
    ),
}
"""The blocks by name."""

LEAN = Block(
    (
        *("lean_adjustment", "lean_noise", "pressure_speed", "pressure_frozen", "pressure_full_scale"),
        *(f"{name}_weight" for name in LEDGER),
    ),
    ("lean",),
    (),
    LEANING,
    reads=(
        "conditions.war",
        "between.sanctions",
        "between.baseline_lean",
        WEIGHED,
        "conditions.issued_russia",
    ),
)
"""Of the rest, what acts on the lean alone, and by way of it on the pressure that answers it."""

REST = "the rest"
"""The name of what is in no block."""

FAMILIES = tuple(dict.fromkeys([block.family for block in BLOCKS.values()]))
"""The families by name; what is in no block is of the lean's."""


def block_of(evidence: str) -> str:
    """Return the block that a kind of evidence belongs to."""
    return next((name for name, block in BLOCKS.items() if evidence in block.evidence), REST)


def family_of(kind: str) -> str:
    """Return the family of a block, or of the rest."""
    return BLOCKS[kind].family if kind in BLOCKS else LEANING


def control_of(kind: str) -> str:
    """Return the name of a block's negative control: a coordinate that goes along and that nothing depends on."""
    return f"control of {kind}"
