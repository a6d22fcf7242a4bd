"""Will a state between two powers go from ally to opponent of the Kremlin? Scenarios, simulation and forecasts.

The rooms, from the ground up. Each imports only from those above it in this list, and none has a circle
inside; the import contracts in `pyproject.toml` hold them to it. A room's own docstring says what is in it.

Foundations, which know nothing of any state
    arrays          the types of arrays
    clock           the monthly grid: month number and date
    names           the nearest known name; texts as paths and cells hold them, rows; the error of what cannot be used
    contents        what the package consists of, as a digest that results name
    draws           draws found by their address; standard normals, counts and tails made of uniforms
    execution       work on several processes or a cluster, with bars; the cache of what was learned; locks
    mechanisms      the equations by subject: arrays in, arrays out
    words           numbers and dates as a reader says them
Inputs
    quantities      every quantity in one table: meaning, unit, bounds, place in the model, how it is scored
    record          who sits at the table, what was observed and when it became known, what is to be forecast
    parameters      priors and values, with unit, meaning and source; draws of them; other judgements of a state
    scenario        scenarios: values that check themselves, and files of them
    data            the tables that these read
The world: the only account of the dynamics, with the model
    world           what agents see of one another, and have at hand: states, luck, parameters, facts, incentives
    agents          the state, Russia, the EU and the voter blocs
    affairs         what lies between agents: gas contract, arms trade, dialogue, politics, conduct
    model           makes the agents; a step is a month's timetable, with what no agent decides and what is printed
Running
    runs            a run: how its members lie and are stored, its folder held by hashes, its answers
    assimilation    learns from the record: the posterior that runs go on from
    rivals          forecasters without a theory, which know what the record knew
    forecasting     from a scenario to a run, its tables and answers: what commands and notebooks call
    contrasts       two runs of the same members compared; what moved the state; a run held against itself made again
    verification    forecasts from past origins scored against what came, beside rivals; a user's observations scored
    sensitivity     which assumptions carry an answer, how much of it is chance, which worlds lead to it
    registry        the ledger of forecasts: registered before, scored once due, each line bound to the one before
Presentation
    exports         values, tables and forecasts for other programs
    plots           one function per figure
    report          a run, or several, as one page to send
    widgets         the tuning panel of notebooks
    cli             the command serbia-sim

The public names load when they are first used, so that importing the package costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.assimilation import Posterior as Posterior, assimilate as assimilate
    from sim.contrasts import Contrast as Contrast, contrast as contrast
    from sim.forecasting import forecast as forecast
    from sim.forecasting.ensemble import simulate as simulate
    from sim.model.alignment import AlignmentModel as AlignmentModel
    from sim.record.observations import Record as Record
    from sim.runs.results import Run as Run
    from sim.scenario import (
        Change as Change,
        Event as Event,
        Question as Question,
        Scenario as Scenario,
        read_scenario as read_scenario,
        with_beliefs as with_beliefs,
        with_settings as with_settings,
    )
    from sim.verification import Scorecard as Scorecard, hindcast as hindcast, score_run as score_run
    from sim.widgets import tune as tune

__version__ = "0.1.0"

_NAMES = {
    "assimilation": ("Posterior", "assimilate"),
    "contrasts": ("Contrast", "contrast"),
    "forecasting.ensemble": ("simulate",),
    "forecasting": ("forecast",),
    "model.alignment": ("AlignmentModel",),
    "record.observations": ("Record",),
    "runs.results": ("Run",),
    "scenario": ("Change", "Event", "Question", "Scenario", "read_scenario", "with_beliefs", "with_settings"),
    "verification": ("Scorecard", "hindcast", "score_run"),
    "widgets": ("tune",),
}
_MODULE_OF = {name: module for module, names in _NAMES.items() for name in names}

__all__ = ["__version__", *sorted(_MODULE_OF)]  # noqa: PLE0604  # they are strings


def __getattr__(name: str) -> Any:
    """Load a public name from its module when it is first used."""
    if name not in _MODULE_OF:
        raise AttributeError(
            f"module 'sim' has no attribute {name!r}; its public names are {', '.join(__all__)}; modules are imported"
        )
    value = getattr(import_module(f"sim.{_MODULE_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names too, whether loaded or not."""
    return sorted({*globals(), *__all__})
