"""Answers and differences in words, for the page and for the commands that print them; nothing heavy is loaded here."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING
from unicodedata import category

from sim.words import HELD

if TYPE_CHECKING:
    from datetime import date

    from sim.contrasts import Difference
    from sim.contrasts.pairs import Pairs
    from sim.observations import Record
    from sim.results import Run
    from sim.scenario import Question

POOLED = (
    "Pooled: half this model, half the last published figure with the spread of its past changes, as declared "
    "beforehand (docs/declared.md)."
)

_MOST_PLACES = 6

_LIKELIHOODS = (
    (0.01, "Exceptionally unlikely"),
    (0.1, "Very unlikely"),
    (1.0 / 3.0, "Unlikely"),
    (2.0 / 3.0, "About as likely as not"),
    (0.9, "Likely"),
    (0.99, "Very likely"),
    (math.inf, "Virtually certain"),
)
"""Below each probability its term: Mastrandrea et al. (2010), the IPCC's guidance note on uncertainty."""

_UNIT_FRACTIONS = (*range(4, 13), 15, 20, 25, 30, 40, 50, 75, 100)
_FRACTIONS = ((1, 2), (2, 5), (1, 3), (3, 10), *((1, n) for n in _UNIT_FRACTIONS))
_NUMBERS = "no one two three four five six seven eight nine ten eleven twelve".split()  # noqa: SIM905


def likelihood(probability: float) -> str:
    """Return the calibrated term for a probability.

    >>> likelihood(0.168), likelihood(0.712)
    ('Unlikely', 'Likely')
    """
    return next(words for bound, words in _LIKELIHOODS if probability < bound)


def odds(probability: float) -> str:
    """Return a probability as chances in a number of them, the nearest of simple ones.

    >>> odds(0.168), odds(0.712), odds(0.073), odds(0.51), odds(0.001)
    ('about one chance in six', 'about seven chances in ten', 'about one chance in 15', 'about an even chance',
    'less than one chance in 100')
    """
    least = min(probability, 1.0 - probability)
    if least < 0.0075:
        return "less than one chance in 100" if probability < 0.5 else "more than 99 chances in 100"
    hits, of = min(_FRACTIONS, key=lambda each: abs(_logit(each[0] / each[1]) - _logit(least)))
    if (hits, of) == (1, 2):
        return "about an even chance"
    hits = hits if probability < 0.5 else of - hits
    return f"about {_spelled(hits)} chance{'' if hits == 1 else 's'} in {_spelled(of)}"


def _logit(share: float) -> float:
    return math.log(share / (1.0 - share))


def _spelled(number: int) -> str:
    return _NUMBERS[number] if number < len(_NUMBERS) else str(number)


def per_cent(probability: float, mcse: float | None = None) -> str:
    """Return a probability as per cent, with the error of the computation if it has one.

    >>> per_cent(0.16845, 0.0101).replace(HELD, " ")
    '16.8 % ± 1.0'
    """
    error = "" if mcse is None else f"{HELD}\N{PLUS-MINUS SIGN}{HELD}{100 * mcse:.1f}"
    return f"{100 * probability:.1f}{HELD}%{error}"


def clean(text: str) -> str:
    r"""Return a text without what controls a screen or the direction of writing, and without halves of characters.

    >>> clean("10\u00a0%\x1b[31m \u202e\n")
    '10\xa0%?[31m ? '
    """
    kept = {"\n": " ", "\t": " "}
    return "".join(kept.get(c, "?" if category(c)[0] == "C" else c) for c in text)


def held(text: str) -> str:
    """Return words that stand on one line."""
    return text.replace(" ", HELD)


def beyond(made: Run) -> str:
    """Return what is not known before the origin, if it lies beyond the record; else nothing."""
    if not made.days_beyond_record:
        return ""
    return (
        f"Beyond the record: it ends on {made.record_ends:%-d %B %Y}; what happened in the "
        f"{made.days_beyond_record:,} days from then to the origin is simulated, not known."
    )


def what_came(question: Question, as_of: date, record: Record) -> str:
    """Return what has come of a question since the origin, by a record; nothing if it does not say."""
    from sim.registry.truth import settled

    found = settled(question, as_of, record)
    return "" if found is None else f"It came: {'yes' if found else 'no'}."


def places_of(width: float, most: int) -> int:
    """Return the decimals with which a change is told: two digits of its interval's width, but `most` at most."""
    return 1 if width <= 0.0 else min(max(1 - math.floor(math.log10(width)), 1), most)


def change_in_words(pairs: Pairs, scale: float, places: int) -> str:
    """Return a difference with its interval, or that there is none; "*" marks one that is away from zero.

    An end of the interval that is away from zero is told with so many decimals, up to six, that it is seen to be; where
    they do not do, the difference is too small for a mark.
    """
    if pairs.verdict == "same":
        return "no difference" if pairs.low == pairs.high else "no member differs"
    marked = pairs.verdict in ("higher", "lower")
    nearest = scale * min(abs(pairs.low), abs(pairs.high))
    while marked and places < _MOST_PLACES and not _told(nearest, places):
        places += 1
    marked = marked and _told(nearest, places)
    low, middle, high = (signed(scale * v, places) for v in (pairs.low, pairs.difference, pairs.high))
    return f"{middle} [{low}, {high}]" + ("*" if marked else "")


def judged_in_words(item: Difference, scale: float, after: str = "") -> str:
    """Return the range of a difference over judgement, and what is said after it; nothing where there is no range."""
    if item.judged_low is None or item.judged_high is None:
        return ""
    low, high = (signed(scale * end, 1) for end in (item.judged_low, item.judged_high))
    return "" if low == high else f"{low} to {high}{after}"


def _told(value: float, places: int) -> bool:
    """Return whether a number is seen to differ from zero with this many decimals."""
    return abs(value) >= 0.5 * 10.0**-places


def signed(value: float, places: int) -> str:
    """Return a number with its sign, and none where it is told as zero."""
    text = f"{value:+.{places}f}"
    return text if text.strip("+-0.") else text[1:]
