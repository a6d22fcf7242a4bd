"""A precision that is asked for is reached, by members and by particles, or it is said that it is not."""

from contextlib import nullcontext
from dataclasses import replace
from datetime import date
from functools import partial

import numpy as np
import pytest
import xarray as xr

from sim.assimilation.making import keep_part
from sim.forecasting import forecast
from sim.forecasting.ensemble import simulate
from sim.forecasting.errors import half_width, islands_of
from sim.forecasting.precision import reach
from sim.scenario import read_scenario

MARCH = read_scenario("march-2023")
SPEC = replace(MARCH, until=date(2023, 12, 31), questions=MARCH.questions[4:5])  # sanctions before 2024
ASKED = SPEC.questions[0].id


class Filter:
    """A posterior of so many particles, on 16 islands whose means lie apart as a filter's of that size."""

    kept = xr.Dataset()

    def __init__(self, particles, spread):
        self.size = particles
        self.shift = spread * particles**-0.5 * np.random.default_rng(1).standard_normal(16)

    def start(self, members, *, seed):
        raise AssertionError("not called: members are made up here")


def made_up(filters):
    """Return a stand-in for `simulate` in which members come true by chance, each island by its own."""

    def make(*, members, first, begin, keep):
        number = np.arange(first, members)
        island = number % 16
        chance = 0.3 + (0.0 if begin is None else begin.func.__self__.shift[island])
        sanctions = np.random.default_rng(2).random(200_000)[number] < chance
        filters.append((first, members))
        months = np.array(["2023-12"], dtype="datetime64[ns]")
        values = {"sanctions": (("member", "month"), sanctions[:, None].astype(np.float32))}
        if begin is not None:
            values |= {"ancestor": (("member",), island), "island": (("particle",), np.arange(16))}
        return xr.Dataset(values, coords={"member": number, "month": months})

    return make


DECEMBER = replace(SPEC, questions=(replace(SPEC.questions[0], ever_by=None, at=date(2023, 12, 31)),))


def reached(wanted, *, spread=None, most=131_072, particles=(4096, 32_768), kept=None, stop=None):
    calls, learned = [], []
    make = made_up(calls)

    def simulate(**given):
        if len(calls) == stop:
            raise KeyboardInterrupt
        return make(**given)

    def learn(*, particles):
        learned.append(particles)
        return Filter(particles, spread)

    found = None
    with nullcontext() if stop is None else pytest.raises(KeyboardInterrupt):
        found, _ = reach(
            DECEMBER,
            wanted,
            seed=1,
            most=most,
            particles=particles,
            learn=None if spread is None else learn,
            simulate=simulate,
            kept=kept,
        )
    return found, calls, learned


def test_members_are_added_until_they_are_enough_and_each_is_simulated_once():
    found, calls, _ = reached(0.005)
    needed = 0.3 * 0.7 * (1.645 / 0.005) ** 2
    assert found.met
    assert needed * 0.9 < found.members < needed * 1.2
    assert [first for first, _ in calls] == [0, *(last for _, last in calls[:-1])]
    assert calls[-1][1] == found.members
    assert found.of_filter == 0.0
    assert reached(0.05)[0].members == 4096  # what is enough at once is left so


def test_members_make_up_for_a_filter_that_is_good_enough():
    found, _, learned = reached(0.02, spread=0.8)
    assert found.met
    assert learned == [4096]
    assert 0.0 < found.of_filter < found.reached <= 0.02


def test_particles_are_doubled_where_the_filter_alone_spoils_it():
    found, _, learned = reached(0.008, spread=3.0)
    assert found.met
    assert learned[0] == 4096 < learned[-1] == found.particles <= 32_768
    assert all(size & (size - 1) == 0 for size in learned)


@pytest.mark.parametrize(
    ("asked", "members", "particles"),
    [
        ({"wanted": 0.001, "spread": 1.0}, 4096, 4096),  # hopeless: nothing is added in vain
        ({"wanted": 0.008, "spread": 3.0, "particles": (4096, 4096)}, 4096, 4096),  # they were given
        ({"wanted": 0.005, "most": 10_000}, 10_000, None),
        ({"wanted": 0.02, "most": 500}, 500, None),
    ],
)
def test_it_stops_where_nothing_allowed_would_do(asked, members, particles):
    found, *_ = reached(**asked)
    assert not found.met
    assert (found.members, found.particles) == (members, particles)
    assert found.reached > found.wanted


@pytest.fixture(scope="module")
def precise(tmp_path_factory):
    return forecast(
        SPEC, precision=0.013, members=8000, particles=32, output=tmp_path_factory.mktemp("precise")
    )


