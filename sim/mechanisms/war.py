"""The war: four regimes and the monthly chances of passing from one to another."""

from __future__ import annotations

import numpy as np

from sim.arrays import FloatArray

REGIMES = ("none", "frozen", "full_scale", "ceasefire")
"""The regime of code 0, 1, 2 and 3."""

NONE, FROZEN, FULL_SCALE, CEASEFIRE = 0.0, 1.0, 2.0, 3.0


def next_regime(
    regime: FloatArray,
    u: FloatArray,
    *,
    onset: FloatArray,
    escalation: FloatArray,
    truce: FloatArray,
    relapse: FloatArray,
    settling: FloatArray,
) -> FloatArray:
    """Return next month's regime for each member.

    None may turn frozen (`onset`), frozen full-scale (`escalation`), full-scale into a ceasefire (`truce`), and a
    ceasefire back to full-scale (`relapse`) or on to frozen (`settling`). Peace does not return within a forecast.

    Parameters
    ----------
    regime: codes as in `REGIMES`. u: uniforms. The rest: monthly probabilities. All of shape (members,).
    """
    moved = np.where(u < relapse, FULL_SCALE, np.where(u < relapse + settling, FROZEN, CEASEFIRE))
    moved = np.where(regime == FULL_SCALE, np.where(u < truce, CEASEFIRE, FULL_SCALE), moved)
    moved = np.where(regime == FROZEN, np.where(u < escalation, FULL_SCALE, FROZEN), moved)
    return np.where(regime == NONE, np.where(u < onset, FROZEN, NONE), moved)


def by_regime(regime: FloatArray, levels: tuple[FloatArray | float, ...]) -> FloatArray:
    """Return the level of each member's regime; `levels` in the order of `REGIMES`."""
    if (regime == regime[0]).all():  # as in history, where the regime is recorded
        return np.zeros_like(regime) + levels[int(regime[0])]
    result = np.zeros_like(regime)
    for code, level in enumerate(levels):
        if isinstance(level, float) and level == 0.0:
            continue
        result += (
            regime == code
        ) * level  # one of them for each member; to pick it costs several times as much
    return result
