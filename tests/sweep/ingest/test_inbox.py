"""The inbox: files that other systems leave, taken in by the sweep, and what happens when it is killed."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from people import NOW, a_lead
from sqlmodel import Session, select

from models import Event, Lead
from ripeline.decide.fields import Fields
from ripeline.sweep.ingest import NewEvent, due, inbox, ingest, record_events
from ripeline.values import Refusal, Tally

Sweep = Callable[..., Tally]


@pytest.fixture
def box(tmp_path: Path) -> Path:
    """Give an empty inbox."""
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


@pytest.fixture
def playbook(files: dict[str, str], fields: Fields) -> Any:
    """Give what ingest asks of a playbook."""
    return SimpleNamespace(files=dict(files), fields=fields)


@pytest.fixture
def sweep(session: Session, playbook: Any, box: Path) -> Sweep:
    """Give a function that runs the sweep over the inbox."""
    return lambda **options: ingest(session, range(1), playbook, now=NOW, inbox=box, pepper=b"pepper", **options)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def test_files_are_taken_in_leads_first_and_put_away(session: Session, box: Path, sweep: Sweep) -> None:
    (box / "events-2026-03-01.csv").write_text("lead,kind,at\n7,page_viewed,2026-03-01\n")
    (box / "leads-2026-03-01.csv").write_text("id,email\n7,ada@example.com\n")
    (box / "suppressions-x.jsonl").write_text('{"email": "sam@example.com"}\n')

    tally = sweep()

    assert dict(tally.counts) == {"imported": 3, "files": 3}
    assert session.exec(select(Event.kind)).all() == ["page_viewed"]
    assert (names(box), names(box / "done")) == (["done", "rejects"], ["events-2026-03-01.csv", "leads-2026-03-01.csv", "suppressions-x.jsonl"])


def test_a_file_may_name_its_map(session: Session, box: Path, sweep: Sweep, playbook: Any) -> None:
    (box / "leads-webshop-1.csv").write_text("Kunde\nada@example.com\n")
    playbook.files["playbook/imports/webshop.toml"] = 'source = "webshop"\n[lead]\naddress = "Kunde"'

    sweep()

    assert session.exec(select(Lead.source)).all() == ["webshop"]


def test_refused_rows_go_to_the_rejects_folder(box: Path, sweep: Sweep) -> None:
    (box / "leads-x.csv").write_text("email\nada@example.com\nada\n")

    tally = sweep()

    assert dict(tally.counts) == {"imported": 1, "refused": 1, "files": 1}
    assert (names(box / "done"), names(box / "rejects")) == (["leads-x.csv"], ["leads-x.rejects.csv"])


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        pytest.param("leads-a.csv", b"", "is empty", id="an empty file"),
        pytest.param("leads-a.csv", b"email\n\xff@example.com\n", "is not UTF-8", id="another encoding"),
        pytest.param("events-a.csv", b"who,what\n1,2\n", "has no column for 'lead'", id="no such columns"),
    ],
)
def test_a_file_that_cannot_be_read_is_put_aside_with_the_reason_and_stops_no_other(box: Path, sweep: Sweep, name: str, content: bytes, reason: str) -> None:
    (box / name).write_bytes(content)
    (box / "leads-z.csv").write_text("email\nada@example.com\n")

    tally = sweep()

    assert dict(tally.counts) == {"refused_files": 1, "imported": 1, "files": 1}
    assert reason in (box / "rejects" / f"{name}.reason.txt").read_text()
    assert names(box / "done") == ["leads-z.csv"]


def test_a_dry_run_leaves_everything_where_it_is(session: Session, box: Path, sweep: Sweep) -> None:
    (box / "leads-x.csv").write_text("email\nada@example.com\nada\n")
    (box / "leads-y.csv").write_text("")

    tally = sweep(dry_run=True)

    assert dict(tally.counts) == {"imported": 1, "refused": 1, "files": 1, "refused_files": 1}
    assert (session.exec(select(Lead)).all(), names(box)) == ([], ["leads-x.csv", "leads-y.csv"])


def test_killed_between_commit_and_move_it_takes_the_file_in_again_which_changes_nothing(
    session: Session, box: Path, sweep: Sweep, monkeypatch: pytest.MonkeyPatch
) -> None:
    (box / "leads-x.csv").write_text("email,company\nada@example.com,Spreewerk\n")
    with monkeypatch.context() as killed:
        killed.setattr(inbox, "put_away", _killed)
        with pytest.raises(KeyboardInterrupt):
            sweep()

    tally = sweep()

    assert dict(tally.counts) == {"unchanged": 1, "files": 1}
    assert session.exec(select(Lead.facts_seq)).all() == [1]
    assert names(box / "done") == ["leads-x.csv"]


def _killed(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_file_that_another_run_took_is_passed_over(box: Path, sweep: Sweep, monkeypatch: pytest.MonkeyPatch) -> None:
    (box / "leads-x.csv").write_text("email\nada@example.com\n")
    found = inbox.waiting(box)
    (box / "leads-x.csv").unlink()
    monkeypatch.setattr(inbox, "waiting", lambda _: found)

    assert dict(sweep().counts) == {}


def test_a_folder_that_cannot_be_written_to_stops_the_sweep_before_anything_is_imported(session: Session, box: Path, sweep: Sweep) -> None:
    (box / "leads-x.csv").write_text("email\nada@example.com\n")
    (box / "rejects").write_text("a file where a folder should be")

    with pytest.raises(Refusal, match=r"refused rows could be written neither to .*rejects: make one of them writable; nothing was imported") as refusal:
        sweep()

    session.rollback()
    assert (refusal.value.exit_code, session.exec(select(Lead)).all()) == (3, [])


def test_it_is_due_where_a_file_waits_or_a_parked_event_has_a_lead(session: Session, box: Path, playbook: Any, sweep: Sweep) -> None:
    def is_due() -> bool:
        return bool(due(session, playbook, now=NOW, batch_size=100, inbox=box))

    assert not is_due()

    (box / "leads-x.csv").write_text("email\nada@example.com\n")
    assert is_due()
    sweep()
    assert not is_due()

    record_events(session, [NewEvent("kenji@example.org", "page_viewed", NOW - timedelta(days=1), "web", "1")], NOW)
    session.add(a_lead(address="kenji@example.org"))
    session.commit()
    assert is_due()
    assert dict(sweep().counts) == {"attached": 1}
    assert not is_due()
