"""The tuning panel, in a notebook or a browser: move an intervention, a belief or an event, see what it changes.

It needs the extra `panel`, of which Solara is imported when a panel is shown.
"""

from __future__ import annotations

from typing import Any

from sim.scenario import Scenario
from sim.widgets.levers import LeverError as LeverError
from sim.widgets.tuning import Tuning as Tuning


def tune(scenario: Scenario | str = "today", **options: Any) -> Tuning:
    """Return the panel of a scenario, simulated, to be shown in a notebook; options as of `Tuning`.

    Raises
    ------
    LeverError: if a name is not one of a settable quantity, or not one of a parameter.
    ModuleNotFoundError: if Solara is not installed.
    """
    from sim.widgets.serving import need

    need()
    panel = Tuning(scenario, **options)
    panel.update()
    return panel
