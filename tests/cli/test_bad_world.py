"""The world out of reach: database, mail server, disk. A sentence, exit code 3, nothing lost."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from commands import Run
from people import ada

from ripeline.connect import channels
from ripeline.database import engine_for, open_session
from ripeline.migrations import newest
from ripeline.values import Refusal

COMMANDS = [["leads"], ["messages"], ["lead", "1"], ["explain", "1"], ["handoffs"], ["run", "all"], ["apply", "--list"], ["handoff", "accept", "1"], ["report"]]
READABLE = [" ".join(words) for words in COMMANDS]

SENDER = {"sender_address": "nora@tidewerk.example", "sender_name": "Nora", "company": "Tidewerk BV", "postal_address": "Keizersgracht 1, Amsterdam"}
DUE = "2026-03-02T12:00:00+00:00"


@pytest.mark.parametrize("words", COMMANDS, ids=READABLE)
def test_a_database_without_tables_is_told_how_to_get_them(run: Run, fresh_url: str, words: list[str]) -> None:
    answer = run(*words, database_url=fresh_url)

    assert answer.exit_code == 3
    assert "has no tables yet: run `ripeline db upgrade`" in answer.err


@pytest.mark.parametrize("words", [*COMMANDS, ["db", "upgrade"]], ids=[*READABLE, "db upgrade"])
def test_a_server_that_is_down_is_named_without_its_password(run: Run, words: list[str]) -> None:
    answer = run(*words, database_url="postgresql://ripeline:hunter2@127.0.0.1:1/ripeline")

    assert answer.exit_code == 3
    assert "postgresql://ripeline:***@127.0.0.1:1/ripeline" in answer.err
    assert "check RIPELINE_DATABASE_URL, and that the server is up" in answer.err
    assert "hunter2" not in answer.err


def _no_folder(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/nowhere/ripeline.db"


def _no_database(tmp_path: Path) -> str:
    (tmp_path / "notes.db").write_text("These are notes and no database, however they are called." * 20)
    return f"sqlite:///{tmp_path}/notes.db"


def _half_a_database(tmp_path: Path) -> str:
    (tmp_path / "half.db").write_bytes(b"SQLite format 3\x00" + bytes(4000))
    return f"sqlite:///{tmp_path}/half.db"


@pytest.mark.parametrize("words", [["leads"], ["run", "all"], ["db", "upgrade"]], ids=["leads", "run all", "db upgrade"])
@pytest.mark.parametrize(("place", "said"), [
    pytest.param(_no_folder, "cannot be used (unable to open database file): check RIPELINE_DATABASE_URL, and that its folder exists", id="no folder"),
    pytest.param(_no_database, "is no SQLite database, or a damaged one (file is not a database)", id="another file"),
    pytest.param(_half_a_database, "database", id="half a file"),
])  # fmt: skip
def test_a_file_that_is_no_database_is_named(run: Run, tmp_path: Path, place: Callable[[Path], str], said: str, words: list[str]) -> None:
    answer = run(*words, database_url=place(tmp_path))

    assert answer.exit_code == 3
    assert said in answer.err


@pytest.mark.parametrize(("url", "said"), [
    pytest.param("mysql://host/name", "starts with 'mysql': give sqlite:///path or postgresql://user:password@host/name", id="another database"),
    pytest.param("postgresql+asyncpg://host/name", "starts with 'postgresql+asyncpg'", id="another driver"),
    pytest.param("sqlite://", "names no file", id="memory"),
    pytest.param("postgresql://me:hunter2@host:port/name", "is no database URL", id="a port in words"),
    pytest.param("ripeline.db", "is no database URL", id="a path"),
])  # fmt: skip
def test_a_database_of_another_kind_is_refused(run: Run, url: str, said: str) -> None:
    answer = run("leads", database_url=url)

    assert answer.exit_code == 2
    assert said in answer.err
    assert "hunter2" not in answer.err


def test_a_database_at_another_revision_is_told_apart(run: Run, fresh_url: str) -> None:
    run("db", "upgrade", database_url=fresh_url)
    with engine_for(fresh_url).begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")
        connection.exec_driver_sql("ALTER TABLE score RENAME COLUMN grade TO mark")

    answer = run("leads", database_url=fresh_url)

    assert answer.exit_code == 3
    assert f"is at revision 0000 and this program wants {newest()}: run `ripeline db upgrade`" in answer.err


def test_a_mistake_of_ours_keeps_its_traceback(url: str) -> None:
    with pytest.raises(sa.exc.DBAPIError), open_session(url) as session:
        session.execute(sa.text("SELEKT 1"))


@pytest.fixture
def held(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Give a SQLite database that another process is writing to, and waits for nobody."""
    monkeypatch.setattr("ripeline.database.BUSY_SECONDS", 0)
    holder = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    yield sqlite_url
    holder.close()