def test_a_run_is_as_precise_as_was_asked_and_says_so(precise):
    (row,) = precise.table("questions")
    told = precise.provenance["precision"]
    width = half_width(row["mcse"], islands_of(precise.data))
    assert told["reached"] == pytest.approx(width, rel=1e-6)
    assert told["met"] == (width <= 0.013)
    assert told["question"] == ASKED
    assert told["members"] == precise.provenance["members"] == row["members"]


def test_a_search_goes_on_from_what_it_had_found(tmp_path):
    whole, calls, _ = reached(0.008, spread=3.0, kept=tmp_path / "whole")
    assert len(calls) > 2
    for after in range(1, len(calls)):
        asked = {"spread": 3.0, "kept": tmp_path / str(after)}
        _, stopped, _ = reached(0.008, **asked, stop=after)
        found, again, _ = reached(0.008, **asked)
        assert found == whole
        assert stopped + again == calls
    for path in (tmp_path / "whole").iterdir():  # of someone else
        keep_part({"hits": np.ones((7, 3), dtype=bool)}, path)
    assert reached(0.008, spread=3.0, kept=tmp_path / "whole")[:2] == (whole, calls)


def test_its_numbers_are_those_of_a_run_with_as_many_members_given_outright(precise, tmp_path):
    members = precise.provenance["members"]
    given = forecast(SPEC, members=members, particles=32, output=tmp_path, save=False)
    assert given.table("questions") == precise.table("questions")
    few = forecast(SPEC, members=100, particles=32, output=tmp_path, save=False)
    first = precise.data.isel(member=slice(100))
    for name in ("lean", "ancestor"):
        np.testing.assert_array_equal(few.data[name], first[name])
    assert given.folder.name != precise.folder.name


def test_an_interrupted_call_searches_no_further_than_it_must_and_leaves_nothing(tmp_path, monkeypatch):
    ask = partial(forecast, SPEC, precision=0.013, members=8000, particles=32, output=tmp_path)
    monkeypatch.setattr("sim.forecasting.making.Store", None)  # it ends as soon as its members are to be kept
    with pytest.raises(TypeError):
        ask()
    monkeypatch.undo()
    monkeypatch.setattr("sim.forecasting.precision._Grown._add", None)
    ask()
    assert not list(tmp_path.rglob("*.search"))


def test_the_same_call_finds_it_and_another_precision_does_not(precise, monkeypatch):
    output = precise.folder.parents[1]
    monkeypatch.setattr("sim.forecasting.making.reach", None)  # it would fail
    again = forecast(SPEC, precision=0.013, members=8000, particles=32, output=output)
    assert again.folder == precise.folder
    with pytest.raises(TypeError):
        forecast(SPEC, precision=0.014, members=8000, particles=32, output=output)


def test_members_simulated_by_parts_are_those_of_the_whole():
    part = partial(simulate, SPEC, keep="outcomes")
    whole, last = part(members=30), part(members=30, first=20)
    assert last["member"].to_numpy().tolist() == list(range(20, 30))
    for name in last.data_vars:
        np.testing.assert_array_equal(last[name], whole[name][20:])


@pytest.mark.parametrize("precision", [0.0, -0.1, 1.0])
def test_a_precision_that_means_nothing_is_refused(precision):
    with pytest.raises(ValueError, match="lies between 0 and 1"):
        forecast(SPEC, precision=precision, save=False)


def test_a_precision_of_no_question_is_refused(called, tmp_path):
    silent = replace(SPEC, questions=())
    with pytest.raises(ValueError, match="asks no question"):
        forecast(silent, precision=0.1, save=False)
    told = called("run", "baseline-2030", "--precision", "0", "--output", tmp_path)
    assert told.exit_code == 2
    assert "0.001<=x<=0.5" in told.stderr


def test_the_command_says_what_was_reached_or_ends_with_status_1(called, tmp_path):
    few = ("--no-figures", "--particles", "32", "--output", tmp_path)
    met = called("run", "march-2023", "--precision", "0.5", *few, "--members", "300")
    assert met.exit_code == 0
    assert "nine in ten reaches 50 points or less either way" in " ".join(met.stdout.split())
    short = called("run", "march-2023", "--precision", "0.002", *few, "--members", "300")
    assert short.exit_code == 1
    assert "Written: " in short.stdout  # the answers stand
    assert "a precision of 0.2 points is not reached: the interval of " in short.stderr
    assert "\u00b1" not in short.stderr, "which is one standard error"


def test_a_comparison_takes_as_many_members_as_the_precision_took(called, tmp_path):
    told = called(
        "run",
        "kosovo-settled",
        *("--precision", "0.5", "--members", "300", "--particles", "32", "--against", "march-2023"),
        *("--no-figures", "--output", tmp_path, "--json"),
    )
    assert told.exit_code == 0, told.stderr
    assert '"against"' in told.stdout
