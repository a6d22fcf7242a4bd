"""The ledger as a table, and what each incentive does when it is switched off."""

import csv
import dataclasses

import numpy as np
import pytest

from sim import forecast, read_scenario
from sim.contrasts import ContrastError, attribute, contrast, read_ledger
from sim.contrasts.replays import replayed_months
from sim.runs.members import at
from sim.scenario import with_settings
from sim.world.incentives import LEDGER

MEMBERS = 60
FEW = 24
MARCH = read_scenario("march-2023")
LIVED = MARCH.last_month + 1 - MARCH.first_month  # months, from the origin on


@pytest.fixture(scope="module")
def march(tmp_path_factory):
    return forecast(MARCH, members=MEMBERS, output=tmp_path_factory.mktemp("results"))


@pytest.fixture(scope="module")
def ledger(march):
    return read_ledger(march)


@pytest.fixture(scope="module")
def effects(march):
    done = []
    assert replayed_months(march, FEW) == len(LEDGER) * FEW * LIVED
    found = attribute(march, members=FEW, progress=done.append)
    assert sum(done) == len(LEDGER) * FEW * LIVED
    return found


def column(run, name):
    return run.data[name].to_numpy().astype(float)


def test_every_line_stands_at_the_origin_each_years_end_and_the_end(ledger, march):
    assert {str(entry.date) for entry in ledger.entries} == {
        "2023-03-31",
        "2023-12-31",
        "2024-12-31",
        "2025-12-31",
    }
    assert len(ledger.entries) == 4 * (len(LEDGER) + 2)
    gas = next(entry for entry in ledger.entries if entry.term == "gas")
    values = at(march.data, "ledger_gas", MARCH.first_month).astype(float)
    assert (gas.low, gas.median, gas.high) == pytest.approx(tuple(np.quantile(values, [0.05, 0.5, 0.95])))


def test_what_moved_most_comes_first(ledger, march):
    sizes = {
        term: np.abs(
            np.diff(at(march.data, f"ledger_{term}", [MARCH.first_month, MARCH.last_month]).astype(float))
        ).mean()
        for term in LEDGER
    }
    told = {movement.term: movement.size for movement in ledger.movements}
    assert {term: told[term] for term in LEDGER} == pytest.approx(sizes)
    assert list(told.values()) == sorted(told.values(), reverse=True)
    assert set(told) == {*LEDGER, "coalition"}


def test_those_who_imposed_sanctions_are_held_against_the_others_in_the_same_months(ledger, march):
    since = range(
        MARCH.first_month - 12, MARCH.last_month + 1
    )  # months as in a year before the origin and on
    sanctions, gas = (at(march.data, name, since).astype(float) for name in ("sanctions", "ledger_gas"))
    never = [member for member in range(MEMBERS) if not sanctions[member].any()]
    ours, theirs = [], []
    for member in set(range(MEMBERS)) - set(never):
        when = int(np.flatnonzero(sanctions[member])[0])
        ours.append(gas[member, when - 12 : when].mean())
        theirs.append(gas[never, when - 12 : when].mean())
    assert ledger.sanctions.sizes == (len(ours), len(never))
    assert ledger.sanctions.means["gas"] == pytest.approx((np.mean(ours), np.mean(theirs)))


def test_where_none_or_all_impose_sanctions_there_is_no_mean():
    none, every = (
        read_ledger(forecast(with_settings(MARCH, [setting]), members=3, save=False)).sanctions
        for setting in ("sanctions_rate=0", "sanctions=1")
    )
    assert (none.sizes, none.means["gas"]) == ((0, 3), (None, None))
    assert every.sizes == (3, 0)
    assert every.means["gas"][0] is not None
    assert every.means["gas"][1] is None


def test_posture_groups_are_those_of_the_last_month(ledger, march):
    posture, pressure = column(march, "posture")[:, -1], column(march, "ledger_pressure")[:, -12:]
    for code, name in enumerate(ledger.posture.names):
        group = posture == code
        place = ledger.posture.names.index(name)
        assert ledger.posture.sizes[place] == group.sum()
        assert ledger.posture.means["pressure"][place] == pytest.approx(pressure[group].mean())


def test_an_incentive_switched_off_is_a_setting_of_its_weight(effects):
    by_hand = contrast(
        *(
            forecast(scenario, members=FEW, save=False)
            for scenario in (with_settings(MARCH, ["pressure_weight=0"]), MARCH)
        )
    )
    assert not by_hand.run.data["ledger_pressure"].any()
    told = {effect.outcome: effect for effect in effects if effect.term == "pressure"}
    lean = next(item for item in by_hand.outcomes[::-1] if item.name == "lean")
    opponent = next(item for item in by_hand.outcomes[::-1] if item.category == "opponent")
    by_end = next(item for item in by_hand.questions if item.name == "sanctions-before-2026")
    for effect, item in (("lean", lean), ("opponent", opponent), ("sanctions", by_end)):
        assert (told[effect].difference, told[effect].low, told[effect].high) == (
            item.difference,
            item.low,
            item.high,
        )


def test_the_incentives_pull_the_way_theory_says(effects):
    lean = {effect.term: effect for effect in effects if effect.outcome == "lean"}
    assert list(lean) == list(LEDGER)
    ways = {"accession": -1.0, "pressure": -1.0, "gas": 1.0, "retaliation": 1.0}
    assert {term: np.sign(lean[term].difference) for term in ways} == ways


def test_the_answer_is_kept_in_the_run_folder_and_found_there(effects, march, monkeypatch):
    def simulated(*_, **__):
        raise AssertionError("nothing is simulated again")

    with monkeypatch.context() as patch:
        patch.setattr("sim.contrasts.replays.simulate", simulated)
        patch.setattr("sim.contrasts.replays.content_of", lambda state: "other code")
        assert attribute(march, members=FEW) == effects
        assert replayed_months(march, FEW) == 0
    with monkeypatch.context() as patch:
        patch.setattr("sim.contrasts.replays.simulate", simulated)
        with pytest.raises(AssertionError, match="nothing is simulated"):
            attribute(march, members=FEW - 1)
    names = {path.name for path in march.folder.iterdir()}
    assert "attribution.csv" in names
    assert "attribution.part" not in names


def test_a_damaged_answer_is_not_believed(effects, march, caplog):
    path = march.folder / "attribution.csv"
    whole = path.read_text(encoding="utf-8")
    rows = list(csv.reader(whole.splitlines()))
    assert len(rows) == 1 + 3 * len(LEDGER)
    for damaged in ("", "term,outcome\ngas,lean\n", whole.replace(repr(effects[0].low), "low")):
        path.write_text(damaged, encoding="utf-8")
        assert replayed_months(march, FEW) > 0
        assert caplog.messages == []
    assert attribute(march, members=FEW) == effects
    said = f"{path} is damaged: it is not as it was written; the replays are made again"
    assert caplog.messages == [said], "once"
    assert path.read_text(encoding="utf-8") == whole


def test_a_run_of_other_code_or_one_member_is_refused(march):
    aged = dataclasses.replace(march, provenance={**march.provenance, "content": "other"})
    with pytest.raises(ContrastError, match="has changed since this run was made"):
        attribute(aged, members=5)
    with pytest.raises(ContrastError, match="two members"):
        attribute(march, members=1)


def test_no_more_members_are_replayed_than_there_are(march):
    assert replayed_months(march, 10**6) == len(LEDGER) * MEMBERS * LIVED
