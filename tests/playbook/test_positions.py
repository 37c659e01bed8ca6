"""The scanner finds the line of every key that tomllib reads, wherever quotes and brackets try to hide it."""

import tomllib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ripeline.playbook.positions import line_of, positions

TRACK = '''title = "Decision"   # a = b
note  = """
[not.a.table]
key = 1
"""

[enter]
when = "stage = 'lead' AND total >= 50"
list = [
  { a = 1 },
  { b = "]" },
]

[[touch]]
name = 'case'

[[touch]]
name = "call"
[touch.split]
"book-a-call" = 45
deep.key = 1
'''


def test_each_key_has_its_line() -> None:
    lines = positions(TRACK)

    assert lines[("title",)] == 1
    assert lines[("enter", "when")] == 8
    assert lines[("touch", 0, "name")] == 15
    assert lines[("touch", 1, "name")] == 18
    assert lines[("touch", 1, "split", "book-a-call")] == 20
    assert lines[("touch", 1, "split", "deep", "key")] == 21


def test_nothing_inside_a_long_text_is_a_key() -> None:
    assert ("not", "a", "table") not in positions(TRACK)
    assert ("key",) not in positions(TRACK)


def test_an_unknown_place_falls_back_to_its_table() -> None:
    assert line_of(positions(TRACK), ("touch", 1, "wait")) == 17
    assert line_of(positions(TRACK), ("enter", "list", 1, "b")) == 9


def _places(value: Any, place: tuple[str | int, ...] = ()) -> set[tuple[str | int, ...]]:
    """Return the places of all keys, down to inline values, which have no line of their own."""
    found: set[tuple[str | int, ...]] = set()
    if isinstance(value, dict):
        for key, inner in value.items():
            found |= {(*place, key)} | _places(inner, (*place, key))
    elif isinstance(value, list) and value and all(isinstance(each, dict) for each in value):
        for index, inner in enumerate(value):
            found |= _places(inner, (*place, index))
    return found


_keys = st.text("abcdefgh_-", min_size=1, max_size=5)
_values = st.one_of(
    st.integers().map(str), st.sampled_from(['"a = b"', "'[x]'", '"""\nq = 1\n"""', "[1,\n 2]", '"#"', '"\\""', "'''\n[z]\n'''", "[\n '[',\n '\"'\n]"])
)


@given(
    st.dictionaries(_keys, _values, max_size=5),
    st.dictionaries(_keys, st.dictionaries(_keys, _values, max_size=4), max_size=4),
    st.lists(st.dictionaries(_keys, _values, max_size=3), max_size=3),
)
def test_the_scanner_knows_every_key_that_tomllib_reads(top: dict[str, str], tables: dict[str, dict[str, str]], array: list[dict[str, str]]) -> None:
    rows = [f"{key} = {value}" for key, value in top.items()]
    for name, table in tables.items():
        if name not in top:
            rows += [f"[{name}]", *(f"{key} = {value}" for key, value in table.items())]
    for table in array:
        rows += ["[[items]]", *(f'"{key}" = {value}  # c = 1' for key, value in table.items())]
    text = "\n".join(rows)

    lines = positions(text)

    assert _places(tomllib.loads(text)) <= set(lines)
    source = text.split("\n")
    assert all(str(place[-1]) in source[line - 1] for place, line in lines.items() if isinstance(place[-1], str))
