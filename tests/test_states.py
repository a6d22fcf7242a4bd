"""A state is a folder of data: the code names none, and another one moves in without a line of code."""

import json
import re
import shutil
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from sim.assimilation import assimilate
from sim.contrasts import ContrastError, attribute, contrast
from sim.forecasting import RunOptions, forecast
from sim.model.alignment import AlignmentModel
from sim.model.narration import tell
from sim.parameters.table import alternatives, parameter_table
from sim.plots import fan, posture
from sim.plots.series import label_of
from sim.quantities.catalogue import QUANTITIES
from sim.record.cases import CHAPTER_WITHIN_YEAR
from sim.record.country import DEFAULT, StateError, load_country, neutral, state_digest, state_folder, states
from sim.record.observations import Record
from sim.record.record_series import recorded
from sim.record.resources import RecordError
from sim.rivals.events import possible_since
from sim.scenario import Scenario, ScenarioError, read_scenario, shipped_scenarios, to_toml
from sim.verification import VARIANTS, hindcast, scorecard_folder
from sim.world.incentives import LEDGER

ROOT = Path(__file__).resolve().parents[1]
NAMES = re.compile(
    r"serbia|kosovo|belgrade|pristina|moldova|transnistria|chisinau|tiraspol|macedonia|skopje", re.IGNORECASE
)
ALLOWED = re.compile(r"serbia[-_]?sim|SERBIA_SIM")
"""The command's name, and that of its variables."""
STORED = re.compile(r"kosovo_(?:weight|step)|ledger_kosovo|\"kosovo\"")
"""Names in files that users keep (decision 0028)."""

SCENARIO = """
title = "Somewhere else"
as_of = 2020-03-01
until = 2021-12-31
state = "{state}"

[[questions]]
id = "opponent"
text = "An opponent?"
target = "posture"
at = 2021-12-31
equals = "opponent"
resolution = "by its conduct"
"""


@pytest.fixture
def georgia(tmp_path):
    """Return the folder of a state made up from another: other words, one prior, half of the tables."""
    folder = shutil.copytree(state_folder("moldova"), tmp_path / "states" / "georgia")
    text = (folder / "state.toml").read_text("utf-8")
    text = (
        text.replace('"Moldova"', '"Georgia"')
        .replace('"Chisinau"', '"Tbilisi"')
        .replace("Transnistria", "Abkhazia")
    )
    (folder / "state.toml").write_text(text, "utf-8")
    with (folder / "parameters.toml").open("a", encoding="utf-8") as file:
        file.write('\n[gas_weight]\nvalue = 0.25\nsource = "judgement"\n')
    for name in ("topics", "recognitions", "media", "snapshots", "events", "polls"):
        (folder / "record" / f"{name}.csv").unlink(missing_ok=True)
    return folder


def written(folder, text=SCENARIO, state="../states/georgia"):
    (folder / "scenarios").mkdir(exist_ok=True)
    path = folder / "scenarios" / "elsewhere.toml"
    path.write_text(text.format(state=state), "utf-8")
    return path


# ---------------------------------------------------------------- the code


@pytest.mark.parametrize("path", sorted(ROOT.glob("sim/**/*.*")), ids=lambda path: path.name)
def test_the_code_names_no_state_but_for_the_commands_name(path):
    if path.suffix in {".pyc", ".png"}:
        return
    lines = (STORED.sub("", ALLOWED.sub("", line)) for line in path.read_text("utf-8").splitlines())
    assert [line for line in lines if NAMES.search(line)] == []


def test_a_state_is_data_alone():
    for state in states():
        kinds = {path.suffix for path in state_folder(state).rglob("*") if path.is_file()}
        assert kinds <= {".toml", ".csv", ".json", ".md"}, state


def test_texts_are_filled_with_a_states_words_and_without_one_still_read_well():
    for quantity in QUANTITIES.values():
        for state in states():
            assert "{" not in load_country(state).fill(quantity.meaning) + label_of(
                quantity.name, load_country(state)
            )
        assert "{" not in neutral(quantity.meaning)
    assert label_of("normalisation", load_country("moldova")) == "Normalisation with Transnistria"


# ---------------------------------------------------------------- a state of one's own


def test_a_folder_of_ones_own_is_a_state(georgia, tmp_path):
    spec = read_scenario(written(tmp_path))
    assert spec.state == str(georgia)
    assert spec.parameter_set()["gas_weight"].prior.describe() == "0.25"
    assert "Georgia" in spec.parameter_set()["gas_weight"].meaning
    run = forecast(spec, members=5, learned=False, save=False)
    assert run.country.state == "Georgia"
    assert "Georgia" in run.data["lean"].attrs["long_name"]
    assert run.table("questions")[0]["id"] == "opponent"
    assert run.record.table("topics") == ()
    assert run.record.resources["topics"].gaps == ("the whole table is missing",)


def test_a_resolved_scenario_is_read_back_wherever_it_lies(georgia, tmp_path):
    spec = read_scenario(written(tmp_path))
    (tmp_path / "again.toml").write_text(to_toml(spec), "utf-8")
    assert read_scenario(tmp_path / "again.toml").state == spec.state
    assert "state =" not in to_toml(read_scenario("baseline"))


