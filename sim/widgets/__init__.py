"""The tuning panel of notebooks: move an intervention or a belief, see what it changes.

It needs the extra `notebook`, of which ipywidgets is imported when a panel is made.
"""

from sim.widgets.levers import LeverError
from sim.widgets.panel import TuningPanel, tuning_panel

__all__ = ["LeverError", "TuningPanel", "tuning_panel"]
