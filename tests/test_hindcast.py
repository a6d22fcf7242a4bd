"""The hindcast: what a run says of each case, what a variant believes, and how an interrupted call goes on."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import sim.rivals
from sim.assimilation import CollapseError
from sim.clock import month_number
from sim.contents import PRESENTATION, content_digest
from sim.execution.workers import WorkerError
from sim.record.cases import figure_case
from sim.record.observations import Record
from sim.rivals import POOLED, rival_forecasts
from sim.verification import MODELS, VARIANTS, Case, Variant, cases, hindcast, hindcasting
from sim.verification.variants import model_run, run_forecast, scenario_at
from sim.world.incentives import LEDGER

ORIGIN = date(2022, 7, 1)
ONE = (Variant("unlearned", learned=False),)  # how a hindcast goes on does not turn on what is learned
FEW = {"members": 8, "particles": 50, "leads": (6,)}


def made_up_run(members=4, months=150, **variables):
    data = {name: (("member", "month"), np.zeros((members, months))) for name in ("lean", "sanctions")}
    data |= {
        "chapters_opened": (("member", "month"), np.full((members, months), 22.0)),
        "cfsp_alignment_half": (("member", "month"), np.full((members, months), 0.4)),
    }
    data |= {
        f"vote_{way}_chance_crimea": (("member", "month"), np.full((members, months), chance))
        for way, chance in (("with", 0.2), ("against", 0.1))
    }
    found = xr.Dataset(data, coords={"month": pd.date_range("2012-01-01", periods=months, freq="MS")})
    for name, change in variables.items():
        found[name][change[0]] = change[1]
    return found


def event(target, end, start=ORIGIN):
    return Case(target, "event", ORIGIN, 12, start, end, np.nan)


def test_an_event_is_counted_over_members_and_never_sure():
    month = month_number(date(2023, 6, 1))
    data = made_up_run(chapters_opened=((slice(0, 1), slice(month, None)), 24.0))
    opened = run_forecast(data, event("chapter_within_year", date(2023, 6, 30)))
    assert opened.tolist() == [1.0 - 1.5 / 5.0, 1.5 / 5.0]
    assert run_forecast(data, event("chapter_within_year", date(2023, 5, 31)))[1] == 0.5 / 5.0


def test_chapters_opened_before_the_origin_are_no_event():
    month = month_number(ORIGIN) - 1
    data = made_up_run(chapters_opened=((slice(None), slice(month, None)), 24.0))
    assert run_forecast(data, event("chapter_within_year", date(2023, 6, 30)))[1] == 0.5 / 5.0


def test_sanctions_count_if_they_were_in_force_in_any_month():
    data = made_up_run(sanctions=((slice(0, 2), month_number(date(2022, 9, 1))), 1.0))
    assert run_forecast(data, event("sanctions_within_year", date(2023, 6, 30)))[1] == 2.5 / 5.0


def test_half_or_more_of_the_published_share():
    month = month_number(date(2022, 12, 1))
    data = made_up_run(cfsp_alignment_half=((slice(0, 3), month), 0.5))
    assert run_forecast(data, event("alignment_half", date(2022, 12, 31)))[1] == 3.5 / 5.0


def test_votes_are_the_mean_of_each_members_own_chances_in_the_month():
    month = month_number(date(2022, 12, 1))
    data = made_up_run(
        vote_with_chance_crimea=((slice(0, 2), month), 0.9),
        vote_against_chance_crimea=((slice(3, 4), month), 0.5),
    )
    case = Case("un_votes", "votes", ORIGIN, 6, None, date(2022, 12, 15), np.nan, "crimea")
    expected = [(2 * 0.9 + 2 * 0.2) / 4, None, (3 * 0.1 + 0.5) / 4]
    expected[1] = 1.0 - expected[0] - expected[2]
    assert np.allclose(run_forecast(data, case), expected)


def test_a_run_is_not_asked_what_it_does_not_forecast():
    with pytest.raises(ValueError, match="no forecast of 'weather'"):
        run_forecast(made_up_run(), event("weather", date(2022, 12, 31)))


def test_variants_are_those_that_were_declared():
    assert tuple(variant.name for variant in VARIANTS) == MODELS
    assert [v.name for v in VARIANTS if not v.incentives] == [
        "incentives off",
        "incentives off, surroundings given",
    ]
    assert [v.name for v in VARIANTS if not v.learned] == ["unlearned"]


def test_a_scenario_at_an_origin_knows_the_origin_and_assumes_nothing():
    spec = scenario_at(ORIGIN, date(2024, 6, 30), Variant("model"))
    assert (spec.as_of, spec.until, spec.events, spec.questions, spec.parameters) == (
        ORIGIN,
        date(2024, 6, 30),
        (),
        (),
        {},
    )


def test_incentives_off_is_a_belief_in_seven_weights_of_zero():
    spec = scenario_at(ORIGIN, date(2024, 6, 30), Variant("off", incentives=False))
    assert {name: belief.prior.numbers for name, belief in spec.parameters.items()} == {
        f"{term}_weight": (0.0,) for term in LEDGER
    }
    assert len(spec.parameters) == 7


@pytest.fixture(scope="module")
def small():
    """Return a hindcast of one origin by two variants."""
    return hindcast(first=ORIGIN, last=ORIGIN, variants=VARIANTS[1:3], **FEW)


def test_every_case_is_forecast_by_every_variant_and_rival(small):
    asked = cases(Record.load(), [ORIGIN], leads=(6,))
    assert {case.target for case in asked} == set(small.data["target"])
    assert "pooled forecast" not in set(small.data["forecaster"]), "of the model that is published alone"
    for name in ("unlearned", "incentives off"):
        assert len(small.data[small.data["forecaster"] == name]) == len(asked)
    figures = small.data[small.data["crps"].notna()]
    assert set(figures["forecaster"]) >= {"ARIMA", "ETS", "local level", "persistence", "climatology"}
    assert (figures[["crps", "log_score", "pit"]].notna()).all(axis=None)
    assert small.data.loc[small.data["brier"].notna(), "chance1"].notna().all()


def test_its_scores_are_those_of_the_run_from_the_origin(small):
    run = model_run(ORIGIN, date(2023, 6, 30), VARIANTS[1], members=8, particles=50, seed=1)
    (case,) = (c for c in cases(Record.load(), [ORIGIN], leads=(6,)) if c.target == "eu_support")
    values = run_forecast(run.data, case)
    row = small.data[(small.data["target"] == "eu_support") & (small.data["forecaster"] == "unlearned")]
    assert row["median"].item() == pytest.approx(np.median(values))


def test_its_provenance_says_how_it_was_made(small):
    made = small.provenance
    assert (made["members"], made["particles"], made["seed"], made["leads"]) == (8, 50, 1, [6])
    assert made["origins"] == ["2022-07-01"]
    assert made["variants"] == ["unlearned", "incentives off"]


@pytest.fixture
def counted(monkeypatch):
    """Count runs, and let rivals be persistence alone, which is quick."""
    runs = []
    plain = hindcasting.model_run
    rivals = hindcasting.rival_forecasts

    def noted(origin, *args, **kwargs):
        if len(runs) == noted.stop:
            raise KeyboardInterrupt
        runs.append(origin)
        return plain(origin, *args, **kwargs)

    noted.stop = None
    monkeypatch.setattr(hindcasting, "model_run", noted)
    monkeypatch.setattr(hindcasting, "rival_forecasts", lambda r, c: rivals(r, c, only=("persistence",)))
    return runs, noted


def test_the_pooled_forecast_is_half_the_model_and_half_shrunk_persistence(monkeypatch):
    """The model stands in by a run that has not learned: how the two are pooled does not turn on it."""
    plain = hindcasting.model_run
    monkeypatch.setattr(
        hindcasting, "model_run", lambda o, u, variant, **k: plain(o, u, replace(variant, learned=False), **k)
    )
    data = hindcast(first=ORIGIN, last=ORIGIN, variants=VARIANTS[:1], members=64, leads=(6, 12)).data
    keys = ["target", "lead", "start", "end", "name"]
    sides = {
        name: data[data["forecaster"] == name].set_index(keys)
        for name in ("model", POOLED, "shrunk persistence")
    }
    assert list(sides[POOLED].index) == list(sides["model"].index), "each case has it"
    mean = (sides["model"]["crps"] + sides["shrunk persistence"]["crps"]) / 2.0
    figures = mean.notna()
    assert (sides[POOLED]["crps"][figures] <= mean[figures] + 0.01).all()
    record = Record.load()
    for case in cases(record, [ORIGIN], leads=(6, 12)):
        if not case.classes:
            continue
        key = (case.target, case.lead, case.start, case.end, case.name)
        own, pooled = (sides[name].loc[[key], "chance1"].item() for name in ("model", POOLED))
        theirs = 2.0 * pooled - own
        if case.target in ("un_votes", "sanctions_within_year"):
            assert theirs == pytest.approx(rival_forecasts(record, case)["shrunk persistence"][1])
        elif case.target == "alignment_half":
            figure = replace(case, target="cfsp_alignment", kind="figure")
            sample = rival_forecasts(record, figure)["shrunk persistence"]
            assert theirs == pytest.approx(np.mean(sample >= 0.5), abs=0.001)
        else:
            sample = rival_forecasts(record, figure_case("chapters_opened", ORIGIN, None, case.end))[
                "shrunk persistence"
            ]
            assert theirs == pytest.approx(np.mean(sample > 22.0), abs=0.001)


def test_an_interrupted_hindcast_goes_on_where_it_stopped(counted, tmp_path, caplog):
    runs, noted = counted
    call = {"first": date(2022, 1, 1), "last": ORIGIN, "variants": ONE, **FEW}
    whole = hindcast(**call)
    assert runs == [date(2022, 1, 1), ORIGIN]
    noted.stop = 3
    with pytest.raises(KeyboardInterrupt):
        hindcast(**call, keep=tmp_path)
    noted.stop = None
    steps = []
    again = hindcast(**call, keep=tmp_path, progress=steps.append)
    assert runs[3:] == [ORIGIN], "the finished origin is not made again"
    assert sum(steps) == hindcasting.hindcast_steps(2, ONE)
    assert len(steps) > 20, "the bar moves within an origin"
    pd.testing.assert_frame_equal(again.data, whole.data)
    hindcast(**call, keep=tmp_path)
    assert len(runs) == 4, "the same call does no work again"
    kept = tmp_path / "origins" / f"{ORIGIN}.csv"
    kept.write_text(kept.read_text().replace("0", "1", 1))
    pd.testing.assert_frame_equal(hindcast(**call, keep=tmp_path).data, whole.data)
    assert not runs[4:], "an origin whose table is damaged is scored again, from the forecasts that are kept"
    assert f"{kept} is damaged" in caplog.text
    forecasts = tmp_path / "forecasts" / f"{ORIGIN} unlearned.npz"
    for damaged in (kept, forecasts):
        damaged.write_bytes(damaged.read_bytes()[:-1])
    pd.testing.assert_frame_equal(hindcast(**call, keep=tmp_path).data, whole.data)
    assert runs[4:] == [ORIGIN], "and forecast again where those are damaged too"


def test_a_change_of_rivals_or_scores_scores_again_and_forecasts_nothing(counted, tmp_path, monkeypatch):
    runs, _ = counted
    call = {"first": ORIGIN, "last": ORIGIN, "variants": ONE, "keep": tmp_path, **FEW}
    before = hindcast(**call)
    rivals = sim.rivals.rival_forecasts
    digest = hindcasting.content_digest

    def otherwise(without=()):
        return digest(without=without) + ("" if "rivals" in without else " with another rival")

    monkeypatch.setattr(hindcasting, "content_digest", otherwise)
    monkeypatch.setattr(
        hindcasting, "rival_forecasts", lambda r, c: rivals(r, c, only=("persistence", "climatology"))
    )
    after = hindcast(**call)
    assert runs == [ORIGIN], "what the model said is kept"
    assert set(after.data["forecaster"]) - set(before.data["forecaster"]) == {"climatology"}
    again = after.data[after.data["forecaster"].isin(before.data["forecaster"].unique())]
    pd.testing.assert_frame_equal(again.reset_index(drop=True), before.data)


def test_what_cannot_move_a_score_is_named_as_it_lies():
    for module in (*PRESENTATION, *hindcasting._SCORING):
        assert (Path(sim.__file__).parent / module).exists(), module


def test_what_cannot_move_a_forecast_is_left_out_of_what_it_is_kept_by():
    own, everything = (content_digest(without=modules) for modules in (hindcasting._SCORING, PRESENTATION))
    assert own != everything
    package = Path(hindcasting.__file__).parent
    listed = {
        name.removeprefix("verification/")
        for name in hindcasting._SCORING
        if name.startswith("verification/")
    }
    assert listed < {path.name for path in package.iterdir()}, "a module that is gone"


def test_another_setting_starts_anew_and_another_range_does_not(counted, tmp_path):
    runs, _ = counted
    call = {"first": ORIGIN, "last": ORIGIN, "variants": ONE, "keep": tmp_path, **FEW}
    hindcast(**call)
    hindcast(**call | {"first": date(2022, 1, 1)})
    assert runs == [ORIGIN, date(2022, 1, 1)]
    hindcast(**call, seed=2)
    assert runs[2:] == [ORIGIN]


def test_more_leads_are_added_to_the_forecasts_that_are_kept_and_fewer_drop_none(counted, tmp_path, caplog):
    runs, _ = counted
    call = {"first": ORIGIN, "last": ORIGIN, "variants": ONE, "keep": tmp_path, **FEW}
    whole = hindcast(**call | {"leads": (6, 12), "keep": None})
    fewer = hindcast(**call)
    more = hindcast(**call | {"leads": (6, 12)})
    pd.testing.assert_frame_equal(more.data, whole.data)
    assert runs == [ORIGIN] * 3, "the longer lead is simulated, once"
    pd.testing.assert_frame_equal(hindcast(**call).data, fewer.data)
    pd.testing.assert_frame_equal(hindcast(**call | {"leads": (6, 12)}).data, whole.data)
    assert len(runs) == 3, "both leads are kept"
    origins = tmp_path / "origins"
    assert caplog.messages[0] == f"{origins}: 1 scored origins dropped and made again: leads [6], now [6, 12]"


def test_what_is_dropped_is_told_with_the_reason(counted, tmp_path, caplog):
    call = {"first": ORIGIN, "last": ORIGIN, "variants": ONE, "keep": tmp_path, **FEW}
    hindcast(**call)
    assert not caplog.messages
    hindcast(**call | {"members": 9, "seed": 2})
    why = "dropped and made again: members 8, now 9; seed 1, now 2"
    assert caplog.messages == [
        f"{tmp_path / 'forecasts'}: 1 forecasts {why}",
        f"{tmp_path / 'origins'}: 1 scored origins {why}",
    ]


def test_an_origin_that_fails_is_recorded_and_the_others_go_on(counted, tmp_path, monkeypatch):
    call = {"first": date(2022, 1, 1), "last": ORIGIN, "variants": ONE, "keep": tmp_path, **FEW}
    whole = hindcast(**call | {"keep": None})
    plain = hindcasting.model_run

    def failing(origin, *args, **options):
        if origin != ORIGIN:
            raise CollapseError("the filter collapsed")
        return plain(origin, *args, **options)

    with monkeypatch.context() as patch:
        patch.setattr(hindcasting, "model_run", failing)
        with pytest.raises(CollapseError):
            hindcast(**call)
        card = hindcast(**call, on_error="continue")
        with pytest.raises(WorkerError, match=r"every origin failed: 2022-01-01 \(CollapseError: the filter"):
            hindcast(**call | {"last": date(2022, 1, 1)}, on_error="continue")
    assert card.provenance["failed"] == {"2022-01-01": "CollapseError: the filter collapsed"}
    assert card.provenance["origins"] == [str(ORIGIN)]
    assert set(card.data["origin"]) == {ORIGIN}
    pd.testing.assert_frame_equal(hindcast(**call).data, whole.data)
    assert "failed" not in hindcast(**call).provenance


def test_a_hindcast_without_an_origin_is_refused():
    with pytest.raises(ValueError, match="no origin"):
        hindcast(first=date(2026, 1, 1), leads=(24,))
