"""What the tests of the web process ask for."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from people import NOW
from shipped import FEW
from sqlmodel import Session

from models import PlaybookApplication, PlaybookVersion
from ripeline.playbook.files import content_hash
from ripeline.settings import Settings
from ripeline.web.app import create_app


@pytest.fixture
def applied_files(session: Session) -> dict[str, str]:
    """Give the files of the shipped playbook in a few languages, stored and live."""
    files = dict(FEW)
    session.add(PlaybookVersion(hash=content_hash(files), files=files, created_at=NOW, created_by="test"))
    session.flush()
    session.add(PlaybookApplication(hash=content_hash(files), applied_at=NOW, applied_by="test"))
    session.commit()
    return files


@pytest.fixture
def on_test_database(settings: Settings, url: str) -> Settings:
    """Give settings that name this test's database."""
    return settings.model_copy(update={"database_url": url})


@pytest.fixture
def client(on_test_database: Settings, applied_files: dict[str, str]) -> Iterator[TestClient]:
    """Give a browser without cookies, in front of the web process."""
    with TestClient(create_app(on_test_database), base_url="https://go.tidewerk.example", follow_redirects=False) as opened:
        yield opened
