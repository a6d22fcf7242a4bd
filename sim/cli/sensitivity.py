"""`serbia-sim sensitivity`: which assumptions carry an answer, and how much of it is chance."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from sim.cli import options
from sim.cli.errors import draw_all, refuse, tell
from sim.cli.options import RESULTS, argument, load_run, option
from sim.cli.scenarios import own_record, scenario_of
from sim.cli.screen import say, say_json, width, wrapped
from sim.words import level, minus, number

if TYPE_CHECKING:
    from sim.sensitivity import Sensitivity

_APART = ("higher", "lower")
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
        argument(
            "SCENARIO",
            "A scenario; of given data a run: a folder, or a scenario's name for its newest run.",
            autocompletion=options.run_names,
        ),
    ],
    outcome: Annotated[
        str,
        option(
            "NAME", "What is to be explained: a question's id, or a quantity at a date, as lean@2028-12-31."
        ),
    ],
    method: Annotated[
        str,
        option(
            "given-data|sobol|morris",
            "Of a run as it is; or by a design on the priors, nothing being learned.",
        ),
    ] = "given-data",
    members: Annotated[int | None, option("N", "Rows of a design at most.", default="32768", min=1)] = None,
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
    from sim.sensitivity import METHODS, of_priors, of_run

    if method not in METHODS:
        refuse(f"--method {method}: allowed are {', '.join(METHODS)}")
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
    if as_json:
        say_json(_in_json(found))
    else:
        say([*_in_words(found), "", "Written:", *(f"  {path}" for path in written)])
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
    asked = found.outcome
    names = ("method", "members", "seed", "mean", "error", "chance", "settled")
    return {
        "scenario": asked.scenario.name,
        "outcome": asked.name,
        "text": asked.text,
        "unit": asked.unit,
        **{name: getattr(found, name) for name in names},
        "inputs": [{key: value for key, value in row.items() if value is not None} for row in found.table()],
    }


def _in_words(found: Sensitivity) -> Iterator[str]:
    from sim.sensitivity.indices import STATE

    measures = [name for name in found.importances[0].measures if name in _MEASURES]
    by_name = {item.name: item for item in found.importances}
    since = "from the origin on" if found.method == "given-data" else "from January 2012 on"
    told = partial(level, percent=found.outcome.is_chance)
    yield from wrapped(found.outcome.scenario.title)
    yield from wrapped(
        f"{found.outcome.text} {told(found.mean)} \u00b1 {told(found.error).rstrip('%').rstrip()}."
    )
    yield from wrapped(f"{found.members:,} simulated histories; {found.basis}.")
    yield ""
    if found.chance is not None:
        share, error = (100.0 * number for number in found.chance)
        known = " and of where things stand" if found.method == "given-data" else ""
        yield from wrapped(
            f"Chance: {share:.0f} % \u00b1 {error:.0f} of the variance stays, whatever is known of the "
            f"parameters{known}."
        )
        yield ""
    yield from wrapped(
        f"The answer with an assumption low, at its 5 % quantile, and high, at its 95 %, {since}, all else and the "
        f"luck equal; * is not chance. {' '.join(_ABOUT[name] for name in measures if name in _ABOUT)} "
        "\u00b1 holds nine in ten."
    )
    rows = {"": ["low", "high", "at low", "at high", *(_MEASURES[name] for name in measures)]}
    for swing in found.swings:
        rows[swing.name] = [
            *(minus(f"{end:.2g}") for end in (swing.low, swing.high)),
            *(
                told(end.value) + ("*" if end.verdict in _APART else " ")
                for end in (swing.at_low, swing.at_high)
            ),
            *(_measure(by_name[swing.name].measures, name) for name in measures),
        ]
    sizes = [max(map(len, column)) + 2 for column in zip(*rows.values(), strict=True)]
    first = max(map(len, rows)) + 2
    left_out = 2 if first + sum(sizes) > width() else 0  # the quantiles: the table that is written has them
    for name, cells in rows.items():
        shown = zip(cells[left_out:], sizes[left_out:], strict=True)
        yield f"{name:<{first}}" + "".join(cell.rjust(size) for cell, size in shown)
    if states := [item for item in found.importances if item.name.endswith(STATE)][:_STATES]:
        yield from ("", *wrapped("Not assumed and not known either, where things stand at the origin:"))
        for item in states:
            yield from wrapped(f"{_measure(item.measures, 'S1'):>10}  {item.in_words}", more=f"{'':12}")


def _measure(measures: Any, name: str) -> str:
    scale, places = (1.0, 3) if name.startswith("mu") else (100.0, 1)
    value = number(scale * measures[name], places)
    error = measures.get(f"{name}_conf")
    return value if error is None else f"{value} \u00b1 {scale * error:.{places}f}"
