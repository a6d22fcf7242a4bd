"""A run scored against a user's observations, with the scores of the scorecard."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim.clock import month_end, month_number
from sim.quantities.catalogue import QUANTITIES
from sim.record.cases import FIGURES, Case, figure_case
from sim.record.observation_file import Fault, Line, read_observations
from sim.rivals import rival_forecasts
from sim.runs.results import Run
from sim.scenario import Scenario
from sim.verification import scores
from sim.verification.scores import BANDS
from sim.verification.variants import run_forecast

RUN = "run"
RIVALS = ("persistence", "climatology")


@dataclass(frozen=True, eq=False, repr=False)
class RunScore:
    """How a run's forecasts did.

    Attributes
    ----------
    data: a row per observation and forecaster ("run", and rivals where the target has them), with the columns of
        `sim.verification.scores.COLUMNS`; a name is the line of the file.
    faults: rows that could not be used, and why. provenance: that of the run. file: the observations.
    """

    data: pd.DataFrame
    faults: tuple[Fault, ...]
    provenance: dict[str, Any]
    file: Path

    @property
    def used(self) -> int:
        """How many observations were scored."""
        return int((self.data["forecaster"] == RUN).sum())

    def summary(self) -> pd.DataFrame:
        """Return per target: n, mean scores, skill against each rival, share of figures within the bands.

        Skill is 1 - score / rival's score over the same observations; there is no interval, all have one origin.
        """
        scores = ["crps", "log_score", "brier"]
        found = []
        for target, part in self.data.groupby("target", sort=False):
            own = part[part["forecaster"] == RUN]
            line: dict[str, Any] = {"target": target, "n": len(own), **own[scores].mean().to_dict()}
            for rival in RIVALS:
                other = part[part["forecaster"] == rival]
                same = own[own["name"].isin(other["name"])]
                theirs = float(other["crps"].sum())
                line[f"skill_{rival}"] = 1.0 - float(same["crps"].sum()) / theirs if theirs > 0.0 else np.nan
            for share in BANDS:
                low, high = own[f"low{100 * share:.0f}"], own[f"high{100 * share:.0f}"]
                inside = (low <= own["outcome"]) & (own["outcome"] <= high)
                line[f"within{100 * share:.0f}"] = float(inside.mean()) if low.notna().any() else np.nan
            found.append(line)
        columns = ["target", "n", *scores, *(f"skill_{rival}" for rival in RIVALS), "within50", "within90"]
        return pd.DataFrame(found, columns=columns)

    def __repr__(self) -> str:
        made = self.provenance
        return (
            f"RunScore of {made['scenario']}: origin {made['as_of']}, {made['members']} members\n"
            f"  {self.used} observations scored, {len(self.faults)} rows not used\n"
            f"  targets {', '.join(dict.fromkeys(self.data['target'])) or 'none'}\n"
            f"  {self.file}"
        )


def score_run(run: Run, file: Path | str) -> RunScore:
    """Score a run's members against observations that came later.

    Parameters
    ----------
    file: CSV with the columns target, start, end, value, trials, source. A row that cannot be used, among them one from
        before the run's origin, beyond its horizon or after today, is reported, and the rest is used.

    Raises sim.record.observation_file.ObservationFileError if the file cannot be read at all.
    """
    lines, faults = read_observations(file)
    found, record = [], run.record
    for line in lines:
        if (fault := _outside(run.scenario, line)) is not None:
            faults.append(Fault(str(file), line.number, fault))
            continue
        case = _case(run.scenario, line)
        rivals = rival_forecasts(record, case, only=RIVALS) if case.target in FIGURES else {}
        made = {RUN: run_forecast(run.data, case), **rivals}
        found += [scores.scored(case, name, forecast) for name, forecast in made.items()]
    faults.sort(key=lambda fault: fault.line)
    return RunScore(scores.table(found), tuple(faults), run.provenance, Path(file))


def _outside(scenario: Scenario, line: Line) -> str | None:
    if line.end < scenario.as_of:
        return f"{line.end} is before the run's origin, {scenario.as_of}: that was no forecast"
    if month_number(line.end) > scenario.last_month:
        return f"{line.end} is beyond the run's horizon, {month_end(scenario.last_month)}"
    return None


def _case(scenario: Scenario, line: Line) -> Case:
    quantity, value = QUANTITIES[line.target], line.value
    case = figure_case(line.target, scenario.as_of, line.start if quantity.window else None, line.end)
    outcome = float(quantity.categories.index(value)) if isinstance(value, str) else value
    return replace(case, outcome=outcome, name=str(line.number))
