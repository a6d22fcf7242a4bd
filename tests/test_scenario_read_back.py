"""Whatever is accepted as a scenario is written so that it is read again as the same, also from a run folder."""

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given, settings, strategies as st

from sim import forecast
from sim.parameters.priors import Prior
from sim.parameters.table import parameter_table
from sim.quantities.catalogue import QUANTITIES, settable
from sim.runs.results import Run
from sim.scenario import ScenarioError, read_scenario, to_toml, with_settings
from sim.scenario.model import ENTRIES_LIMIT

HEAD = 'title = "Many"\nas_of = 2023-03-10\nuntil = 2023-12-31\n'
EVENT = '[[events]]\ndate = 2023-04-01\nuntil = 2023-05-01\nset = { pressure = 0.5 }\nsource = "assumption"\n'
SENTENCES = "".join(f"Step {n}. It is small. It is dull. It is done. It is told...\n" for n in range(70))


def written(path, text):
    path.write_text(text, encoding="utf-8")
    return path


def read_back(scenario, path):
    """Return the scenario as its own text says it, which names other files."""
    again = read_scenario(written(path, to_toml(scenario)), name=scenario.name)
    return replace(again, chain=scenario.chain)


def settings_of_all():
    """Return a value with decimals for each quantity and parameter that an event may set: far over a hundred."""
    found = {}
    for name in settable():
        quantity = QUANTITIES[name]
        tried = (0.5, 50.25, 1.0, 2.0, *quantity.categories)
        found[name] = next(value for value in tried if quantity.admits(value))
    for name, entry in parameter_table().items():
        found[name] = entry.prior.centre() if isinstance(entry.prior, Prior) else 0.25
    return found


ALL = settings_of_all()


@pytest.mark.parametrize(
    "more",
    [
        f'description = """\n{SENTENCES}"""\n',
        f'description = "{"..." * 1600}"\n',
        '[[events]]\ndate = 2023-04-01\nsource = "x"\n[events.set]\n'
        + "".join(f"{k} = {v if isinstance(v, float) else repr(v)}\n" for k, v in ALL.items()),
        EVENT * ENTRIES_LIMIT,
    ],
    ids=["many sentences", "many dots", "all quantities in one event", "as many events as may be"],
)
def test_what_is_accepted_is_read_back(tmp_path, more):
    scenario = read_scenario(written(tmp_path / "many.toml", HEAD + more))
    assert read_back(scenario, tmp_path / "again.toml") == scenario


def test_limits_hold_for_a_file_with_its_bases_before_any_work(tmp_path):
    base = written(tmp_path / "one.toml", HEAD + EVENT * 600)
    child = 'title = "Two"\nextends = "one.toml"\n'
    both = read_scenario(written(tmp_path / "two.toml", child + EVENT * (ENTRIES_LIMIT - 600)))
    assert read_back(both, tmp_path / "again.toml") == both
    with pytest.raises(
        ScenarioError, match=r"too many events; given 1,200; allowed: at most 1,000, with those of"
    ):
        read_scenario(written(tmp_path / "two.toml", child + EVENT * 600))
    with pytest.raises(ScenarioError, match="too many events; given 1,001"):
        with_settings(both, ["gas_discount=0"])
    assert read_scenario(base).events == both.events[:600]


def test_a_run_of_many_sentences_is_read_from_its_folder(tmp_path):
    text = 'title = "Many"\nas_of = 2012-03-10\nuntil = 2012-06-30\n' + f'description = """\n{SENTENCES}"""\n'
    scenario = read_scenario(written(tmp_path / "many.toml", text))
    made = forecast(scenario, members=2, learned=False, output=tmp_path)
    assert replace(Run.load(made.folder).scenario, chain=scenario.chain) == scenario
    assert scenario.description == SENTENCES


TEXTS = st.text(st.sampled_from("ab .\"'\\#=[]{}\n\t\N{EURO SIGN}\u0416"), min_size=1, max_size=120).filter(
    str.strip
)
DAYS = st.dates(dt.date(2023, 3, 10), dt.date(2023, 12, 31))
FACTORS = {name: st.floats(0.01, 9.0) for name in settable() if "multiply" in QUANTITIES[name].changes}


def quoted(text):
    return '"' + text.encode("unicode_escape").decode().replace("\\x", "\\u00").replace('"', '\\"') + '"'


@st.composite
def files(draw):
    """Draw the text of a scenario file of valid parts."""
    lines = [HEAD, f"description = {quoted(draw(TEXTS))}"]
    for _ in range(draw(st.integers(0, 3))):
        names = draw(st.lists(st.sampled_from(list(ALL)), min_size=1, max_size=len(ALL), unique=True))
        lines += ["[[events]]", f"date = {draw(DAYS)}", f"source = {quoted(draw(TEXTS))}", "[events.set]"]
        lines += [
            f"{name} = {ALL[name] if isinstance(ALL[name], float) else repr(ALL[name])}" for name in names
        ]
        more = draw(st.lists(st.sampled_from(list(FACTORS)), unique=True))
        lines += ["[events.multiply]"] + [f"{n} = {draw(FACTORS[n])!r}" for n in more if n not in names]
    for number in range(draw(st.integers(0, 3))):
        lines += [
            "[[questions]]",
            f'id = "q{number}"',
            f"text = {quoted(draw(TEXTS))}",
            'target = "chapters_opened"',
        ]
        lines += [
            f"ever_by = {draw(DAYS.filter(lambda day: day.month > 3))}",
            f"at_least = {draw(st.integers(0, 30))}",
        ]
        lines += [f"resolution = {quoted(draw(TEXTS))}"]
    return "\n".join(lines) + "\n"


@settings(max_examples=40)
@given(files(), st.sets(st.sampled_from(list(ALL)), max_size=3))
def test_any_scenario_with_any_settings_is_read_back(tmp_path_factory, text, names):
    folder = tmp_path_factory.mktemp("any")
    scenario = read_scenario(written(folder / "any.toml", text))
    scenario = with_settings(scenario, [f"{name}={ALL[name]}" for name in names])
    assert read_back(scenario, folder / "again.toml") == scenario
