"""The forecasts of a scorecard that missed, the last first: where to look before believing the next one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from math import isnan
from typing import Any

import numpy as np
import pandas as pd

from sim.rivals import POOLED
from sim.verification.scorecard import MODEL, Scorecard

UNLIKELY = 0.25
"""A chance given to what came below which a forecast counts as a miss (judgement)."""

PUBLISHED = (POOLED, MODEL)
"""Whose forecasts are told: the published one where there is one, and the model alone."""

_CHANCES = ("event", "votes")  # kinds of cases that are forecast by a chance


@dataclass(frozen=True)
class Miss:
    """A forecast that missed: when and of what, what came, what was said of it, what the model alone had said.

    `text` is the kind of a UN text, else empty.
    """

    ended: date
    origin: date
    target: str
    text: str
    came: str
    said: str
    alone: str


def misses(card: Scorecard) -> tuple[list[Miss], int]:
    """Return the published forecasts that missed, the last first, and of how many.

    A figure misses beyond the band of 90 per cent, an event where what came had been given less than `UNLIKELY`.
    """
    published = next(name for name in PUBLISHED if name in card.forecasters)
    keys = ["target", "origin", "lead", "start", "end", "name"]
    data = card.data.astype({"start": object}).fillna({"start": ""})
    own = data[data["forecaster"] == published]
    chances = own[["chance0", "chance1", "chance2"]].to_numpy()
    came = np.where(own["kind"].isin(_CHANCES), own["outcome"], 0.0).astype(int)
    given = chances[np.arange(len(own)), came]
    beyond = (own["outcome"] < own["low90"]) | (own["outcome"] > own["high90"])
    missed = own[beyond | (given < UNLIKELY)].sort_values(["end", "origin"], ascending=False, kind="stable")
    model = data[data["forecaster"] == MODEL].set_index(keys)
    found = []
    for _, row in missed.iterrows():
        alone = _told(model.loc[tuple(row[key] for key in keys)])[1]
        found.append(Miss(row["end"], row["origin"], row["target"], row["text"], *_told(row), alone))
    return found, len(own)


def _told(row: pd.Series[Any]) -> tuple[str, str]:
    """Return what came and what was said of it, in words."""
    if isnan(row["median"]):
        came = ("no", "yes") if isnan(row["chance2"]) else ("with Russia", "abstained", "against it")
        outcome = int(row["outcome"])
        return came[outcome], f"{100.0 * row[f'chance{outcome}']:.0f} % for that"
    figure = "{:.0f}" if row["kind"] == "count" else "{:.2f}"
    median, low, high = (figure.format(row[name]) for name in ("median", "low90", "high90"))
    return figure.format(row["outcome"]), f"{median}, nine in ten from {low} to {high}"
