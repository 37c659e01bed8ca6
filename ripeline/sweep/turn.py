"""Taking turns: of the batches that this process has in work, one writes to SQLite at a time."""

import threading
from types import TracebackType

import sqlalchemy as sa

_writing = threading.Lock()


class Turn:
    """A batch's turn to write, from `come` to the end of the block. Batches wait here as long as it takes; for its file SQLite would give up.

    PostgreSQL lets all write: there nobody waits. Other processes are waited for at the file, see `BUSY_SECONDS`.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._is_asked_for, self._is_ours = engine.dialect.name == "sqlite", False

    def come(self) -> None:
        """Wait for the turn, unless it has come already."""
        if self._is_asked_for and not self._is_ours:
            self._is_ours = _writing.acquire()

    def __enter__(self) -> "Turn":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._is_ours:
            self._is_ours = False
            _writing.release()
