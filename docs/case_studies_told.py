"""What docs/case-studies.md says: its tables, and the numbers that stand in its words, case-studies-words.md."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from case_studies_drawn import LABELS
from case_studies_measured import (
    GAS_ORIGINS,
    PERSISTENCE,
    REPORTED,
    TOLD,
    Price,
    as_recorded,
    meetings,
    place,
)

from sim.clock import month_label, month_number
from sim.record.cases import LEADS
from sim.record.observations import Record
from sim.verification.scorecard import GIVEN, MODEL, NO_INCENTIVES, NO_INCENTIVES_GIVEN
from sim.words import HELD, minus, percent

Tables = dict[str, pd.DataFrame]

_SHORT = {
    "in the 50 % band": "in 50 %",
    "in the 90 % band": "in 90 %",
    "partly in the 90 % band": "partly in 90 %",
    "above the 90 % band": "above",
    "below the 90 % band": "below",
}
_COLUMNS = (MODEL, NO_INCENTIVES, GIVEN, NO_INCENTIVES_GIVEN, "persistence", "climatology")
_OUTCOMES = {
    "un_votes": "UN vote: with Russia / abstains / against",
    "cfsp_alignment": "alignment",
    "un_position": "UN position",
    "eu_support": "EU support",
    "chapters_opened": "chapters opened",
    "chapter_within_year": "a chapter opened within a year",
    "sanctions_within_year": "sanctions within a year",
    "posture": "posture: ally / balancer / opponent / none",
    "war": "war begun",
}
_SHARES = ("cfsp_alignment", "eu_support")
_RARE = ("war", "sanctions_within_year")
_NAMED = {
    "un_votes": ("with Russia", "absent (abstains)", "against"),
    "posture": ("ally", "balancer", "opponent"),
}


def fields(tables: Tables, made: dict[str, Any]) -> dict[str, Any]:
    """Return what the words name in braces: rows of tables, numbers, and what each forecaster said of 2014."""
    table = tables["break"]
    peace = Said(table, MODEL)
    positions = {seen.end.year: seen for seen in Record.load().observations("un_position")}
    return {
        **made,
        **TOLD,
        **_gas_numbers(tables),
        "met": [(price, *each) for price in REPORTED for each in met(tables, price)],
        "break_heads": [*(LABELS[name] for name in _COLUMNS[:-1]), "climatology or succession"],
        "break_rows": break_rows(table),
        "peace": peace,
        "peace_off": Said(table, NO_INCENTIVES),
        "given": Said(table, GIVEN),
        "given_off": Said(table, NO_INCENTIVES_GIVEN),
        "persistence": Said(table, PERSISTENCE),
        "vote_verdict": "less" if peace.row("un_votes", "2014-03-27")["chance1"] < 1.0 / 3.0 else "more",
        "un_2013": positions[2013],
        "un_2014": positions[2014],
        "un": peace.row("un_position", "2014"),
        "chapters": peace.row("chapters_opened", "2014-12"),
        "place": place,
        "lay": lambda row, low, high: _SHORT[place(row, low, high)],
        "ends": _ends,
        "share": _share,
        "span": _span,
    }


# --- the gas discount ---


def at_leads(tables: Tables, forecaster: str) -> pd.DataFrame:
    """Return a forecaster's rows at the declared leads, beside the discount by the terms on record."""
    gas = tables["gas"]
    chosen = gas[gas["lead"].isin(LEADS) & (gas["forecaster"] == forecaster)]
    found = chosen.merge(tables["terms"], on="month").sort_values(["origin", "lead"]).reset_index(drop=True)
    return found.assign(place=[place(row, row["low"], row["high"]) for _, row in found.iterrows()])


def met(tables: Tables, price: Price) -> Iterator[tuple[pd.Series, pd.Series, float, float]]:
    """Yield the model's and persistence's forecasts of a reported price, and the ends of its discount in that month."""
    gas = tables["gas"].set_index(["origin", "month", "forecaster"])
    market = tables["terms"].set_index("month")["market"]
    origins = [origin for origin in GAS_ORIGINS if str(origin) in set(tables["gas"]["origin"])]
    for origin, month in meetings(price, origins):
        key = (str(origin), month_label(month))
        low, high = (1.0 - dear / market[key[1]] for dear in (price.high, price.low))
        own, held = (gas.loc[(*key, name)] for name in (MODEL, PERSISTENCE))
        yield own, held, float(low), float(high)