def test_what_changes_in_a_folder_of_ones_own_is_another_run(georgia, tmp_path):
    def place():
        state_digest.cache_clear()
        return RunOptions(5, learned=False).folder(read_scenario(written(tmp_path)), tmp_path)

    before = place()
    assert place() == before
    with (georgia / "record" / "gdp.csv").open("a", encoding="utf-8") as file:
        file.write("2024,18000000000,2025-07-01,rule,someone,,\n")
    assert place() != before


def test_a_run_is_not_explained_by_another_folder_than_made_it(georgia, tmp_path):
    spec = read_scenario(written(tmp_path))
    options = {"members": 4, "learned": False, "output": tmp_path / "results"}
    first = forecast(spec, **options)
    assert attribute(first, members=4)
    text = (georgia / "state.toml").read_text("utf-8")
    (georgia / "state.toml").write_text(text.replace("trust = 0.3", "trust = 1.0"), "utf-8")
    state_digest.cache_clear()
    load_country.cache_clear()
    with pytest.raises(ContrastError, match="has changed since this run was made"):
        attribute(first, members=3)
    with pytest.raises(ContrastError, match="has changed in between"):
        contrast(forecast(spec, **options), first)


@pytest.mark.parametrize(
    ("state", "complaint"),
    [
        ("moldvoa", "did you mean 'moldova'"),
        ("atlantis", "shipped are moldova, north-macedonia, serbia"),
        ("./nowhere", "no state's folder"),
    ],
)
def test_an_unknown_state_is_refused_with_its_line(tmp_path, state, complaint):
    with pytest.raises(ScenarioError, match=complaint) as refused:
        read_scenario(written(tmp_path, state=state))
    assert "elsewhere.toml:5: " in str(refused.value)


@pytest.mark.parametrize(
    ("file", "change", "complaint"),
    [
        ("state.toml", ("capital =", "captial ="), "unknown key 'captial'; did you mean 'capital'"),
        ("state.toml", ("notice_months = 2\n", ""), "notice_months is missing"),
        (
            "state.toml",
            ("notice_months = 2\n", 'notice_months = "2"\n'),
            "notice_months is '2'; a whole number",
        ),
        ("state.toml", ("trust = 1.0\n", 'trust = "all"\n'), "bloc 2: trust is 'all'; a number is needed"),
        ("state.toml", ("[[blocs]]", "[[bloks]]"), "needs tables [[blocs]]"),
        ("parameters.toml", ("[gas_weight]", "[gas_wieght]"), "unknown parameter 'gas_wieght'; did you mean"),
        ("parameters.toml", ("[un_start]", "[un_step]"), "un_start is missing: every state says"),
        ("parameters.toml", ("source =", "unit ="), "a state says only"),
        ("parameters.toml", ('source = "judgement"\n', ""), "'source' is missing"),
    ],
)
def test_a_states_own_files_are_held_to_their_form(georgia, tmp_path, file, change, complaint):
    path = georgia / file
    path.write_text(path.read_text("utf-8").replace(*change), "utf-8")
    with pytest.raises(ScenarioError, match=re.escape(complaint)):
        read_scenario(written(tmp_path))


def test_all_that_a_state_must_still_say_is_told_at_once(georgia, tmp_path):
    (georgia / "parameters.toml").write_text(
        '[un_start]\nprior = { value = 0.9 }\nsource = "judgement"\n', "utf-8"
    )
    with pytest.raises(ScenarioError, match=r"election_early, join_other_start, .* are missing: every state"):
        read_scenario(written(tmp_path))


def test_check_reads_the_judgement_too(georgia, tmp_path, called):
    path = georgia / "judgement.toml"
    path.write_text(path.read_text("utf-8").replace("text =", "test ="), "utf-8")
    told = called("check", str(written(tmp_path)))
    assert told.exit_code == 2
    assert f"{path}: an alternative is not what it must be: KeyError('text')" in told.stderr


def test_a_record_without_its_description_is_refused_in_words(georgia):
    (georgia / "record" / "datapackage.json").unlink()
    with pytest.raises(RecordError, match=r"datapackage.json: .*No such file"):
        Record.load(str(georgia))


def test_a_table_that_is_none_of_the_records_is_refused(georgia):
    (georgia / "record" / "pols.csv").write_text("date\n", "utf-8")
    with pytest.raises(RecordError, match=r"pols.csv is no table of the record; did you mean 'polls.csv'"):
        Record.load(str(georgia))


def test_a_state_is_shipped_by_its_name():
    assert states() == ("moldova", "north-macedonia", "serbia")
    with pytest.raises(StateError, match="did you mean 'serbia'"):
        load_country("serbai")


