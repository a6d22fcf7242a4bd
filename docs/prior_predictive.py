"""What the model says before it has learned anything, held against the record: writes docs/prior-predictive.md.

Facts are imposed month by month, parameters drawn from their priors, nothing is fitted to the figures compared here.
Run with ``python docs/prior_predictive.py``; a test holds the page to a new run.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import xarray as xr

from sim.catalogue import weighed
from sim.clock import month_label, month_number
from sim.ensemble import simulate
from sim.forecasting import samples
from sim.members import at
from sim.observations import Observation, Record, reference_class_count
from sim.parameters import adoption_rate
from sim.recorded import recorded_labels
from sim.scenario import Scenario

PAGE = Path(__file__).with_name("prior-predictive.md")
MEMBERS = 8192
TARGETS = weighed()
SPEC = Scenario(
    name="record", title="The record, facts imposed", as_of=date(2024, 1, 1), until=date(2024, 1, 31)
)


def seen_by_then(record: Record, target: str) -> list[Observation]:
    """Return the observations whose windows end before the origin."""
    return [seen for seen in record.observations(target) if seen.end < SPEC.as_of]


def placed(data: xr.Dataset, seen: Observation) -> float:
    """Return the share of members whose published figure lies below the observed one, ties counted half."""
    half_year = seen.start is not None and month_number(seen.end) - month_number(seen.start) < 6
    values = samples(data, seen.target, month_number(seen.end), half_year=half_year)
    return float((values < seen.value).mean() + 0.5 * (values == seen.value).mean())


def coverage(data: xr.Dataset, record: Record) -> Iterator[tuple[str, int, float, float, float]]:
    """Yield per target: observations, share of them within the central 50 and 90 per cent, and their mean place."""
    for target in TARGETS:
        places = np.array([placed(data, seen) for seen in seen_by_then(record, target)])
        off = np.abs(places - 0.5)
        yield (
            target,
            places.size,
            float((off <= 0.25).mean()),
            float((off <= 0.45).mean()),
            float(places.mean()),
        )


def postures(data: xr.Dataset, record: Record) -> Iterator[tuple[str, str, list[float]]]:
    """Yield per December (and where the label changes): month, recorded label, the ensemble's shares."""
    last = ""
    for label in recorded_labels(record.until(SPEC.as_of)):
        if label.posture != last or label.month % 12 == 11:
            codes = at(data, "posture", label.month)
            yield month_label(label.month), label.posture, [float((codes == c).mean()) for c in range(3)]
        last = label.posture


def sanctions_by_date() -> Iterator[tuple[str, int, float, list[float], float]]:
    """Yield per date: adoptions, state-years, 5/50/95 % of the yearly rate, and the chance of adopting in a year."""
    for day in [*(date(year, 1, 1) for year in range(2015, 2025)), date(2023, 3, 10)]:
        count = reference_class_count(day)
        prior = adoption_rate(count.adoptions, count.state_years)
        rates = prior.quantile(np.array([0.05, 0.5, 0.95]))
        # the mean of 1 - exp(-rate) under a gamma: its Laplace transform at 1
        shape, per = prior.numbers
        within = 1.0 - (1.0 + 1.0 / per) ** -shape
        yield str(day), count.adoptions, count.state_years, [float(rate) for rate in rates], within


def page() -> str:
    """Return the page as text."""
    record = Record.load()
    data = simulate(SPEC, members=MEMBERS)
    lines = [
        "# Before anything is learned",
        "",
        f"Made by `python docs/prior_predictive.py`: {MEMBERS:,} members, seed 1, facts imposed from 2012 to 2023, "
        "parameters drawn from their priors. Nothing was fitted to these figures, and nothing was moved because of "
        "them; those who chose the priors knew the record.",
        "",
        "## How much of the record lies within the bands",
        "",
        "An honest, well-calibrated forecast would have half of the observations within its 50 % band and nine in "
        "ten within its 90 % band. Place is the mean share of members below the observed figure: .5 is unbiased, "
        "above it the model is too low.",
        "",
        "| target | observations | within 50 % | within 90 % | mean place |",
        "|---|---|---|---|---|",
    ]
    for target, n, half, ninety, place in coverage(data, record):
        lines.append(f"| `{target}` | {n} | {half:.2f} | {ninety:.2f} | {place:.2f} |")
    lines += [
        "",
        "The bands are wider than they need be, as wide priors make them: a forecast that has learned should be "
        "sharper at the same honesty. Two faults show. From 2022 the share of Russia-related declarations is set too "
        "high or their refusal too sure, so that the published alignment lies above the median in every window; and "
        "support for the EU is expected above what the polls found until 2017.",
        "",
        "## Each observation",
        "",
        "| target | window | observed | 5 % | median | 95 % | place |",
        "|---|---|---|---|---|---|---|",
    ]
    for target in TARGETS:
        for seen in seen_by_then(record, target):
            half_year = seen.start is not None and month_number(seen.end) - month_number(seen.start) < 6
            values = samples(data, target, month_number(seen.end), half_year=half_year)
            low, median, high = np.quantile(values, [0.05, 0.5, 0.95])
            window = f"{seen.start} to {seen.end}" if seen.start else str(seen.end)
            lines.append(
                f"| `{target}` | {window} | {seen.value:.2f} | {low:.2f} | {median:.2f} | {high:.2f} "
                f"| {placed(data, seen):.2f} |"
            )
    lines += [
        "",
        "## Posture by the definition: the record's label beside the ensemble's shares",
        "",
        "| month | record | ally | balancer | opponent |",
        "|---|---|---|---|---|",
    ]
    for month, label, shares in postures(data, record):
        lines.append(f"| {month} | {label} | " + " | ".join(f"{share:.2f}" for share in shares) + " |")
    lines += [
        "",
        "In March 2023 the press told of an ally of Russia whose ties were fraying. The labels tell the same from "
        "December 2016 on: ally through February 2022, balancer since, when Serbia began to vote against Russia in "
        "the United Nations. They do not tell it for the years before: the balancer of 2014 to 2016 rests on a single "
        "absence from one vote, while the press of the day saw a government that refused sanctions. Where the "
        "ensemble's shares fall short of 1 it is because declarations, unlike votes, are simulated and not imposed.",
        "",
        "## Sanctions within a year, by the reference class as counted at each date",
        "",
        "Yearly rate ~ Gamma(1/2, state-years / (2 adoptions + 1)) over North Macedonia, Bosnia and Herzegovina, "
        "Moldova, Georgia and Turkey: their mean rate, spread as one state's may differ. This is the rate at the "
        "reference lean; Serbia's own lean moves it.",
        "",
        "| known on | adoptions | state-years | rate: 5 % | median | 95 % | chance within a year |",
        "|---|---|---|---|---|---|---|",
    ]
    for day, adoptions, years, (low, median, high), within in sanctions_by_date():
        lines.append(
            f"| {day} | {adoptions} | {years:.1f} | {low:.3f} | {median:.3f} | {high:.3f} | {within:.3f} |"
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"written: {PAGE}")
