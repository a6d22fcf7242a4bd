"""The ledger of forecasts: what was said before it came, each line bound to the one before, scored once it is due.

The ledger of incentives, what moved the state's lean, is another thing: `sim.contrasts.ledger`.
"""

from sim.registry.chain import Chain as Chain
from sim.registry.chain import ChainError as ChainError
from sim.registry.chain import read_chain as read_chain
from sim.registry.entries import FILE as FILE
from sim.registry.entries import FOLDER as FOLDER
from sim.registry.entries import Forecast as Forecast
from sim.registry.entries import Resolution as Resolution
from sim.registry.registering import Registered as Registered
from sim.registry.registering import RegistrationError as RegistrationError
from sim.registry.registering import register as register
from sim.registry.resolving import Resolved as Resolved
from sim.registry.resolving import Standing as Standing
from sim.registry.resolving import read_ledger as read_ledger
from sim.registry.resolving import resolve as resolve
