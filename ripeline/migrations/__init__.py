"""How the tables came to be what they are: Alembic revisions, and the two things people do with them."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from ripeline.database import engine_for, reached


def upgrade(url: str) -> tuple[str | None, str]:
    """Bring the database to the newest revision; return the revision it had (None: an empty database) and the one it has."""
    with reached(url), engine_for(url).begin() as connection:
        before = MigrationContext.configure(connection).get_current_revision()
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return before, newest()


def newest() -> str:
    """Return the revision this program wants."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None, "the project ships at least one revision"
    return head


def current(engine: sa.Engine) -> str | None:
    """Return the revision a database has; None where it has no tables of ours."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config
