"""Taking turns: of the batches that this process has in work, one at a time works on SQLite."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

_working = threading.Lock()


@contextmanager
def turn(engine: sa.Engine) -> Iterator[None]:
    """Wait until it is this batch's turn, as long as it takes; for its file SQLite would give up. It ends with the block.

    SQLite lets one write, and one process beside us reads it in bulk: a second batch would only hold up the first. PostgreSQL lets all work:
    there nobody waits. Other processes are waited for at the file, see `BUSY_SECONDS`.
    """
    if engine.dialect.name != "sqlite":
        yield
        return
    with _working:
        yield