def _gas_numbers(tables: Tables) -> dict[str, Any]:
    own, held = (at_leads(tables, name) for name in (MODEL, PERSISTENCE))
    off, other = (np.log((1.0 - rows["median"]) / (1.0 - rows["discount"])).abs() for rows in (own, held))
    early = [pair for price in REPORTED[1:] for pair in met(tables, price) if pair[0].name[0] < "2022-01-01"]
    facts = as_recorded(Record.load())
    market = pd.Series({month_label(month): gas for month, (gas, _) in facts.prices.items()}).loc["2000-01":]
    autumn = range(month_number(date(2021, 10, 1)), month_number(date(2022, 1, 1)))
    slopes = [
        facts.contracts[max(start for start in facts.contracts if start <= month)].slope for month in autumn
    ]
    terms = tables["terms"].set_index("month")
    return {
        **{name: terms[name] for name in ("price", "market", "discount")},
        "gas_pairs": [(a, b) for (_, a), (_, b) in zip(own.iterrows(), held.iterrows(), strict=True)],
        "n_terms": len(own),
        "model_within": own["place"].str.startswith("in").sum(),
        "model_half": (own["place"] == "in the 50 % band").sum(),
        "held_within": held["place"].str.startswith("in").sum(),
        "held_half": (held["place"] == "in the 50 % band").sum(),
        "wins": (off < other).sum(),
        "losses": (other < off).sum(),
        "n_early": len(early),
        "model_early": sum(_reached(a, low, high) for a, _, low, high in early) or "none",
        "held_early": sum(_reached(b, low, high) for _, b, low, high in early) or "none",
        "width_model": _width(own),
        "width_held": _width(held),
        "no_lag_2021": [slope * facts.prices[month][1] for slope, month in zip(slopes, autumn, strict=True)],
        "market_before_2020": market[:"2019-12"],
        "market_before_2021": market[:"2020-12"],
        "lapsed": percent(own["lapsed"].max()),
    }


def _ends(prices: Iterable[float]) -> str:
    return f"{min(prices):.0f} to {max(prices):.0f}"


def _reached(row: pd.Series, low: float, high: float) -> bool:
    return place(row, low, high) not in {"above the 90 % band", "below the 90 % band"}


def _width(rows: pd.DataFrame) -> float:
    """Return the middle width of the 90 per cent bands, as a factor between the dear and the cheap end of the price."""
    return float(((1.0 - rows["low90"]) / (1.0 - rows["high90"])).median())


# --- the break of March 2014 ---


def the(table: pd.DataFrame, target: str, window: str, forecaster: str) -> pd.Series:
    """Return the one row of an outcome and a forecaster."""
    rows = table[
        (table["target"] == target) & (table["window"] == window) & (table["forecaster"] == forecaster)
    ]
    return rows.iloc[0]


def break_rows(table: pd.DataFrame) -> Iterator[list[str]]:
    for (target, window), rows in table.groupby(["target", "window"], sort=False):
        said = rows.set_index("forecaster")
        asked = ["succession" if c == "climatology" and "succession" in said.index else c for c in _COLUMNS]
        cells = [_cell(said.loc[name]) if name in said.index else "" for name in asked]
        yield [_OUTCOMES[target], window, _came(rows.iloc[0]), *cells]


def _cell(row: pd.Series) -> str:
    if np.isfinite(row["chance0"]):
        chances = [row[f"chance{i}"] for i in range(4) if np.isfinite(row[f"chance{i}"])]
        if len(chances) == 2:
            return _percent(chances[1])
        return " / ".join(f"{100 * share:.0f}" for share in chances) + f"{HELD}%"
    return f"{_figure(row, 'median')} ({_figure(row, 'low90')} to {_figure(row, 'high90')})"


def _figure(row: pd.Series, name: str) -> str:
    if row["target"] in _SHARES:
        return f"{100 * row[name]:.0f}"
    return f"{row[name]:.0f}" if row["target"] == "chapters_opened" else minus(f"{row[name]:.2f}")


def _came(row: pd.Series) -> str:
    if not np.isfinite(row["outcome"]):
        return "not on record"
    if row["target"] in _NAMED:
        return _NAMED[row["target"]][int(row["outcome"])]
    if np.isfinite(row["chance0"]):
        return "yes" if row["outcome"] else "no"
    return _figure(row, "outcome")


@dataclass(frozen=True)
class Said:
    """What one forecaster said on 1 March 2014, as the words tell it."""

    table: pd.DataFrame
    forecaster: str

    def row(self, target: str, window: str) -> pd.Series:
        return the(self.table, target, window, self.forecaster)

    def alignment(self, window: str, what: str = "median") -> str:
        return percent(self.row("cfsp_alignment", window)[what])

    def band(self, window: str) -> str:
        row = self.row("cfsp_alignment", window)
        return f"{100 * row['low90']:.0f} to {100 * row['high90']:.0f}{HELD}%"

    def place(self, window: str) -> str:
        """Return where the published alignment lay; where none was published, what was told of it."""
        row = self.row("cfsp_alignment", window)
        low = high = row["outcome"]
        if np.isnan(low):
            low, high = next((e["low"], e["high"]) for e in TOLD["told"] if e["window"] == window)
        return place(row, low, high)

    def chance(self, target: str, window: str, number: int = 1) -> str:
        share = self.row(target, window)[f"chance{number}"]
        return _percent(share) if target in _RARE else percent(share)


# --- words ---


def _share(discount: float) -> str:
    return minus(f"{100 * discount:.0f}") + f"{HELD}%"


def _span(row: Any) -> str:
    """Return the ends of a forecast's 90 per cent band."""
    return f"{minus(f'{100 * row.low90:.0f}')} to {_share(row.high90)}"


def _percent(share: float) -> str:
    """Return a chance that was counted with a half added: near 0 or 1 without a claim of tenths."""
    return f"below 1{HELD}%" if share < 0.0095 else f"above 99{HELD}%" if share > 0.9905 else percent(share)
