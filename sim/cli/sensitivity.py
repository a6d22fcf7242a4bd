"""`serbia-sim sensitivity`: which assumptions carry an answer, and how much of it is chance."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from sim.cli import options
from sim.cli.errors import draw_all, refuse, tell
from sim.cli.options import RESULTS, load_run, option, runs
from sim.cli.scenarios import own_record, scenario_of
from sim.cli.screen import Part, answer, picked, table
from sim.words import level, minus, number

if TYPE_CHECKING:
    from sim.sensitivity import Sensitivity

_STATES = 3  # where things stand, beside what is assumed
_ENOUGH = 5  # inputs whose order should not be luck
_MEASURES = {"ST": "total", "S1": "alone", "mu_star": "size", "mu": "mean"}
_ABOUT = {
    "ST": "Total: per cent of the variance that would stay were all else known, luck too.",
    "S1": "Alone: per cent of the variance that would go were it known.",
    "mu_star": "Size and mean: of the change from its 5 % to its 95 % quantile, wherever all else stands.",
}


def sensitivity(
    scenario: Annotated[
        str,
        runs(
            "A scenario; of given data a run: a folder, or a scenario's name for its newest run.", "SCENARIO"
        ),
    ],
    outcome: Annotated[
        str,
        option(
            "NAME", "What is to be explained: a question's id, or a quantity at a date, as lean@2028-12-31."
        ),
    ],
    method: Annotated[
        Literal["given-data", "sobol", "morris"],
        option(
            "given-data|sobol|morris",
            "Of a run as it is; or by a design on the priors, nothing being learned.",
        ),
    ] = "given-data",
    members: Annotated[
        int | None, option("N", "Rows of a design at most.", show_default="32768", min=1)
    ] = None,
    seed: options.Seed = 1,
    record: options.Record = None,
    workers: options.Workers = 1,
    output: Annotated[Path, option("DIR", "Folder of runs and results.")] = RESULTS,
    no_figures: options.NoFigures = False,
    as_json: options.Json = False,
) -> None:
    """Tell which assumptions carry an answer, and how much of it is chance whatever is known.

    Given data reads a run: what knowing a parameter, or where things stand at the origin, would settle. Sobol and
    Morris ask the priors by a design of SALib, luck being one more input. Each comes with a tornado: the first
    assumptions at their 5 % and their 95 % quantile, all else and the luck equal. CSV and figure are kept in the run's
    folder, or the scenario's.

    The JSON object has scenario, outcome, text, unit, method, members, seed, mean, error, chance (share of the
    variance, half its interval; null where the method cannot tell), settled (inputs whose order is not luck) and inputs
    (input and the measures by their usual names; of the first also low, high and the outcome there, paired).
    """
    from sim.sensitivity import of_priors, of_run

    if method == "given-data":
        if members is not None or record is not None:
            refuse("--members and --record are of a design; a run has its own: leave them out")
        run = load_run(scenario, output)
        found, folder = of_run(run, outcome, workers=workers, progress=True), run.folder
    else:
        spec = scenario_of(scenario)
        asked: dict[str, Any] = {} if members is None else {"members": members}
        known = own_record(record, spec.as_of, spec.state)
        asked |= {"record": known, "workers": workers, "progress": True}
        found = of_priors(spec, outcome, method=method, seed=seed, **asked)
        folder = output / spec.name
    written = [found.save(folder)]
    if not no_figures:
        draw_all({"tornado": lambda: written.append(_drawn(found, folder))})
    files = [["Written:", *(f"  {path}" for path in written)]]
    answer(as_json, _in_json(found), [*_in_words(found), files])
    if found.settled < _ENOUGH:
        tell(
            f"beyond the first {found.settled} the order of the inputs is luck: four times the members halve the errors"
        )


def _drawn(found: Sensitivity, folder: Path) -> Path:
    from sim import plots

    path = found.path(folder, ".png")
    plots.save(plots.tornado(found), path)
    return path


def _in_json(found: Sensitivity) -> dict[str, Any]:
    asked, names = found.outcome, ("method", "members", "seed", "mean", "error", "chance", "settled")
    return {
        "scenario": asked.scenario.name,
        "outcome": asked.name,
        "text": asked.text,
        "unit": asked.unit,
        **picked(vars(found) | {"settled": found.settled}, *names),
        "inputs": [{key: value for key, value in row.items() if value is not None} for row in found.table()],
    }


def _in_words(found: Sensitivity) -> Iterator[Part]:
    from sim.forecasting.errors import Z
    from sim.sensitivity.indices import STATE

    given = found.method == "given-data"
    told = partial(level, percent=found.outcome.is_chance)
    yield [
        found.outcome.scenario.title,
        f"{found.outcome.text} {told(found.mean)} \u00b1 {told(found.error).rstrip('%').rstrip()}.",
        f"{found.members:,} simulated histories; {found.basis}.",
    ]
    if found.chance is not None:
        share, error = 100.0 * found.chance[0], 100.0 * found.chance[1] / Z
        yield (
            f"Chance: {share:.0f} % \u00b1 {error:.0f} of the variance stays, whatever is known of the "
            f"parameters{' and of where things stand' if given else ''}."
        )
    measures = [name for name in found.importances[0].measures if name in _MEASURES]
    yield [
        "The answer with an assumption low, at its 5 % quantile, and high, at its 95 %, "
        f"{'from the origin on' if given else 'from January 2012 on'}, all else and the luck equal; * is not chance. "
        f"{' '.join(_ABOUT[name] for name in measures if name in _ABOUT)} \u00b1 is one standard error.",
        _tornado(found, measures, told),
    ]
    if states := [item for item in found.importances if item.name.endswith(STATE)][:_STATES]:
        rows = ((_measure(item.measures, "S1"), item.in_words) for item in states)
        yield [
            "Not assumed and not known either, where things stand at the origin:",
            table(rows, ">", prose=True),
        ]


def _tornado(found: Sensitivity, measures: Sequence[str], told: Callable[[float], str]) -> list[str]:
    by_name = {item.name: item.measures for item in found.importances}
    rows = [("", "low", "high", "at low", "at high", *(_MEASURES[name] for name in measures))]
    for swing in found.swings:
        ends = (swing.at_low, swing.at_high)
        cells = (
            *(minus(f"{end:.2g}") for end in (swing.low, swing.high)),
            *(told(end.value) + ("*" if end.verdict in ("higher", "lower") else " ") for end in ends),
            *(_measure(by_name[swing.name], name) for name in measures),
        )
        rows.append((swing.name, *cells))
    return table(rows)


def _measure(measures: Mapping[str, float], name: str) -> str:
    from sim.forecasting.errors import Z

    scale, places = (1.0, 3) if name.startswith("mu") else (100.0, 1)
    value = number(scale * measures[name], places)
    half = measures.get(f"{name}_conf")  # of an interval that holds nine in ten
    return value if half is None else f"{value} \u00b1 {scale * half / Z:.{places}f}"
