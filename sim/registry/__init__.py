"""The ledger of forecasts: what was said before it came, each line bound to the one before, scored once it is due.

The ledger of incentives, what moved the state's lean, is another thing: `sim.contrasts.ledger`.
"""

from sim.registry.chain import Chain, ChainError, read_chain
from sim.registry.entries import FILE, FOLDER, Forecast, Resolution
from sim.registry.registering import Registered, RegistrationError, register
from sim.registry.resolving import Resolved, Standing, read_ledger, resolve

__all__ = [
    "FILE",
    "FOLDER",
    "Chain",
    "ChainError",
    "Forecast",
    "Registered",
    "RegistrationError",
    "Resolution",
    "Resolved",
    "Standing",
    "read_chain",
    "read_ledger",
    "register",
    "resolve",
]
