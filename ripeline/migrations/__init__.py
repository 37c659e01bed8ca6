"""How the tables came to be what they are: Alembic revisions, and the two things people do with them."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from ripeline.database import engine_for, reached
from ripeline.values import Refusal

ONE_AT_A_TIME = 0x52697065  # any number that no other program is likely to lock on this database


def upgrade(url: str) -> tuple[str | None, str]:
    """Bring the database to the newest revision; return the revision it had (None: an empty database) and the one it has.

    Two at once wait for each other. A database that a newer program has upgraded raises Refusal.
    """
    with reached(url), engine_for(url).begin() as connection:
        if connection.dialect.name == "postgresql":  # SQLite's transaction holds the whole file
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(ONE_AT_A_TIME)))
        before = MigrationContext.configure(connection).get_current_revision()
        config = _config()
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise Refusal(f"the database is at revision {before}, which this program does not know: run the newer one that made it", 3) from error
    return before, newest()


def newest() -> str:
    """Return the revision this program wants."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None, "the project ships at least one revision"
    return head


def current(engine: sa.Engine) -> str | None:
    """Return the revision a database has; None where it has no tables of ours."""
    with engine.execution_options(writes=False).connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config
