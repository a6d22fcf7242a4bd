"""Bars for long work: on a terminal, as lines where there is no cursor, nothing in a pipe; callbacks stay."""

import io
import sys
from dataclasses import replace
from datetime import date

from sim.execution import progress
from sim.execution.progress import Share, bar, inside, shown
from sim.forecasting import forecast
from sim.scenario import read_scenario

SHORT = replace(read_scenario("march-2023"), until=date(2023, 12, 31), questions=())


class Terminal(io.StringIO):
    """What is written to a terminal."""

    def isatty(self):
        return True


def a_terminal(monkeypatch):
    """Put a terminal in the place of standard error, and return what gives all that was written there."""
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    return stream.getvalue


def test_a_function_is_called_and_no_bar_is_shown(monkeypatch):
    terminal = a_terminal(monkeypatch)
    seen = []
    with shown(seen.append, "counting", 3) as advance:
        advance(2)
    assert seen == [2]
    for nothing in (None, False):
        with shown(nothing, "counting", 3) as advance:
            assert advance is None
    sys.stderr.write("end")
    assert terminal() == "end"


def test_a_terminal_shows_a_bar_that_moves(monkeypatch):
    terminal = a_terminal(monkeypatch)
    with shown(True, "counting", 4) as advance:
        advance(1)
        progress_so_far = terminal()
        advance(3)
    assert "counting" in progress_so_far
    assert "100%" in terminal()


def test_a_terminal_without_cursor_gets_a_line_now_and_then(monkeypatch):
    terminal = a_terminal(monkeypatch)
    monkeypatch.setenv("TERM", "dumb")
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    with bar("counting", 4) as advance:
        advance(1)
        now[0] = 31.0
        advance(1)
        advance(1)
        now[0] = 62.0
        advance(1)
    assert terminal().split() == ["counting:", "50", "%", "counting:", "100", "%"]


def test_a_forecast_shows_bars_on_a_terminal_and_nothing_in_a_pipe(monkeypatch, tmp_path, capfd):
    terminal = a_terminal(monkeypatch)
    forecast(SHORT, members=4, learned=False, output=tmp_path, save=False, progress=True)
    assert "simulating" in terminal()
    monkeypatch.undo()
    forecast(SHORT, members=4, learned=False, output=tmp_path, save=False, progress=True)
    assert capfd.readouterr() == ("", "")


def test_a_forecast_calls_a_function_with_the_months_done(tmp_path):
    seen = []
    forecast(SHORT, members=4, learned=False, output=tmp_path, save=False, progress=seen.append)
    assert sum(seen) == 4 * (SHORT.last_month + 1)


def test_the_bar_of_longer_work_moves_with_the_steps_of_its_tasks():
    seen = []
    share = Share(seen.append, {"learning": 80, "simulating": 20})
    with shown(inside(share), "learning", 160) as advance:
        for _ in range(160):
            advance(1)
    assert (sum(seen), set(seen)) == (80, {1})
    with shown(share, "simulating", 7) as advance:
        advance(5)
    with shown(share, "unheard of", 3) as advance:
        advance(3)
    assert sum(seen) == 94
    share.finish()
    assert sum(seen) == 100, "what was found done counts as done"


def test_tasks_of_other_units_are_not_told_to_a_function():
    assert inside(True) is True
    assert inside(print) is None
    assert inside(None) is None
