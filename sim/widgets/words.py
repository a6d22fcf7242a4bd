"""What a panel writes: the questions before and now, and what is assumed."""

from __future__ import annotations

from html import escape

from sim.contrasts import Contrast, Difference

_HEAD = ("", "before", "now", "difference, points")
_RIGHT = 'style="text-align:right;white-space:nowrap;padding:2px 0 2px 14px"'
_LEFT = 'style="text-align:left;padding:2px 0"'


def rows(comparison: Contrast) -> list[tuple[str, str, str, str]]:
    """Return each question with its probability before and now, and the difference with its interval."""
    return [
        (item.text, _percent(item.baseline), _percent(item.value), change(item))
        for item in comparison.questions
    ]


def change(item: Difference) -> str:
    """Return a difference of probabilities in words, in percentage points."""
    if item.verdict == "same":
        return "none"
    words = f"{_points(item.difference)} ({_points(item.low)} to {_points(item.high)})"
    return f"{words}, unclear" if item.verdict == "unclear" else words


def as_text(comparison: Contrast) -> str:
    """Return the questions as plain lines."""
    lines = [f"{before:>6} -> {now:>6}  {text}" for text, before, now, _ in rows(comparison)]
    return "\n".join([*assumed(comparison), *lines])


def as_html(comparison: Contrast) -> str:
    """Return the questions as a table."""
    head = "".join(f"<th {_RIGHT if title else _LEFT}>{title}</th>" for title in _HEAD)
    body = "".join(
        f"<tr><td {_LEFT}>{escape(text)}</td>"
        + "".join(f"<td {_RIGHT}>{cell}</td>" for cell in cells)
        + "</tr>"
        for text, *cells in rows(comparison)
    )
    table = f'<table style="border-spacing:0;line-height:1.4"><tr>{head}</tr>{body}</table>'
    said = "<br>".join(escape(line) for line in assumed(comparison))
    return f'<p>{said}</p>{table}<p style="line-height:1.3"><small>{footnote(comparison)}</small></p>'


def assumed(comparison: Contrast) -> list[str]:
    """Return what the run assumes otherwise, one line each."""
    return [f"Assumed {line}" for line in comparison.assumed] or ["Nothing is moved: now is before."]


def footnote(comparison: Contrast) -> str:
    """Return what the numbers are."""
    worst = 50.0 / comparison.members**0.5
    return (
        f"{comparison.members:,} histories; the same ones, with the same luck, before and now, so that small "
        "differences show. In brackets 90 % intervals; unclear is what cannot be told from none. Each probability by "
        f"itself is good to {worst:.1f} points or better (one standard error). They rest on "
        f"{'what is ' if comparison.run.learned else ''}{comparison.run.basis}."
    )


def _percent(share: float) -> str:
    return f"{100.0 * share:.1f} %"


def _points(share: float) -> str:
    number = f"{100.0 * share:+.1f}"
    return "0.0" if number in ("+0.0", "-0.0") else number.replace("-", "\N{MINUS SIGN}")
