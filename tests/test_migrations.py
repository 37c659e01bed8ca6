"""The migrations lead to the tables that the models describe, on both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from mailing import a_message
from people import NOW, ada
from sqlmodel import Session, SQLModel, select

from models import Lead, Message, MessageState
from ripeline.database import engine_for, open_session
from ripeline.migrations import _config, current, newest, upgrade


@pytest.fixture(params=["sqlite", "postgresql"])
def bare_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give a database without any table."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'bare.db'}"
        yield url
        engine_for(url).dispose()
        return
    given = request.getfixturevalue("postgresql_url")
    url = sa.engine.make_url(given).set(database=sa.engine.make_url(given).database + "_bare").render_as_string(hide_password=False)
    with engine_for(given).connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {sa.engine.make_url(url).database}")
        yield url
        engine_for(url).dispose()
        connection.exec_driver_sql(f"DROP DATABASE {sa.engine.make_url(url).database} WITH (FORCE)")


def test_migrated_tables_are_those_of_the_models(bare_url: str) -> None:
    upgrade(bare_url)

    with engine_for(bare_url).connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "render_as_batch": True})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_migrating_again_changes_nothing(bare_url: str) -> None:
    assert upgrade(bare_url) == (None, newest())

    assert upgrade(bare_url) == (newest(), newest())
    assert current(engine_for(bare_url)) == newest()


def test_events_are_kept_in_the_order_of_their_key_on_sqlite(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'bare.db'}"

    upgrade(url)

    with engine_for(url).connect() as connection:
        made = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = 'event'").scalar_one()
    engine_for(url).dispose()
    assert "WITHOUT ROWID" in made


def test_messages_outlive_the_rebuilding_of_their_table(bare_url: str) -> None:
    _upgrade_to(bare_url, "0008")
    with open_session(bare_url) as session:
        _accepted(session)

    upgrade(bare_url)

    with open_session(bare_url) as session:
        (kept,) = session.exec(select(Message))
        assert (kept.key, kept.mail_id, kept.due_at, kept.state) == ("one", "<1@tidewerk.example>", NOW, MessageState.ACCEPTED)


def test_no_two_messages_that_were_tried_have_one_message_id(bare_url: str) -> None:
    upgrade(bare_url)
    with open_session(bare_url) as session:
        lead = _accepted(session)

        session.add(a_message(lead, key="two", mail_id="<1@tidewerk.example>", state=MessageState.CLAIMED))

        with pytest.raises(sa.exc.IntegrityError):
            session.commit()


def _accepted(session: Session) -> Lead:
    """Store a lead with one message that was accepted, and return the lead."""
    lead = ada()
    session.add(lead)
    session.flush()
    session.add(a_message(lead, key="one", mail_id="<1@tidewerk.example>", state=MessageState.ACCEPTED))
    session.commit()
    return lead


def _upgrade_to(url: str, revision: str) -> None:
    with engine_for(url).begin() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