@pytest.mark.parametrize("state", states())
def test_a_shipped_state_says_its_own(state):
    """Tables, judgements and scenarios left over from the state that a folder was copied from are told.

    A few rows may be alike: one page told how two states voted, or which joined a measure.
    """
    record, own = Record.load(state), f"states/{state}"
    for name in sorted(path.stem for path in (state_folder(state) / "record").glob("*.csv")):
        for other in set(states()) - {state}:
            theirs = Record.load(other).table(name)
            rows = record.table(name)
            same = sum(row in theirs for row in rows)
            left_over = 2 * same > len(rows) and name != "reference_class"
            assert not left_over, f"{own}/record/{name}.csv has rows of {other}"
    assert alternatives(state), f"{own}/judgement.toml gives no other judgement"
    for path in (state_folder(state) / "scenarios").glob("*.toml"):
        assert read_scenario(path).state == state, f"{path.name} is of another state"


@pytest.mark.parametrize("state", states())
def test_a_shipped_state_learns_from_all_that_is_recorded_of_it(state):
    """North Macedonia joined all declarations of a window: a published share of exactly one."""
    ends = Record.load(state).ends
    later = date(ends.year + 1, 12, 31)
    spec = Scenario(name="ends", title="At the record's end", state=state, as_of=ends, until=later)
    posterior = assimilate(spec, particles=16, cache=False)
    assert np.isfinite(posterior.data["log_probability"]).all()


# ---------------------------------------------------------------- Moldova


@pytest.mark.parametrize("name", [name for name in shipped_scenarios() if name.startswith("moldova")])
def test_the_shipped_scenarios_of_moldova_are_of_it_and_have_questions(name):
    spec = read_scenario(name)
    assert spec.state == "moldova"
    assert spec.questions
    assert spec.as_of <= Record.load("moldova").ends


def test_moldova_learns_and_forecasts_in_its_own_words(run_of, all_words):
    run = run_of(read_scenario("moldova-2018"), 16)
    assert run.learned
    assert {row["id"] for row in run.table("questions")} == {each.id for each in run.scenario.questions}
    assert np.isfinite(run.data["lean"].to_numpy()).all()
    for figure in (posture(run), fan(run, "un_position"), fan(run, "gas_discount")):
        assert "Serbia" not in all_words(figure)
    assert "Moldova" in all_words(posture(run))
    assert (run.data["ledger_kosovo"].to_numpy() == 0.0).all(), "switched off by data"
    values = {
        name: float(run.data[name][0, -1]) for name in run.data if run.data[name].dims == ("member", "month")
    }
    told = tell(values, None, run.scenario.last_month, run.country)
    assert "Moldova leans" in told
    assert "transnistria 0.00" in told
    assert not re.search("Serbia|Belgrade|[Kk]osovo|arms for", told)


def test_without_a_contract_on_record_gas_is_bought_at_the_market(georgia, tmp_path):
    (georgia / "record" / "contracts.csv").unlink()
    run = forecast(read_scenario(written(tmp_path)), members=50, learned=False, save=False)
    assert (run.data["gas_discount"].to_numpy() == 0.0).all()


def test_a_state_of_which_nothing_is_recorded_is_simulated_and_says_so(georgia, tmp_path, called):
    for path in (georgia / "record").glob("*.csv"):
        path.unlink()
    package = json.loads((georgia / "record" / "datapackage.json").read_text("utf-8"))
    (georgia / "record" / "datapackage.json").write_text(json.dumps({**package, "resources": []}), "utf-8")
    run = forecast(read_scenario(written(tmp_path)), members=5, learned=False, save=False)
    assert np.isfinite(run.data["lean"].to_numpy()).all()
    told = called("data", "--state", str(georgia))
    assert told.exit_code == 0
    assert told.stdout.count("the whole table is missing") == 17
    day = date(2018, 1, 1)
    card = hindcast(
        state=str(georgia), first=day, last=day, leads=(6,), members=5, variants=VARIANTS[1:2], cache=False
    )
    assert card.data.empty


def test_moldova_is_scored_on_its_own_record():
    day = date(2018, 1, 1)
    card = hindcast(
        state="moldova", first=day, last=day, leads=(6,), members=8, variants=VARIANTS[1:2], cache=False
    )
    assert card.provenance["state"] == "moldova"
    assert card.provenance["record"] == Record.load("moldova").digest() != Record.load().digest()
    outcomes = set(card.data.loc[card.data["target"] == "un_position", "outcome"])
    assert outcomes <= {point.value for point in recorded("un_position", Record.load("moldova"))}
    assert {"persistence", "succession"} <= set(card.data["forecaster"])
    assert scorecard_folder(Path("results"), "moldova") == Path("results/scorecard/moldova")
    assert scorecard_folder(Path("results"), DEFAULT) == Path("results/scorecard")


def test_moldova_has_priors_and_judgements_of_its_own():
    ours, theirs = parameter_table(), parameter_table("moldova")
    assert ours.keys() == theirs.keys()
    assert theirs["kosovo_weight"].fixed
    assert not ours["kosovo_weight"].fixed
    assert {each.id for each in alternatives("moldova")}
    assert possible_since(CHAPTER_WITHIN_YEAR, "moldova") > possible_since(CHAPTER_WITHIN_YEAR, DEFAULT)
    model = AlignmentModel("moldova-2018", members=3, seed=1)
    assert model.between.name == "Moldova"
    assert len(LEDGER) == len(model.between.ledger_terms)
