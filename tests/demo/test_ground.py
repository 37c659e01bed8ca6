"""The ground of the demonstration can be laid for any number of people."""

from datetime import UTC, datetime

from sqlmodel import select

from models import Lead
from ripeline.database import open_session
from ripeline.demo.ground import lay_ground

START = datetime(2026, 3, 2, tzinfo=UTC)


def test_one_person_alone_comes_in_though_nobody_must_never_be_written_to(settings, tmp_path):
    url = f"sqlite:///{tmp_path / 'demo.db'}"
    lay_ground(settings.model_copy(update={"database_url": url}), leads=1, seed=2026, now=START)

    with open_session(url, writes=False) as session:
        assert len(session.exec(select(Lead)).all()) == 1
