"""The state's incentives: the terms of its ledger, each with its sign, its name in words and its equation.

A term adds to the lean called for: its sign, times the parameter ``{name}_weight``, times how far its x stands from
where it stood in January 2012. Ledger, recording, narration, figures, attribution and variants follow from this table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sim.arrays import FloatArray
from sim.mechanisms.accession import accession_pull
from sim.mechanisms.arms import arms_stake
from sim.mechanisms.energy import gas_stake
from sim.mechanisms.patron import retaliation_stake, veto_worth
from sim.mechanisms.politics import public_stake
from sim.record.country import Country
from sim.world.seen import World


@dataclass(frozen=True)
class Term:
    """An incentive.

    Attributes
    ----------
    name: of its parameter ``{name}_weight`` and its recorded variable ``ledger_{name}``.
    sign: which way it moves the lean when its x rises: 1 towards the EU's line, -1 away from it.
    phrase: what it is, with a place for the state's own word, as in "what {phrase} adds to the lean called for"; short.
    x: its size from the model as it stands and the x of the terms above it, shape (members,).
    """

    name: str
    sign: float
    phrase: str
    x: Callable[[World, Mapping[str, FloatArray]], FloatArray]

    @property
    def variable(self) -> str:
        """The name under which runs record what it adds."""
        return f"ledger_{self.name}"


SHIELDED = "kosovo"
"""The stored name of what the issue that the patron shields adds, whatever the issue; people read `called`."""

_Above = Mapping[str, FloatArray]


def called(term: str, country: Country) -> str:
    """Return an incentive's name as people read it: that of the issue is the state's own word."""
    return country.issue.lower() if term == SHIELDED else term


def _accession(world: World, _: _Above) -> FloatArray:
    return accession_pull(world.union.credibility, world.union.steps())


def _pressure(world: World, _: _Above) -> FloatArray:
    return world.union.pressure


def _gas(world: World, _: _Above) -> FloatArray:
    return gas_stake(world.contract.yearly_saving(), world.facts.gdp_known(world.tick))


def _issue(world: World, _: _Above) -> FloatArray:
    return veto_worth(world.patron.veto_resolve, world.dialogue.normalisation)


def _public(world: World, _: _Above) -> FloatArray:
    return public_stake(world.eu_support(), world.russia_affinity(), world.politics.near)


def _arms(world: World, _: _Above) -> FloatArray:
    return arms_stake(world.arms_trade.arms)


def _retaliation(world: World, above: _Above) -> FloatArray:
    return retaliation_stake(world.patron.displeasure, above["gas"], above[SHIELDED])


_TERMS = (
    Term("accession", 1.0, "the accession offer", _accession),
    Term("pressure", 1.0, "the EU's pressure", _pressure),
    Term("gas", -1.0, "the gas contract", _gas),
    Term(SHIELDED, -1.0, "the veto on {issue}", _issue),
    Term("public", 1.0, "public opinion", _public),
    Term("arms", 1.0, "the arms trade", _arms),
    Term("retaliation", -1.0, "fear of retaliation", _retaliation),
)

LEDGER: Mapping[str, Term] = MappingProxyType({term.name: term for term in _TERMS})
"""The incentives by name, in the order in which the ledger adds them up."""
