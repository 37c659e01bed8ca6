"""Taking turns: of the batches that this process has in work on SQLite, one at a time reads, and one at a time stores."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa


class Turn:
    """A batch's turn on SQLite: it begins with reading, and storing comes when it is asked for. PostgreSQL lets all work: there it waits for nobody."""

    def __init__(self, *, waits: bool) -> None:
        self._waits, self._guard, self._held = waits, threading.Lock(), set[threading.Lock]()

    def reads(self) -> None:
        """Wait until no other batch reads any more."""
        self._take(_reading)

    def has_read(self) -> None:
        """Let the next batch read. May be said by whichever thread has read last, and again."""
        self._give_back(_reading)

    def stores(self) -> None:
        """Wait until no other batch stores any more, as long as it takes: for its file SQLite would give up. Said again it means nothing."""
        if _storing not in self._held:
            self._take(_storing)

    def ends(self) -> None:
        """Let others do both."""
        self._give_back(_reading)
        self._give_back(_storing)

    def _take(self, lock: threading.Lock) -> None:
        if self._waits:
            lock.acquire()
            self._held.add(lock)

    def _give_back(self, lock: threading.Lock) -> None:
        with self._guard:
            if lock in self._held:
                self._held.remove(lock)
                lock.release()


_reading, _storing = threading.Lock(), threading.Lock()


@contextmanager
def turn(engine: sa.Engine) -> Iterator[Turn]:
    """Wait until it is this batch's turn to read, and give the turn; it ends with the block.

    SQLite lets one write, and one process beside us reads it in bulk: two batches that read would hold up each other. But one can read while
    another one stores; nobody waits in a ring, since whoever stores waits to read no more. Other processes are waited for at the file, see
    `BUSY_SECONDS`.
    """
    ours = Turn(waits=engine.dialect.name == "sqlite")
    ours.reads()
    try:
        yield ours
    finally:
        ours.ends()
