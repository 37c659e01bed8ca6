"""Files as rows: every row comes out, or is told why not, and no broken one costs another."""

import csv as stdlib_csv
import io
import json
import os
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from laws import tried

from ripeline.connect.sources import LINE, Source, csv, jsonl, open_source
from ripeline.connect.sources.folder import put_away, waiting
from ripeline.connect.sources.text import checked_encoding
from ripeline.values import Refusal


def a_file(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def rows_of(source: Source) -> list[dict[str, object]]:
    return [row for chunk in source.chunks() for row in chunk.rows.rows(named=True)]


def bad_of(source: Source) -> dict[int, str]:
    return {row.line: row.reason for chunk in source.chunks() for row in chunk.bad}


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("name,city\nAda,Berlin\n", id="commas"),
        pytest.param("name;city\r\nAda;Berlin\r\n", id="semicolons and Windows line ends"),
        pytest.param("name\tcity\nAda\tBerlin", id="tabs and no last line end"),
        pytest.param("name|city\nAda|Berlin\n\n", id="bars and a blank line"),
        pytest.param(b"\xef\xbb\xbfname,city\nAda,Berlin\n", id="a byte order mark"),
        pytest.param('"name", city \n"Ada","Berlin"\n', id="quotes"),
        pytest.param("name,city,\nAda,Berlin,\n", id="a trailing comma"),
    ],
)
def test_a_csv_file_is_read_as_people_write_it(tmp_path: Path, content: str | bytes) -> None:
    source = open_source(a_file(tmp_path, "leads.csv", content))

    assert source.columns == ("name", "city")
    assert rows_of(source) == [{LINE: 2, "name": "Ada", "city": "Berlin"}]


def test_lines_are_those_of_the_file_where_cells_hold_several(tmp_path: Path) -> None:
    source = open_source(a_file(tmp_path, "leads.csv", 'a,b\n1,"x\ny"\n\n2,"say ""hi"""\n'))

    assert rows_of(source) == [{LINE: 2, "a": "1", "b": "x\ny"}, {LINE: 5, "a": "2", "b": 'say "hi"'}]


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        pytest.param("1", "has 1 cells, the header has 2", id="too few cells"),
        pytest.param("1,2,3", "has 3 cells, the header has 2", id="too many cells"),
        pytest.param('1,"never closed', "a quote", id="a quote that never closes"),
        pytest.param("1,x\ry", "a line end (CR) in a cell without quotes; put quotes around it", id="a line end of old inside a cell"),
        pytest.param('1,"x"y', "a quote in the middle of a cell", id="a quote inside a cell"),
        pytest.param('1,"' + "x" * 200_000 + '"', "a cell of more than", id="a cell that no reader takes"),
    ],
)
@pytest.mark.parametrize("quoted", [False, True])
def test_a_broken_row_costs_no_other(tmp_path: Path, broken: str, reason: str, quoted: bool) -> None:
    other = '"q","r"' if quoted else "q,r"
    source = open_source(a_file(tmp_path, "leads.csv", f"a,b\n{other}\n{broken}\n{other}\n{other}"))

    assert [row[LINE] for row in rows_of(source)] == [2, 4, 5]
    assert reason in bad_of(source)[3]


def test_a_value_under_no_name_is_told(tmp_path: Path) -> None:
    source = open_source(a_file(tmp_path, "leads.csv", "a,b,\n1,2,\n3,4,5\n"))

    assert bad_of(source) == {3: "has a value in a column without a name: name it in the header"}