def test_a_database_that_is_held_by_another_is_waited_for_not_for_ever(run: Run, held: str) -> None:
    answer = run("run", "rescore", database_url=held)

    assert answer.exit_code == 3
    assert "was held by another process for too long: run it again when that one is done" in answer.err


def test_reading_does_not_wait_for_who_writes(run: Run, held: str) -> None:
    assert run("leads", "--json", database_url=held).told == []


def test_an_error_at_commit_is_a_sentence_too(sqlite_url: str) -> None:
    def write_to_a_disk_that_became_readonly() -> None:
        with open_session(sqlite_url) as session:
            session.connection().exec_driver_sql("PRAGMA query_only = ON")
            session.add(ada())
            session.commit()

    with pytest.raises(Refusal, match="cannot be used"):
        write_to_a_disk_that_became_readonly()


def test_a_mail_server_that_is_down_loses_no_mail(worked: Run) -> None:
    answer = worked("run", "deliver", "--now", DUE, channel="smtp", smtp_host="127.0.0.1", smtp_port=1, smtp_sink="true", **SENDER)

    assert answer.exit_code == 3
    assert "cannot reach the mail server 127.0.0.1:1" in answer.err
    assert "check RIPELINE_SMTP_HOST and RIPELINE_SMTP_PORT" in answer.err
    states = worked("messages", "--json").told["states"]
    assert states["accepted"] == 3, "those of before"
    assert states.get("scheduled", 0) + states.get("deferred", 0) == 2, "nothing is lost, nothing in doubt"

    after = worked("run", "deliver", "--now", "2026-03-03T14:30Z", "--json")
    assert after.told["deliver"]["accepted"] == 2


@pytest.mark.parametrize(("place", "said"), [
    pytest.param("file", "cannot write to", id="a file where a folder should be"),
    pytest.param("/proc/ripeline", "cannot write to /proc/ripeline", id="a folder that takes nothing"),
])  # fmt: skip
@pytest.mark.parametrize("words", [["leads"], ["db", "upgrade"], ["run", "all"]], ids=["leads", "db upgrade", "run all"])
def test_a_var_folder_that_cannot_be_written_is_named(run: Run, tmp_path: Path, place: str, said: str, words: list[str]) -> None:
    (tmp_path / "file").write_text("")

    answer = run(*words, var=tmp_path / place)

    assert answer.exit_code == 3
    assert said in answer.err
    assert "make it writable or set RIPELINE_VAR to a folder that is" in answer.err


def test_a_mail_folder_that_cannot_be_written_keeps_the_mails_waiting(worked: Run, tmp_path: Path) -> None:
    (tmp_path / "blocked").write_text("")

    answer = worked("run", "deliver", "--now", DUE, maildir_folder=tmp_path / "blocked")

    assert answer.exit_code == 3
    assert "RIPELINE_MAILDIR_FOLDER" in answer.err
    states = worked("messages", "--json").told["states"]
    assert states.get("scheduled", 0) + states.get("deferred", 0) == 2


def test_a_full_disk_is_said_in_a_sentence(peopled: Run, tmp_path: Path) -> None:
    answer = peopled("report", "--html", "/dev/full/page.html")

    assert answer.exit_code == 3
    assert "cannot write /dev/full/page.html" in answer.err


def test_what_nobody_foresaw_of_a_disk_is_a_sentence_as_well(live: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device", "/var/somewhere")

    monkeypatch.setattr("ripeline.sweep.run.run_sweep", full)

    answer = live("run", "rescore")

    assert answer.exit_code == 3
    assert "the system refused: '/var/somewhere': No space left on device." in answer.err


def test_every_channel_can_be_asked_whether_it_works(live: Run) -> None:
    assert set(channels.channel_names()) == {"console", "maildir", "smtp"}
    answer = live("doctor", "--json", channel="smtp", smtp_host="127.0.0.1", smtp_port=1, **SENDER)

    (channel,) = (finding for finding in answer.told if finding["subject"] == "channel")
    assert channel["is_well"] is False
    assert "cannot reach the mail server 127.0.0.1:1" in channel["said"]
