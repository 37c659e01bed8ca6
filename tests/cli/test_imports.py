"""`ripeline import`: what a person sees, and how it ends."""

import json
from pathlib import Path

import pytest
from commands import Run
from people import NOW

ROWS = "email,company,country,shoe size\nada@example.com,Spreewerk,Deutschland,41\nkenji@example.org,Midori,Nowhere,\n"


@pytest.fixture
def leads(tmp_path: Path) -> Path:
    """Give a file of two leads, of whom one comes from nowhere."""
    path = tmp_path / "leads.csv"
    path.write_text(ROWS)
    return path


def test_every_row_is_told_and_the_refused_ones_are_kept(live: Run, leads: Path) -> None:
    answer = live("import", "leads", leads, "--now", NOW.isoformat())

    assert answer.exit_code == 4
    assert answer.out.splitlines() == [
        "leads.csv: 2 rows: 1 imported, 1 refused",
        "  1 undeclared field is kept (shoe_size): declare it in playbook/fields.toml to use it",
        "  line 3: country: 'Nowhere' is no country we know (write its ISO code, such as DE, or give it one under [values.country] in the map)",
        f"  refused rows, with line and reason: {leads.with_name('leads.rejects.csv')}",
    ]


def test_a_program_reads_the_same_as_json(live: Run, leads: Path) -> None:
    answer = live("import", "leads", leads, "--json")

    told = json.loads(answer.out)
    assert (told["rows"], told["imported"], told["refused"], told["undeclared"]) == (2, 1, 1, {"shoe_size": 1})
    assert told["refusals"][0]["line"] == 3


def test_a_dry_run_keeps_nothing(live: Run, leads: Path) -> None:
    dry = live("import", "leads", leads, "--dry-run")
    wet = live("import", "leads", leads)

    assert (dry.exit_code, dry.out.splitlines()[0]) == (4, "leads.csv (dry run, nothing kept): 2 rows: 1 imported, 1 refused")
    assert "  1 undeclared field would be kept (shoe_size): declare it in playbook/fields.toml to use it" in dry.out.splitlines()
    assert "1 imported" in wet.out


def test_events_and_suppressions_come_the_same_way(live: Run, leads: Path, tmp_path: Path) -> None:
    live("import", "leads", leads)
    told = [
        {"email": "ada@example.com", "event": "page_viewed", "at": "2026-03-01T12:00:00Z"},
        {"email": "x@example.com", "event": "form_sent", "at": "2026-03-01"},
    ]
    (tmp_path / "events.jsonl").write_text("\n".join(json.dumps(event) for event in told))
    (tmp_path / "no.csv").write_text("email\nsam@example.com\n")

    events, suppressions = live("import", "events", tmp_path / "events.jsonl"), live("import", "suppressions", tmp_path / "no.csv")

    assert (events.exit_code, events.out) == (0, "events.jsonl: 2 rows: 1 imported, 1 parked\n")
    assert (suppressions.exit_code, suppressions.out) == (0, "no.csv: 1 row: 1 imported\n")


def test_a_map_of_ones_own_is_read_from_a_file(live: Run, tmp_path: Path) -> None:
    (tmp_path / "crm.csv").write_text("Kunde;Ort\nada@bücher.example;Köln\n", encoding="cp1252")
    (tmp_path / "crm.toml").write_text('[lead]\naddress = "Kunde"\ncity = "Ort"\n')

    answer = live("import", "leads", tmp_path / "crm.csv", "--map", tmp_path / "crm.toml", "--encoding", "cp1252")

    assert (answer.exit_code, answer.out) == (0, "crm.csv: 1 row: 1 imported\n")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        pytest.param(["leads", "gone.csv"], "gone.csv does not exist: check its name", id="a missing file"),
        pytest.param(["leads", "."], "is a folder: name the file inside it", id="a folder"),
        pytest.param(["events", "leads.csv"], "has no column for 'kind'", id="leads for events"),
        pytest.param(["leads", "leads.csv", "--map", "gone.toml"], "the map gone.toml cannot be read (No such file or directory)", id="a missing map"),
        pytest.param(["leads", "leads.csv", "--map", "typo.toml"], "typo.toml:1", id="a typo in a map"),
        pytest.param(["leads", "leads.csv", "--now", "tomorrow"], "'tomorrow' is not an instant", id="no instant"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(live: Run, leads: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], sentence: str) -> None:
    monkeypatch.chdir(leads.parent)
    Path("typo.toml").write_text('titel = "x"')

    answer = live("import", *words)

    assert (answer.exit_code, sentence in answer.err) == (2, True), answer.err


def test_a_file_of_which_nothing_can_be_taken_ends_with_2(live: Run, tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_text("email\nada\n")

    assert live("import", "leads", tmp_path / "leads.csv").exit_code == 2


def test_before_anything_is_applied_the_folder_says_how_to_read(ask: Run, leads: Path) -> None:
    assert "1 imported" in ask("import", "leads", leads).out