@given(
    rows=st.lists(st.tuples(*[st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\r\x00"), max_size=8)] * 2), min_size=1, max_size=12),
    block=st.integers(1, 40),
)
def test_whatever_is_written_as_csv_is_read_back(rows: list[tuple[str, str]], block: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    text = io.StringIO()
    stdlib_csv.writer(text, lineterminator="\n", quoting=stdlib_csv.QUOTE_ALL).writerows([("a", "b"), *rows])
    path = a_file(tmp_path_factory.mktemp("csv"), "leads.csv", text.getvalue())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv, "BLOCK", block)
        read = [(row["a"], row["b"]) for row in rows_of(open_source(path))]

    assert read == rows


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        pytest.param("empty.csv", "", "is empty", id="an empty file"),
        pytest.param("blank.csv", "\nAda\n", "the first line is blank", id="no header"),
        pytest.param("twice.csv", "email,name,email\n1,2,3\n", r"the header has 'email' twice \(columns 1 and 3\): rename", id="a doubled header"),
        pytest.param(
            "latin.csv", "name\nAda\nJörg\n".encode("latin-1"), r"is not UTF-8: byte 0xF6 at position 10 \(line 3\).*--encoding cp1252", id="another encoding"
        ),
        pytest.param("wide.csv", "name\nAda\n".encode("utf-16"), "looks like UTF-16: say --encoding utf-16", id="UTF-16"),
        pytest.param("wider.csv", "name\nAda\n".encode("utf-32"), "looks like UTF-32: say --encoding utf-32", id="UTF-32"),
        pytest.param("mac.csv", "name,city\rAda,Berlin\r", r"line end \(CR\) .* save it with lines that end with LF or CRLF", id="line ends of old"),
        pytest.param("mac.csv", '"name"\r"Ada"\r', r"line end \(CR\) .* save it with lines that end with LF or CRLF", id="line ends of old, with quotes"),
        pytest.param("cut.csv", "name\nJö".encode()[:-1], "ends in the middle of a letter", id="a file cut short"),
        pytest.param("leads.xlsx", "PK", r"no source for files ending in '.xlsx': give one of .csv", id="a kind nobody reads"),
        pytest.param("leads.parquet", "PAR0", "is no Parquet file", id="a broken Parquet file"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_words(tmp_path: Path, name: str, content: str | bytes, sentence: str) -> None:
    with pytest.raises(Refusal, match=sentence):
        open_source(a_file(tmp_path, name, content))


def test_a_missing_file_and_a_folder_are_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="does not exist: check its name"):
        open_source(tmp_path / "gone.csv")
    with pytest.raises(Refusal, match="is a folder: name the file inside it"):
        open_source(tmp_path)


def test_a_pipe_is_refused_in_words(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "leads.csv")

    with pytest.raises(Refusal, match=r"is a pipe or a device.*: save what comes out of it, and name that file"):
        open_source(tmp_path / "leads.csv")


def test_an_encoding_can_be_named(tmp_path: Path) -> None:
    path = a_file(tmp_path, "leads.csv", "name\nJörg\n".encode("cp1252"))

    assert rows_of(open_source(path, encoding="windows-1252")) == [{LINE: 2, "name": "Jörg"}]


@pytest.mark.parametrize("name", ["klingon", "base64", "rot13", "zip", "undefined", "utf-8\x00"])
def test_an_encoding_that_makes_no_text_of_bytes_is_none(tmp_path: Path, name: str) -> None:
    with pytest.raises(Refusal, match="no encoding is called"):
        checked_encoding(a_file(tmp_path, "leads.csv", "name\nAda\n"), name)


@pytest.mark.parametrize("name", ["utf-16", "utf-32"])
def test_a_file_in_another_encoding_than_the_one_named_is_refused_in_words(tmp_path: Path, name: str) -> None:
    with pytest.raises(Refusal, match=f"is not {name.upper()}.*save it as UTF-8, or say which encoding it is in"):
        open_source(a_file(tmp_path, "leads.csv", "name\nAda\n"), encoding=name)


def test_json_lines_keep_digits_and_dot_what_is_nested(tmp_path: Path) -> None:
    source = open_source(a_file(tmp_path, "events.jsonl", '{"a": 1.50, "b": {"c": true, "d": [1]}}\n\n{"a": null, "e": 12345678901234567890}\n'))

    assert rows_of(source) == [
        {LINE: 1, "a": "1.50", "b.c": "true", "b.d": '["1"]', "e": None},
        {LINE: 3, "a": None, "b.c": None, "b.d": None, "e": "12345678901234567890"},
    ]


def test_json_lines_keep_a_minus_nought_and_trim_names(tmp_path: Path) -> None:
    source = open_source(a_file(tmp_path, "events.jsonl", '{" a": 0, "b ": -0}\n{"a": false, "b": 18446744073709551615}\n{}\n'))

    assert rows_of(source) == [{LINE: 1, "a": "0", "b": "-0"}, {LINE: 2, "a": "false", "b": "18446744073709551615"}, {LINE: 3, "a": None, "b": None}]


NAMES = st.text(" ab-0", min_size=1, max_size=3).filter(str.strip)
CELLS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.lists(st.integers())


@pytest.mark.parametrize("lines", [['{"a": 1', '"b": 2},{"c": 3}'], ['{"a": "x', 'y"},{"c": 3}'], ['{"a": 1},{"b": 2}', ""]])
def test_what_only_many_lines_together_would_say_is_no_json(lines: list[str]) -> None:
    assert len(jsonl._chunk(1, [f"{line}\n" for line in lines]).bad) == sum(map(bool, lines))


@given(st.dictionaries(NAMES, CELLS, max_size=4))
def test_a_line_read_quickly_says_what_a_closer_look_would(value: dict[str, object]) -> None:
    text = json.dumps(value)
    closely = jsonl.object_in(1, text)
    (row,) = jsonl._chunk(1, [text]).rows.rows(named=True)

    assert isinstance(closely, dict)
    assert row == {LINE: 1} | {name: cell for name, cell in closely.items() if name != LINE}


_LINES = [
    '{"a": 1}', '{"a": "x", "b": null}', '{"b": true}', '{"a": -0}', '{"a": 1.50}', '{"a": [1]}', '{"a": 1', '"b": 2}', '{"a": 1}, {"b": 2}', '{"a": [{"b": 1}',
    '{"b": 2}]}', '{"a": "x}', '{y"}', "[]", "3", "", " ", '{"a": {"b": 1}}', '{"a": {"b": 1}', '{ }', '{"a": 12345678901234567890123}',
]  # fmt: skip
"""Lines, some of which would be an object together with others."""


@tried(200)
@given(lines=st.lists(st.sampled_from(_LINES), min_size=1, max_size=6), end=st.sampled_from(["", "\n", "\r\n"]))
def test_lines_that_are_read_together_say_what_each_says_alone(lines: list[str], end: str) -> None:
    texts = [f"{line}{end or chr(10)}" for line in lines[:-1]] + [f"{lines[-1]}{end}"]
    alone = [jsonl._chunk(number, [text]) for number, text in enumerate(texts, start=1)]

    together = jsonl._chunk(1, texts)

    assert [said(row) for row in together.rows.rows(named=True)] == [said(row) for chunk in alone for row in chunk.rows.rows(named=True)]
    assert list(together.bad) == [row for chunk in alone for row in chunk.bad]


def said(row: dict[str, object]) -> dict[str, object]:
    """Return what a row says: columns that only others have are null in it."""
    return {name: cell for name, cell in row.items() if cell is not None}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        pytest.param("{x", "is not JSON", id="no JSON"),
        pytest.param("[1]", "is no JSON object", id="a list"),
        pytest.param('{"a": "\\ud800"}', "half a letter", id="a lone surrogate"),
        pytest.param("[" * 100_000, "nested too deeply", id="a tower of brackets"),
    ],
)
def test_a_broken_json_line_costs_no_other(tmp_path: Path, line: str, reason: str) -> None:
    source = open_source(a_file(tmp_path, "events.jsonl", f'{{"a": 1}}\n{line}\n{{"a": 2}}\n'))

    assert [row["a"] for row in rows_of(source)] == ["1", "2"]
    assert reason in bad_of(source)[2]


def test_json_lines_come_in_chunks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonl, "CHUNK_ROWS", 2)
    source = open_source(a_file(tmp_path, "events.jsonl", "\n".join(json.dumps({"n": number}) for number in range(5))))

    assert [chunk.rows.height for chunk in source.chunks()] == [2, 2, 1]
    assert [row["n"] for row in rows_of(source)] == list("01234")


