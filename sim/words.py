"""Numbers, dates, answers and differences as a reader says them; nothing heavy is loaded here."""

from __future__ import annotations

import math
from calendar import monthrange
from datetime import date
from typing import Protocol

from sim.clock import calendar_month, month_number, month_start


class Change(Protocol):
    """A difference with its interval and what it says, as `sim.contrasts.pairs.Pairs` has them."""

    # ruff: noqa: D102  # the names say it
    @property
    def difference(self) -> float: ...
    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...
    @property
    def verdict(self) -> str: ...


HELD = "\N{NO-BREAK SPACE}"
"""A space at which no line breaks."""

POOLED = (
    "Pooled: half this model, half the last published figure with the spread of its past changes, as declared "
    "beforehand (docs/declared.md)."
)
STAR = "* is not chance: of ten such tables in which nothing differs, nine have none"
"""What the mark of `change_in_words` means."""

OUTCOMES = {
    "lean": "lean at the end",
    "sanctions": "sanctions by the end",
    "opponent": "opponent at the end",
}
"""What `sim.contrasts.attribute` tells of, in words."""

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


def number(value: float, places: int = 0) -> str:
    """Return a number, shortly where it is large.

    >>> number(1234.5, 1), number(-402983.0, 2), number(2.5e6), number(3e30)
    ('1,234.5', '\N{MINUS SIGN}403k', '2.5M', '3e30')
    """
    size = abs(value)
    if size >= 1e15:
        return minus(f"{value:.2g}".replace("e+", "e"))
    for scale, name in ((1e12, "tn"), (1e9, "bn"), (1e6, "M"), (1e3, "k")):
        if size >= max(scale, 1e5):
            short = f"{value / scale:.{1 if size < 100.0 * scale else 0}f}"
            return minus(short.removesuffix(".0")) + name
    return minus(f"{value:,.{places}f}")


def signed(value: float, places: int) -> str:
    """Return a number with its sign, and none where it is written as zero.

    >>> signed(0.304, 2), signed(-0.001, 2), signed(-1.0, 1)
    ('+0.30', '0.00', '\N{MINUS SIGN}1.0')
    """
    written = number(value, places)
    return f"+{written}" if value > 0.0 and written.strip("0.") else written


def percent(share: float, *, of: int | None = None, tenths: float = 0.0095) -> str:
    """Return a share as per cent; with `of` members, a share of none or all of them as what was counted.

    Below `tenths`, and as near to all, tenths of a per cent are told.

    >>> percent(0.4614).replace(HELD, " "), percent(0.0034).replace(HELD, " "), percent(0.0, of=300)
    ('46 %', '0.3 %', '0 of 300')
    """
    if of is not None and share in (0.0, 1.0):
        return f"{share * of:,.0f} of {of:,}"
    places = 1 if 0.0 < abs(share) < tenths or 0.9905 < share < 1.0 else 0
    return f"{number(100.0 * share, places)}{HELD}%"


def per_cent(probability: float, mcse: float | None = None, *, width: int = 0) -> str:
    """Return a probability as per cent, with the error of the computation if it has one.

    A share below zero, as of a discount, has a true minus sign.

    >>> per_cent(0.16845, 0.0101).replace(HELD, " "), per_cent(0.016, width=5).replace(HELD, " ")
    ('16.8 % ± 1.0', '  1.6 %')
    >>> per_cent(-0.132, width=6).replace(HELD, " ")
    ' \N{MINUS SIGN}13.2 %'
    """
    error = "" if mcse is None else f"{HELD}\N{PLUS-MINUS SIGN}{HELD}{100 * mcse:.1f}"
    return f"{minus(f'{100 * probability:.1f}'):>{width}}{HELD}%{error}"


def level(value: float, *, percent: bool) -> str:
    """Return a number to three digits, or a share in per cent."""
    return per_cent(value) if percent else minus(f"{value:.3g}")


def judged(low: float | None, high: float | None, width: int = 0) -> str:
    """Return the ends of a range of probabilities, in per cent; nothing if there is none or it does not matter.

    >>> judged(0.054, 0.139), judged(0.421, 0.424), judged(None, None)
    ('5 to 14', '', '')
    """
    ends = [] if low is None or high is None else [f"{100 * end:.0f}" for end in (low, high)]
    return f"{ends[0]:>{width}} to {ends[1]}" if len({*ends}) > 1 else ""


def between(low: str, high: str) -> str:
    """Return a range of two numbers that are written already: one where they read alike, and "%" once.

    >>> between("15 %", "90 %"), between("3", "3")
    ('15 to 90 %', '3')
    """
    return low if low == high else f"{low.removesuffix('%').rstrip()} to {high}"


