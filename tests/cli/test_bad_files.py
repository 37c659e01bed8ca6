"""Files as the world sends them: each fault is a sentence that names the thing and the remedy, and stops no other row."""

from pathlib import Path

import pytest
from commands import Answer, Run
from people import NOW

HEAD = "email,first name,country,zone,created at\n"
GOOD = "ada@example.com,Ada,Germany,Europe/Berlin,2026-02-01\n"


def taken(run: Run, tmp_path: Path, content: str | bytes, *words: object, kind: str = "leads", name: str = "contacts.csv") -> Answer:
    """Write a file, import it, and return what was said."""
    file = tmp_path / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return run("import", kind, file, "--now", NOW.isoformat(), *words)


@pytest.fixture
def lite(run: Run, sqlite_url: str) -> Run:
    """Give `run` on SQLite alone: what is refused here never comes to a database. The playbook is the folder's, none is applied."""
    return lambda *words, **environment: run(*words, **{"database_url": sqlite_url} | environment)


@pytest.mark.parametrize(("content", "name", "said"), [
    pytest.param("", "contacts.csv", "is empty: export it again", id="empty"),
    pytest.param(HEAD, "contacts.csv", "has a header and no rows: export it again", id="only a header"),
    pytest.param(HEAD.encode() + GOOD.replace("Ada", "Adá").encode("cp1252"), "contacts.csv", "(line 2): save it as UTF-8", id="another encoding"),
    pytest.param((HEAD + GOOD).encode("utf-16"), "contacts.csv", "looks like UTF-16: say --encoding utf-16", id="UTF-16"),
    pytest.param("email,email\na@example.com,b@example.com\n", "contacts.csv", "the header has 'email' twice (columns 1 and 2)", id="a header twice"),
    pytest.param("name,country\nAda,DE\n", "contacts.csv", "has no column for 'address'", id="no address"),
    pytest.param("no such format", "contacts.parquet", "is no Parquet file, or a broken one", id="no Parquet"),
    pytest.param("PK\x03\x04", "contacts.xlsx", "contacts.xlsx", id="a spreadsheet"),
])  # fmt: skip
def test_a_file_that_cannot_be_taken_is_named(lite: Run, tmp_path: Path, content: str | bytes, name: str, said: str) -> None:
    answer = taken(lite, tmp_path, content, name=name)

    assert answer.exit_code == 2
    assert name in answer.err
    assert said in answer.err
    assert lite("leads", "--json").told == []


def test_a_file_that_is_not_there_is_named(lite: Run, tmp_path: Path) -> None:
    for words in (["nowhere.csv"], [tmp_path]):
        answer = lite("import", "leads", *words)

        assert answer.exit_code == 2
        assert any(said in answer.err for said in ("nowhere.csv does not exist: check its name", "is a folder: name the file inside it"))


@pytest.mark.parametrize(("row", "said"), [
    pytest.param("ada@,Ada,DE,,", "'ada@' is no mail address", id="an address without a domain"),
    pytest.param("@example.com,Ada,DE,,", "is no mail address", id="an address without a person"),
    pytest.param(",Ada,DE,,", "address", id="no address at all"),
    pytest.param(f"ada@example.com,{'x' * 100_000},DE,,", "holds 100", id="a cell of 100,000 characters"),
    pytest.param("ada@example.com,Ada,Narnia,,", "country: 'Narnia' is no country we know", id="a country that is none"),
    pytest.param("ada@example.com,Ada,DE,,03/04/2026", "'03/04/2026' can be read in more than one way", id="a date in two formats"),
    pytest.param("ada@example.com,Ada,DE,,the first of May", "created_at", id="a date in words"),
])  # fmt: skip
def test_a_bad_row_is_refused_with_its_line_and_stops_no_other(lite: Run, tmp_path: Path, row: str, said: str) -> None:
    answer = taken(lite, tmp_path, HEAD + row + "\n" + GOOD.replace("ada@", "eve@"))

    assert answer.exit_code == 4, "done in part"
    assert "2 rows: 1 imported, 1 refused" in answer.out
    assert "line 2:" in answer.out
    assert said in answer.said
    rejects = (tmp_path / "contacts.rejects.csv").read_text(encoding="utf-8")
    assert row.split(",")[0] in rejects
    assert [lead["address"] for lead in lite("leads", "--json").told] == ["eve@example.com"]


