"""What this project uses of Mesa 3.3, which ships no type information.

Without it agents and model would derive from anything at all, and the type checker find in them whatever it looks for:
`sim.world.seen` could name what no agent has.
"""

from collections.abc import Callable, Mapping
from typing import Any

class Model:
    running: bool
    def __init__(self, *, rng: int | None = None) -> None: ...
    def step(self) -> None: ...
    def remove_all_agents(self) -> None: ...

class Agent:
    def __init__(self, model: Any) -> None: ...

class DataCollector:
    def __init__(self, model_reporters: Mapping[str, Callable[[Any], object]] | None = None) -> None: ...
    def collect(self, model: Model) -> None: ...
