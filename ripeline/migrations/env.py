"""What Alembic runs: our metadata on the connection that `upgrade` hands over, in batch mode, since SQLite cannot alter a column."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import AutoString

import models  # registers the tables
from models.columns import Document, Key, UtcDateTime, Word


def written(kind: str, item: Any, generation: AutogenContext) -> str | Literal[False]:
    """Return how a new revision writes our column types; words are text to it, whatever the enum says later."""
    if kind != "type":
        return False
    if isinstance(item, AutoString | Word):
        return "sa.String()"
    if isinstance(item, UtcDateTime):
        return "columns.UtcDateTime()"
    return {repr(Document): "columns.Document", repr(Key): "columns.Key"}.get(repr(item), False)


connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=SQLModel.metadata, render_as_batch=True, compare_type=True, render_item=written)
with context.begin_transaction():
    context.run_migrations()

__all__ = ["models"]