def test_where_every_row_is_refused_the_command_has_failed(lite: Run, tmp_path: Path) -> None:
    assert taken(lite, tmp_path, HEAD + "ada@,Ada,DE,,\n").exit_code == 2


@pytest.mark.parametrize(("row", "address", "country"), [
    pytest.param("anna@bücher.example,Anna,Allemagne,,", "anna@xn--bcher-kva.example", "DE", id="a domain beyond ASCII"),
    pytest.param("用户@example.com,,China,,", "用户@example.com", "CN", id="a local part beyond ASCII"),
    pytest.param("ada@example.com,Ada,United States,Mars/Olympus,", "ada@example.com", "US", id="a zone that does not exist"),
])  # fmt: skip
def test_what_is_only_unusual_comes_in(lite: Run, tmp_path: Path, row: str, address: str, country: str) -> None:
    answer = taken(lite, tmp_path, HEAD + row + "\n")

    assert answer.exit_code == 0, answer.said
    assert [(lead["address"], lead["country"]) for lead in lite("leads", "--json").told] == [(address, country)]


def test_a_zone_that_does_not_exist_is_counted(lite: Run, tmp_path: Path) -> None:
    assert "with 1 unknown zones" in taken(lite, tmp_path, HEAD + GOOD.replace("Europe/Berlin", "Mars/Olympus")).out


@pytest.mark.parametrize(("text", "said"), [
    pytest.param('[lead]\naddress = "Mail"\n', "lacks 1 column that the map names: 'Mail'. Did you mean 'email'?", id="a column that the file lacks"),
    pytest.param('[lead]\nadress = "email"\n', "mine.toml:2", id="an attribute that nobody declared"),
    pytest.param('[lead\naddress = "email"\n', "not TOML", id="no TOML"),
    pytest.param('[lead]\naddress = "email"\n[[event]]\nkind = "page_viewed"\nfrom = "country"\n', "at", id="an event without a time"),
])  # fmt: skip
def test_a_map_that_does_not_hold_imports_nothing(lite: Run, tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "mine.toml").write_text(text)

    answer = taken(lite, tmp_path, HEAD + GOOD, "--map", tmp_path / "mine.toml")

    assert answer.exit_code == 2
    assert said in answer.err
    assert lite("leads", "--json").told == []


def test_events_are_refused_parked_or_taken_each_by_itself(ask: Run, tmp_path: Path) -> None:
    taken(ask, tmp_path, HEAD + GOOD)
    rows = "ada@example.com,page_viewed,2026-03-01T00:00Z\nada@example.com,page_viewed,2030-01-01T00:00Z\nwho@example.com,page_viewed,2026-03-01T00:00Z\n"

    told = taken(ask, tmp_path, "lead,kind,at\n" + rows, "--json", kind="events", name="visits.csv")
    again = taken(ask, tmp_path, "lead,kind,at\n" + rows, "--json", kind="events", name="visits.csv")

    assert told.exit_code == 4
    assert told.told.items() >= {"rows": 3, "imported": 1, "parked": 1, "refused": 1, "unchanged": 0}.items()
    assert told.told["refusals"] == [{"line": 3, "reason": "at: '2030-01-01T00:00Z' lies in the future (it is 2026-03-02 10:00Z)"}]
    assert again.told.items() >= {"imported": 0, "parked": 0, "unchanged": 2}.items(), "importing twice changes nothing"


def test_a_parked_event_comes_to_its_lead(ask: Run, tmp_path: Path) -> None:
    taken(ask, tmp_path, "lead,kind,at\nada@example.com,page_viewed,2026-03-01T00:00Z\n", kind="events", name="visits.csv")

    taken(ask, tmp_path, HEAD + GOOD)

    assert "page_viewed" in [moment["what"] for moment in ask("lead", "ada@example.com", "--json").told["timeline"]]