def minus(number: str) -> str:
    """Return a number's text with a true minus sign, but in an exponent, and none before a zero.

    >>> minus("-7e-05"), minus("-0.00")
    ('\N{MINUS SIGN}7e-05', '0.00')
    """
    if number.startswith("-") and not number.strip("-0.,"):
        return number.removeprefix("-")
    return number.replace("-", "\N{MINUS SIGN}").replace("e\N{MINUS SIGN}", "e-")


def day_in_words(day: date) -> str:
    """Return a date, for example "10 March 2023"."""
    return f"{day.day}{HELD}{day:%B}{HELD}{day.year}"


def month_in_words(month: int) -> str:
    """Return a month number, for example "March 2023"."""
    return f"{month_start(month):%B}{HELD}{month_start(month).year}"


def when(month: int, span: str) -> str:
    """Return the time that a figure of `month` is about, for example "in 2025" or "at the end of 2025".

    Parameters
    ----------
    month: the last month. span: "year", "half-year", or nothing for a value at the month's end.
    """
    year = month_start(month).year
    if span == "year":
        return f"in{HELD}{year}"
    if span == "half-year":
        half = "first" if calendar_month(month) == 6 else "second"
        return f"in the {half} half of{HELD}{year}"
    if calendar_month(month) == 12:
        return f"at the end of{HELD}{year}"
    return f"at the end of {month_in_words(month)}"


def a(noun: str) -> str:
    """Return a noun with its article."""
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


def counted(number: int, what: str) -> str:
    """Return how many there are of something, whose plural ends on s."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def histories(members: int) -> str:
    """Return how many histories were simulated.

    >>> histories(1), histories(4096)
    ('1 simulated history', '4,096 simulated histories')
    """
    return "1 simulated history" if members == 1 else f"{members:,} simulated histories"


def position(day: date) -> float:
    """Return where a day's end stands on an axis of months since January 2012; a month's end is a whole number.

    >>> position(date(2012, 1, 31)), position(date(2012, 2, 29))
    (1.0, 2.0)
    """
    return month_number(day) + day.day / monthrange(day.year, day.month)[1]


def sentence(words: str) -> str:
    """Return words with a capital at their beginning."""
    return words[:1].upper() + words[1:]


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


def beyond(days: int, ends: date) -> str:
    """Return what is not known before an origin so many days after the end of its record; within it nothing."""
    if not days:
        return ""
    return (
        f"Beyond the record: it ends on {day_in_words(ends)}; what happened in the {days:,} days from then to the "
        "origin is simulated, not known."
    )


def places_of(width: float, most: int) -> int:
    """Return the decimals with which a change is told: two digits of its interval's width, but `most` at most."""
    return 1 if width <= 0.0 else min(max(1 - math.floor(math.log10(width)), 1), most)


def unchanged(pairs: Change) -> str:
    """Return that no member differs, and whether that says that none could; nothing where some do."""
    if pairs.verdict != "same":
        return ""
    return "no difference" if pairs.low == pairs.high else "no member differs"


def acting(month: int | None) -> str:
    """Return that what is assumed acts from a month on, where there is one to tell."""
    return "" if month is None else f"it acts from {month_in_words(month)} on"


def change_in_words(pairs: Change, scale: float = 100.0, places: int = 1) -> str:
    """Return a difference with its interval, or that there is none; "*" marks one that is away from zero.

    An end of the interval that is away from zero is told with so many decimals, up to six, that it is seen to be; where
    they do not do, the difference is too small for a mark.
    """
    if same := unchanged(pairs):
        return same
    nearest = scale * min(abs(pairs.low), abs(pairs.high))
    enough = (more for more in range(places, _MOST_PLACES + 1) if nearest >= 0.5 * 10.0**-more)
    marked = pairs.verdict in ("higher", "lower") and nearest >= 0.5 * 10.0**-_MOST_PLACES
    places = next(enough) if marked else places
    low, middle, high = (signed(scale * v, places) for v in (pairs.low, pairs.difference, pairs.high))
    return f"{middle} [{low}, {high}]" + ("*" if marked else "")


def effect_in_words(effect: Change, outcome: str) -> str:
    """Return what changes in one of `OUTCOMES` without an incentive: logits of the lean, else points of per cent."""
    return change_in_words(effect, 1.0, 2) if outcome == "lean" else change_in_words(effect)


def judged_in_words(low: float | None, high: float | None, scale: float = 100.0, after: str = "") -> str:
    """Return the range of a difference over judgement, and what is said after it; nothing where there is no range."""
    if low is None or high is None:
        return ""
    ends = [signed(scale * end, 1) for end in (low, high)]
    return "" if ends[0] == ends[1] else f"{ends[0]} to {ends[1]}{after}"
