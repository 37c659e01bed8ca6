"""What the tests of ingest share: the shipped playbook's fields and maps, and `take`, which imports a text as a file."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from people import NOW
from shipped import FILES
from sqlmodel import Session

from ripeline.decide.fields import Fields
from ripeline.playbook.fields import FieldsFile
from ripeline.playbook.mapping import EventsMap, FileMap, LeadsMap, SuppressionsMap
from ripeline.playbook.maps import default_map, read_map
from ripeline.playbook.reading import read_toml
from ripeline.sweep.ingest import Intake, Outcome, import_events, import_leads, import_suppressions

PEPPER = b"pepper"
SHAPES: dict[str, type[FileMap]] = {"leads": LeadsMap, "events": EventsMap, "suppressions": SuppressionsMap}

Take = Callable[..., Outcome]


@pytest.fixture(scope="session")
def files() -> dict[str, str]:
    """Give the shipped playbook's files."""
    return FILES


@pytest.fixture(scope="session")
def fields(files: dict[str, str]) -> Fields:
    """Give the shipped fields."""
    path = "playbook/fields.toml"
    found = read_toml(path, files[path], FieldsFile, [])
    assert found is not None
    return found.as_fields()


@pytest.fixture
def an_intake(files: dict[str, str], fields: Fields, tmp_path: Path) -> Callable[..., Intake]:
    """Give a function that makes an intake on a session."""

    def make(session: Session, now: datetime = NOW, dry_run: bool = False) -> Intake:
        return Intake(session, files, fields, now, PEPPER, (tmp_path, tmp_path / "rejects"), dry_run)

    return make


@pytest.fixture
def take(session: Session, an_intake: Callable[..., Intake], files: dict[str, str], fields: Fields, tmp_path: Path) -> Take:
    """Give a function that imports a text: take("leads", "email\\nada@example.com", map='source = "crm"')."""

    def bring(kind: str, content: str, *, map: str | None = None, name: str = "", now: datetime = NOW, dry_run: bool = False) -> Outcome:
        path = tmp_path / (name or f"{kind}.csv")
        path.write_text(content, encoding="utf-8")
        shape = SHAPES[kind]
        found = read_map("map.toml", map, shape, fields) if map is not None else default_map(files, shape, fields)
        intake = an_intake(session, now, dry_run)
        return {"leads": import_leads, "events": import_events, "suppressions": import_suppressions}[kind](intake, path, found)  # type: ignore[operator]

    return bring
