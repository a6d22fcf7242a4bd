"""The locator finds the line of every key that tomllib finds, in TOML of every style."""

import string
import tomllib

from hypothesis import given, strategies as st

from sim.scenario.lines import locate

KEYS = st.text(string.ascii_lowercase + "-_ .#\"'", min_size=1, max_size=6)
TRICKY = st.sampled_from(["", "a # b", "[x]", "{ y = 1 }", "a = 1", "'", "\\", ",", "]]"])


def key_text(key):
    bare = all(c in string.ascii_lowercase + "-_" for c in key)
    escaped = key.replace("\\", "\\\\").replace('"', '\\"')
    return key if bare else f'"{escaped}"'


def scalar_text(draw):
    style = draw(st.sampled_from(["plain", "basic", "literal", "long", "long literal"]))
    if style == "plain":
        return draw(st.sampled_from(["1", "-2.5e3", "true", "2023-03-10", "nan", "1_000"]))
    text = draw(TRICKY)
    if style == "basic":
        return '"' + text.replace("\\", "\\\\") + '\\""'
    if style == "literal":
        return "'" + text.replace("'", "") + "'"
    if style == "long":
        return '"""\n' + text.replace("\\", "\\\\") + '\n""quoted""\n"""'
    return "'''\n" + text.replace("'", "") + "\nx = 1\n'''"


class Writer:
    """Writes random TOML and notes, by counting its own newlines, where each key went."""

    def __init__(self, draw):
        self.draw = draw
        self.text = ""
        self.lines = {}

    def note(self, path):
        self.lines.setdefault(path, self.text.count("\n") + 1)

    def gap(self, newlines):
        choices = ["", " ", "  "] + ([" # a [comment] = 1\n", "\n\n"] if newlines else [])
        self.text += self.draw(st.sampled_from(choices))

    def value(self, path, depth):
        kind = self.draw(st.sampled_from(["scalar", "scalar", "array", "table"] if depth else ["scalar"]))
        if kind == "scalar":
            self.text += scalar_text(self.draw)
        elif kind == "array":
            self.text += "["
            for position in range(self.draw(st.integers(0, 3))):
                self.gap(newlines=True)
                self.note((*path, position))
                self.value((*path, position), depth - 1)
                self.gap(newlines=True)
                self.text += ","
            self.gap(newlines=True)
            self.text += "]"
        else:
            self.text += "{"
            for index, key in enumerate(self.draw(st.lists(KEYS, unique=True, max_size=3))):
                self.text += ", " if index else " "
                self.pair((*path, key), depth - 1)
            self.text += " }"

    def pair(self, path, depth):
        self.note(path)
        self.text += key_text(path[-1])
        self.gap(newlines=False)
        self.text += "="
        self.gap(newlines=False)
        self.value(path, depth)

    def body(self, path):
        for key in self.draw(st.lists(KEYS, unique=True, max_size=4)):
            self.gap(newlines=True)
            self.pair((*path, key), 3)
            self.text += "\n"


@st.composite
def documents(draw):
    writer = Writer(draw)
    for name in ("", "alpha", "beta", "gamma"):  # the names are longer than KEYS' single draws may repeat
        if not name:
            writer.body(())
            continue
        key = name + "!"
        repeats = draw(st.integers(0, 2))
        for position in range(repeats):
            path = (key, position)
            writer.gap(newlines=True)
            writer.note((key,))
            writer.note(path)
            writer.text += f'[[ "{key}" ]]\n'
            writer.body(path)
        if not repeats:
            writer.note((key,))
            writer.text += f'["{key}"]\n'
            writer.body((key,))
    return writer.text, writer.lines


@given(documents())
def test_every_key_is_found_on_its_line(document):
    text, lines = document
    tomllib.loads(text)  # the writer writes TOML
    assert locate(text) == lines


@given(documents())
def test_line_endings_of_windows_change_nothing(document):
    text, lines = document
    assert locate(text.replace("\n", "\r\n")) == lines


def test_long_strings_may_end_in_quotes_of_their_own():
    text = 'a = """x"""""\nb = \'\'\'y\'\'\'\'\nc = """\\""""\nd = 1\n'
    assert tomllib.loads(text)["a"] == 'x""'
    assert locate(text) == {("a",): 1, ("b",): 2, ("c",): 3, ("d",): 4}


def test_dotted_keys_and_tables_in_arrays():
    text = "a.b.c = 1\na.b.d = 2\n[[e]]\n[e.f]\ng = 1\n[[e]]\n[[e.h]]\ni = 1\n[[e.h]]\nj = 1\n"
    found = locate(text)
    assert found["a", "b", "d"] == 2
    assert found["e", 0, "f", "g"] == 5
    assert found["e", 1, "h", 0, "i"] == 8
    assert found["e", 1, "h", 1, "j"] == 10
