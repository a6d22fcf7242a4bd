"""Eras of a scorecard, by the origin's year: declared once, before 2024 to 2026 were scored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Era:
    """The origins of some years, first and last included."""

    first: int
    last: int

    @property
    def name(self) -> str:
        """Its years, as "2016-17"."""
        return f"{self.first}-{self.last % 100}"

    def __contains__(self, origin: date) -> bool:
        return self.first <= origin.year <= self.last


ERAS = (Era(2016, 2017), Era(2018, 2021), Era(2022, 2023), Era(2024, 2026))
"""The first year pairs in which rivals knew a figure or two, the quiet years, the full-scale war, and what came after
the model was first scored."""

SINCE_2018 = Era(2018, 2026)
"""The years of what is hoped for."""

WHOLE = "all"
"""Its name where all origins are taken together."""
