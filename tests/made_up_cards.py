"""A scorecard of made-up forecasts on the record's cases, for tests: nothing is simulated, nothing is fitted."""

from collections.abc import Sequence

import numpy as np

from sim.observations import Record
from sim.verification import Scorecard, cases, origins, rows
from sim.verification.rivals import OF_CLASSES, OF_FIGURES
from sim.verification.scorecard import MODELS

SIZE = {"cfsp_alignment": 0.1, "un_position": 0.1, "eu_support": 0.04, "chapters_opened": 2.0}


def made_up_card(models: Sequence[str] = MODELS, seed: int = 1) -> Scorecard:
    """Return a scorecard whose figures are forecast with honest normal errors, whose chances are drawn at random."""
    random = np.random.default_rng(seed)
    record = Record.load()
    dates = origins(record)
    found = []
    for case in cases(record, dates):
        rivals = OF_CLASSES if case.classes else OF_FIGURES
        for place, name in enumerate([*models, *rivals]):
            if case.classes:
                forecast = random.dirichlet(np.ones(case.classes)) * 0.7
                forecast[int(case.outcome)] += 0.3
            else:
                size = SIZE[case.target] * (1.0 + 0.15 * place)
                values = case.outcome + size * (random.normal() + random.normal(size=500))
                forecast = np.rint(values) if case.kind == "count" else values
            found.append(rows.scored(case, name, forecast))
    made = {
        "origins": [str(day) for day in dates],
        "leads": [6, 12, 24],
        "members": 500,
        "particles": 1000,
        "seed": seed,
    }
    return Scorecard(rows.table(found), made)
