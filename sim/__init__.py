"""Will a state between two powers go from ally to opponent of the Kremlin? Scenarios, simulation and forecasts.

The modules, from the ground up. Each imports only from those above it in this list; the import contract in
`pyproject.toml` holds them to it.

Foundations, which know nothing of any state
    arrays          the types of arrays
    contents        what the package consists of, as a digest that results name
    manifest        what a folder holds, by hash: it is read only while it is as it was written
    cache           where what was learned is kept, whatever folder one works in
    locks           one caller at a time makes a folder
    names           the nearest known name; texts as paths and cells hold them, rows; the error of what cannot be used
    workers         work on several processes, which end with the one that started them
    cluster         the same work on a Dask cluster
    progress        bars for long work
    clock           the monthly grid: month number and date
    words           numbers and dates as a reader says them
    members         how the members of a run lie, in its folder or a store, and are read: by month, a part at a time
    quantiles       draws made of uniforms: standard normals, counts and tails
    randomness      draws found by their address
    state           an attribute with one number per ensemble member
Inputs
    quantity        what one quantity is: meaning, unit, bounds, its place in the model, how it is forecast and scored
    catalogue       every quantity, in one table
    country         who sits at the table: names, voter blocs, the order of accession
    resources       a table of the record, read by its schema, and the rows that a user states beside it
    observations    the record: what was observed, and when it became known
    observation_file  files of observations that a user adds or scores with, read row by row
    additions       a user's folder beside the record: observations, facts, and how far tables cover; kept with a run
    priors          what is believed about one number: families of distributions
    parameters      priors and values, with unit, meaning and source; draws of them; other judgements of a state
    scenario        scenarios: values that check themselves, and files of them
    data            the tables that these read: the record, the parameters, the country
The world: the only account of the dynamics
    mechanisms      the equations by subject: arrays in, arrays out
    world           what agents see of the model and of one another: types, to which the type checker holds all
    facts           the recorded facts on the monthly grid
    cases           what is to be forecast at an origin, and how it came out by the record
    rivals          forecasters without a theory, which know what the record knew
    entity          what agents and all else in the world have at hand: states, luck, parameters, facts, choices
    incentives      the terms of the state's ledger: sign, name in words and equation of each
    conditions      what no agent decides: prices, war, declarations, texts put to the vote; a scenario's events
    narration       one member's month in words
    record_series   what the record says of a quantity, by day, and of the posture: beside a forecast, as outcomes
    affairs         what lies between agents: gas contract, arms trade, dialogue, politics, conduct
    agents          the state, Russia, the EU and the voter blocs
    publications    what is printed about the state: polls, shares of declarations joined, the UN ideal point
The model, and what it leaves behind
    storing         the members of a run while it is being made, block by block
    results         a run: its data, its answers, its folder, read whole or refused
    model           makes the agents; a step is the timetable of one month
    variables       what a run keeps of each member and month
Running
    assimilation    learns from the record: the posterior that runs go on from
    ensemble        simulates the members of a scenario, in blocks
    forecasting     from a scenario to a run, its tables and answers: what commands and notebooks call
    contrasts       two runs of the same members compared; what moved the state, by incentive
    reproduction    a finished run held against its hashes, and against itself made again
    sensitivity     which assumptions carry an answer, how much of it is chance, which worlds lead to it
    verification    forecasts from past origins scored against what came, beside rivals; a user's observations scored
    registry        the ledger of forecasts: registered before, scored once due, each line bound to the one before
Presentation
    gallery         which figures a run folder holds, and where they lie
    plots           one function per figure
    exports         values, tables and forecasts for other programs
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
    from sim.ensemble import simulate as simulate
    from sim.forecasting import forecast as forecast
    from sim.model import AlignmentModel as AlignmentModel
    from sim.observations import Record as Record
    from sim.results import Run as Run
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
    "ensemble": ("simulate",),
    "forecasting": ("forecast",),
    "model": ("AlignmentModel",),
    "observations": ("Record",),
    "results": ("Run",),
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
