"""Conditionality pressure: how hard the EU asks the state to show its colours."""

from __future__ import annotations

import numpy as np

from sim.arrays import FloatArray


def pressure_target(war_level: FloatArray, issued: FloatArray, joined: FloatArray) -> FloatArray:
    """Return the pressure that the last twelve months would call for, a share.

    Equation: ``war level * (1 - joined / issued)`` of the Russia-related declarations; 0 if none was issued. The EU
    presses those who stay out, and presses harder the worse the war.

    Parameters
    ----------
    war_level: how much the state of the war makes it matter, a share, shape (members,).
    issued, joined: Russia-related declarations of the last twelve months, shape (members,).
    """
    return np.where(issued > 0.0, war_level * (1.0 - joined / np.maximum(issued, 1.0)), 0.0)
