"""The tuning panel, in a notebook or a browser: move an intervention, a belief or an event, see what it changes.

It needs the extra `panel`, of which Solara is imported when a panel is shown.
"""

from sim.widgets.levers import LeverError
from sim.widgets.tuning import Tuning, tune

__all__ = ["LeverError", "Tuning", "tune"]
