"""The command line in this process: a small playbook, a few people, and `run(...)`, which types a command."""

import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from commands import Answer, Run
from people import JOINED, NOW, a_lead, ada, an_event, kenji, maya, sam
from sqlmodel import Session, SQLModel

from models import Consent, ConsentState, Event, Lead, PlaybookApplication, PlaybookVersion, Purpose, Suppression, SuppressionReason
from ripeline.cli.main import main
from ripeline.database import engine_for, open_session
from ripeline.letter.check import confined_faults
from ripeline.playbook import checks
from ripeline.playbook.files import content_hash, read_folder
from ripeline.settings import CLONE
from ripeline.sweep.run import ORDER, run_sweep
from ripeline.values import keyed_hash


@dataclass(frozen=True)
class Seen:
    """Where a database lies that every sweep has been over, and the var folder with its mails."""

    url: str
    var: Path


KEY = "0123456789abcdef0123456789abcdef"


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with the shipped playbook and templates, in English alone: checking every letter in every language takes long."""
    folder = tmp_path_factory.mktemp("home")
    for part in ("playbook", "templates"):
        shutil.copytree(CLONE / part, folder / part)
    return folder


@pytest.fixture(autouse=True)
def letters_checked_once(monkeypatch: pytest.MonkeyPatch, once_a_run: Callable[[str, Callable[[], Any]], Any]) -> None:
    """Remember in this run what is wrong with letters that were checked before: each check starts processes of its own and takes seconds."""

    def remembered(files: Mapping[str, str], fields: Iterable[str] = (), *, only: str | None = None, **rest: Any) -> list[Any]:
        letters = {path: text for path, text in files.items() if path.startswith(("templates/", "locales/"))}
        asked = content_hash(letters | {"fields": " ".join(sorted(fields)), "only": only or ""})
        return list(once_a_run(f"faults-{asked}", lambda: confined_faults(files, fields, only=only, **rest)))

    monkeypatch.setattr(checks, "confined_faults", remembered)


@pytest.fixture(scope="session")
def files(home: Path) -> dict[str, str]:
    """Give the files of that folder."""
    return read_folder(home)


@pytest.fixture
def own_home(home: Path, tmp_path: Path) -> Path:
    """Give a copy of that folder to spoil."""
    return shutil.copytree(home, tmp_path / "home")


@pytest.fixture
def spoil(own_home: Path) -> Callable[[str, str, str], None]:
    """Give a function that puts one text in the place of another in a file of that copy."""

    def put(path: str, old: str, new: str) -> None:
        text = (own_home / path).read_text(encoding="utf-8")
        assert old in text, f"{path} no longer says {old!r}"
        (own_home / path).write_text(text.replace(old, new, 1), encoding="utf-8")

    return put


@pytest.fixture
def run(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Give a function that types a command. Nothing of the developer's own settings reaches it."""

    def type_in(*words: object, **environment: object) -> Answer:
        given = {"home": home, "var": tmp_path / "var", "secret_key": KEY} | environment
        with monkeypatch.context() as patched:
            for name, value in given.items():
                if value is not None:
                    patched.setenv(f"RIPELINE_{name.upper()}", str(value))
            patched.setattr(sys, "argv", ["ripeline", *map(str, words)])
            capsys.readouterr()
            with pytest.raises(SystemExit) as end:
                main()
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return Answer(int(end.value.code or 0), out, err)

    return type_in


@pytest.fixture(params=["sqlite", "postgresql"])
def fresh_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the URL of a database without any table, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        yield from _sqlite(tmp_path / "fresh.db")
    else:
        yield from _postgresql(str(request.getfixturevalue("postgresql_url")), "fresh")


