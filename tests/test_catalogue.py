"""The one table of quantities: what is declared in it is there, and what follows from it leaves nothing out."""

import re
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from sim.clock import WINDOWS
from sim.model.alignment import AlignmentModel
from sim.model.variables import RECORDED, VARIABLES, attributes, read
from sim.plots.series import label_of
from sim.quantities.catalogue import QUANTITIES, TARGETS, targets, weighed
from sim.quantities.quantity import Scored
from sim.record.cases import FIGURES, cases
from sim.record.country import DEFAULT, load_country
from sim.record.observations import Observation, Record
from sim.record.record_series import recorded
from sim.rivals.series import _NOISE, known
from sim.runs.gallery import default_figures
from sim.scenario import Scenario, read_scenario
from sim.world.facts import gather

DOCS = Path(__file__).parents[1] / "docs"
RECORD = Record.load()
SHORT = Scenario(name="short", title="A short past", as_of=date(2014, 1, 1), until=date(2015, 12, 31))


@pytest.fixture(scope="module")
def ended():
    """Return a model at the end of 2015, when every published figure comes out."""
    model = AlignmentModel(SHORT, seed=1, members=3)
    while model.tick < SHORT.last_month:
        model.step()
    return model


def of_its_window(target, value):
    """Return a figure of a target about 2013, known at once."""
    window = QUANTITIES[target].window
    months, days = WINDOWS["year"][0] if window else (None, (12, 31))
    start = date(2013, *months) if months else None
    return Observation(target, start, date(2013, *days), value, None, None, date(2013, 12, 31), "a test")


@pytest.mark.parametrize("variable", VARIABLES, ids=lambda variable: variable.name)
def test_every_recorded_quantity_is_what_it_is_declared_to_be(ended, variable):
    values = read(variable, ended)
    assert values.shape == (3,)
    assert np.isfinite(values).all()
    if variable.discrete:
        assert (values == np.rint(values)).all()
    if variable.kind == "category":
        assert set(values) <= set(range(-1, len(variable.categories)))
    else:
        low = -np.inf if variable.low is None else variable.low
        high = np.inf if variable.high is None else variable.high
        assert ((values >= low) & (values <= high)).all()


def test_a_data_set_names_the_codes_of_its_categories():
    said = attributes(QUANTITIES["war"], DEFAULT)
    assert said["flag_meanings"].split() == ["none", "frozen", "full_scale", "ceasefire"]
    assert "flag_meanings" not in attributes(QUANTITIES["lean"], DEFAULT)


@pytest.mark.parametrize("quantity", [*QUANTITIES.values(), *VARIABLES], ids=lambda quantity: quantity.name)
def test_every_quantity_is_recorded_or_published_and_has_a_name_in_words(quantity):
    published = quantity.target.published.values() if quantity.target else ()
    assert quantity.at or published, "give the place in the model that holds it"
    assert quantity.name in RECORDED if quantity.at else set(published) <= set(RECORDED)
    words = label_of(quantity.name, load_country())
    assert "{" not in words
    assert load_country().patron in words or "{patron}" not in quantity.label


@pytest.mark.parametrize("name", targets())
def test_every_target_is_forecast_drawn_recorded_and_scored_or_says_why_not(name):
    target = TARGETS[name]
    assert set(target.published.values()) <= set(RECORDED)
    assert target.outputs
    assert set(target.record) <= set(RECORD.resources)
    assert ("observations" in target.record) == (name in weighed())
    if QUANTITIES[name].kind not in ("binary", "category"):
        run = SimpleNamespace(scenario=read_scenario("march-2023"), table=lambda name: [])
        assert ("fan", name) in default_figures(run)
        assert recorded(name, RECORD), (
            "give the record rows of it, or say in sim.record.record_series how it tells"
        )
    assert isinstance(target.scored, Scored) or len(target.scored) > 10, "say why it is not scored"


@pytest.mark.parametrize("name", targets())
def test_every_target_is_declared_and_every_series_described(name):
    declared, data = ((DOCS / page).read_text(encoding="utf-8") for page in ("declared.md", "data.md"))
    assert re.search(rf"\b{name}\b", declared), (
        "say in docs/declared.md how it is judged, and that it came later"
    )
    rows = [line for line in data.splitlines() if line.startswith(("| observations |", "| any name"))]
    assert [f"`{name}`" in row for row in rows] == [name in weighed()] * 2, (
        "name it in two tables of docs/data.md"
    )


@pytest.mark.parametrize("name", FIGURES)
def test_every_scored_target_has_cases_and_rivals_know_its_past(name):
    origin = date(2019, 1, 1)
    assert name in _NOISE, "say in sim.rivals.series what its publication adds"
    found = [case for case in cases(RECORD, [origin]) if case.target == name]
    assert found, "the record has no outcome: give it rows, or say in sim.record.cases how it tells"
    past = known(RECORD, found[0])
    assert past.noise > 0.0
    assert np.diff(past.slots).min() == 1, "`steps` says how often a year its figures come"
    assert past.usual(past.scored.steps) == past.scored.usual_change


@pytest.mark.parametrize("name", weighed())
def test_members_are_weighed_by_every_published_target(name):
    """Two figures as far apart as the quantity allows weigh members differently."""
    middle, ends = gather(RECORD, SHORT.as_of), []
    for value in (0.2, 0.7):
        facts = gather(RECORD.with_observations([of_its_window(name, value)]), SHORT.as_of)
        assert facts != middle
        model = AlignmentModel(SHORT, seed=1, members=3, facts=facts)
        found = np.zeros(3)
        while model.tick < SHORT.first_month - 1:
            model.step()
            found = found + model.evidence.get(name, 0.0)
        ends.append(found)
    assert (ends[0] != ends[1]).all(), f"weigh members by the figures of {name} in sim.model.publications"