def test_parquet_is_read_as_text_whatever_its_types(tmp_path: Path) -> None:
    frame = pl.DataFrame({
        "n": [1, None], "f": [1.5, 2.0], "flag": [True, None], "on": [date(2026, 3, 2)] * 2, "at": [datetime(2026, 3, 2, 9, tzinfo=UTC)] * 2,
        "wall": [datetime(2026, 3, 2, 9, tzinfo=UTC).replace(tzinfo=None)] * 2, "who": [{"name": "Ada", "age": 36}] * 2, "tags": [["a", "b"], []],
    })  # fmt: skip
    frame.write_parquet(tmp_path / "leads.parquet")
    source = open_source(tmp_path / "leads.parquet")

    assert rows_of(source)[0] == {
        LINE: 1, "n": "1", "f": "1.5", "flag": "true", "on": "2026-03-02", "at": "2026-03-02T09:00:00.000000Z", "wall": "2026-03-02T09:00:00.000000",
        "who.name": "Ada", "who.age": "36", "tags": '["a", "b"]',
    }  # fmt: skip
    assert (rows_of(source)[1]["n"], rows_of(source)[1][LINE]) == (None, 2)


def test_the_inbox_gives_leads_before_events_and_leaves_strangers_alone(tmp_path: Path) -> None:
    for name in (
        "events-b.csv",
        "leads-webshop-2026-03-02.jsonl",
        "leads.csv",
        "suppressions-x.parquet",
        "notes.txt",
        "leads-half.csv.part",
        "eventsourcing.toml",
    ):
        (tmp_path / name).touch()

    assert [(each.kind, each.word, each.path.name) for each in waiting(tmp_path)] == [
        ("leads", "webshop", "leads-webshop-2026-03-02.jsonl"),
        ("leads", None, "leads.csv"),
        ("events", "b", "events-b.csv"),
        ("suppressions", "x", "suppressions-x.parquet"),
    ]
    assert waiting(tmp_path / "nowhere") == []


def test_a_file_put_away_never_covers_another(tmp_path: Path) -> None:
    for _ in range(3):
        (tmp_path / "leads.csv").touch()
        put_away(tmp_path / "leads.csv", tmp_path / "done")

    assert sorted(path.name for path in (tmp_path / "done").iterdir()) == ["leads-2.csv", "leads-3.csv", "leads.csv"]
    assert put_away(tmp_path / "leads.csv", tmp_path / "done") is None
