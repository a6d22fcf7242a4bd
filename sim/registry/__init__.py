"""The ledger of forecasts: what was said before it came, each line bound to the one before, scored once it is due.

The ledger of incentives, what moved the state's lean, is another thing: `sim.contrasts.ledger`.
"""

from sim.registry.chain import Chain as Chain, ChainError as ChainError, read_chain as read_chain
from sim.registry.entries import Forecast as Forecast, Resolution as Resolution
from sim.registry.registering import (
    FILE as FILE,
    FOLDER as FOLDER,
    Registered as Registered,
    RegistrationError as RegistrationError,
    register as register,
)
from sim.registry.resolving import (
    Resolved as Resolved,
    Standing as Standing,
    read_ledger as read_ledger,
    resolve as resolve,
)