@pytest.fixture(scope="session")
def seen_sqlite(home: Path, files: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    """Give the place of a SQLite database after a first `run all`, made once."""
    var = tmp_path_factory.mktemp("seen")
    for url in _sqlite(var / "seen.db"):
        yield _seen(url, var, home, files)


@pytest.fixture(scope="session")
def seen_postgresql(postgresql_url: str, home: Path, files: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    """Give the place of a PostgreSQL database after a first `run all`, made once."""
    for url in _postgresql(postgresql_url, "seen"):
        yield _seen(url, tmp_path_factory.mktemp("seen"), home, files)


@pytest.fixture(params=["sqlite", "postgresql"])
def seen_url(request: pytest.FixtureRequest) -> str:
    """Give the URL of a database after a first `run all`: for who only reads."""
    place: Seen = request.getfixturevalue(f"seen_{request.param}")
    return place.url


@pytest.fixture(params=["sqlite", "postgresql"])
def worked_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the URL of a copy of that database, with the mails that went out: for who writes."""
    place: Seen = request.getfixturevalue(f"seen_{request.param}")
    shutil.copytree(place.var, tmp_path / "var", ignore=shutil.ignore_patterns("seen.db*"))
    engine_for(place.url).dispose()  # only when nobody is connected is all of SQLite in one file, and may PostgreSQL be copied
    if request.param == "sqlite":
        shutil.copy(place.var / "seen.db", tmp_path / "worked.db")
        yield from _sqlite(tmp_path / "worked.db")
    else:
        yield from _postgresql(str(request.getfixturevalue("postgresql_url")), "worked", place.url)


@pytest.fixture
def seen(run: Run, seen_url: str) -> Run:
    """Give `run`, on that database: type only what reads."""
    return lambda *words, **environment: run(*words, **{"database_url": seen_url} | environment)


@pytest.fixture
def ask(run: Run, url: str) -> Run:
    """Give `run`, on a database of either kind with empty tables."""
    return lambda *words, **environment: run(*words, **{"database_url": url} | environment)


@pytest.fixture
def live(ask: Run, url: str, files: dict[str, str]) -> Run:
    """Give `run`, on a database in which the playbook is live."""
    with open_session(url) as session:
        make_live(session, files)
    return ask


@pytest.fixture
def live_sqlite(sqlite_url: str, files: dict[str, str]) -> str:
    """Give the URL of a SQLite database in which the playbook is live, for processes of their own."""
    with open_session(sqlite_url) as session:
        make_live(session, files)
    return sqlite_url


@pytest.fixture
def peopled(live: Run, url: str) -> Run:
    """Give `run`, on a database with leads that `run all` has not seen yet."""
    with open_session(url) as session:
        make_people(session)
    return live


@pytest.fixture
def worked(run: Run, worked_url: str) -> Run:
    """Give `run`, on a database after a first `run all`."""
    return lambda *words, **environment: run(*words, **{"database_url": worked_url} | environment)


def make_live(session: Session, files: Mapping[str, str]) -> str:
    """Store a version as `apply` would, without checking it again; return its hash."""
    version = content_hash(files)
    session.add(PlaybookVersion(hash=version, files=dict(files), created_at=JOINED, created_by="test"))
    session.flush()
    session.add(PlaybookApplication(hash=version, applied_at=JOINED, applied_by="test"))
    session.commit()
    return version


def make_people(session: Session) -> None:
    """Store five leads with their deeds.

    Ada is ready for sales; Noor, who agreed, and Kenji, who was never asked, looked around; Maya is suppressed; nothing is known of Sam but his title.
    """
    people = {"ada": ada(), "noor": a_lead(address="noor@example.net", country="NL", locale="en"), "kenji": kenji(), "maya": maya(), "sam": sam()}
    session.add_all(people.values())
    session.flush()
    session.add_all([event for name, lead in people.items() for event in _deeds(name, lead)])
    session.add_all([_consent(people[name]) for name in ("ada", "noor", "maya", "sam")])
    session.add(_suppression(people["maya"]))
    session.commit()


def _sqlite(file: Path) -> Iterator[str]:
    yield f"sqlite:///{file}"
    engine_for(f"sqlite:///{file}").dispose()


def _seen(url: str, var: Path, home: Path, files: Mapping[str, str]) -> Seen:
    """Fill an empty database and let every sweep run once."""
    SQLModel.metadata.create_all(engine_for(url))
    with open_session(url) as session:
        make_live(session, files)
        make_people(session)
    with pytest.MonkeyPatch.context() as patched:
        for name, value in {"HOME": home, "VAR": var, "SECRET_KEY": KEY}.items():
            patched.setenv(f"RIPELINE_{name}", str(value))
        for sweep in ORDER:
            run_sweep(url, sweep, now=NOW)
    return Seen(url, var)


def _postgresql(server: str, name: str, template: str | None = None) -> Iterator[str]:
    """Give a database of its own on the server of the tests, a copy of `template` if given."""
    place = sa.engine.make_url(server)
    own, url = f"{place.database}_{name}", place.set(database=f"{place.database}_{name}").render_as_string(hide_password=False)
    with engine_for(server).execution_options(isolation_level="AUTOCOMMIT").connect() as admin:
        source = sa.engine.make_url(template).database if template else "template1"
        if template:  # idle readers would be in the way
            admin.exec_driver_sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (source,))
        admin.exec_driver_sql(f"CREATE DATABASE {own} TEMPLATE {source}")
    yield url
    engine_for(url).dispose()
    with engine_for(server).execution_options(isolation_level="AUTOCOMMIT").connect() as admin:
        admin.exec_driver_sql(f"DROP DATABASE {own} WITH (FORCE)")


def _deeds(name: str, lead: Lead) -> list[Event]:
    day = timedelta(days=1)
    looked = [an_event(lead, "page_viewed", NOW - number * day, path="/pricing") for number in (1, 2)]
    asked = [an_event(lead, "demo_requested", NOW - day), *(an_event(lead, "webinar_attended", NOW - number * day, asset="approvals") for number in (2, 3))]
    return {"ada": [*looked, *asked], "sam": []}.get(name, looked)


def _consent(lead: Lead) -> Consent:
    assert lead.id is not None, "just stored"
    given: dict[str, Any] = {"purpose": Purpose.MARKETING, "state": ConsentState.GIVEN, "basis": "consent", "source": "test", "proof": "form"}
    return Consent(lead_id=lead.id, subject_hash="-", at=JOINED, received_at=JOINED, **given)


def _suppression(lead: Lead) -> Suppression:
    hashed = keyed_hash(KEY.encode(), lead.address_key)
    return Suppression(address_hash=hashed, address_hash_lower=hashed, reason=SuppressionReason.UNSUBSCRIBED, source="test", at=JOINED, received_at=JOINED)
